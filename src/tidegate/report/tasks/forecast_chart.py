"""Charts of forecasts: the past, what came, what was expected, and between which bounds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from tidegate.report.charts.dates import TimeAxis
from tidegate.report.charts.lines import broken_line, pieces, thinned
from tidegate.report.charts.scale import Scale, linear, tick_text
from tidegate.report.charts.svg import Frame, colour, dash, drawing, element, join, path
from tidegate.report.tasks.forecast_windows import Band, Forecast, Values

_FRAME = Frame(height=250)
# Of more steps, a bold line would be a blot.
_MANY = 120


@dataclass(frozen=True)
class Key:
    """One entry of a legend: ``seen``, ``line``, ``thin`` or ``band``, with the number of its colour."""

    kind: str
    number: int
    name: str


@dataclass(frozen=True)
class Expected:
    """One line of expectations: of the network, of an arm of a study, or (``thin``) of a baseline."""

    name: str
    number: int
    values: Values
    thin: bool = False


def forecast_chart(item: Forecast, numbers: Mapping[str, int]) -> Markup:
    """One forecast with its intervals and its baselines.

    Args:
        item: The window.
        numbers: The colour of each baseline, the same in every chart of a page.
    """
    lines = [Expected(name, numbers.get(name, 1), each, thin=True) for name, each in item.baselines.items()]
    return window_chart(item, [*lines, Expected("forecast", 0, item.forecast)], item.bands)


def window_chart(item: Forecast, lines: Sequence[Expected], bands: Sequence[Band] = ()) -> Markup:
    """A window with any expectations of it; nothing where there is nothing to draw."""
    start = len(item.past)
    columns = [item.past, item.truth, *(line.values for line in lines)]
    columns += [side for band in bands for side in (band.lower, band.upper)]
    heights = [value for column in columns for value in column if value is not None]
    if not heights:
        return Markup("")
    x = item.axis.scale(_FRAME.left, _FRAME.width - _FRAME.right)
    y = linear(heights, _FRAME.height - _FRAME.bottom, _FRAME.top)
    places = [x.place(at) for at in item.axis.places]
    after = places[start:]
    return drawing(
        _FRAME,
        _told(item, lines),
        _axes(item.axis, x, y, item.target if item.name else ""),
        *(_band(band, after, y) for band in bands),
        _mark(places, start),
        _line(places, (*item.past, *item.truth), y, "observed", class_="seen"),
        *(_expected(line, after, y) for line in lines),
    )


def forecast_keys(item: Forecast, numbers: Mapping[str, int]) -> list[Key]:
    """The legend of a forecast's chart."""
    return [
        Key("seen", 0, "observed"),
        Key("line", 0, "forecast"),
        *(Key(f"band b{depth}", 0, f"{band.level}\u202f%") for depth, band in _depths(item.bands)),
        *(Key("thin", numbers.get(name, 1), name) for name in item.baselines),
    ]


def _depths(bands: Sequence[Band]) -> list[tuple[int, Band]]:
    """Bands from the inside out; one that others lie around is as dark as they are together."""
    return [(min(i + 1, 3), bands[i]) for i in reversed(range(len(bands)))]


def _axes(axis: TimeAxis, x: Scale, y: Scale, title: str) -> Markup:
    bottom, right = _FRAME.height - _FRAME.bottom, _FRAME.width - _FRAME.right
    parts: list[Markup] = []
    for tick in y.ticks():
        at = y.place(tick)
        parts.append(element("line", x1=_FRAME.left, x2=right, y1=at, y2=at, class_="grid"))
        parts.append(
            element("text", tick_text(tick), x=_FRAME.left - 7, y=at + 4, class_="tick", text_anchor="end")
        )
    for tick in axis.ticks():
        at = x.place(tick.at)
        parts.append(element("line", x1=at, x2=at, y1=bottom, y2=bottom + 4, class_="axis"))
        parts.append(element("text", tick.label, x=at, y=bottom + 17, class_="tick", text_anchor="middle"))
    parts.append(element("line", x1=_FRAME.left, x2=right, y1=bottom, y2=bottom, class_="axis"))
    parts.append(element("text", title, x=2, y=13, class_="title"))
    parts.append(element("text", axis.span, x=right, y=_FRAME.height - 5, class_="title", text_anchor="end"))
    return join(*parts)


def _mark(places: Sequence[float], start: int) -> Markup:
    """An upright line between the last value that was seen and the first that was forecast."""
    if not 0 < start < len(places):
        return Markup("")
    at = (places[start - 1] + places[start]) / 2
    line = element(
        "line",
        element("title", "the forecast begins"),
        x1=at,
        x2=at,
        y1=_FRAME.top - 4,
        y2=_FRAME.height - _FRAME.bottom,
    )
    return element("g", line, class_="begin")


def _line(places: Sequence[float], values: Values, y: Scale, name: str, **attributes: object) -> Markup:
    points = [
        (at, None if value is None else y.place(value)) for at, value in zip(places, values, strict=True)
    ]
    return broken_line(points, name, **attributes)


def _expected(line: Expected, places: Sequence[float], y: Scale) -> Markup:
    return _line(
        places,
        line.values,
        y,
        line.name,
        class_="baseline" if line.thin else ("line" if len(places) <= _MANY else "line fine"),
        stroke=colour(line.number),
        stroke_dasharray="4 2.5" if line.thin else dash(line.number),
    )


def _band(band: Band, places: Sequence[float], y: Scale) -> Markup:
    # Both sides break where either is missing.
    whole = [low is not None and high is not None for low, high in zip(band.lower, band.upper, strict=True)]
    lows, highs = (
        pieces(
            [
                (at, y.place(value) if known and value is not None else None)
                for at, value, known in zip(places, side, whole, strict=True)
            ]
        )
        for side in (band.lower, band.upper)
    )
    shapes = "".join(
        path(thinned(high) + thinned(low)[::-1], closed=True)
        for low, high in zip(lows, highs, strict=True)
        if len(low) > 1
    )
    # A single step has no width to fill.
    lone = [
        element(
            "line", x1=low[0][0], x2=low[0][0], y1=low[0][1], y2=high[0][1], class_="lone", stroke=colour(0)
        )
        for low, high in zip(lows, highs, strict=True)
        if len(low) == 1
    ]
    title = element("title", f"{band.level}\u202f% interval")
    shape = element("path", title, d=shapes, class_="band", fill=colour(0)) if shapes else Markup("")
    return join(shape, *lone)


def _told(item: Forecast, lines: Sequence[Expected]) -> str:
    start = len(item.past)
    whole = f"Chart of {item.title}, {item.axis.span}: the last {start} values, then {len(item.truth)} that were forecast"
    names = ", ".join(line.name for line in lines)
    return f"{whole}. Lines: observed, {names}. {item.summary}".strip()
