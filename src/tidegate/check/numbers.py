"""What is wrong with columns of numbers: values that stand for none, slips of units, covariates that foresee."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Column = NDArray[np.floating]

SENTINELS = (99.0, 999.0, 9999.0, 99999.0, 999999.0, 999.9, 9999.9, 99.9, 32767.0, 2147483647.0, 1e20, 1e30)
"""What tables write where they have no value, with either sign."""
LEAST = 20
"""Values that a column must have for something to stand out of it."""


@dataclass(frozen=True)
class Slips:
    """Jumps by a power of ten.

    Attributes:
        factor: The commonest.
        rows: Where values jump by it, or back.
    """

    factor: float
    rows: list[int]


def sentinels(column: Column) -> dict[float, int]:
    """Values that stand far outside all others and are what tables write for no value, each with its count.

    >>> sentinels(np.array([*range(50), -999.0, -999.0]))
    {-999.0: 2}
    >>> sentinels(np.arange(2000.0))
    {}
    """
    finite = column[np.isfinite(column)]
    candidates = {sign * value for value in SENTINELS for sign in (1, -1)} | {-32768.0}
    there = [value for value in np.unique(finite).tolist() if float(f"{value:.6g}") in candidates]
    told: dict[float, int] = {}
    usual = finite[~np.isin(finite, there)]
    if len(usual) < LEAST:
        return {}
    low, high = float(usual.min()), float(usual.max())
    reach = (high - low) or abs(high) or 1.0
    for value in there:
        count = int((finite == value).sum())
        if max(value - high, low - value) > 0.5 * reach and (
            count > 1 or abs(value) > 10 * max(abs(low), abs(high))
        ):
            told[value] = count
    return told


def slips(column: Column) -> Slips | None:
    """Jumps to ten, a hundred, a thousand … times the value before, or back, in a column that otherwise hardly moves.

    >>> values = 20 + np.sin(np.arange(60.0))
    >>> values[30:33] *= 1000
    >>> slips(values)
    Slips(factor=1000.0, rows=[30, 33])
    >>> slips(np.exp(np.random.default_rng(0).normal(size=60))) is None
    True
    """
    places = np.flatnonzero(np.isfinite(column) & (column > 0))
    if len(places) < LEAST or len(places) < 0.9 * len(column):
        return None
    steps = np.diff(np.log10(column[places].astype(np.float64)))
    powers = np.round(steps)
    jumps = (powers != 0) & (np.abs(steps - powers) < 0.15)
    if not jumps.any() or jumps.sum() > 2 + 0.04 * len(steps):
        return None
    if float(np.quantile(np.abs(steps[~jumps]), 0.99)) > 0.2:
        return None
    found, counts = np.unique(np.abs(powers[jumps]), return_counts=True)
    power = float(found[counts.argmax()])
    return Slips(10.0**power, places[1:][jumps & (np.abs(powers) == power)].tolist())


def likeness(one: Column, other: Column) -> float:
    """The correlation of the steps of two columns, which a common trend does not raise; 0 where one hardly moves.

    >>> rising = np.arange(100.0) + np.random.default_rng(0).normal(size=100)
    >>> round(likeness(rising, 3 * rising + 5), 3), likeness(rising, np.arange(100.0))
    (1.0, 0.0)
    """
    good = np.isfinite(one) & np.isfinite(other)
    if good.sum() < LEAST:
        return 0.0
    a, b = np.diff(one[good]), np.diff(other[good])
    spread = float(a.std()), float(b.std())
    if min(spread[0] / (np.abs(a).max() or 1.0), spread[1] / (np.abs(b).max() or 1.0)) < 1e-6:
        return 0.0
    return float(np.corrcoef(a, b)[0, 1])
