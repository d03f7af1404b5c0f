"""Mean ranks on a line, and bars over arms that are not apart: Demšar's critical-difference plot (2006)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from tidegate.report.charts.svg import Frame, colour, drawing, element, join
from tidegate.results.collection import Ranks

_ROW = 20.0
_BAR = 9.0
_LETTER = 8.0
"""Width of a letter of a name, in SVG units."""


@dataclass(frozen=True)
class _Line:
    """The axis of ranks."""

    left: float
    span: float
    count: int

    def place(self, rank: float) -> float:
        return self.left + (rank - 1) / max(1, self.count - 1) * self.span


def critical_difference_chart(ranks: Ranks) -> Markup:
    """The plot; nothing where ranks have no critical difference.

    Args:
        ranks: As ``ranks`` of a collection's results.json.
    """
    difference = ranks.critical_difference
    if not difference:
        return Markup("")
    means = ranks.mean_rank
    order = sorted(means, key=lambda name: means[name])
    top = 58.0 + _BAR * len(ranks.groups)
    # Names stand on both sides, with their mean ranks.
    side = 16 + _LETTER * (max(len(name) for name in order) + 5)
    frame = Frame(height=top + _ROW * ((len(order) + 1) // 2) + 8, left=side, right=side, top=20)
    line = _Line(frame.left, frame.width - frame.left - frame.right, len(order))
    told = "; ".join(f"{name} {means[name]:.2f}" for name in order)
    groups = "; ".join(", ".join(group) for group in ranks.groups)
    told += f". Not apart: {groups}" if groups else ""
    return drawing(
        frame,
        f"Critical-difference plot of mean ranks, lower is better: {told}",
        _ruler(line, float(difference)),
        *(_bar(line, group, means, 56 + _BAR * number) for number, group in enumerate(ranks.groups)),
        *(_leader(line, name, number, means[name], top) for number, name in enumerate(order)),
    )


def _ruler(line: _Line, difference: float) -> Markup:
    width = line.place(1 + difference) - line.left
    parts = [
        element("line", x1=line.left, x2=line.left + width, y1=18, y2=18, class_="mean"),
        element("text", f"critical difference {difference:.2f}", x=line.left, y=12, class_="tick"),
        element("line", x1=line.left, x2=line.left + line.span, y1=44, y2=44, class_="axis"),
    ]
    for rank in range(1, line.count + 1):
        at = line.place(rank)
        parts.append(element("line", x1=at, x2=at, y1=40, y2=48, class_="axis"))
        parts.append(element("text", str(rank), x=at, y=36, class_="tick", text_anchor="middle"))
    return join(*parts)


def _bar(line: _Line, group: Sequence[str], means: Mapping[str, float], at: float) -> Markup:
    told = element("title", f"not apart: {', '.join(group)}")
    first, last = line.place(means[group[0]]) - 3, line.place(means[group[-1]]) + 3
    return element("line", told, x1=first, x2=last, y1=at, y2=at, class_="group")


def _leader(line: _Line, name: str, number: int, mean: float, top: float) -> Markup:
    """From the arm's place on the axis down and out to its name: the better half on the left."""
    left = number < (line.count + 1) // 2
    row = top + _ROW * ((number if left else line.count - 1 - number) + 0.5)
    edge = line.left - 8 if left else line.left + line.span + 8
    path = element(
        "path", d=f"M{line.place(mean):.1f},44V{row:.1f}H{edge:.1f}", class_="leader", stroke=colour(number)
    )
    anchor, beside = ("end", edge - 5) if left else ("start", edge + 5)
    return join(
        path, element("text", f"{name} {mean:.2f}", x=beside, y=row + 4, class_="name", text_anchor=anchor)
    )
