"""One learning curve for several seeds: their mean, and a band from the lowest to the highest."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tidegate.report.charts.curves import Curve, Point

_PLACES = 60


def banded(name: str, number: int, runs: Sequence[Sequence[Point]]) -> Curve:
    """The mean of several runs' curves, on the stretch that all of them cover.

    Runs validate at different places (seconds differ from seed to seed), so each is read off at common places between
    its own points.

    Args:
        name: For the legend.
        number: Colour.
        runs: Each run's ``(x, y)`` by rising x; empty ones are left out.

    Example:
        >>> banded("gru", 0, [[(0, 4), (2, 2)], [(0, 2), (2, 0)]]).band[0]
        (0.0, 2.0, 4.0)
    """
    kept = [run for run in runs if run]
    if not kept:
        return Curve(name, [], number)
    if len(kept) == 1:
        return Curve(name, kept[0], number)
    places = _common(kept)
    heights = np.stack([np.interp(places, *np.array(run, dtype=float).T) for run in kept])  # (runs, places)
    return Curve(
        name,
        list(zip(places.tolist(), heights.mean(axis=0).tolist(), strict=True)),
        number,
        band=list(
            zip(places.tolist(), heights.min(axis=0).tolist(), heights.max(axis=0).tolist(), strict=True)
        ),
    )


def _common(runs: Sequence[Sequence[Point]]) -> np.ndarray:
    """Places for the mean: those of the runs themselves where they agree, else evenly spaced ones."""
    first = [[at for at, _ in run] for run in runs]
    if all(each == first[0] for each in first):
        return np.array(first[0], dtype=float)
    low = max(each[0] for each in first)
    high = min(each[-1] for each in first)
    return np.linspace(low, high, _PLACES) if high > low else np.array([low])
