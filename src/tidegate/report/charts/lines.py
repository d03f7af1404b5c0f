"""Lines with holes: pieces between missing values, thinned to what a picture can show."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from tidegate.report.charts.svg import element, join, path

Place = tuple[float, float]
_BUCKETS = 360


def pieces(points: Sequence[tuple[float, float | None]]) -> list[list[Place]]:
    """The unbroken pieces of a line.

    >>> pieces([(0, 1.0), (1, None), (2, 3.0), (3, 4.0)])
    [[(0, 1.0)], [(2, 3.0), (3, 4.0)]]
    """
    found: list[list[Place]] = [[]]
    for at, value in points:
        if value is not None:
            found[-1].append((at, value))
        elif found[-1]:
            found.append([])
    return [piece for piece in found if piece]


def thinned(points: Sequence[Place], buckets: int = _BUCKETS) -> list[Place]:
    """Of many points, the lowest and the highest of each stretch: a line through them looks the same.

    >>> thinned([(i, i % 2) for i in range(10)], 2)
    [(0, 0), (1, 1), (5, 1), (6, 0), (9, 1)]
    """
    if len(points) <= 2 * buckets:
        return list(points)
    kept: list[int] = [0, len(points) - 1]
    for bucket in range(buckets):
        inside = range(bucket * len(points) // buckets, (bucket + 1) * len(points) // buckets)
        kept += [min(inside, key=lambda i: points[i][1]), max(inside, key=lambda i: points[i][1])]
    return [points[i] for i in sorted(set(kept))]


def broken_line(points: Sequence[tuple[float, float | None]], name: str, **attributes: object) -> Markup:
    """A line on paper that breaks where values are missing; a lone value is a dot.

    Args:
        points: Places in SVG units, by rising x.
        name: For the tooltip.
        attributes: Of the path, such as ``class_`` and ``stroke``.
    """
    found = pieces(points)
    lines = "".join(path(thinned(piece)) for piece in found if len(piece) > 1)
    dots = [
        element("circle", cx=piece[0][0], cy=piece[0][1], r=1.8, fill=attributes.get("stroke"))
        for piece in found
        if len(piece) == 1
    ]
    line = element("path", element("title", name), d=lines, **attributes) if lines else Markup("")
    return join(line, *dots)
