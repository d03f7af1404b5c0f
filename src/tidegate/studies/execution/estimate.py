"""What a study would be: its arms with their sizes, its runs, and how long they would take by a short measurement."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from tidegate.config.tables import TrainSpec
from tidegate.report.read import Json
from tidegate.studies.callbacks import RunKey
from tidegate.studies.design.data_sizes import largest
from tidegate.studies.design.plan import StudySpec
from tidegate.studies.design.sizes import off_target
from tidegate.studies.execution.resources import Share, share
from tidegate.studies.execution.worker_client import call_worker

PROBE_SECONDS = 20.0
# Starting Python, reading the data, the last test and the report: what a run takes besides its training.
_AROUND_SECONDS = 8.0


@dataclass(frozen=True)
class ArmEstimate:
    """One arm of a plan.

    Attributes:
        name: The arm.
        architecture: Its network.
        parameters: How many.
        flops: Of one example.
        seconds: Of one run; ``None`` where it could not be measured.
        error: Why it cannot be built.
    """

    name: str
    architecture: str
    parameters: int | None
    flops: int | None
    seconds: float | None
    error: str | None


@dataclass(frozen=True)
class Estimate:
    """A plan.

    Attributes:
        arms: In order.
        runs: Runs that count, without those that an earlier start has finished.
        trials: Runs that look for settings.
        machine: How many at a time.
        seconds: In all, by the clock; ``None`` where an arm could not be measured.
        notes: What a person should know.
    """

    arms: tuple[ArmEstimate, ...]
    runs: int
    trials: int
    machine: Share
    seconds: float | None
    notes: tuple[str, ...]


def estimate(study: StudySpec, *, workers: int | None, threads: int | None) -> Estimate:
    """Measure every arm for a part of 20 seconds, and add up.

    Args:
        study: What would be compared.
        workers: Runs at the same time; default: one a core.
        threads: CPU threads of each.

    Raises:
        DataError: The data cannot be read.
        ConfigError: An arm cannot be built, or made as large as the others.
    """
    runs = len(study.runs) + len(study.size_runs)
    count = runs + study.trials_an_arm * len(study.arms)
    machine = share(count, study.base.data.cache_megabytes, workers, threads or study.base.train.threads)
    answer = call_worker("survey", _request(study), machine.threads)
    arms = tuple(_arm(told, study) for told in answer["arms"])
    each = [arm.seconds for arm in arms]
    known = [seconds for seconds in each if seconds is not None]
    total = None
    if len(known) == len(arms):
        total = sum(known) * (study.seeds + study.trials_an_arm) / machine.workers
        total += study.seeds * sum(_smaller(told, study) for told in answer["arms"]) / machine.workers
        total = max(total, *known)
    told = (str(note) for note in answer.get("notes") or ())
    notes = (*study.notes(), *off_target(answer["arms"], answer.get("target"), study.design.match), *told)
    return Estimate(arms, runs, count - runs, machine, total, notes)


def run_seconds(train: TrainSpec, told: Json) -> float | None:
    """Seconds of one run with this budget, at the speed that was measured.

    Example:
        >>> told = {"train_speed": 100.0, "valid_seconds": 1.0, "steps_per_epoch": 10, "samples": {"train": 100}}
        >>> run_seconds(TrainSpec(epochs=3, batch_size=10), told)
        14.0
    """
    speed, samples = told.get("train_speed"), (told.get("samples") or {}).get("train")
    ends: list[float] = [train.max_time] if train.max_time else []
    if speed and samples:
        epoch = samples / speed + (told.get("valid_seconds") or 0.0) / train.evaluate_every
        passes = [float(train.epochs)] if train.epochs else []
        passes += [train.steps / told["steps_per_epoch"]] if train.steps else []
        passes += [train.examples / samples] if train.examples else []
        ends += [min(passes) * epoch] if passes else []
    return min(ends) + _AROUND_SECONDS if ends else None


def _smaller(told: Json, study: StudySpec) -> float:
    """Seconds of one run on each of the smaller training parts."""
    train = study.run_spec(RunKey(told["key"], study.base.seed)).train
    samples = (told.get("samples") or {}).get("train") or 1
    shares = [size if isinstance(size, float) else size / samples for size in study.sizes.values()]
    # What a share is of is the largest size, which was measured.
    whole = largest(study.design.sizes)
    shares = [share / whole if isinstance(whole, float) else share for share in shares]
    each = [
        run_seconds(
            train,
            {
                **told,
                "samples": {**told["samples"], "train": share * samples},
                "steps_per_epoch": max(1, share * told["steps_per_epoch"]),
            },
        )
        for share in shares
    ]
    return sum(seconds or 0.0 for seconds in each)


def _request(study: StudySpec) -> Json:
    base: Sequence[RunKey] = study.runs[: len(study.arms)]
    return {
        "specs": [{"key": run.arm, "spec": study.run_spec(run).model_dump(mode="json")} for run in base],
        "match": study.design.match,
        "size": study.design.size,
        "reference": study.base.model_dump(mode="json"),
        "seconds": PROBE_SECONDS,
    }


def _arm(told: Json, study: StudySpec) -> ArmEstimate:
    spec = study.run_spec(RunKey(told["key"], study.base.seed))
    seconds = run_seconds(spec.train, told)
    return ArmEstimate(
        told["key"],
        told.get("architecture") or "",
        told.get("parameters"),
        told.get("flops"),
        None if seconds is None or math.isnan(seconds) else seconds,
        told.get("error"),
    )
