"""Error by the length of samples, an arm a line, from what its runs left of every sample."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from tidegate.report.charts.curves import Curve, curves_chart
from tidegate.report.study.leaderboard import Leaderboard
from tidegate.report.text.metrics import measure
from tidegate.results.samples import Samples

_GROUPS = 6
_FEWEST = 4
"""Samples of a group."""


def length_chart(board: Leaderboard, samples: Mapping[str, Sequence[Samples]], unit: str) -> Markup:
    """The primary metric over groups of samples of about equal length; nothing where all are as long.

    Args:
        board: Arms, with their colours.
        samples: Of each arm the contents of its runs' samples.json.
        unit: What a length is counted in.
    """
    first = next((run for runs in samples.values() for run in runs if run.length), None)
    if first is None:
        return Markup("")
    groups = _groups(np.array(first.length))
    if len(groups) < 2:
        return Markup("")
    figure = measure(first.metric)
    places = [float(np.array(first.length)[group].mean()) for group in groups]
    curves: list[Curve] = []
    for row in board.arms:
        runs = [run for run in samples.get(row.name, ()) if len(run.numerator) == len(first.length)]
        if runs:
            heights = np.array([[figure.plotted(value(run, group)) for group in groups] for run in runs])
            band = list(zip(places, heights.min(0).tolist(), heights.max(0).tolist(), strict=True))
            line = list(zip(places, heights.mean(0).tolist(), strict=True))
            curves.append(Curve(row.name, line, row.number, band=band if len(runs) > 1 else ()))
    return curves_chart(curves, unit.lower(), figure.inside, figure.ceiling, from_zero=figure.from_zero)


def value(run: Samples, places: NDArray[np.intp]) -> float:
    """The metric of some samples of a run; 0 where there is nothing to count.

    >>> run = Samples(metric="cer", of=3, numerator=(1, 0, 2), denominator=(2, 2, 4))
    >>> value(run, np.array([0, 2]))
    0.5
    """
    total = float(np.array(run.denominator, float)[places].sum())
    ratio = float(np.array(run.numerator, float)[places].sum()) / total if total else 0.0
    return ratio**0.5 if run.root else ratio


def _groups(lengths: NDArray[np.int64]) -> list[NDArray[np.intp]]:
    """Places of samples from short to long, in groups of about as many."""
    cuts = np.unique(np.quantile(lengths, np.linspace(0, 1, _GROUPS + 1)[1:-1]))
    number = np.searchsorted(cuts, lengths, side="left")
    groups = [np.flatnonzero(number == one) for one in range(len(cuts) + 1)]
    return [group for group in groups if len(group) >= _FEWEST]
