"""Where the names of dots stand in a chart, so that they neither cover one another nor the dots."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tidegate.report.charts.svg import Frame

_LETTER = 7.2
"""Width of a letter of a name, bold, in SVG units."""
_HEIGHT = 12.0
_BESIDE = 10.0
_DOT = 6.0
_STEPS = 7
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Label:
    """A name's place: ``left`` is where it begins, or ends where ``end`` holds; ``top`` is its middle."""

    left: float
    top: float
    end: bool


def place_labels(names: Sequence[str], places: Sequence[tuple[float, float]], frame: Frame) -> list[Label]:
    """A label for each dot: beside it where there is room, else as near as there is.

    Args:
        names: Of the dots.
        places: Of the dots, in SVG units.
        frame: Labels stay inside it, above the axis.

    Example:
        >>> place_labels(["gru", "lstm"], [(100.0, 100.0), (102.0, 103.0)], Frame())[0]
        Label(left=110.0, top=100.0, end=False)
    """
    dots: list[Box] = [(left - _DOT, top - _DOT, left + _DOT, top + _DOT) for left, top in places]
    labels: dict[int, Label] = {}
    taken: list[Box] = []
    for i in sorted(range(len(names)), key=lambda i: (places[i][1], places[i][0])):
        others = [*taken, *(dot for j, dot in enumerate(dots) if j != i)]
        tried = list(_candidates(places[i], frame))
        boxes = [_box(names[i], label) for label in tried]
        costs = [
            (
                sum(_overlap(box, other) for other in others) + 4 * _outside(box, frame),
                abs(label.top - places[i][1]),
            )
            for box, label in zip(boxes, tried, strict=True)
        ]
        best = min(range(len(tried)), key=lambda k: costs[k])
        labels[i] = tried[best]
        taken.append(boxes[best])
    return [labels[i] for i in range(len(names))]


def _candidates(place: tuple[float, float], frame: Frame) -> Iterator[Label]:
    """The nearest ones first; to the right first, but not near the right edge."""
    left, top = place
    sides = (True, False) if left > frame.width * 0.7 else (False, True)
    for step in range(_STEPS):
        for down in (step * _HEIGHT, -step * _HEIGHT) if step else (0.0,):
            for end in sides:
                yield Label(left - _BESIDE if end else left + _BESIDE, top + down, end)


def _box(name: str, label: Label) -> Box:
    width = _LETTER * len(name)
    left = label.left - width if label.end else label.left
    return left, label.top - _HEIGHT / 2, left + width, label.top + _HEIGHT / 2


def _overlap(a: Box, b: Box) -> float:
    """The area that both cover."""
    wide, high = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    return max(0.0, wide) * max(0.0, high)


def _outside(box: Box, frame: Frame) -> float:
    """The area that lies outside the plane of the chart."""
    plane = (frame.left, frame.top - _HEIGHT, frame.width, frame.height - frame.bottom)
    return (box[2] - box[0]) * (box[3] - box[1]) - _overlap(box, plane)
