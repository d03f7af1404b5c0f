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
from typing import Any, Protocol, runtime_checkable

import torch
from torch import Generator, Tensor, nn

from tidegate.config.run import RunSpec
from tidegate.config.tables import AugmentSpec
from tidegate.errors import Finding
from tidegate.network.layers import Architecture

Metrics = dict[str, float]
Json = dict[str, Any]
Carried = tuple[Tensor, ...]
"""What one training batch hands to the next, such as the hidden states of a language model; mostly nothing. It is
saved in checkpoints."""


@dataclass(frozen=True)
class Answer:
    """What the network says of one sample: a class or a text, and how sure it is (0 to 1)."""

    text: str
    confidence: float


@dataclass(frozen=True)
class EvalResult:
    """What a pass over a split gave.

    Attributes:
        metrics: The task's figures, ``loss`` among them; empty where there is nothing to compare with.
        answers: In the order of the split; empty for a task that answers nothing.
    """

    metrics: Metrics
    answers: list[Answer]


class Batch(Protocol):
    """A task's own batch; the training loop asks one thing of it."""

    @property
    def samples(self) -> int:
        """What it counts for in samples a second: images, sentences, symbols."""
        ...


@runtime_checkable
class Weighted(Protocol):
    """A batch whose loss is no mean over its ``samples``; several processes that share one must know."""

    @property
    def weight(self) -> int:
        """How many things the loss is a mean of: characters, values that were given."""
        ...


@dataclass(frozen=True)
class TaskBatch:
    """Some images of a split, padded to one size.

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

    @property
    def samples(self) -> int:
        """Images."""
        return len(self.indices)

    @property
    def weight(self) -> int:
        """Images, or the characters of their texts."""
        return self.samples if self.target_lengths is None else int(self.target_lengths.sum())


class Split(Protocol):
    """One portion of the data."""

    def __len__(self) -> int:
        """Samples: images, sentences, symbols."""
        ...

    def sizes(self) -> Sequence[int]:
        """True columns or steps of each sample."""
        ...

    def plan(self, batch_size: int, seed: int, epoch: int) -> list[list[int]]:
        """The batches of one epoch: a pure function of its arguments, since resuming relies on it.

        Every epoch has the same number of batches.
        """
        ...

    def batch(self, indices: Sequence[int]) -> Any:
        """Read and pad what one entry of the plan names; a ``Batch`` that the task's problem knows."""
        ...


@runtime_checkable
class Divisible(Protocol):
    """A split whose plan lists something else than samples, and that several processes can share all the same."""

    def shard(self, entry: Sequence[int], rank: int, size: int) -> list[int]:
        """The part of an entry of the plan that process ``rank`` of ``size`` reads; empty where it has none."""
        ...


class Answered(Split, Protocol):
    """A portion of the data whose samples are answered one by one."""

    @property
    def references(self) -> Sequence[str]:
        """The right answer of each sample."""
        ...

    @property
    def names(self) -> Sequence[str]:
        """What errors and reports call each sample."""
        ...

    def plan_in_order(self, batch_size: int) -> list[list[int]]:
        """Batches that hold every sample once, for evaluation."""
        ...


class Pictured(Answered, Protocol):
    """Samples that can be shown."""

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

    @property
    def definition(self) -> str:
        """What the figures mean, where that must be said beside them; else nothing."""
        ...

    def network(self) -> nn.Module:
        """The network with weights as torch draws them; ``tidegate.nn.initialise`` draws those that it knows anew."""
        ...

    def augment(self, batch: Any, spec: AugmentSpec, generator: Generator) -> Any:
        """Change a training batch at random; the generator is its only source of chance."""
        ...

    def learn(self, network: nn.Module, batch: Any, carried: Carried) -> tuple[Tensor, Carried]:
        """Run the network on a training batch.

        Args:
            network: What ``network`` built, or a wrapper around it.
            batch: Of the training split, on the CPU.
            carried: What the batch before handed on; empty at the start of every epoch.

        Returns:
            The mean loss, a scalar that gradients flow from; and what to hand on, without gradients.
        """
        ...

    def evaluate(self, network: nn.Module, split: Any, *, labelled: bool) -> EvalResult:
        """Run the network on a whole split: the one code path for validation, evaluate, study and report."""
        ...

    def error_analysis(self, network: nn.Module, split: Any, answers: Sequence[Answer]) -> Json:
        """What a report shows of a split: samples, worst mistakes, confusions.

        An entry ``by_sample`` (see ``per_sample``) is kept apart: by it runs are compared sample by sample.
        A problem that has a method ``answer_one(network, split, index)`` is timed by it, and its arithmetic counted.
        """
        ...

    def open_inputs(self, inputs: Sequence[Path]) -> tuple[Answered, dict[int, Finding]]:
        """Samples without answers, for ``predict``; and those that cannot be read, by their place among all."""
        ...

    def open_split(self, path: str, *, skip_bad: bool) -> tuple[Split, list[Finding]]:
        """Samples with answers, for ``evaluate``, and notes about them."""
        ...

    def to_json(self) -> Json:
        """All of it, for model.json."""
        ...


@dataclass(frozen=True)
class Baselines:
    """What cheap baselines reach.

    Attributes:
        metrics: By the baseline's name.
        notes: Which were left out, and why.
    """

    metrics: Mapping[str, Metrics] = field(default_factory=dict[str, Metrics])
    notes: Sequence[Finding] = ()


@dataclass(frozen=True)
class Prepared:
    """A run's data and problem, ready to train.

    Attributes:
        spec: The run's specification, completed with what the data decided.
        problem: What to learn.
        splits: ``train`` and ``valid``, and ``test`` where there is one.
        record: How the split was made, as JSON.
        notes: What a person should know: samples left out, lines that look rotated, characters never seen.
        baselines: What cheap baselines reach on the test (or validation) split.
        primary: The metric that chooses the best weights, where the data ask for another than the task's.
        finish: What is still to be learnt of the validation once the weights are chosen, such as the width of intervals:
            the problem that goes into the model folder.
        lower_is_better: Which way that one improves, where it is another than the task's.
    """

    spec: RunSpec
    problem: Problem
    splits: Mapping[str, Split]
    record: Json
    notes: Sequence[Finding] = ()
    baselines: Callable[[], Baselines] = field(default_factory=lambda: Baselines)
    primary: str | None = None
    finish: Callable[[nn.Module], Problem] | None = None
    lower_is_better: bool | None = None


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


def place_of(network: nn.Module) -> tuple[torch.device, torch.dtype]:
    """Where a network's weights are, and of what type.

    >>> place_of(nn.Linear(2, 1))
    (device(type='cpu'), torch.float32)
    """
    weight = next(network.parameters(), None)
    return (torch.device("cpu"), torch.float32) if weight is None else (weight.device, weight.dtype)
