"""What flows between layers, as sizes: images ``(B, C, Y, X)``, sequences ``(B, T, F)``, vectors ``(B, F)``.

A size of ``None`` varies from sample to sample; lengths carry it. Known before any weight exists, so that a
specification can be checked and drawn without torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from tidegate.errors import ShapeError

Axis = Literal["x", "y"]


@dataclass(frozen=True)
class ImageShape:
    """``(B, C, Y, X)``. Only the columns X carry lengths; ``None`` rows are not known yet.

    >>> str(ImageShape(channels=1, rows=48, columns=None))
    '1×48×?'
    """

    channels: int
    rows: int | None
    columns: int | None

    def __str__(self) -> str:
        return f"{self.channels}×{_size(self.rows)}×{_size(self.columns)}"


@dataclass(frozen=True)
class SequenceShape:
    """``(B, T, F)``. ``axis`` is the image axis that time runs along (``x`` for text lines).

    >>> str(SequenceShape(features=64, time=None))
    '?×64'
    """

    features: int
    time: int | None
    axis: Axis = "x"

    def __str__(self) -> str:
        return f"{_size(self.time)}×{self.features}"


@dataclass(frozen=True)
class VectorShape:
    """``(B, F)``.

    >>> str(VectorShape(10))
    '10'
    """

    features: int

    def __str__(self) -> str:
        return str(self.features)


Shape = ImageShape | SequenceShape | VectorShape


def features_of(shape: Shape) -> int:
    """Channels of an image, features of the others."""
    return shape.channels if isinstance(shape, ImageShape) else shape.features


def with_features(shape: Shape, features: int) -> Shape:
    """The shape with another number of channels or features."""
    if isinstance(shape, ImageShape):
        return replace(shape, channels=features)
    return replace(shape, features=features)


def positions(shape: Shape) -> int:
    """Positions of one sample: rows × columns, steps, or 1.

    Raises:
        ShapeError: A size is not known.

    Example:
        >>> positions(ImageShape(channels=8, rows=5, columns=4))
        20
    """
    if isinstance(shape, VectorShape):
        return 1
    rows, columns = (shape.rows, shape.columns) if isinstance(shape, ImageShape) else (1, shape.time)
    if rows is None or columns is None:
        raise ShapeError(
            "arithmetic cannot be counted for an input of any size",
            got=str(shape),
            hint="fix the height in the input block, and give the columns of the example",
        )
    return rows * columns


def joined(shapes: Sequence[Shape]) -> Shape | None:
    """What branches give side by side, or ``None`` if they do not fit together.

    Beside a vector, what has a single position is one; beside a sequence along x, an image of one row is one.

    Example:
        >>> str(joined([ImageShape(8, 1, None), SequenceShape(16, None, "x")]))
        '?×24'
        >>> str(joined([ImageShape(8, 1, 1), VectorShape(16)]))
        '24'
        >>> joined([ImageShape(8, 2, None), ImageShape(8, 1, None)]) is None
        True
    """
    for kind in (VectorShape, SequenceShape):
        if any(isinstance(shape, kind) for shape in shapes):
            same = [_as(kind, shape) for shape in shapes]
            break
    else:
        same = list(shapes)
    features = sum(map(features_of, shapes))
    wide = {with_features(shape, features) for shape in same if shape is not None}
    return wide.pop() if len(wide) == 1 and None not in same else None


def _as(kind: type[Shape], shape: Shape) -> Shape | None:
    if isinstance(shape, kind):
        return shape
    if kind is SequenceShape and isinstance(shape, ImageShape) and shape.rows == 1:
        return SequenceShape(shape.channels, shape.columns, "x")
    if kind is VectorShape and isinstance(shape, ImageShape) and shape.rows == 1 == shape.columns:
        return VectorShape(shape.channels)
    if kind is VectorShape and isinstance(shape, SequenceShape) and shape.time == 1:
        return VectorShape(shape.features)
    return None


def _size(size: int | None) -> str:
    return "?" if size is None else str(size)
