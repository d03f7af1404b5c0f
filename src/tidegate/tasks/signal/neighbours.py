"""The nearest training sequence: the oldest baseline of signals (Bagnall et al. 2017)."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tidegate.tasks.signal.dtw import dtw_distances

Values = NDArray[np.float64]
Signal = NDArray[np.float32] | Values
"""``(T, C)``, finite."""
Sequences = Sequence[Signal]

BUDGET = 60.0
CELLS_A_SECOND = 2e9
"""What no processor does more of, in this way: work beyond the budget at that speed is not even sampled."""
SAMPLED = (64, 1024)
"""Queries and training sequences that the estimate of Euclid is measured on."""
SAMPLED_CELLS = 1 << 15
"""Pairs of a query and a training sequence, times their length, that the estimate of time warping is measured on."""


@dataclass(frozen=True)
class Nearest:
    """The nearest training sequence of each query, or why that was not looked for.

    Attributes:
        places: Among the training sequences ``(queries,)``; the first of several as near. ``None``: left out.
        note: Why it was left out.
    """

    places: NDArray[np.int64] | None
    note: str = ""


def nearest_euclid(train: Sequences, queries: Sequences, budget: float = BUDGET) -> Nearest:
    """The nearest by the sum of squares over steps and channels.

    Sequences of unequal lengths are brought to the median length of the training sequences, by linear interpolation.

    Args:
        train: At least one sequence.
        queries: Sequences of the same channels.
        budget: CPU seconds that it may take, by an estimate.

    >>> low, high = np.zeros((3, 1)), np.ones((3, 1))
    >>> nearest_euclid([low, high], [high[:2] - 0.1]).places
    array([1])
    """
    lengths = {len(one) for one in [*train, *queries]}
    length = int(np.median([len(one) for one in train])) if len(lengths) > 1 else lengths.pop()

    def distances(some: Sequences, few: Sequences) -> Values:
        from sklearn.metrics import euclidean_distances

        one, other = (
            np.stack([resampled(signal, length).ravel() for signal in part]) for part in (few, some)
        )
        return euclidean_distances(one, other)

    return _nearest(distances, train, queries, SAMPLED, budget)


def nearest_dtw(
    train: Sequences, queries: Sequences, band: float | None = None, budget: float = BUDGET
) -> Nearest:
    """The nearest by dynamic time warping over all channels at once, exact.

    Args:
        train: At least one sequence.
        queries: Sequences of the same channels.
        band: Steps that two sequences may run apart, as a share of the longer one; ``None``: any.
        budget: CPU seconds that it may take, by an estimate.

    >>> early, late = np.eye(5)[:, :2], np.eye(5)[:, 3:]
    >>> nearest_dtw([early, late], [np.eye(6)[:, 4:]]).places
    array([1])
    """
    cells = _steps(train) * _steps(queries) * (1.0 if band is None else 1 - (1 - band) ** 2)
    if cells > budget * CELLS_A_SECOND:
        return Nearest(
            None, f"left out: it would take at least {cells / CELLS_A_SECOND:,.0f} s, more than {budget:g} s"
        )
    # Few pairs a call would be measured slower than many are; and long ones need no more than a few.
    side = max(1, round((SAMPLED_CELLS / max(map(len, train)) / 8) ** 0.5))
    return _nearest(
        lambda some, few: dtw_distances(few, some, band), train, queries, (side, 8 * side), budget
    )


def resampled(signal: Signal, length: int) -> Values:
    """A sequence ``(T, C)`` at so many steps, by linear interpolation; its first and last step stay.

    >>> resampled(np.array([[0.0], [1.0]]), 3).ravel().tolist()
    [0.0, 0.5, 1.0]
    """
    values = np.asarray(signal, dtype=np.float64)
    if len(values) == length:
        return values
    places = np.linspace(0, len(values) - 1, length)
    low = np.minimum(places.astype(np.int64), len(values) - 1)
    share = (places - low)[:, None]
    return (1 - share) * values[low] + share * values[np.minimum(low + 1, len(values) - 1)]


def _nearest(
    distances: Callable[[Sequences, Sequences], Values],
    train: Sequences,
    queries: Sequences,
    sampled: tuple[int, int],
    budget: float,
) -> Nearest:
    if not queries:
        return Nearest(np.empty(0, dtype=np.int64))
    few, some = (_spread(part, most) for part, most in zip((queries, train), sampled, strict=True))
    distances(some[:1], few[:1])  # imports what it needs
    started = time.thread_time()
    distances(some, few)
    share = _steps(some) * _steps(few) / (_steps(train) * _steps(queries))
    expected = (time.thread_time() - started) / share
    if expected > budget:
        return Nearest(None, f"left out: it would take about {expected:,.0f} s, more than {budget:g} s")
    at_once = max(1, 10**7 // len(train))
    parts = [
        distances(train, queries[start : start + at_once]).argmin(axis=1)
        for start in range(0, len(queries), at_once)
    ]
    return Nearest(np.concatenate(parts))


def _spread(sequences: Sequences, most: int) -> Sequences:
    places = np.linspace(0, len(sequences) - 1, min(len(sequences), most)).astype(int)
    return [sequences[place] for place in places.tolist()]


def _steps(sequences: Sequences) -> int:
    return sum(map(len, sequences))
