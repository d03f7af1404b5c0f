"""results.json: what all runs of a study reached, and the mean and spread of each arm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean, stdev
from typing import Any

from tidegate.report.read import Json, network_of, read_json
from tidegate.spec.run import RunSpec
from tidegate.study.folder import StudyFolder
from tidegate.study.plan import Arm, StudySpec
from tidegate.study.resources import Share
from tidegate.study.watch import RunKey, RunOutcome


def collect(
    study: StudySpec, folder: StudyFolder, outcomes: Mapping[RunKey, RunOutcome], machine: Share
) -> Json:
    """The content of results.json, for the runs that have ended so far.

    Means and spreads are over runs that are done; failed and interrupted ones are listed and not averaged.
    """
    arms = [_arm(arm, study, folder, outcomes) for arm in study.arms]
    figures = [folder.metrics(run) for run, outcome in outcomes.items() if outcome.status == "done"]
    first: Json = next((each for each in figures if each), {})
    return {
        "task": study.base.task,
        "primary": first.get("primary"),
        "lower_is_better": first.get("lower_is_better"),
        "arms": arms,
        "budget": _budget(study.base, machine),
        "baselines": next((each["baselines"] for each in figures if each.get("baselines")), {}),
        "notes": _notes(study, outcomes, figures),
    }


def summarise(runs: Sequence[Json]) -> Json:
    """Mean and sample standard deviation (n - 1 in the denominator) of every metric; no spread of fewer than two runs.

    >>> summarise([{"valid": {"cer": 0.25}, "test": None}, {"valid": {"cer": 0.75}, "test": None}])["mean"]
    {'valid': {'cer': 0.5}, 'test': None}
    """
    told: Json = {"n": len(runs), "mean": {}, "spread": {}}
    for split in ("valid", "test"):
        metrics: list[Json] = [run[split] for run in runs if run.get(split)]
        keys = (
            [key for key in metrics[0] if all(each.get(key) is not None for each in metrics)]
            if metrics
            else []
        )
        columns = {key: [float(each[key]) for each in metrics] for key in keys}
        told["mean"][split] = {key: fmean(column) for key, column in columns.items()} or None
        several = len(metrics) > 1
        told["spread"][split] = {key: stdev(column) for key, column in columns.items()} if several else None
    return told


def _arm(arm: Arm, study: StudySpec, folder: StudyFolder, outcomes: Mapping[RunKey, RunOutcome]) -> Json:
    keys = [run for run in study.runs if run.arm == arm.name and run in outcomes]
    runs = [_run(folder, outcomes[run]) for run in keys]
    done = [run for run in runs if run["status"] == "done"]
    figures: list[Json] = [folder.metrics(run) for run in keys]
    return {
        "arm": arm.name,
        "spec": next((spec for run in keys if (spec := _network(folder, run))), None),
        "parameters": next((each["parameters"] for each in figures if each.get("parameters")), None),
        "runs": runs,
        **summarise(done),
    }


def _run(folder: StudyFolder, outcome: RunOutcome) -> Json:
    metrics = folder.metrics(outcome.run)
    return {
        "seed": outcome.run.seed,
        "folder": folder.run(outcome.run).relative_to(folder.path).as_posix(),
        "valid": outcome.valid,
        "test": outcome.test,
        "seconds": outcome.seconds,
        "samples_per_second": metrics.get("samples_per_second"),
        "status": outcome.status,
        "error": outcome.error,
    }


def _network(folder: StudyFolder, run: RunKey) -> str:
    return network_of(folder.metrics(run), read_json(folder.run(run) / "model" / "model.json"))


def _budget(base: RunSpec, machine: Share) -> dict[str, Any]:
    return {
        "epochs": base.train.epochs,
        "max_time": base.train.max_time,
        "patience": base.train.patience,
        "batch_size": base.train.batch_size,
        "threads": machine.threads,
        "workers": machine.workers,
    }


def _notes(study: StudySpec, outcomes: Mapping[RunKey, RunOutcome], figures: Sequence[Json]) -> list[str]:
    notes = study.notes()
    interrupted = [str(run) for run, outcome in outcomes.items() if outcome.status == "interrupted"]
    waiting = len(study.runs) - len(outcomes)
    if interrupted or waiting:
        parts = [f"interrupted: {'; '.join(interrupted)}"] if interrupted else []
        parts += [f"{waiting} of {len(study.runs)} runs have not ended"] if waiting else []
        notes.append(f"{', '.join(parts)}. Start the study again into the same folder and it goes on.")
    # The data are the same for all runs, and so are most notes about them.
    return list(dict.fromkeys([*notes, *(str(note) for each in figures for note in each.get("notes") or ())]))
