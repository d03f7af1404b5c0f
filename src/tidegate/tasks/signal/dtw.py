"""Dynamic time warping: how far apart two sequences are, when time may run faster or slower in either.

Sakoe and Chiba (1978), with the squared Euclidean distance of two steps over all channels at once (the dependent form
of Shokoohi-Yekta et al. 2017). It is exact: a table of T1 × T2 sums for each pair, filled diagonal by diagonal for many
pairs at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
Signal = NDArray[np.float32] | Values
"""``(T, C)``."""

Places = NDArray[np.int64]

AT_ONCE = 1 << 16
"""Cells of a diagonal, over all pairs: what stays in a processor's cache."""
PADDED = 1.2
"""How much longer than the shortest the longest of the sequences may be that are computed together."""


def dtw_distances(
    queries: Sequence[Signal], sequences: Sequence[Signal], band: float | None = None
) -> Values:
    """The distance from each query to each sequence.

    Args:
        queries: ``(T, C)`` each, finite, of any lengths.
        sequences: Likewise, of the same channels.
        band: Steps that the two may run apart, as a share of the longer one's length, 0 to 1 (Sakoe and Chiba's band).
            At least the difference of their lengths is allowed. ``None``: any.

    Returns:
        Square root of the least sum of squares, ``(queries, sequences)``.

    >>> low, late = np.array([[0.0], [1.0], [0.0]]), np.array([[0.0], [0.0], [1.0], [2.0]])
    >>> dtw_distances([low, late], [low]).tolist()
    [[0.0], [2.0]]
    """
    distances = np.empty((len(queries), len(sequences)))
    longest = max(map(len, [*queries, *sequences]), default=1)
    for columns in _blocks(sequences, max(1, AT_ONCE // longest)):
        some = [sequences[place] for place in columns]
        shorter = min(longest, max(map(len, some)))
        for rows in _blocks(queries, max(1, AT_ONCE // (shorter * len(some)))):
            few = [queries[place] for place in rows]
            distances[np.ix_(rows, columns)] = _distances(few, some, band)
    return distances


def _blocks(sequences: Sequence[Signal], most: int) -> Iterator[list[int]]:
    """The places of all sequences, at most so many of about one length together."""
    block: list[int] = []
    for place in sorted(range(len(sequences)), key=lambda place: len(sequences[place])):
        if block and (len(block) == most or len(sequences[place]) > PADDED * len(sequences[block[0]])):
            yield block
            block = []
        block.append(place)
    if block:
        yield block


def _stack(sequences: Sequence[Signal]) -> Values:
    """Sequences as ``(C, T, N)``, zeros behind the end of each."""
    stacked = np.zeros((sequences[0].shape[1], max(map(len, sequences)), len(sequences)))
    for place, sequence in enumerate(sequences):
        stacked[:, : len(sequence), place] = sequence.T
    return stacked


def _reaches(ones: Places, others: Places, band: float | None) -> Places:
    """How many steps each pair may run apart ``(Q, N)``, from their lengths ``(Q, 1)`` and ``(1, N)``."""
    longer = np.maximum(ones, others)
    if band is None:
        return np.full(longer.shape, longer.max())
    # A hair more than the product, as 0.29 of 100 steps are 28.999999999999996 of them.
    return np.maximum((band * longer + 1e-9).astype(np.int64), np.abs(ones - others))


def _distances(queries: Sequence[Signal], sequences: Sequence[Signal], band: float | None) -> Values:
    """From each query to each sequence ``(Q, N)``.

    The cells (i, j) of a table with i + j = d depend on those of diagonals d - 1 and d - 2 alone, and on no larger i or
    j: what is behind the end of a shorter sequence changes nothing. Row i of a diagonal stands at place i + 1; place 0
    and rows outside the table or the band hold infinity.
    """
    first, second = _stack(queries), _stack(sequences)[:, ::-1]  # both run forwards along a diagonal
    lengths = np.array([[len(one)] for one in queries]), np.array([[len(one) for one in sequences]])
    reaches, ends = _reaches(*lengths, band), lengths[0] + lengths[1] - 2
    reach, uneven = int(reaches.max()), bool((reaches != reaches[0, 0]).any())
    steps, others = first.shape[1], second.shape[1]
    before, last, new = (np.full((steps + 1, *ends.shape), np.inf) for _ in range(3))
    before[0] = 0.0  # where all paths start
    distances = np.empty(ends.shape)
    for diagonal in range(int(ends.max()) + 1):
        # |i - j| = |2 i - d| is within reach
        low = max(0, diagonal - others + 1, (diagonal - reach + 1) // 2)
        high = min(steps - 1, diagonal, (diagonal + reach) // 2)
        start = others - 1 - diagonal + low
        cells = new[low + 1 : high + 2]
        _costs(first[:, low : high + 1], second[:, start : start + len(cells)], cells)
        least = np.minimum(last[low : high + 1], last[low + 1 : high + 2])
        cells += np.minimum(least, before[low : high + 1], out=least)
        if uneven:
            apart = np.abs(2 * np.arange(low, high + 1) - diagonal)
            cells[apart[:, None, None] > reaches] = np.inf
        # Next to these cells stand those of three diagonals before.
        new[low] = np.inf
        new[high + 2 : high + 3] = np.inf
        if diagonal >= ends.min():
            row, column = np.nonzero(ends == diagonal)
            distances[row, column] = new[lengths[0][row, 0], row, column]
        before, last, new = last, new, before
    return np.sqrt(distances)


def _costs(queries: Values, sequences: Values, out: Values) -> None:
    """Squared distance of the steps along a diagonal ``(C, K, Q)``, ``(C, K, N)``, into ``(K, Q, N)``."""
    difference = np.empty_like(out) if len(queries) > 1 else out
    for channel, (query, sequence) in enumerate(zip(queries, sequences, strict=True)):
        np.subtract(query[:, :, None], sequence[:, None, :], out=difference)
        if channel == 0:
            np.multiply(difference, difference, out=out)
        else:
            np.multiply(difference, difference, out=difference)
            out += difference
