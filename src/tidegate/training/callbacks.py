"""What a run tells whoever watches it: a terminal, a study, a test. The loop itself writes nothing to a screen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class RunPlan:
    """What lies ahead, said once at the start.

    Attributes:
        task: The task's name.
        samples: Samples of each split.
        steps_per_epoch: Optimiser steps of one pass over the training data.
        epochs: Passes planned, or ``None`` where time decides.
        max_time: Seconds planned, or ``None``.
        parameters: Trained numbers of the network.
        primary: The metric that chooses the best weights.
        step: Steps already done, for a resumed run.
        steps: Optimiser steps planned, or ``None``.
        examples: Samples to see in all, or ``None``.
    """

    task: str
    samples: Mapping[str, int]
    steps_per_epoch: int
    epochs: int | None
    max_time: float | None
    parameters: int
    primary: str
    step: int = 0
    steps: int | None = None
    examples: int | None = None


@dataclass(frozen=True)
class Step:
    """One optimiser step.

    Attributes:
        step: Its number, from 1.
        epoch: Passes over the training data so far, with fraction.
        seconds: Since the run began, earlier parts of a resumed run counted in.
        loss: Of this batch.
        learning_rate: Used for this step.
        samples_per_second: Of recent training steps.
        progress: 0 to 1, of the planned run; it drives the schedule and the ETA.
    """

    step: int
    epoch: float
    seconds: float
    loss: float
    learning_rate: float
    samples_per_second: float
    progress: float


@dataclass(frozen=True)
class Validation:
    """One pass over the validation split; ``best`` if its weights are the best so far."""

    epoch: float
    step: int
    seconds: float
    train_loss: float
    metrics: Mapping[str, float]
    primary: str
    best: bool


class ProgressReporter(Protocol):
    """Whoever wants to know how a run goes."""

    def started(self, plan: RunPlan) -> None:
        """The data are read and training begins."""
        ...

    def stepped(self, step: Step) -> None:
        """An optimiser step is done; called often, so be quick."""
        ...

    def validated(self, validation: Validation) -> None:
        """A validation is done."""
        ...

    def message(self, text: str) -> None:
        """Something a person should know."""
        ...

    def finished(self, stopped: str) -> None:
        """Training is over: epochs, max_time, steps, examples, patience or interrupted."""
        ...


class NullReporter:
    """A reporter that does nothing."""

    def started(self, plan: RunPlan) -> None:
        """Do nothing."""

    def stepped(self, step: Step) -> None:
        """Do nothing."""

    def validated(self, validation: Validation) -> None:
        """Do nothing."""

    def message(self, text: str) -> None:
        """Do nothing."""

    def finished(self, stopped: str) -> None:
        """Do nothing."""
