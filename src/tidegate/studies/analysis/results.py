"""results.json: what all runs of a study reached, and the mean and spread of each arm."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import Any

from tidegate.config.run import RunSpec
from tidegate.network.signature import signature
from tidegate.network.vgsl import parse
from tidegate.report.read import Json, network_of, read_history, read_json
from tidegate.studies.analysis.learning_curve import best_seconds, costs_of, improving
from tidegate.studies.design.plan import Arm, StudySpec
from tidegate.studies.execution.callbacks import RunKey, RunOutcome
from tidegate.studies.execution.folder import StudyFolder
from tidegate.studies.execution.resources import Share

_NETWORK = ("preset", "cell", "bidirectional", "conv", "spec")
"""Keys of [model] that the traits tell."""


@dataclass(frozen=True)
class Found:
    """What a study found out besides its runs.

    Attributes:
        outcomes: How the runs that count ended, so far.
        machine: How the machine was divided.
        settings: What tuning chose for each arm; nothing without tuning.
        notes: About sizes and searches.
    """

    outcomes: Mapping[RunKey, RunOutcome]
    machine: Share
    settings: Mapping[str, Mapping[str, Any]]
    notes: Sequence[str] = ()


def collect(study: StudySpec, folder: StudyFolder, found: Found, *, compared: bool = False) -> Json:
    """The content of results.json, for the runs that have ended so far.

    Means and spreads are over runs that are done; failed and interrupted ones are listed and not averaged.

    Args:
        study: What was compared.
        folder: Where its runs are.
        found: How they ended.
        compared: Whether to compare the arms too, which takes a second or two.
    """
    outcomes = found.outcomes
    arms = [_arm(arm, study, folder, found) for arm in study.arms]
    figures = [folder.metrics(run) for run, outcome in outcomes.items() if outcome.status == "done"]
    first: Json = next((each for each in figures if each), {})
    results = {
        "task": study.base.task,
        "primary": first.get("primary"),
        "lower_is_better": first.get("lower_is_better"),
        "arms": arms,
        "budget": _budget(study.base, found.machine),
        "design": study.design.model_dump(exclude={"search"}),
        "baselines": next((each["baselines"] for each in figures if each.get("baselines")), {}),
        "notes": _notes(study, found, figures),
    }
    return {**results, "comparison": _comparison(results, study, folder) if compared else None}


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


def _arm(arm: Arm, study: StudySpec, folder: StudyFolder, found: Found) -> Json:
    keys = [run for run in study.runs if run.arm == arm.name and run in found.outcomes]
    runs = [_run(folder, found.outcomes[run]) for run in keys]
    done = [run for run in runs if run["status"] == "done"]
    figures: list[Json] = [folder.metrics(run) for run in keys]
    spec = next((spec for run in keys if (spec := _network(folder, run))), None)
    return {
        "arm": arm.name,
        "spec": spec,
        "traits": _signature(arm, spec),
        "settings": dict(found.settings.get(arm.name, {})),
        "parameters": next((each["parameters"] for each in figures if each.get("parameters")), None),
        "runs": runs,
        **summarise(done),
        "costs": costs_of(done, [each for each in figures if each]),
    }


def _signature(arm: Arm, spec: str | None) -> Json:
    """Those of the network, and the arm's other keys: arms that differ in those differ in more than a trait."""
    if spec is None:
        return {}
    model = {key: value for key, value in (arm.overrides.get("model") or {}).items() if key not in _NETWORK}
    others = {key: value for key, value in arm.overrides.items() if key != "model"}
    own = json.dumps({**others, **({"model": model} if model else {})}, sort_keys=True, default=str)
    return {**signature(parse(spec)), "keys": own}


def _run(folder: StudyFolder, outcome: RunOutcome) -> Json:
    metrics = folder.metrics(outcome.run)
    history = read_history(folder.run(outcome.run) / "history.jsonl")
    return {
        "seed": outcome.run.seed,
        "folder": folder.run(outcome.run).relative_to(folder.path).as_posix(),
        "valid": outcome.valid,
        "test": outcome.test,
        "seconds": outcome.seconds,
        "best_seconds": best_seconds(history, metrics),
        "improving": improving(history, metrics),
        "samples_per_second": metrics.get("samples_per_second"),
        "status": outcome.status,
        "error": outcome.error,
    }


def _comparison(results: Json, study: StudySpec, folder: StudyFolder) -> Json | None:
    # SciPy is imported where it is needed: once, at the end of a study.
    from tidegate.studies.analysis.comparison import ArmResult, compare

    name = str(results["primary"])
    done = {arm["arm"]: [run for run in arm["runs"] if run["status"] == "done"] for arm in results["arms"]}
    split = "test" if any(run.get("test") for runs in done.values() for run in runs) else "valid"
    arms = [
        ArmResult(
            arm["arm"],
            {
                run["seed"]: float(run[split][name])
                for run in done[arm["arm"]]
                if (run[split] or {}).get(name) is not None
            },
            arm["traits"],
        )
        for arm in results["arms"]
    ]
    samples = {
        arm: [found for run in runs if (found := read_json(folder.path / run["folder"] / "samples.json"))]
        for arm, runs in done.items()
    }
    return compare(
        arms,
        metric=name,
        split=split,
        lower_is_better=bool(results["lower_is_better"]),
        margin=study.design.margin,
        samples=samples,
    )


def _network(folder: StudyFolder, run: RunKey) -> str:
    return network_of(folder.metrics(run), read_json(folder.run(run) / "model" / "model.json"))


def _budget(base: RunSpec, machine: Share) -> dict[str, Any]:
    return {
        "epochs": base.train.epochs,
        "max_time": base.train.max_time,
        "steps": base.train.steps,
        "examples": base.train.examples,
        "patience": base.train.patience,
        "batch_size": base.train.batch_size,
        "threads": machine.threads,
        "workers": machine.workers,
    }


def _notes(study: StudySpec, found: Found, figures: Sequence[Json]) -> list[str]:
    notes = [*study.notes(), *found.notes]
    outcomes = found.outcomes
    interrupted = [str(run) for run, outcome in outcomes.items() if outcome.status == "interrupted"]
    waiting = len(study.runs) - len(outcomes)
    if interrupted or waiting:
        parts = [f"interrupted: {'; '.join(interrupted)}"] if interrupted else []
        parts += [f"{waiting} of {len(study.runs)} runs have not ended"] if waiting else []
        notes.append(f"{', '.join(parts)}. Start the study again into the same folder and it goes on.")
    # The data are the same for all runs, and so are most notes about them.
    return list(dict.fromkeys([*notes, *(str(note) for each in figures for note in each.get("notes") or ())]))
