"""Copies of what real runs left, with what such a run cannot show put into them; and studies of such copies."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tidegate.results.metrics import RunMetrics
from tidegate.results.study import StudyArm, StudyResults, StudyRun

Real = Callable[[str], Path]


def altered(run: Path, out: Path, **parts: Any) -> Path:
    """The result files of a run, some of them changed.

    Each of ``parts`` has the name of a file: ``None`` leaves it out, a text replaces it, a list gives its lines, and keys
    of a table replace those of the file. ``network`` is the architecture in model.json.
    """
    (out / "model").mkdir(parents=True)
    for name in (*(path.name for path in run.glob("*.json*")), "config.toml", "model/model.json"):
        shutil.copyfile(run / name, out / name)
    if "network" in parts:
        told = json.loads((out / "model" / "model.json").read_text("utf-8"))
        told["problem"]["architecture"] = parts.pop("network")
        (out / "model" / "model.json").write_text(json.dumps(told))
    for name, part in parts.items():
        path = next(path for path in out.iterdir() if path.stem == name)
        if part is None:
            path.unlink()
        elif isinstance(part, str):
            path.write_text(part, encoding="utf-8")
        elif isinstance(part, list):
            path.write_text("".join(json.dumps(line) + "\n" for line in part), encoding="utf-8")
        else:
            path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), **part}), encoding="utf-8")
    return out


def alone(out: Path, analysis: dict[str, Any]) -> Path:
    """A run of which nothing but its error analysis is left."""
    out.mkdir()
    (out / "history.jsonl").touch()
    (out / "error_analysis.json").write_text(json.dumps(analysis), encoding="utf-8")
    return out


def study_of(run: Path, study: Path, arms: dict[str, dict[str, Any]], seeds: int = 2) -> Path:
    """A study whose runs are copies of one; each arm gives what is other in the metrics of its runs."""
    written: list[StudyArm] = []
    for arm, given in arms.items():
        runs: list[StudyRun] = []
        for seed in range(seeds):
            folder = f"runs/{arm}/seed-{seed}"
            metrics = RunMetrics.read(altered(run, study / folder, metrics=given) / "metrics.json")
            runs.append(
                StudyRun(
                    seed=seed,
                    folder=folder,
                    status="done",
                    valid=metrics.valid,
                    test=metrics.test,
                    seconds=metrics.seconds,
                    samples_per_second=metrics.samples_per_second,
                )
            )
        written.append(StudyArm(arm=arm, runs=tuple(runs), n=seeds, parameters=1000))
    last = RunMetrics.read(study / written[-1].runs[-1].folder / "metrics.json")
    results = StudyResults(
        task=last.task,
        primary=last.primary,
        lower_is_better=last.lower_is_better,
        arms=tuple(written),
        baselines=last.baselines,
    )
    results.write(study / "results.json")
    (study / "study.toml").write_text(f"seeds = {seeds}\n", encoding="utf-8")
    return study
