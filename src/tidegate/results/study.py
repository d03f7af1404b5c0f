"""results.json of a study: what its runs reached, and what that says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import fmean
from typing import Any, Literal

from tidegate.results.comparison import Comparison
from tidegate.results.metrics import Speeds
from tidegate.results.record import Record, Values
from tidegate.results.speed import StudySpeeds
from tidegate.results.split import RunSplit
from tidegate.results.target import TimeToTarget

Status = Literal["done", "failed", "interrupted", "pruned"]


@dataclass(frozen=True, kw_only=True)
class StudyRun(Record):
    """One run of an arm.

    Attributes:
        seed: of the run
        folder: within the study's folder
        status: `done`, `failed` or `interrupted`
        valid: metrics of the best weights on the validation split
        test: the same on the test split
        seconds: of training
        best_seconds: until the weights that were kept
        improving: whether its validation error still fell by more than a twentieth in the last tenth of its budget
        samples_per_second: in training and in prediction
        split: that it had; null before it has ended
        error: why it failed
    """

    seed: int
    folder: str
    status: Status
    valid: Values | None = None
    test: Values | None = None
    seconds: float | None = None
    best_seconds: float | None = None
    improving: bool = False
    samples_per_second: Speeds | None = None
    split: RunSplit | None = None
    error: str | None = None

    def on(self, split: str) -> Values:
        """The metrics of a split; none where there are none."""
        return (self.test if split == "test" else self.valid) or {}


@dataclass(frozen=True)
class SplitValues(Record):
    """A figure of every metric.

    Attributes:
        valid: on the validation split
        test: on the test split
    """

    valid: Values | None = None
    test: Values | None = None

    def on(self, split: str) -> Values:
        """Those of a split; none where there are none."""
        return (self.test if split == "test" else self.valid) or {}


@dataclass(frozen=True, kw_only=True)
class ArmCosts(Record):
    """What an arm costs, on average over its runs that are done.

    Attributes:
        flops: of one example
        seconds: of training
        cpu_seconds: the same, of all threads
        best_seconds: until the weights that were kept
        train_speed: samples a second
        predict_speed: samples a second, many at a time
        latency_p50_ms: of one sample alone, median
        latency_p95_ms: 95th percentile
        peak_memory_mb: of the process
        model_bytes: of the model folder
    """

    flops: int | None = None
    seconds: float | None = None
    cpu_seconds: float | None = None
    best_seconds: float | None = None
    train_speed: float | None = None
    predict_speed: float | None = None
    latency_p50_ms: float | None = None
    latency_p95_ms: float | None = None
    peak_memory_mb: float | None = None
    model_bytes: int | None = None


@dataclass(frozen=True, kw_only=True)
class StudyArm(Record):
    """One arm.

    Attributes:
        arm: its name
        spec: the network as a VGSL string
        traits: of the network: `cell`, `direction`, `front` and so on
        settings: chosen by tuning
        parameters: trained numbers
        runs: those that have ended
        n: runs that are done
        mean: over them, of every metric on `valid` and on `test`
        spread: their standard deviation, likewise; null of fewer than two
        costs: on average over them
    """

    arm: str
    spec: str | None = None
    traits: Mapping[str, str] = field(default_factory=dict[str, str])
    settings: Mapping[str, Any] = field(default_factory=dict[str, Any])
    parameters: int | None = None
    runs: tuple[StudyRun, ...]
    n: int
    mean: SplitValues = field(default_factory=SplitValues)
    spread: SplitValues = field(default_factory=SplitValues)
    costs: ArmCosts = field(default_factory=ArmCosts)

    @property
    def done(self) -> tuple[StudyRun, ...]:
        """The runs that are done."""
        return tuple(run for run in self.runs if run.status == "done")


@dataclass(frozen=True, kw_only=True)
class Budget(Record):
    """What every run may spend.

    Attributes:
        epochs: passes over the training data
        max_time: seconds of training
        steps: optimiser steps
        examples: samples seen
        patience: validations without progress
        batch_size: samples a step
        threads: of each run
        workers: runs at the same time
    """

    epochs: float | None = None
    max_time: float | None = None
    steps: int | None = None
    examples: int | None = None
    patience: int | None = None
    batch_size: int | None = None
    threads: int | None = None
    workers: int | None = None


@dataclass(frozen=True, kw_only=True)
class StudyDesign(Record):
    """What makes the comparison fair; as in `[study]`.

    Attributes:
        match: what all arms have the same of
        size: how many of that
        tune: trials of every arm
        prune: how trials end early
        resample: whether every seed has a split of its own: `true`, `false`, or `auto`: where the data bring no test part
        margin: difference too small to matter, as it was set: a number in the metric's unit, or a share of the error
            such as `10%`
        target: value of the metric on validation, to which the time is told
        sizes: of the training part, for a learning curve, smallest first; the last one is that of the study itself
        until_decided: whether seeds are added until it is decided which arm to use
        max_seeds: the most of an arm then
        looks: numbers of seeds at which it was planned to look
        looked: those at which it was looked at
        stopped: arms that got no more seeds since they were found worse, and how many they have
    """

    match: str = "none"
    size: int | None = None
    tune: int = 0
    prune: str = "none"
    resample: Literal["auto"] | bool = "auto"
    margin: float | str | None = None
    target: float | None = None
    sizes: tuple[str, ...] = ()
    until_decided: bool = False
    max_seeds: int = 20
    looks: tuple[int, ...] = ()
    looked: tuple[int, ...] = ()
    stopped: Mapping[str, int] = field(default_factory=dict[str, int])


@dataclass(frozen=True, kw_only=True)
class SizeResults(Record):
    """The same arms on a smaller part of the training data.

    Attributes:
        size: as in `sizes` of the design
        samples: to learn from, on average over the runs; null before one is done
        arms: with their runs
        baselines: measured on that part too
        comparison: of the arms on it, for itself; null with fewer than two that have a result
    """

    size: str
    samples: float | None = None
    arms: tuple[StudyArm, ...]
    baselines: Mapping[str, Values] = field(default_factory=dict[str, Values])
    comparison: Comparison | None = None


@dataclass(frozen=True, kw_only=True)
class OrderChange(Record):
    """Two arms of which one is better on little and the other on much.

    Attributes:
        a: better at the smaller size
        b: better at the larger size
        smaller: the smaller size
        larger: the larger size
        p: of both differences the larger one, beyond the margin, corrected over all pairs and sizes
    """

    a: str
    b: str
    smaller: str
    larger: str
    p: float


@dataclass(frozen=True, kw_only=True)
class SizeOrder(Record):
    """Whether the order of the arms changes with the size of the training data.

    Attributes:
        alpha: all that is said of it is right together with a probability of 1 - alpha; 0 on a first look, which
            decides nothing
        pairs: of arms that were compared at every size
        same: of them those that are apart beyond the margin at every size, and always the same way
        changes: those that are apart at two sizes, and not the same way
    """

    alpha: float
    pairs: int
    same: int
    changes: tuple[OrderChange, ...] = ()


@dataclass(frozen=True, kw_only=True)
class StudyResults(Record):
    """What the runs of a study reached, and what that says.

    Attributes:
        task: name of the task
        primary: the metric that ranks; null while no run is done
        lower_is_better: which way it improves
        arms: in the order of the study
        budget: the same for all
        design: the same for all
        baselines: metrics of what knows no network, on average over the splits that it was measured on
        notes: what a person should know
        speeds: how fast the arms answer, measured after all runs; null so far, and for arms that left no model
        times: how long each arm took to the target of the design; none without one
        comparison: of the arms; null with fewer than two that have a result, and while runs are going
        sizes: the same on smaller parts of the training data, smallest first; none without `sizes` of the design
        order: whether the order of the arms changes with the size; null where there are no sizes to compare
    """

    task: str
    primary: str | None = None
    lower_is_better: bool | None = None
    arms: tuple[StudyArm, ...]
    budget: Budget = field(default_factory=Budget)
    design: StudyDesign = field(default_factory=StudyDesign)
    baselines: Mapping[str, Values] = field(default_factory=dict[str, Values])
    notes: tuple[str, ...] = ()
    speeds: StudySpeeds | None = None
    times: tuple[TimeToTarget, ...] = ()
    comparison: Comparison | None = None
    sizes: tuple[SizeResults, ...] = ()
    order: SizeOrder | None = None

    @property
    def samples(self) -> float | None:
        """To learn from, on average over the runs of the study itself."""
        counts = [run.split.train for arm in self.arms for run in arm.done if run.split]
        return fmean(counts) if counts else None
