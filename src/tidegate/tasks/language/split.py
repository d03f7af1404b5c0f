"""A split of one long text: rows side by side, read window after window, so that states can be carried on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tidegate.errors import DataError

READ_AT_ONCE = 1024
"""Symbols of a window of evaluation; results do not depend on it."""
WARM_UP = 2048
"""Symbols that a parallel stream reads before those that it counts."""


@dataclass(frozen=True)
class Window:
    """A piece of every row.

    Attributes:
        symbols: ``(B, T)`` int64.
        targets: The symbols that follow ``(B, T)``.
        counted: Columns from which losses count, for evaluation.
    """

    symbols: Tensor
    targets: Tensor
    counted: int = 0

    @property
    def samples(self) -> int:
        """Symbols predicted."""
        return self.symbols.numel()


class TextStream:
    """The numbers of a text, in order.

    Training cuts it into as many rows as a batch has and reads them side by side: window after window, each going on
    where the one before it ended. Every epoch begins elsewhere, by up to a window, so that the cuts fall differently.

    Args:
        numbers: ``(N,)``.
        window: Symbols that gradients go back through.
        vary: Whether the ends of windows move at random, by up to a quarter of one.
        streams: Parallel streams of an evaluation. 1: one stream from the first symbol to the last. More are faster; each
            then reads the 2,048 symbols before its own first, to bring its states up.

    Raises:
        DataError: The text is too short to predict anything.

    >>> stream = TextStream(np.arange(100), window=8)
    >>> len(stream), len(stream.plan(batch_size=4, seed=0, epoch=0))
    (99, 2)
    """

    def __init__(
        self, numbers: NDArray[np.integer], window: int, *, vary: bool = False, streams: int = 1
    ) -> None:
        if len(numbers) < 2:
            raise DataError(
                "the text is too short",
                expected="two symbols or more: the first is read, the second predicted",
                got=str(len(numbers)),
            )
        self.numbers = torch.from_numpy(np.ascontiguousarray(numbers, np.int64))
        self.window = window
        self.vary = vary
        self.streams = streams

    def __len__(self) -> int:
        """Symbols that are predicted: all but the first."""
        return len(self.numbers) - 1

    def sizes(self) -> Sequence[int]:
        """One window."""
        return [min(self.window, len(self))]

    def plan(self, batch_size: int, seed: int, epoch: int) -> list[list[int]]:
        """``[rows, length of a row, first symbol, start, end]`` of each window."""
        chance = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, epoch])))
        rows = max(1, min(batch_size, len(self) // (2 * self.window)))
        slack = min(self.window, (len(self) - 1) // 2)
        length = (len(self) - slack) // rows
        first = int(chance.random() * (slack + 1))
        ends = self._ends(length, chance)
        return [[rows, length, first, start, end] for start, end in zip([0, *ends], ends, strict=False)]

    def _ends(self, length: int, chance: np.random.Generator) -> list[int]:
        """Where windows end; their number is the same in every epoch."""
        count = max(1, length // self.window)
        ends = [length * number // count for number in range(1, count + 1)]
        if self.vary:
            quarter = self.window // 4
            moved = [end + int((chance.random() * 2 - 1) * quarter) for end in ends[: count - 1]]
            ends = [*moved, length]
        return ends

    def batch(self, indices: Sequence[int]) -> Window:
        """The window that one entry of the plan names."""
        rows, length, first, start, end = indices
        place = torch.arange(rows)[:, None] * length + first + torch.arange(start, end)
        return Window(self.numbers[place], self.numbers[place + 1])

    def shard(self, entry: Sequence[int], rank: int, size: int) -> list[int]:
        """Some of the rows, the same in every window of an epoch, so that their states can be carried on.

        >>> stream = TextStream(np.arange(100), window=8)
        >>> [stream.shard([3, 30, 2, 0, 10], rank, 2) for rank in (0, 1)]
        [[1, 30, 2, 0, 10], [2, 30, 32, 0, 10]]
        """
        rows, length, first, start, end = entry
        above, below = rank * rows // size, (rank + 1) * rows // size
        return [below - above, length, first + above * length, start, end] if below > above else []

    def windows(self) -> Iterator[Window]:
        """All of the text in order, for evaluation: each target is counted once."""
        if self.streams <= 1 or len(self) < 2 * self.streams * WARM_UP:
            for start in range(0, len(self), READ_AT_ONCE):
                end = min(start + READ_AT_ONCE, len(self))
                yield Window(self.numbers[None, start:end], self.numbers[None, start + 1 : end + 1])
            return
        yield from self._parallel()

    def _parallel(self) -> Iterator[Window]:
        """Streams side by side. The first has nothing before it: it begins with the rest that does not divide evenly."""
        own = (len(self) - WARM_UP) // self.streams
        rest = len(self) - WARM_UP - own * self.streams
        # Before stream r's own part lie WARM_UP symbols. Those before stream 0 are counted by a stream of their own.
        for start in range(0, WARM_UP + rest, READ_AT_ONCE):
            end = min(start + READ_AT_ONCE, WARM_UP + rest)
            yield Window(self.numbers[None, start:end], self.numbers[None, start + 1 : end + 1])
        rows = rest + torch.arange(self.streams)[:, None] * own  # first symbol of each warm-up
        for start in range(0, WARM_UP + own, READ_AT_ONCE):
            end = min(start + READ_AT_ONCE, WARM_UP + own)
            place = rows + torch.arange(start, end)
            counted = min(max(0, WARM_UP - start), end - start)
            yield Window(self.numbers[place], self.numbers[place + 1], counted)
