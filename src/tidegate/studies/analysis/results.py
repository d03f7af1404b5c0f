"""results.json: what all runs of a study reached, and the mean and spread of each arm."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

from tidegate.config.registry import settings_of
from tidegate.config.run import RunSpec
from tidegate.network.signature import signature
from tidegate.network.vgsl import parse
from tidegate.report.read import network_of, read_json
from tidegate.results.comparison import Comparison
from tidegate.results.history import read_history
from tidegate.results.metrics import RunMetrics
from tidegate.results.record import Values
from tidegate.results.samples import Samples
from tidegate.results.speed import SpeedRounds, StudySpeeds
from tidegate.results.split import RunSplit
from tidegate.results.study import (
    Budget,
    SizeOrder,
    SizeResults,
    SplitValues,
    StudyArm,
    StudyDesign,
    StudyResults,
    StudyRun,
)
from tidegate.results.target import TimeToTarget
from tidegate.studies.callbacks import RunKey, RunOutcome
from tidegate.studies.design.data_sizes import size_name
from tidegate.studies.design.folder import StudyFolder
from tidegate.studies.design.plan import Arm, StudySpec
from tidegate.studies.execution.resources import Share
from tidegate.studies.learning_curve import best_seconds, costs_of, improving

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
        looked: At which numbers of seeds the study was looked at before.
    """

    outcomes: Mapping[RunKey, RunOutcome]
    machine: Share
    settings: Mapping[str, Mapping[str, Any]]
    notes: Sequence[str] = ()
    looked: Sequence[int] = ()


def collect(study: StudySpec, folder: StudyFolder, found: Found, *, compared: bool = False) -> StudyResults:
    """What results.json holds, for the runs that have ended so far.

    Means and spreads are over runs that are done; failed and interrupted ones are listed and not averaged.

    Args:
        study: What was compared.
        folder: Where its runs are.
        found: How they ended.
        compared: Whether to compare the arms too, which takes a second or two.
    """
    arms = tuple(_arm(arm, study.runs, folder, found) for arm in study.arms)
    metrics = _metrics(folder, found, "")
    first = metrics[0] if metrics else None
    results = StudyResults(
        task=study.base.task,
        primary=first.primary if first else None,
        lower_is_better=first.lower_is_better if first else None,
        arms=arms,
        budget=_budget(study.base, found.machine),
        design=StudyDesign(
            **study.design.model_dump(exclude={"search", "sizes"}),
            sizes=tuple(size_name(size) for size in study.design.sizes),
            looks=study.looks,
            looked=_looked(study, found, compared=compared),
            stopped=study.stopped,
        ),
        baselines=_baselines(metrics),
        notes=_notes(study, found, metrics),
    )
    units = first.samples.get("test" if first.test else "valid") if first else None
    comparison = _comparison(results, study, folder, units) if compared else None
    sizes = tuple(_size(size, results, study, folder, found, compared=compared) for size in study.sizes)
    return replace(
        results,
        comparison=comparison,
        sizes=sizes,
        order=_order(results, comparison, sizes) if compared else None,
        speeds=_speeds(folder, comparison, study),
        times=_times(results, folder) if compared else (),
    )


def _metrics(folder: StudyFolder, found: Found, size: str) -> list[RunMetrics]:
    """Of the runs that are done, on one size of the training part."""
    done = [run for run, outcome in found.outcomes.items() if outcome.status == "done" and run.size == size]
    return [each for run in done if (each := folder.metrics(run)) is not None]


def _size(
    size: str, results: StudyResults, study: StudySpec, folder: StudyFolder, found: Found, *, compared: bool
) -> SizeResults:
    """What the arms reached on a smaller part of the training data."""
    keys = [run for run in study.size_runs if run.size == size]
    arms = tuple(_arm(arm, keys, folder, found) for arm in study.arms)
    metrics = _metrics(folder, found, size)
    there = replace(results, arms=arms)
    units = metrics[0].samples.get("test" if metrics[0].test else "valid") if metrics else None
    return SizeResults(
        size=size,
        samples=there.samples,
        arms=arms,
        baselines=_baselines(metrics),
        comparison=_comparison(there, study, folder, units) if compared and metrics else None,
    )


def _order(
    results: StudyResults, comparison: Comparison | None, sizes: Sequence[SizeResults]
) -> SizeOrder | None:
    """Whether the order of the arms changes with the size, where they were compared at two sizes or more."""
    compared = {size.size: size.comparison for size in sizes if size.comparison is not None}
    if comparison is None or not compared:
        return None
    from tidegate.studies.size_order import size_order

    return size_order({**compared, results.design.sizes[-1]: comparison})


def _speeds(folder: StudyFolder, comparison: Comparison | None, study: StudySpec) -> StudySpeeds | None:
    measured = SpeedRounds.find(folder.speed)
    if measured is None:
        return None
    from tidegate.studies.analysis.speed import compare_speeds

    return compare_speeds(measured, comparison.best if comparison else None, [arm.name for arm in study.arms])


def _looked(study: StudySpec, found: Found, *, compared: bool) -> tuple[int, ...]:
    """The looks so far. Who stops a study half-way and goes on does not choose by what came, so that is no look."""
    now = [study.seeds] if compared and all(run in found.outcomes for run in study.runs) else []
    return tuple(sorted({*found.looked, *now}))


def _baselines(metrics: Sequence[RunMetrics]) -> dict[str, Values]:
    """What each baseline reaches, on average over the runs that measured it: one a split."""
    names = dict.fromkeys(name for each in metrics for name in each.baselines)
    found = {name: [each.baselines[name] for each in metrics if name in each.baselines] for name in names}
    return {name: _each(fmean, values, fewest=1) or values[0] for name, values in found.items()}


def _times(results: StudyResults, folder: StudyFolder) -> tuple[TimeToTarget, ...]:
    """How long each arm took to the target, where there is one."""
    from tidegate.studies.analysis.target import run_time, times_to_target

    target, metric = results.design.target, results.primary
    if target is None or metric is None:
        return ()
    lower = bool(results.lower_is_better)
    arms = {
        arm.arm: [
            run_time(
                read_history(folder.path / run.folder / "history.jsonl"),
                metric,
                target,
                lower_is_better=lower,
            )
            for run in arm.done
        ]
        for arm in results.arms
    }
    return times_to_target({name: [time for time in times if time] for name, times in arms.items()})


def _baselines_by_split(
    results: StudyResults, folder: StudyFolder, metric: str
) -> dict[str, dict[int, float]]:
    """The metric of each baseline on each split; runs of one split have the same."""
    found: dict[str, dict[int, float]] = {}
    for run in (run for arm in results.arms for run in arm.done):
        metrics = RunMetrics.find(folder.path / run.folder / "metrics.json")
        for name, values in metrics.baselines.items() if metrics else ():
            if (value := values.get(metric)) is not None:
                found.setdefault(name, {})[run.split.number if run.split else 0] = value
    return found


def split_of(run: Path, metrics: RunMetrics) -> RunSplit:
    """The split of a run that has ended; a task that says nothing of it has one for all."""
    made = read_json(run / "split.json")
    measured = metrics.samples.get("test" if metrics.test else "valid", 0)
    return RunSplit(
        made.get("kind") or "one", made.get("draw") or 0, metrics.samples.get("train", 0), measured
    )


def summarise(runs: Sequence[StudyRun]) -> tuple[SplitValues, SplitValues]:
    """Mean and sample standard deviation (n - 1 in the denominator) of every metric; no spread of fewer than two runs.

    >>> runs = [StudyRun(seed=i, folder="", status="done", valid={"cer": cer}) for i, cer in enumerate((0.25, 0.75))]
    >>> summarise(runs)[0]
    SplitValues(valid={'cer': 0.5}, test=None)
    """
    valid, test = ([values for run in runs if (values := run.on(split))] for split in ("valid", "test"))
    mean = SplitValues(_each(fmean, valid, fewest=1), _each(fmean, test, fewest=1))
    return mean, SplitValues(_each(stdev, valid, fewest=2), _each(stdev, test, fewest=2))


def _each(
    figure: Callable[[Sequence[float]], float], values: Sequence[Values], *, fewest: int
) -> Values | None:
    """A figure of every metric that all runs have; nothing of too few runs."""
    if len(values) < fewest:
        return None
    columns = {key: [value for each in values if (value := each.get(key)) is not None] for key in values[0]}
    return {key: figure(column) for key, column in columns.items() if len(column) == len(values)} or None


def _arm(arm: Arm, planned: Sequence[RunKey], folder: StudyFolder, found: Found) -> StudyArm:
    keys = [run for run in planned if run.arm == arm.name and run in found.outcomes]
    runs = tuple(_run(folder, found.outcomes[run]) for run in keys)
    done = [run for run in runs if run.status == "done"]
    metrics = [each for run in keys if (each := folder.metrics(run)) is not None]
    spec = next((spec for run in keys if (spec := network_of(folder.run(run)))), None)
    mean, spread = summarise(done)
    return StudyArm(
        arm=arm.name,
        spec=spec,
        traits=_signature(arm, spec),
        settings=dict(found.settings.get(arm.name, {})),
        parameters=next((each.parameters for each in metrics), None),
        runs=runs,
        n=len(done),
        mean=mean,
        spread=spread,
        costs=costs_of(done, metrics),
    )


def _signature(arm: Arm, spec: str | None) -> dict[str, str]:
    """Those of the network, and the arm's other keys: arms that differ in those differ in more than a trait."""
    if spec is None:
        return {}
    model = {key: value for key, value in (arm.overrides.get("model") or {}).items() if key not in _NETWORK}
    others = {key: value for key, value in arm.overrides.items() if key != "model"}
    own = json.dumps({**others, **({"model": model} if model else {})}, sort_keys=True, default=str)
    return {**signature(parse(spec)), "keys": own}


def _run(folder: StudyFolder, outcome: RunOutcome) -> StudyRun:
    metrics = folder.metrics(outcome.run)
    history = read_history(folder.run(outcome.run) / "history.jsonl")
    return StudyRun(
        seed=outcome.run.seed,
        folder=folder.run(outcome.run).relative_to(folder.path).as_posix(),
        status=outcome.status,
        valid=outcome.valid,
        test=outcome.test,
        seconds=outcome.seconds,
        best_seconds=best_seconds(history, metrics) if metrics else None,
        improving=improving(history, metrics) if metrics else False,
        samples_per_second=metrics.samples_per_second if metrics else None,
        split=split_of(folder.run(outcome.run), metrics) if metrics else None,
        error=outcome.error,
    )


def _comparison(
    results: StudyResults, study: StudySpec, folder: StudyFolder, units: int | None
) -> Comparison | None:
    # SciPy is imported where it is needed: once, at the end of a study.
    from tidegate.studies.analysis.comparison import compare
    from tidegate.studies.analysis.runs import ArmResult, Question

    name = str(results.primary)
    split = "test" if any(run.test for arm in results.arms for run in arm.done) else "valid"
    arms = [
        ArmResult(
            arm.arm,
            {run.seed: value for run in arm.done if (value := run.on(split).get(name)) is not None},
            arm.traits,
            {run.seed: run.split.number for run in arm.done if run.split},
            samples=[
                found
                for run in arm.done
                if (found := Samples.find(folder.path / run.folder / "samples.json")) is not None
            ],
        )
        for arm in results.arms
    ]
    splits = [run.split for arm in results.arms for run in arm.done if run.split]
    kinds = {split.kind for split in splits}
    return compare(
        arms,
        Question(
            metric=name,
            split=split,
            lower_is_better=bool(results.lower_is_better),
            margin=study.design.margin,
            # Arms may read other data than the base: only where all are drawn anew do they share their draws.
            splits=splits[0].kind if len(kinds) == 1 else "one",
            ratio=fmean(split.measured / max(1, split.train) for split in splits) if splits else 0.0,
            units=units,
            looks=study.looks,
            looked=results.design.looked,
            baselines=_baselines_by_split(results, folder, name),
            kind=settings_of(study.base.task).metrics.get(name),
        ),
    )


def _budget(base: RunSpec, machine: Share) -> Budget:
    train = base.train
    return Budget(
        epochs=train.epochs,
        max_time=train.max_time,
        steps=train.steps,
        examples=train.examples,
        patience=train.patience,
        batch_size=train.batch_size,
        threads=machine.threads,
        workers=machine.workers,
    )


def _notes(study: StudySpec, found: Found, metrics: Sequence[RunMetrics]) -> tuple[str, ...]:
    notes = [*study.notes(), *found.notes]
    outcomes = found.outcomes
    interrupted = [str(run) for run, outcome in outcomes.items() if outcome.status == "interrupted"]
    every = len(study.runs) + len(study.size_runs)
    waiting = every - len(outcomes)
    if interrupted or waiting:
        parts = [f"interrupted: {'; '.join(interrupted)}"] if interrupted else []
        parts += [f"{waiting} of {every} runs have not ended"] if waiting else []
        notes.append(f"{', '.join(parts)}. Start the study again into the same folder and it goes on.")
    # The data are the same for all runs, and so are most notes about them.
    return tuple(dict.fromkeys([*notes, *(note for each in metrics for note in each.notes)]))
