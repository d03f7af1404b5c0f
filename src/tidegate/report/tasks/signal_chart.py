"""Signals as small line charts: channels in one plane, or one above the other where there are many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from tidegate.report.charts.lines import broken_line
from tidegate.report.charts.scale import Scale, linear, tick_text
from tidegate.report.charts.svg import Frame, colour, drawing, element, join
from tidegate.report.tasks.forecast_windows import Values, values
from tidegate.report.text.escape import printable
from tidegate.report.text.numbers import plain
from tidegate.results.analysis.signal import Curves

_ONE_PLANE = 3
_STRIP = 30.0
_LONGEST_NAME = 14


@dataclass(frozen=True)
class Channel:
    """One channel, its points evenly spread over the sequence."""

    name: str
    points: Values

    @property
    def known(self) -> list[float]:
        """Its values that are there."""
        return [value for value in self.points if value is not None]

    @property
    def range(self) -> str:
        """Its range in words."""
        known = self.known
        if not known:
            return f"{self.name} without values"
        largest = max(map(abs, known))
        return f"{self.name} from {plain(min(known), largest, 4)} to {plain(max(known), largest, 4)}"


@dataclass(frozen=True)
class Drawn:
    """A signal on the page: its chart, the legend of its channels, how long it is, and its ranges in words."""

    chart: Markup
    legend: tuple[tuple[str, int], ...]
    length: str
    ranges: str


def drawn(signal: Curves, name: str) -> Drawn | None:
    """The picture of a signal of error_analysis.json; ``None`` where it holds no values."""
    channels = _channels(signal)
    if not any(channel.known for channel in channels):
        return None
    steps, rate = signal.steps, signal.rate
    length = f"{steps} {'step' if steps == 1 else 'steps'}"
    length += f", {plain(steps / rate, digits=3)}\u202fs" if rate and rate > 0 else ""
    ranges = "; ".join(channel.range for channel in channels)
    stacked = len(channels) > _ONE_PLANE
    description = f"Signal {name}: {length}; {ranges}"
    return Drawn(
        _stacked(channels, description) if stacked else _together(channels, description),
        () if stacked or len(channels) == 1 else tuple((each.name, i) for i, each in enumerate(channels)),
        length,
        ranges,
    )


def _channels(signal: Curves) -> list[Channel]:
    return [
        Channel(_short(printable(name)), values(row, len(row)))
        for name, row in zip(signal.channels, signal.values, strict=False)
    ]


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"


def _together(channels: Sequence[Channel], description: str) -> Markup:
    frame = Frame(width=260, height=104, left=36, right=6, top=8, bottom=8)
    y = linear([v for each in channels for v in each.known], frame.height - frame.bottom, frame.top)
    parts: list[Markup] = []
    for tick in _few(y.ticks()):
        at = y.place(tick)
        parts.append(
            element("line", x1=frame.left, x2=frame.width - frame.right, y1=at, y2=at, class_="grid")
        )
        parts.append(
            element("text", tick_text(tick), x=frame.left - 6, y=at + 4, class_="tick", text_anchor="end")
        )
    parts += [_line(each, frame, y, i) for i, each in enumerate(channels)]
    return drawing(frame, description, *parts)


def _stacked(channels: Sequence[Channel], description: str) -> Markup:
    """Each channel in a strip with its own range: beside a large one, a small one would be flat."""
    left = 14 + 7.0 * max(len(each.name) for each in channels)
    frame = Frame(width=260, height=_STRIP * len(channels) + 8, left=left, right=6, top=4, bottom=4)
    parts: list[Markup] = []
    for i, each in enumerate(channels):
        top = frame.top + i * _STRIP
        y = linear(each.known, top + _STRIP - 3, top + 3)
        middle = top + _STRIP / 2
        parts.append(
            element("line", x1=frame.left, x2=frame.width - frame.right, y1=middle, y2=middle, class_="grid")
        )
        parts.append(
            element("text", each.name, x=frame.left - 6, y=middle + 4, class_="tick", text_anchor="end")
        )
        parts.append(_line(each, frame, y, i))
    return drawing(frame, description, join(*parts))


def _line(channel: Channel, frame: Frame, y: Scale, number: int) -> Markup:
    last = max(1, len(channel.points) - 1)
    width = frame.width - frame.left - frame.right
    points = [
        (frame.left + width * i / last, None if value is None else y.place(value))
        for i, value in enumerate(channel.points)
    ]
    return broken_line(points, channel.name, class_="wave", stroke=colour(number))


def _few(ticks: Sequence[float]) -> list[float]:
    """The first, the middle and the last of many ticks."""
    return [ticks[0], ticks[len(ticks) // 2], ticks[-1]] if len(ticks) > 3 else list(ticks)
