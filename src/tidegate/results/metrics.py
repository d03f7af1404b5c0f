"""metrics.json: what a run reached, and what it cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tidegate.results.record import Record, Values


@dataclass(frozen=True)
class Best(Record):
    """The validation whose weights are kept.

    Attributes:
        epoch: passes over the training data, with fraction
        step: optimiser steps
    """

    epoch: float
    step: int


@dataclass(frozen=True)
class Speeds(Record):
    """Samples a second.

    Attributes:
        train: in training
        predict: in prediction, many at a time; null for a trial of a study
    """

    train: float | None = None
    predict: float | None = None


@dataclass(frozen=True)
class Latency(Record):
    """The time from one sample to its answer, reading and decoding included, each alone. Of series, signals and texts a
    sample is one window.

    Attributes:
        p50: median, in milliseconds
        p95: 95th percentile, in milliseconds
        samples: how many were timed: 100, fewer where they take more than two seconds
    """

    p50: float
    p95: float
    samples: int


@dataclass(frozen=True)
class Costs(Record):
    """What a network costs whoever uses it.

    Attributes:
        latency_ms: of one sample; null for a task of your own whose problem has no method `answer_one`
        peak_memory_mb: the most that the process ever held, training included; null on Windows
        model_bytes: all files of `model/`
    """

    latency_ms: Latency | None
    peak_memory_mb: float | None
    model_bytes: int


@dataclass(frozen=True, kw_only=True)
class RunMetrics(Record):
    """The final metrics of a run.

    Attributes:
        task: name of the task
        primary: the metric that chooses the best weights
        lower_is_better: which way it improves
        valid: metrics of the best weights on the validation split
        test: the same on the test split; null without one
        best: `epoch` and `step` of the best weights
        seconds: of training
        cpu_seconds: the same, of all threads
        epochs: passes over the training data, with fraction
        steps: optimiser steps
        stopped: `epochs`, `max_time`, `steps`, `examples`, `patience` or `interrupted`
        parameters: trained numbers
        flops: operations of one forward pass (a multiplication and an addition are two) of one example of the size below:
            all matrix products of the network, decoders included; lookups count nothing
        typical_size: median columns, words or steps of the training samples, or symbols of a window
        samples: of each split: images, sentences, signals; of text the symbols that are predicted, all but the first; of
            series the windows
        samples_per_second: in training and in prediction
        costs: what the network costs whoever uses it; null for a trial of a study
        definition: what the metrics mean, where it must be said: what a symbol is, what F1 counts
        baselines: metrics of what knows no network, on the same split
        notes: what to know about the data
    """

    task: str
    primary: str
    lower_is_better: bool
    valid: Values
    test: Values | None = None
    best: Best
    seconds: float
    cpu_seconds: float
    epochs: float
    steps: int
    stopped: str
    parameters: int
    flops: int | None = None
    typical_size: int | None = None
    samples: Mapping[str, int] = field(default_factory=dict[str, int])
    samples_per_second: Speeds = field(default_factory=Speeds)
    costs: Costs | None = None
    definition: str = ""
    baselines: Mapping[str, Values] = field(default_factory=dict[str, Values])
    notes: tuple[str, ...] = ()
