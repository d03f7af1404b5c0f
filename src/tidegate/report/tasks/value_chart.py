"""Estimated values against what is right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from markupsafe import Markup

from tidegate.report.charts.scale import linear
from tidegate.report.charts.svg import Frame, axes, colour, drawing, element, join
from tidegate.report.tasks.forecast_windows import number, spaced
from tidegate.report.text.numbers import plain
from tidegate.results.analysis.samples import Estimate

_TABLE_ROWS = 24
_FRAME = Frame(height=400)


@dataclass(frozen=True)
class Estimates:
    """A scatter chart of values, and the same as text: rows evenly spaced by what is right."""

    chart: Markup
    rows: tuple[tuple[str, str, str], ...]
    count: int


def estimates(points: Sequence[Estimate]) -> Estimates | None:
    """The chart of ``scatter`` in error_analysis.json; ``None`` without points."""
    pairs = [(number(point.reference), number(point.predicted)) for point in points]
    known = sorted((right, given) for right, given in pairs if right is not None and given is not None)
    if not known:
        return None
    largest = max(abs(value) for pair in known for value in pair)
    rows = [
        (plain(right, largest), plain(given, largest), plain(abs(given - right), largest))
        for right, given in (known[i] for i in spaced(len(known), _TABLE_ROWS))
    ]
    return Estimates(_chart(known), tuple(rows), len(known))


def _chart(points: Sequence[tuple[float, float]]) -> Markup:
    every = [value for pair in points for value in pair]
    x = linear(every, _FRAME.left, _FRAME.width - _FRAME.right)
    y = linear(every, _FRAME.height - _FRAME.bottom, _FRAME.top)
    diagonal = element(
        "line",
        element("title", "estimated as it is"),
        x1=x.place(x.low),
        y1=y.place(y.low),
        x2=x.place(x.high),
        y2=y.place(y.high),
        class_="baseline",
    )
    dots = [
        element("circle", cx=x.place(right), cy=y.place(given), r=3.2, class_="seed", fill=colour(0))
        for right, given in points
    ]
    off = fmean(abs(given - right) for right, given in points)
    description = (
        f"Scatter chart of {len(points)} estimated values over what is right, from {plain(min(every))} to "
        f"{plain(max(every))}: on average {plain(off)} off"
    )
    return drawing(_FRAME, description, axes(_FRAME, x, y, "is", "Estimated"), diagonal, join(*dots))
