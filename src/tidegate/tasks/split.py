"""What the training loop asks of a portion of the data, and of one batch of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from torch import Tensor


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

    @property
    def groups(self) -> Sequence[str]:
        """What each shares with others by ``data.group``; empty where it stands for itself."""
        ...

    def picture(self, index: int) -> bytes:
        """The sample as a small PNG, for the report."""
        ...
