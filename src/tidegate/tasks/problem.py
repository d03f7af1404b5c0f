"""What the training loop, prediction and evaluation need to know of a task, and nothing else.

A ``Problem`` is a task bound to what its training data taught it: the alphabet or the classes, the geometry of its
input, the network's architecture. It is what a model folder stores next to the weights. A ``Split`` is one portion of
the data, ready to be asked for batches. A new task is one file that offers these two, and a line in
``tidegate.tasks.registry``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from torch import Generator, Tensor

from tidegate.errors import BadFile
from tidegate.spec.layers import Architecture
from tidegate.spec.run import AugmentSpec, RunSpec

Metrics = dict[str, float]
Json = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """What the network says of one sample: a class or a text, and how sure it is (0 to 1)."""

    text: str
    confidence: float


@dataclass(frozen=True)
class TaskBatch:
    """Some samples of a split, padded to one size.

    Attributes:
        inputs: ``(B, C, Y, X)`` or ``(B, T, F)``.
        lengths: True columns or steps of each sample ``(B,)``; ``None`` where all are full.
        targets: What the loss compares with; for CTC all texts one after the other.
        target_lengths: Symbols of each text ``(B,)`` for CTC, else ``None``.
        indices: Places in the split.
    """

    inputs: Tensor
    lengths: Tensor | None
    targets: Tensor
    target_lengths: Tensor | None
    indices: Sequence[int]


class Split(Protocol):
    """One portion of the data."""

    @property
    def references(self) -> Sequence[str]:
        """The right answer of each sample."""
        ...

    @property
    def names(self) -> Sequence[str]:
        """What errors and reports call each sample."""
        ...

    def __len__(self) -> int: ...

    def sizes(self) -> Sequence[int]:
        """True columns or steps of each sample."""
        ...

    def plan(self, batch_size: int, seed: int, epoch: int) -> list[list[int]]:
        """The batches of one epoch: a pure function of its arguments, since resuming relies on it."""
        ...

    def plan_in_order(self, batch_size: int) -> list[list[int]]:
        """Batches that hold every sample once, for evaluation."""
        ...

    def batch(self, indices: Sequence[int]) -> TaskBatch:
        """Read and pad the samples at these places."""
        ...

    def picture(self, index: int) -> bytes:
        """The sample as a small PNG, for the report."""
        ...


class Problem(Protocol):
    """A task bound to what its training data taught it."""

    @property
    def task(self) -> str:
        """The task's name in the registry."""
        ...

    @property
    def architecture(self) -> Architecture:
        """The network, as data."""
        ...

    @property
    def symbols(self) -> int:
        """Classes or characters, without CTC's blank."""
        ...

    def augment(self, batch: TaskBatch, spec: AugmentSpec, generator: Generator) -> TaskBatch:
        """Change a training batch at random; the generator is its only source of chance."""
        ...

    def condition(self, inputs: Tensor) -> Tensor:
        """Bring inputs in [0, 1] to what the network was trained on (mean and spread, say)."""
        ...

    def loss(self, logits: Tensor, lengths: Tensor | None, batch: TaskBatch) -> Tensor:
        """The mean loss of a batch, a scalar."""
        ...

    def decode(self, logits: Tensor, lengths: Tensor | None) -> list[Answer]:
        """Read answers off the network's output."""
        ...

    def metrics(self, references: Sequence[str], answers: Sequence[Answer]) -> Metrics:
        """The task's figures: the one code path for validation, evaluate, study and report."""
        ...

    def evidence(self, split: Split, answers: Sequence[Answer]) -> Json:
        """What a report shows of a split: samples, worst mistakes, confusions."""
        ...

    def open_inputs(self, inputs: Sequence[Path]) -> tuple[Split, dict[int, BadFile]]:
        """Samples without answers, for ``predict``; and those that cannot be read, by their place among all."""
        ...

    def open_split(self, path: str, *, skip_bad: bool) -> tuple[Split, list[str]]:
        """Samples with answers, for ``evaluate``, and notes about them."""
        ...

    def to_json(self) -> Json:
        """All of it, for model.json."""
        ...


@dataclass(frozen=True)
class Prepared:
    """A run's data and problem, ready to train.

    Attributes:
        spec: The run's specification, completed with what the data decided.
        problem: What to learn.
        splits: ``train`` and ``valid``, and ``test`` where there is one.
        record: How the split was made, as JSON.
        notes: What a person should know: samples left out, lines that look rotated, characters never seen.
        baselines: Metrics of cheap rivals on the test (or validation) split.
    """

    spec: RunSpec
    problem: Problem
    splits: Mapping[str, Split]
    record: Json
    notes: Sequence[str] = ()
    baselines: Callable[[], dict[str, Metrics]] = field(default=dict)


@dataclass(frozen=True)
class Task:
    """One line of the registry.

    Attributes:
        name: As in ``--task``.
        summary: One line for help.
        primary: The metric that chooses the best weights.
        lower_is_better: Which way it improves.
        prepare: Reads the data that a specification names.
        restore: Makes the problem again from model.json and the run's specification.
    """

    name: str
    summary: str
    primary: str
    lower_is_better: bool
    prepare: Callable[[RunSpec], Prepared]
    restore: Callable[[Json, RunSpec], Problem]

    def better(self, value: float, than: float | None) -> bool:
        """Whether a value of the primary metric beats another; anything beats ``None``."""
        return than is None or (value < than if self.lower_is_better else value > than)
