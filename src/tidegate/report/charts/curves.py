"""Line charts: how figures move over a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from tidegate.report.charts.scale import Scale, fitting, linear, logarithmic, tick_text
from tidegate.report.charts.svg import Frame, axes, colour, dash, drawing, element, join, path

Point = tuple[float, float]
_FEW = 40
_POINTED = 120
_MANY = 5
"""Curves whose bands would hide one another."""


@dataclass(frozen=True)
class Curve:
    """One line.

    Attributes:
        name: For the legend and the tooltips.
        points: ``(x, y)`` in the units of the axes, by rising x.
        number: Which colour; the same model has the same one in every chart.
        band: ``(x, low, high)`` around the line, by rising x.
        marked: A point to ring: the best one.
    """

    name: str
    points: Sequence[Point]
    number: int = 0
    band: Sequence[tuple[float, float, float]] = ()
    marked: Point | None = None


def curves_chart(
    drawn: Sequence[Curve],
    x_label: str,
    y_label: str,
    ceiling: float | None = None,
    *,
    from_zero: bool = True,
    log: bool = False,
) -> Markup:
    """A chart of lines over one pair of axes; the vertical one is logarithmic where values span a factor of 10.

    Args:
        drawn: The lines.
        x_label: Of the horizontal axis.
        y_label: Of the vertical one.
        ceiling: The best possible value, for a share that is better when higher.
        from_zero: Whether a linear axis begins at 0.
        log: Whether both are logarithmic, wherever no value forbids it.

    Returns:
        An ``svg`` element, or nothing when there is no point to draw.
    """
    kept = [curve for curve in drawn if curve.points]
    if not kept:
        return Markup("")
    frame = Frame()
    places = [at for curve in kept for at, _ in curve.points]
    right = frame.width - frame.right
    x = logarithmic(places, frame.left, right) if log else linear(places, frame.left, right, from_zero=True)
    heights = [value for curve in kept for _, value in curve.points]
    heights += [value for curve in kept for _, *pair in curve.band for value in pair]
    y = fitting(
        heights, frame.height - frame.bottom, frame.top, ceiling=ceiling, from_zero=from_zero, log=log
    )
    return drawing(
        frame,
        _told(kept, x_label, y_label),
        axes(frame, x, y, x_label, y_label),
        *(_band(curve, x, y, faint=len(kept) > _MANY) for curve in kept if len(curve.band) > 1),
        *(_line(curve, x, y) for curve in kept),
    )


def _line(curve: Curve, x: Scale, y: Scale) -> Markup:
    places = [(x.place(at), y.place(value)) for at, value in curve.points]
    ink = colour(curve.number)
    line = element("path", d=path(places), class_="line", stroke=ink, stroke_dasharray=dash(curve.number))
    few = len(places) <= _FEW and not curve.band
    # A place to point at for every one of a thousand points would weigh more than all else on a page.
    pointed = range(0, len(places), -(-len(places) // _POINTED))
    dots = [
        element(
            "circle",
            element(
                "title", f"{curve.name}: {tick_text(curve.points[i][1])} at {tick_text(curve.points[i][0])}"
            ),
            cx=places[i][0],
            cy=places[i][1],
            r=2.4 if few else 6,
            class_="dot" if few else "hit",
            fill=ink if few else None,
        )
        for i in pointed
    ]
    if curve.marked is not None:
        at, value = curve.marked
        dots.append(
            element(
                "circle",
                element("title", f"best: {tick_text(value)} at {tick_text(at)}"),
                cx=x.place(at),
                cy=y.place(value),
                r=5.5,
                class_="ring",
                stroke=ink,
            )
        )
    return join(line, *dots)


def _band(curve: Curve, x: Scale, y: Scale, *, faint: bool) -> Markup:
    upper = [(x.place(at), y.place(high)) for at, _, high in curve.band]
    lower = [(x.place(at), y.place(low)) for at, low, _ in reversed(curve.band)]
    kind = "band faint" if faint else "band"
    return element("path", d=path(upper + lower, closed=True), class_=kind, fill=colour(curve.number))


def _told(drawn: Sequence[Curve], x_label: str, y_label: str) -> str:
    parts = [
        f"{curve.name} goes from {tick_text(curve.points[0][1])} to {tick_text(curve.points[-1][1])}"
        for curve in drawn
    ]
    return f"Chart of {y_label} over {x_label}: " + "; ".join(parts)
