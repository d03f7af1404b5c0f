"""What a run of a study costs besides its training: each of three seconds, started anew or forked from a warm process.

python benchmarks/study_runs.py --out benchmarks/study_runs.json
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from tidegate.config.run import RunSpec
from tidegate.results.metrics import RunMetrics
from tidegate.studies import StudySpec, parse_arms, run_study
from tidegate.studies.execution import starting

SECONDS = 3.0


def measured(*, warm: bool, runs: int) -> dict[str, float]:
    """Seconds a run by the clock and of the processor, and those of its training among them."""
    starting.FORKS = warm
    train = {"epochs": None, "max_time": SECONDS, "threads": 1, "baselines": False}
    base = RunSpec.model_validate({"task": "classify", "data": {"train": "digits"}, "train": train})
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    with TemporaryDirectory() as folder:
        study = Path(folder) / "study"
        run_study(StudySpec(base, parse_arms("gru"), runs), study, workers=1)
        seconds = time.perf_counter() - begun
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        metrics = [RunMetrics.read(path) for path in study.glob("runs/*/*/metrics.json")]
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    training = sum(each.seconds for each in metrics), sum(each.cpu_seconds for each in metrics)
    found = {
        "seconds": seconds, "training_seconds": training[0],
        "processor_seconds": processor, "training_processor_seconds": training[1],
    }  # fmt: skip
    return {name: round(value / runs, 2) for name, value in found.items()}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=8)
    parser.add_argument("--out", type=Path, default=Path("build/study_runs.json"))
    options = parser.parse_args()
    told = {name: measured(warm=name == "warm", runs=options.runs) for name in ("anew", "warm")}
    answer = {"runs": options.runs, "a_run": told, "load": os.getloadavg()[0], "cores": os.cpu_count()}
    options.out.parent.mkdir(exist_ok=True, parents=True)
    options.out.write_text(json.dumps(answer, indent=1) + "\n", encoding="utf-8")
    print(options.out.read_text("utf-8"))
