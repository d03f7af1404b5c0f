"""SVG as escaped text: elements, and the frame that charts share.

Charts are inline SVG and not a charting library's canvas: the smallest bundle of Plotly's Python package is 4.8 MB of
JavaScript, twenty times the rest of a report, and it neither follows the reader's light or dark mode nor prints as text.
Colours come from the page's style sheet, so that both work here without a script.
"""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup, escape

from tidegate.report.charts.scale import Scale, tick_text

SERIES_COLOURS = 10
_DASHES = ("", "7 3", "2 3")


@dataclass(frozen=True)
class Frame:
    """The size of a chart and of the margins around its plane, in SVG units.

    The width is that of a phone's column, so that labels stay readable there; on wider screens two stand side by side.
    """

    width: float = 440
    height: float = 280
    left: float = 44
    right: float = 14
    top: float = 26
    bottom: float = 40


def element(name: str, content: Markup | str = "", /, **attributes: object) -> Markup:
    """One element; ``stroke_width`` becomes ``stroke-width``, ``class_`` ``class``, and ``None`` is left out.

    >>> element("text", "<b>", x=1.50, class_="tick")
    Markup('<text x="1.5" class="tick">&lt;b&gt;</text>')
    """
    pairs = Markup("").join(
        Markup(' {}="{}"').format(key.rstrip("_").replace("_", "-"), _text(value))
        for key, value in attributes.items()
        if value is not None
    )
    return Markup("<{}{}>{}</{}>").format(Markup(name), pairs, escape(content), Markup(name))


def join(*parts: Markup) -> Markup:
    """Elements, one after the other."""
    return Markup("").join(parts)


def drawing(frame: Frame, description: str, *parts: Markup, class_: str = "chart") -> Markup:
    """The whole picture; ``description`` is what a screen reader says instead of it."""
    box = f"0 0 {_text(frame.width)} {_text(frame.height)}"
    return element(
        "svg", join(*parts), viewBox=box, role="img", aria_label=description, class_=class_, focusable="false"
    )


def axes(frame: Frame, x: Scale, y: Scale, x_label: str, y_label: str) -> Markup:
    """Grid lines, tick labels and titles. The vertical axis is titled on top, where it reads without turning."""
    bottom = frame.height - frame.bottom
    right = frame.width - frame.right
    parts: list[Markup] = []
    for tick in y.ticks():
        at = y.place(tick)
        parts.append(element("line", x1=frame.left, x2=right, y1=at, y2=at, class_="grid"))
        parts.append(
            element("text", tick_text(tick), x=frame.left - 7, y=at + 4, class_="tick", text_anchor="end")
        )
    for tick in x.ticks():
        at = x.place(tick)
        parts.append(element("line", x1=at, x2=at, y1=bottom, y2=bottom + 4, class_="axis"))
        parts.append(
            element("text", tick_text(tick), x=at, y=bottom + 17, class_="tick", text_anchor="middle")
        )
    parts.append(element("line", x1=frame.left, x2=right, y1=bottom, y2=bottom, class_="axis"))
    parts.append(element("text", _titled(y_label, y), x=2, y=13, class_="title"))
    parts.append(
        element("text", _titled(x_label, x), x=right, y=frame.height - 5, class_="title", text_anchor="end")
    )
    return join(*parts)


def colour(number: int) -> str:
    """The style sheet's colour of the n-th series."""
    return f"var(--s{number % SERIES_COLOURS})"


def dash(number: int) -> str | None:
    """The n-th series' dashes: when colours start again, lines still differ."""
    return _DASHES[number // SERIES_COLOURS % len(_DASHES)] or None


def path(points: list[tuple[float, float]], *, closed: bool = False) -> str:
    """The ``d`` of a line through points.

    >>> path([(0, 1), (2.25, 3)])
    'M0,1L2.2,3'
    """
    return "M" + "L".join(f"{_text(x)},{_text(y)}" for x, y in points) + ("Z" if closed else "")


def _titled(label: str, scale: Scale) -> str:
    return f"{label} (log scale)" if scale.log else label


def _text(value: object) -> str:
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else str(value)
