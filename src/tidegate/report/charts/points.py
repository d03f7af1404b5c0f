"""Dot charts: every seed's result, and results against what they cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from tidegate.report.charts.labels import Label, place_labels
from tidegate.report.charts.scale import Scale, fitting, tick_text
from tidegate.report.charts.svg import Frame, axes, colour, drawing, element, join, path

_ROW = 30.0


@dataclass(frozen=True)
class DotRow:
    """One model's results, in the unit of the axis: ``filled`` dots (test) and ``hollow`` ones (validation)."""

    name: str
    number: int
    filled: Sequence[float]
    hollow: Sequence[float] = ()


@dataclass(frozen=True)
class Spot:
    """One model in a scatter chart: its mean, and each seed's result, over one cost."""

    name: str
    number: int
    cost: float
    mean: float
    values: Sequence[float] = ()


def dot_chart(
    rows: Sequence[DotRow],
    label: str,
    baselines: Sequence[tuple[str, float]] = (),
    ceiling: float | None = None,
    *,
    from_zero: bool = True,
) -> Markup:
    """One row a model, one dot a seed, a tick at the mean, a dashed line at each baseline."""
    values = [value for row in rows for value in (*row.filled, *row.hollow)]
    if not values:
        return Markup("")
    left = 26 + 7.2 * max(len(row.name) for row in rows)
    frame = Frame(left=min(left, 170), height=_ROW * len(rows) + 66)
    x = fitting(
        [*values, *(value for _, value in baselines)],
        frame.left,
        frame.width - frame.right,
        ceiling=ceiling,
        from_zero=from_zero,
    )
    bottom = frame.height - frame.bottom
    parts = [_vertical(x.place(tick), frame.top, bottom, "grid") for tick in x.ticks()]
    parts += [
        element("text", tick_text(tick), x=x.place(tick), y=bottom + 17, class_="tick", text_anchor="middle")
        for tick in x.ticks()
    ]
    heading = f"{label} (log scale)" if x.log else label
    parts.append(
        element(
            "text",
            heading,
            x=frame.width - frame.right,
            y=frame.height - 5,
            class_="title",
            text_anchor="end",
        )
    )
    for name, value in baselines:
        at = x.place(value)
        parts.append(_vertical(at, frame.top - 4, bottom, "baseline"))
        anchor = "end" if at > (frame.left + frame.width) / 2 else "start"
        parts.append(element("text", name, x=at, y=frame.top - 9, class_="tick", text_anchor=anchor))
    parts += [_row(row, x, frame.top + _ROW * (i + 0.5)) for i, row in enumerate(rows)]
    return drawing(frame, _told(rows, label), *parts)


def strip(
    row: DotRow, values: Sequence[float], ceiling: float | None = None, *, from_zero: bool = True
) -> Markup:
    """One row without axes, small enough for a table cell; ``values`` are all rows', so that cells share a scale."""
    frame = Frame(width=150, height=22, left=8, right=8, top=0, bottom=0)
    x = fitting(values, frame.left, frame.width - frame.right, ceiling=ceiling, from_zero=from_zero)
    track = element("line", x1=4, x2=frame.width - 4, y1=11, y2=11, class_="grid")
    return drawing(
        frame,
        f"Seeds of {row.name}: {_listed(row.filled)}",
        track,
        _row(row, x, 11, named=False),
        class_="strip",
    )


def scatter_chart(
    spots: Sequence[Spot],
    x_label: str,
    y_label: str,
    ceiling: float | None = None,
    *,
    from_zero: bool = True,
    front: Sequence[str] = (),
) -> Markup:
    """Results over a cost; each seed a small dot, each model's mean a large one with its name.

    ``front`` names the models that no other one beats in both, cheapest first: a line joins them.
    """
    if not spots:
        return Markup("")
    frame = Frame(height=300)
    x = fitting([spot.cost for spot in spots], frame.left + 14, frame.width - frame.right - 14)
    values = [value for spot in spots for value in (spot.mean, *spot.values)]
    y = fitting(values, frame.height - frame.bottom - 8, frame.top + 8, ceiling=ceiling, from_zero=from_zero)
    places = [(x.place(spot.cost), y.place(spot.mean)) for spot in spots]
    labels = place_labels([spot.name for spot in spots], places, frame)
    listed = "; ".join(f"{spot.name}: {tick_text(spot.mean)} at {tick_text(spot.cost)}" for spot in spots)
    return drawing(
        frame,
        f"Chart of {y_label} over {x_label}: {listed}",
        axes(frame, x, y, x_label, y_label),
        _front([spot for name in front for spot in spots if spot.name == name], x, y),
        *(_spot(spot, x, y) for spot in spots),
        *(_name(spot, label) for spot, label in zip(spots, labels, strict=True)),
    )


def _row(row: DotRow, x: Scale, at: float, *, named: bool = True) -> Markup:
    ink = colour(row.number)
    parts: list[Markup] = []
    if named:
        parts.append(element("text", row.name, x=x.start - 12, y=at + 4, class_="name", text_anchor="end"))
    for value in row.hollow:
        parts.append(
            _dot(x.place(value), at, f"{row.name}, validation: {tick_text(value)}", "ring", stroke=ink)
        )
    for value in row.filled:
        parts.append(_dot(x.place(value), at, f"{row.name}: {tick_text(value)}", "seed", fill=ink))
    if len(row.filled) > 1:
        mean = x.place(sum(row.filled) / len(row.filled))
        parts.append(element("line", x1=mean, x2=mean, y1=at - 9, y2=at + 9, class_="mean"))
    return join(*parts)


def _spot(spot: Spot, x: Scale, y: Scale) -> Markup:
    ink = colour(spot.number)
    left = x.place(spot.cost)
    seeds = [
        _dot(left, y.place(value), f"{spot.name}: {tick_text(value)}", "seed", fill=ink, r=2.5)
        for value in spot.values
    ]
    return join(
        *seeds, _dot(left, y.place(spot.mean), f"{spot.name}: {tick_text(spot.mean)}", "spot", fill=ink, r=6)
    )


def _front(spots: Sequence[Spot], x: Scale, y: Scale) -> Markup:
    if not spots:
        return Markup("")
    places = [(x.place(spot.cost), y.place(spot.mean)) for spot in spots]
    # A step from one to the next: what lies between two models cannot be had.
    steps = [places[0]]
    for left, top in places[1:]:
        steps += [(left, steps[-1][1]), (left, top)]
    rings = [element("circle", cx=left, cy=top, r=9, class_="front") for left, top in places]
    return join(element("path", d=path(steps), class_="front"), *rings)


def _name(spot: Spot, label: Label) -> Markup:
    return element(
        "text",
        spot.name,
        x=label.left,
        y=label.top + 4,
        class_="name",
        fill=colour(spot.number),
        text_anchor="end" if label.end else None,
    )


def _dot(left: float, top: float, title: str, class_: str, **attributes: object) -> Markup:
    drawn = {"r": 4.5, **attributes}
    return element("circle", element("title", title), cx=left, cy=top, class_=class_, **drawn)


def _vertical(at: float, top: float, bottom: float, class_: str) -> Markup:
    return element("line", x1=at, x2=at, y1=top, y2=bottom, class_=class_)


def _listed(values: Sequence[float]) -> str:
    return ", ".join(tick_text(value) for value in values) or "none"


def _told(rows: Sequence[DotRow], label: str) -> str:
    return f"Dot chart of {label}, one dot a seed. " + "; ".join(
        f"{row.name}: {_listed(row.filled)}" for row in rows
    )
