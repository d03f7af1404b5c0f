"""Which samples go together, in what order; and preparing them while the model computes.

Samples of like length share a batch, so that little of it is padding. The plan is a pure function of its
arguments: a resumed run asks for the same epoch again and goes on in the middle of it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from tidegate.ops.threads import one_core_here

Item = TypeVar("Item")
BUCKET = 50
"""Batches whose samples are sorted by length together: more leave less padding, fewer leave more chance."""


def plan_epoch(
    lengths: Sequence[int] | NDArray[np.integer],
    batch_size: int,
    seed: int,
    epoch: int,
    *,
    max_columns: int | None = None,
) -> list[list[int]]:
    """The batches of one epoch of training: every index once, in random order, like lengths together.

    Args:
        lengths: Columns of each sample.
        batch_size: Samples a batch; the last of the epoch may have fewer. A single one that is left over joins
            the batch before it, since batch normalisation of vectors takes no variance of one.
        seed: Of the run.
        epoch: Number of the epoch.
        max_columns: Largest number of columns a batch may have with its padding; longer ones are cut in two
            or more.

    >>> sorted(sum(plan_epoch([5, 9, 2, 7, 7], 2, seed=0, epoch=0), []))
    [0, 1, 2, 3, 4]
    >>> plan_epoch([5, 9, 2, 7], 2, seed=0, epoch=3) == plan_epoch([5, 9, 2, 7], 2, seed=0, epoch=3)
    True
    """
    sizes = np.asarray(lengths, np.int64)
    generator = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, epoch])))
    order = _shuffled(len(sizes), generator)
    batches: list[list[int]] = []
    for start in range(0, len(order), BUCKET * batch_size):
        bucket = order[start : start + BUCKET * batch_size]
        # Stable, so that samples of one length (all digits of MNIST) stay shuffled.
        bucket = bucket[np.argsort(sizes[bucket], kind="stable")]
        batches.extend(_cut(bucket, sizes, batch_size, max_columns))
    if batch_size > 1 and len(batches) > 1 and max_columns is None and len(batches[-1]) == 1:
        batches[-2:] = [batches[-2] + batches[-1]]
    return [batches[index] for index in _shuffled(len(batches), generator)]


def plan_evaluation(
    lengths: Sequence[int] | NDArray[np.integer], batch_size: int, *, max_columns: int | None = None
) -> list[list[int]]:
    """The batches of an evaluation: every index once, sorted by length, the longest first.

    The longest first: if memory does not suffice, it shows at once.

    >>> plan_evaluation([5, 9, 2, 7, 7], 2)
    [[1, 3], [4, 0], [2]]
    """
    sizes = np.asarray(lengths, np.int64)
    return _cut(np.argsort(-sizes, kind="stable"), sizes, batch_size, max_columns)


def _shuffled(count: int, generator: np.random.Generator) -> NDArray[np.int64]:
    # Sorted random doubles: the same on every platform, which `permutation` does not promise.
    return np.argsort(generator.random(count), kind="stable").astype(np.int64)


def _cut(
    order: NDArray[np.int64], sizes: NDArray[np.int64], batch_size: int, max_columns: int | None
) -> list[list[int]]:
    if max_columns is None:
        return [order[start : start + batch_size].tolist() for start in range(0, len(order), batch_size)]
    batches: list[list[int]] = []
    longest = 0
    for index in order.tolist():
        longest = max(longest, int(sizes[index]))
        full = not batches or len(batches[-1]) == batch_size or longest * (len(batches[-1]) + 1) > max_columns
        if full:
            batches.append([])
            longest = int(sizes[index])
        batches[-1].append(index)
    return batches


def prefetch(items: Iterable[Item], depth: int = 2) -> Generator[Item]:
    """Hand on items while a thread prepares the next ones.

    An error of the thread is raised where the items are taken. Closing the iterator early (``break``,
    ``close``) stops the thread after the item that it is at.

    Args:
        items: Taken by one thread, one after the other.
        depth: Items prepared ahead; 0: none, and no thread.

    >>> list(prefetch(iter("abc"), depth=2))
    ['a', 'b', 'c']
    """
    if depth < 1:
        yield from items
        return
    source, end = iter(items), object()
    with ThreadPoolExecutor(1, thread_name_prefix="prefetch", initializer=one_core_here) as pool:
        ahead = deque(pool.submit(next, source, end) for _ in range(depth))
        try:
            while (item := ahead.popleft().result()) is not end:
                ahead.append(pool.submit(next, source, end))
                yield cast(Item, item)
        finally:
            for waiting in ahead:
                waiting.cancel()
