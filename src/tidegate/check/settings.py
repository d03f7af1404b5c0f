"""Settings that cannot work with so few samples: known from sizes alone, so that training looks for them too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tidegate.check.contract import Found, Subject, found
from tidegate.config.run import RunSpec
from tidegate.models.summary import summarise

FEW_STEPS = 30
"""Optimiser steps of a whole run, below which no network gets anywhere."""
MANY_WEIGHTS = 10_000
"""Weights for each answer of the training data, above which a network learns them by heart at once."""
LEAST_WAY = 0.01
"""How far an adaptive optimiser must be able to move a weight in the whole run."""
ADAPTIVE = ("adam", "adamw", "nadam", "rmsprop")
HIGHEST = {True: 0.1, False: 10.0}
"""Learning rates from which training goes astray: of adaptive optimisers, whose steps are that long, and of others."""


@dataclass(frozen=True)
class Sizes:
    """What settings must fit.

    Attributes:
        samples: Of training; of series and running text its windows.
        steps: Optimiser steps of an epoch.
        answers: What training learns from; 0: not known.
        weights: Of the layers of the network; 0: not known.
    """

    samples: int
    steps: int
    answers: int = 0
    weights: int = 0


def sizes_of(subject: Subject[Any]) -> Sizes:
    """The sizes of data that the doctor read."""
    samples = len(subject.train) if subject.examples is None else subject.examples
    steps = -(-samples // subject.spec.train.batch_size)
    weights = 0
    if subject.architecture is not None:
        rows = summarise(subject.architecture, subject.symbols, subject.columns or 1)
        weights = sum(row.parameters for row in rows if row.number.isdigit())
    return Sizes(samples, steps, subject.answers, weights)


def unworkable(spec: RunSpec, sizes: Sizes) -> list[Found]:
    """Everything about the settings of a run that cannot work.

    >>> from tidegate.config.resolve import resolve
    >>> spec = resolve({"task": "classify", "optimiser": {"learning_rate": 1.0}})
    >>> [one.finding.code for one in unworkable(spec, Sizes(samples=2000, steps=32))]
    ['high-learning-rate']
    """
    return [*_batches(spec, sizes), *_rates(spec, sizes), *_weights(sizes)]


def _steps(spec: RunSpec, sizes: Sizes) -> int | None:
    """Optimiser steps of the whole run, where epochs end it."""
    train = spec.train
    if train.epochs is None or (train.max_time, train.steps, train.examples) != (None, None, None):
        return None
    return train.epochs * sizes.steps


def _batches(spec: RunSpec, sizes: Sizes) -> Iterator[Found]:
    train, samples = spec.train, sizes.samples
    steps = _steps(spec, sizes)
    smaller = max(1, min(train.batch_size, samples) // 8)
    if train.batch_size > samples:
        yield found(
            "warning",
            "large-batch",
            "train.batch_size",
            f"a batch takes {train.batch_size:,} samples, and training has {samples:,}: an epoch is a single step",
            f"--set train.batch_size={smaller}",
        )
    elif steps is not None and steps < FEW_STEPS:
        epochs = -(-FEW_STEPS // sizes.steps)
        yield found(
            "warning",
            "few-steps",
            "train.epochs",
            f"the whole run has {steps:,} optimiser steps, {sizes.steps:,} in an epoch; that is too few to learn "
            "anything",
            f"--epochs {epochs}, or more; smaller batches (train.batch_size) give more steps in an epoch",
        )
    if spec.schedule.warmup > 0.5 and spec.schedule.name in ("step", "cosine", "one-cycle"):
        yield found(
            "warning",
            "long-warmup",
            "schedule.warmup",
            f"the learning rate climbs during {spec.schedule.warmup:.0%} of the run, and hardly works at its peak",
            "--set schedule.warmup=0.1",
        )


def _rates(spec: RunSpec, sizes: Sizes) -> Iterator[Found]:
    optimiser = spec.optimiser
    adaptive = optimiser.name in ADAPTIVE
    steps = _steps(spec, sizes)
    if optimiser.learning_rate >= HIGHEST[adaptive]:
        usual = "0.001" if adaptive else "0.1"
        yield found(
            "warning",
            "high-learning-rate",
            "optimiser.learning_rate",
            f"{optimiser.learning_rate:g} is far above what {optimiser.name} can take: the loss will explode or "
            "stand still",
            f"--set optimiser.learning_rate={usual}",
        )
    elif adaptive and steps is not None and optimiser.learning_rate * steps < LEAST_WAY:
        rate = float(f"{10 * LEAST_WAY / steps:.1g}")
        yield found(
            "warning",
            "low-learning-rate",
            "optimiser.learning_rate",
            f"{steps:,} steps of {optimiser.learning_rate:g} move no weight by more than about "
            f"{optimiser.learning_rate * steps:.1g}: nothing is learnt",
            f"--set optimiser.learning_rate={min(rate, 0.01):g}, or more steps (--epochs)",
        )


def _weights(sizes: Sizes) -> Iterator[Found]:
    if sizes.answers and sizes.weights > MANY_WEIGHTS * sizes.answers:
        yield found(
            "warning",
            "many-weights",
            "model",
            f"the layers have {sizes.weights:,} weights for {sizes.answers:,} answers to learn from: such a network "
            "learns them by heart",
            "a smaller network (--preset, --set model.hidden=32 or model.width=0.25), or more data",
        )
