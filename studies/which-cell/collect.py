"""Keep what the studies of one folder found: results with the machine that gave them, reports, and what it all took.

tidegate study studies/which-cell/*.toml --out cells
python studies/which-cell/collect.py cells
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

from tidegate.files import write_json, write_text
from tidegate.report.markdown import table
from tidegate.report.text.differences import signed
from tidegate.report.text.metrics import measure
from tidegate.results.collection import CollectionResults
from tidegate.results.comparison import Comparison
from tidegate.results.effects import EffectPair
from tidegate.results.metrics import RunMetrics
from tidegate.results.study import StudyResults
from tidegate.results.tuning import Tuning
from tidegate.training.environment import environment

HERE = Path(__file__).parent
ARM_SIGNS = {"best": "", "good enough": "=", "may be best": "≈", "worse": "−", "cannot tell": "?"}
PAIR_SIGNS = {"better": "+", "worse": "−", "equivalent": "=", "undecided": "?"}


def main() -> None:
    """Copy results and reports beside this file, and print the tables of the README."""
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    cells = Path(sys.argv[1])
    machine = {k: v for k, v in environment(1, "cpu").to_json().items() if k not in ("command", "started")}
    studies: dict[str, Comparison] = {}
    for study in sorted(path.parent for path in cells.glob("*/study.toml")):
        results, tuning = StudyResults.read(study / "results.json"), Tuning.find(study / "tuning.json")
        if results.comparison is None:
            continue
        studies[study.name] = results.comparison
        took = hours(study)
        trials = tuning.to_json() if tuning else {}
        kept = {"machine": machine, "took": took, "tuning": trials, **results.to_json()}
        write_json(HERE / f"results-{study.name}.json", kept)
        page = (study / "report.html").read_text(encoding="utf-8")
        # The runs' own reports are not kept.
        page = re.sub(r'<a href="runs/[^"]*">([^<]*)</a>', r"\1", page)
        write_text(HERE / f"report-{study.name}.html", page)
        print(f"{study.name}: {took['runs']} runs, {took['cpu_hours']:.2f} processor hours of training")
    collection = CollectionResults.find(cells / "results.json")
    if collection is not None:
        write_json(HERE / "results.json", {"machine": machine, **collection.to_json()})
        text = (cells / "report.html").read_text(encoding="utf-8")
        for name in studies:
            text = text.replace(f'"{name}/report.html"', f'"report-{name}.html"')
        write_text(HERE / "report.html", text)
    print(arms_table(studies), pairs_table(studies), sep="\n\n")


def arms_table(studies: dict[str, Comparison]) -> str:
    """Means of every arm on every data set, and its verdict against the best one there."""
    names = list(dict.fromkeys(arm.arm for one in studies.values() for arm in one.arms))
    heads = ["arm", *(f"{name}, {measure(one.metric).label}" for name, one in studies.items())]
    return table(heads, [[f"`{name}`", *(_mean(one, name) for one in studies.values())] for name in names])


def _mean(comparison: Comparison, name: str) -> str:
    arm = next((arm for arm in comparison.arms if arm.arm == name), None)
    if arm is None:
        return ""
    text = measure(comparison.metric).text(arm.mean.value).replace("\u202f", " ")
    return f"**{text}**" if name == comparison.best else f"{text} {ARM_SIGNS[arm.verdict]}".rstrip()


def pairs_table(studies: dict[str, Comparison]) -> str:
    """What each part does to the error in every pair of arms: factors, less than 1 is better."""
    found: dict[tuple[str, str], dict[str, EffectPair]] = {}
    for name, one in studies.items():
        for effect in one.effects:
            for pair in effect.pairs:
                found.setdefault((pair.arm, pair.against), {})[name] = pair
    rows = [
        [f"`{arm}` for `{against}`", *(_pair(studies[name], pairs.get(name)) for name in studies)]
        for (arm, against), pairs in found.items()
    ]
    return table(["error of", *studies], rows)


def _pair(comparison: Comparison, pair: EffectPair | None) -> str:
    if pair is None:
        return ""
    figure, factor = measure(comparison.metric), pair.difference.factor
    if factor is None or figure.logarithm:
        return f"{signed(figure, pair.difference.points.value)} {PAIR_SIGNS[pair.verdict]}"
    ends = "" if factor.low is None or factor.high is None else f" ({factor.low:.2f} to {factor.high:.2f})"
    return f"{factor.value:.2f}{ends} {PAIR_SIGNS[pair.verdict]}"


def hours(study: Path) -> dict[str, Any]:
    """Processor time of training, trials included."""
    seconds = [RunMetrics.read(path).cpu_seconds for path in study.glob("*/*/*/metrics.json")]
    return {"runs": len(seconds), "cpu_hours": round(sum(seconds) / 3600, 3)}


if __name__ == "__main__":
    main()
