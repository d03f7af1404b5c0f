"""Where the steps of sequences lie in memory, as the native kernels are told: padded, time first, packed, end to end.

A layout is a handful of whole numbers, since operators of torch take numbers and tensors only. ``rows`` are what
is kept a step (gates, deltas), ``outputs`` what the caller sees.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import torch
from torch import Tensor

from tidegate.errors import ShapeError
from tidegate.ops.recurrence.native_interface import Rows

Tables = tuple[Tensor | None, Tensor | None]
"""Row of the first step of each sequence, row of the first sequence of each step: what ``Rows`` points to."""


class Order(IntEnum):
    """How a batch lies in memory."""

    BATCH_FIRST = 0
    """``(B, T, F)``, padded."""
    TIME_FIRST = 1
    """``(T, B, F)``, padded."""
    PACKED = 2
    """``(N, F)``, torch's ``PackedSequence``: the steps of all sequences, time first, longest sequence first."""


@dataclass(frozen=True)
class Layout:
    """One batch.

    Attributes:
        order: Of inputs and outputs.
        batch: B.
        time: T.
        rows: N: the sum of all lengths.
        lengths: ``(B,)`` int64 on the CPU; ``None``: all T.
    """

    order: Order
    batch: int
    time: int
    rows: int
    lengths: Tensor | None

    @classmethod
    def padded_batch(cls, order: Order, batch: int, time: int, lengths: Tensor | None) -> Layout:
        """Of B sequences padded to T; lengths that are all T are none."""
        if lengths is None:
            return cls(order, batch, time, batch * time, None)
        numbers = lengths.tolist()
        rows = sum(numbers)
        if rows == batch * time and max(numbers, default=time) <= time:
            return cls(order, batch, time, rows, None)
        if min(numbers) < 0 or max(numbers) > time:
            raise ShapeError(
                "a length does not fit the batch",
                expected=f"0 to {time}",
                got=f"{min(numbers)} to {max(numbers)}",
            )
        return cls(order, batch, time, rows, torch.tensor(numbers))

    def shape(self, width: int) -> tuple[int, ...]:
        """Of inputs or outputs of so many features."""
        if self.order is Order.PACKED:
            return (self.rows, width)
        first = (self.batch, self.time) if self.order is Order.BATCH_FIRST else (self.time, self.batch)
        return (*first, width)

    @property
    def gathers(self) -> bool:
        """Whether true steps are laid end to end first, so that no arithmetic is spent on padding."""
        return self.lengths is not None and self.order is not Order.PACKED

    def padded(self, x: Tensor) -> Tensor:
        """``(B, T, F)``, whatever the order; differentiable."""
        if self.order is Order.TIME_FIRST:
            return x.transpose(0, 1)
        if self.order is Order.BATCH_FIRST:
            return x
        padded = x.new_zeros(self.time, self.batch, x.shape[1])
        return padded.masked_scatter(self._alive()[:, :, None], x).transpose(0, 1)

    def unpadded(self, y: Tensor) -> Tensor:
        """The other way."""
        if self.order is Order.BATCH_FIRST:
            return y
        return y.transpose(0, 1) if self.order is Order.TIME_FIRST else y.transpose(0, 1)[self._alive()]

    def _alive(self) -> Tensor:
        """``(T, B)``: which sequences are not over."""
        times = torch.arange(self.time)[:, None]
        return times < (torch.full((self.batch,), self.time) if self.lengths is None else self.lengths)

    def tables(self) -> Tables:
        """Of rows. Keep them while a call runs."""
        if self.lengths is None:
            return None, None
        if self.order is Order.PACKED:
            return None, _starts(self._alive().sum(1))
        return _starts(self.lengths), None

    def row_places(self, tables: Tables) -> Rows:
        """Of gates and deltas."""
        starts, times = tables
        if starts is not None:
            return Rows(starts.data_ptr(), None, 0, 1)
        if times is not None:
            return Rows(None, times.data_ptr(), 1, 0)
        return self.padded_places()

    def output_places(self, tables: Tables) -> Rows:
        """Of outputs, and of inputs before they are gathered."""
        return self.row_places(tables) if self.order is Order.PACKED else self.padded_places()

    def padded_places(self) -> Rows:
        """Of padded batches."""
        if self.order is Order.BATCH_FIRST:
            return Rows(None, None, self.time, 1)
        return Rows(None, None, 1, self.batch)


def _starts(counts: Tensor) -> Tensor:
    return counts.cumsum(0) - counts
