"""How likely `make demo` ends in what the README shows: its own design, simulated with the noise that it had.

make demo
python benchmarks/demo_power.py

Writes benchmarks/results/demo.json: what the demo found, with the machine, and in how many of 1,000 simulated demos the
arm without a CNN is called worse and the CNN front end better, with the noise of the seeds as it was found and twice it.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from tidegate.files import write_json
from tidegate.results.study import StudyResults
from tidegate.studies.analysis.comparison import compare
from tidegate.studies.analysis.runs import ArmResult, Question
from tidegate.training.environment import environment

HERE = Path(__file__).parent
STUDIES = 1_000


def main() -> None:
    """Read demo/results.json, simulate, and write what was found."""
    demo = HERE.parent / "demo" / "results.json"
    if not demo.is_file():
        sys.exit(__doc__)
    results = StudyResults.read(demo)
    found = {f"noise x {factor:g}": power(results, factor, STUDIES) for factor in (1.0, 2.0)}
    machine = {
        key: value
        for key, value in environment(1, "cpu").to_json().items()
        if key not in ("command", "started")
    }
    write_json(
        HERE / "results" / "demo.json", {"machine": machine, "power": found, "demo": results.to_json()}
    )
    print(found)


def power(results: StudyResults, noise: float, studies: int) -> dict[str, float]:
    """In which share of simulated demos each thing is found.

    Args:
        results: Of a demo.
        noise: How much larger the deviation of a seed is than it was found.
        studies: That are simulated.
    """
    figures = {arm.arm: np.log([run.on("test")["cer"] or 0.0 for run in arm.done]) for arm in results.arms}
    traits = {arm.arm: arm.traits for arm in results.arms}
    rng = np.random.default_rng(0)
    worse = better = 0
    for _ in range(studies):
        arms = [
            ArmResult(
                name,
                dict(
                    enumerate(np.exp(rng.normal(logs.mean(), noise * logs.std(ddof=1), len(logs))).tolist())
                ),
                traits[name],
            )
            for name, logs in figures.items()
        ]
        told = compare(arms, Question(metric="cer", split="test", lower_is_better=True))
        assert told is not None
        worse += all(arm.verdict == "worse" for arm in told.arms if traits[arm.arm]["front"] == "none")
        better += any(effect.trait == "front" and effect.verdict == "better" for effect in told.effects)
    return {"without a CNN worse": worse / studies, "CNN front end better": better / studies}


if __name__ == "__main__":
    main()
