"""What each of several processes learns from: its part of every batch, and how much that part weighs.

The loss of a batch is a mean, and the batch's gradient that of the mean over all of it. Processes average their
gradients; so that this is the same gradient, each multiplies its own mean by what its part holds of the whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from tidegate.errors import ConfigError
from tidegate.tasks.split import Batch, Divisible, Split, Weighted


@dataclass(frozen=True)
class Shard:
    """One process's part of every batch.

    Attributes:
        rank: Which process, from 0.
        size: How many there are.
    """

    rank: int = 0
    size: int = 1

    def of(self, split: Split, entry: Sequence[int]) -> list[int]:
        """The entry of the plan that names this process's part; empty where the batch has too few samples.

        A split that has a method ``shard`` is asked. Of any other, entries list samples, and every process takes each
        ``size``-th: samples of a batch are sorted by length, and so all parts are about as long.

        >>> [Shard(rank, 2).of(None, [4, 8, 1, 7, 3]) for rank in (0, 1)]
        [[4, 1, 3], [8, 7]]
        """
        if self.size == 1:
            return list(entry)
        if isinstance(split, Divisible):
            return split.shard(entry, self.rank, self.size)
        return list(entry[self.rank :: self.size])

    def check(self, split: Split, plan: Sequence[Sequence[int]]) -> None:
        """Refuse data that so many processes cannot share.

        Raises:
            ConfigError: No batch has a sample for every process, or nobody knows how to divide a batch.
        """
        if self.size == 1:
            return
        if not isinstance(split, Divisible) and not _lists_samples(split, plan):
            raise ConfigError(
                "the batches of this task cannot be divided among processes",
                where="train.processes",
                expected="a plan whose entries list samples, or a split with a method "
                "shard(entry, rank, size) that gives a part of an entry",
                got=f"{type(split).__name__}, whose plan holds something else",
                hint="add the method (see docs/how-to/many-processes.md), or leave out --processes",
            )
        largest = max(plan, key=lambda entry: sum(self._has(split, entry)))
        if not all(self._has(split, largest)):
            raise ConfigError(
                "there are more processes than samples in a batch",
                where="train.processes",
                expected="at least one sample for each process",
                got=f"{self.size} processes, and {sum(self._has(split, largest))} samples in the largest batch",
                hint="make train.batch_size larger, or give fewer --processes",
            )

    def _has(self, split: Split, entry: Sequence[int]) -> list[bool]:
        return [bool(Shard(rank, self.size).of(split, entry)) for rank in range(self.size)]


def _lists_samples(split: Split, plan: Sequence[Sequence[int]]) -> bool:
    """Whether the entries are numbers of samples: within the split, none twice, and as many as the batch has."""
    numbers = list(chain.from_iterable(plan))
    within = all(0 <= number < len(split) for number in numbers) and len(set(numbers)) == len(numbers)
    first: Any = split.batch(plan[0]) if within and plan[0] else None
    return first is not None and first.samples == len(plan[0])


def weight_of(batch: Batch | None) -> float:
    """How many things the loss of a batch is a mean of: as the batch says, else its samples.

    >>> weight_of(None)
    0.0
    """
    if batch is None:
        return 0.0
    return float(batch.weight if isinstance(batch, Weighted) else batch.samples)
