"""Bringing the channels of signals to like size, by what the training data say of them, or each sequence of itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Mode = Literal["channel", "sample", "none"]
Values = NDArray[np.float32]
Row = NDArray[np.float64]
SMALLEST = 1e-7
"""A deviation below this share of the channel's largest value is rounding: the channel is constant."""


@dataclass(frozen=True)
class Scaling:
    """Mean and deviation of each channel.

    Attributes:
        mode: ``channel``: those of the training data; ``sample``: each sequence has its own; ``none``: nothing is done.
        mean: Of each channel, in the data's units; empty unless by channel.
        deviation: Likewise; 1 where a channel is constant.
        mask: Place of the channel that tells where values are missing; ``None``: there is none. It stays as it is, and
            what is missing counts for no statistics and is 0 after scaling too.
    """

    mode: Mode
    mean: tuple[float, ...] = ()
    deviation: tuple[float, ...] = ()
    mask: int | None = None

    def statistics(self, values: Values) -> tuple[Row, Row]:
        """Mean and deviation ``(C,)`` that a sequence ``(T, C)`` is scaled by."""
        if self.mode == "channel":
            return np.array(self.mean), np.array(self.deviation)
        if self.mode == "sample":
            return channel_statistics([values], self.mask)
        return np.zeros(values.shape[1]), np.ones(values.shape[1])

    def apply(self, values: Values, mean: Row, deviation: Row) -> Values:
        """A sequence, or a part of one, ``(T, C)`` scaled.

        >>> scaling = Scaling("channel", (1.0,), (2.0,))
        >>> values = np.array([[1], [5]], np.uint8)
        >>> scaling.apply(values, *scaling.statistics(values)).ravel().tolist()
        [0.0, 2.0]
        """
        if self.mode == "none":
            return values.astype(np.float32)
        scaled = (values - mean) / deviation
        if self.mask is not None:
            scaled[~_given(values, self.mask)] = 0.0
        return scaled.astype(np.float32)


def fit_scaling(sequences: Sequence[Values], mode: Mode, mask: int | None = None) -> Scaling:
    """Scaling by the training sequences.

    Args:
        sequences: ``(T, C)`` each.
        mode: As in ``[signal]``.
        mask: As in ``Scaling``.
    """
    if mode != "channel":
        return Scaling(mode, mask=mask)
    mean, deviation = channel_statistics(sequences, mask)
    return Scaling(mode, tuple(mean.tolist()), tuple(deviation.tolist()), mask)


def channel_statistics(sequences: Sequence[Values], mask: int | None = None) -> tuple[Row, Row]:
    """Mean and deviation ``(C,)`` over all steps of all sequences, but for missing values.

    Two passes in double precision: a sum of squares in one pass loses the deviation of a channel with a large mean.

    >>> mean, deviation = channel_statistics([np.array([[1e6], [1e6 + 2]], np.float32)])
    >>> mean.tolist(), deviation.tolist()
    ([1000001.0], [1.0])
    """
    channels = sequences[0].shape[1]
    count, total, largest = np.zeros(channels), np.zeros(channels), np.zeros(channels)
    for values in sequences:
        # Missing values are 0 already.
        count += len(values) if mask is None else _given(values, mask).sum(axis=0)
        total += values.sum(axis=0, dtype=np.float64)
        largest = np.maximum(largest, np.abs(values).max(axis=0))
    mean = total / np.maximum(count, 1)
    squares = np.zeros(channels)
    for values in sequences:
        apart = values - mean
        if mask is not None:
            apart[~_given(values, mask)] = 0.0
        squares += (apart**2).sum(axis=0)
    deviation = np.sqrt(squares / np.maximum(count, 1))
    deviation[deviation <= SMALLEST * np.maximum(largest, 1e-30)] = 1.0
    if mask is not None:
        mean[mask], deviation[mask] = 0.0, 1.0
    return mean, deviation


def _given(values: Values, mask: int) -> NDArray[np.bool_]:
    """Which values are no missing ones: a 0 at a step where the mask says that some are missing is one of them."""
    given = (values != 0) | (values[:, mask : mask + 1] == 0)
    given[:, mask] = True
    return given
