"""Every seed's result with the interval of the mean, a row an arm, and the margin around the best one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from tidegate.report.charts.scale import Scale, fitting, tick_text
from tidegate.report.charts.svg import Frame, colour, drawing, element, join

_ROW = 30.0


@dataclass(frozen=True)
class IntervalRow:
    """One arm, in the unit of the axis; without an interval its ends are ``None``."""

    name: str
    number: int
    values: Sequence[float]
    mean: float
    low: float | None
    high: float | None


def interval_chart(
    rows: Sequence[IntervalRow],
    label: str,
    band: tuple[float, float] | None,
    baselines: Sequence[tuple[str, float]] = (),
    ceiling: float | None = None,
    *,
    from_zero: bool = True,
) -> Markup:
    """The chart.

    Args:
        rows: Best first.
        label: Of the axis.
        band: Where a difference to the best does not matter, shaded.
        baselines: Names and values, dashed.
        ceiling: The best possible value, for a share that is better when higher.
        from_zero: Whether a linear axis begins at 0.
    """
    if not rows:
        return Markup("")
    ends = [end for row in rows for end in (row.low, row.high) if end is not None]
    values = [*(value for row in rows for value in row.values), *ends, *(value for _, value in baselines)]
    values += [row.mean for row in rows]
    left = min(26 + 7.2 * max(len(row.name) for row in rows), 170)
    frame = Frame(left=left, height=_ROW * len(rows) + 66)
    x = fitting(values, frame.left, frame.width - frame.right, ceiling=ceiling, from_zero=from_zero)
    bottom = frame.height - frame.bottom
    parts = [_shade(band, x, frame.top, bottom)] if band else []
    for tick in x.ticks():
        at = x.place(tick)
        parts.append(element("line", x1=at, x2=at, y1=frame.top, y2=bottom, class_="grid"))
        parts.append(
            element("text", tick_text(tick), x=at, y=bottom + 17, class_="tick", text_anchor="middle")
        )
    heading = f"{label} (log scale)" if x.log else label
    edge = frame.width - frame.right
    parts.append(element("text", heading, x=edge, y=frame.height - 5, class_="title", text_anchor="end"))
    for name, value in baselines:
        at = x.place(value)
        anchor = "end" if at > (frame.left + frame.width) / 2 else "start"
        parts.append(element("line", x1=at, x2=at, y1=frame.top - 4, y2=bottom, class_="baseline"))
        parts.append(element("text", name, x=at, y=frame.top - 9, class_="tick", text_anchor=anchor))
    parts += [_row(row, x, frame.top + _ROW * (i + 0.5)) for i, row in enumerate(rows)]
    return drawing(frame, _told(rows, label), *parts)


def _shade(band: tuple[float, float], x: Scale, top: float, bottom: float) -> Markup:
    low, high = (x.place(end) for end in band)
    title = element("title", "a difference to the best inside this band does not matter")
    return element("rect", title, x=low, y=top, width=high - low, height=bottom - top, class_="region")


def _row(row: IntervalRow, x: Scale, at: float) -> Markup:
    ink = colour(row.number)
    parts = [element("text", row.name, x=x.start - 12, y=at + 4, class_="name", text_anchor="end")]
    if row.low is not None and row.high is not None:
        title = element("title", f"{row.name}: 95 % interval {tick_text(row.low)} to {tick_text(row.high)}")
        ends = {"x1": x.place(row.low), "x2": x.place(row.high)}
        parts.append(element("line", title, **ends, y1=at, y2=at, class_="interval", stroke=ink))
    for value in row.values:
        title = element("title", f"{row.name}: {tick_text(value)}")
        parts.append(element("circle", title, cx=x.place(value), cy=at, r=3.6, class_="seed", fill=ink))
    mean = x.place(row.mean)
    parts.append(element("line", x1=mean, x2=mean, y1=at - 9, y2=at + 9, class_="mean"))
    return join(*parts)


def _told(rows: Sequence[IntervalRow], label: str) -> str:
    arms = [
        f"{row.name} {tick_text(row.mean)}"
        + (
            f", interval {tick_text(row.low)} to {tick_text(row.high)}"
            if row.low is not None and row.high is not None
            else ""
        )
        for row in rows
    ]
    return f"Chart of {label}, a dot a seed, mean and interval: {'; '.join(arms)}"
