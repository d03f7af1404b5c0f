"""What the branches of a parallel block give together: the shape, and the number of columns for every length."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tidegate.network.layers import (
    AttentionPooling,
    Convolution,
    Dense,
    Layer,
    Parallel,
    Pooling,
    Recurrence,
    Reshape,
)
from tidegate.network.shape import ImageShape, SequenceShape, Shape, VectorShape


@dataclass(frozen=True)
class Pace:
    """How many columns layers leave of n: ``floor((n + shift) / scale)``, and never less than 0.

    Convolutions and poolings are of this form, and so is one after the other; two paces are the same for every n exactly
    if their numbers are.

    Attributes:
        scale: Product of the strides; 0: a single column is left of any number.
        shift: Rises by what is padded, and falls by what windows lack.
    """

    scale: int = 1
    shift: int = 0

    def then(self, stride: int, shift: int) -> Pace:
        """The pace of another layer after these.

        Example:
            >>> Pace().then(2, 1).then(3, 0)  # a convolution of stride 2, then pooling by 3
            Pace(scale=6, shift=1)
        """
        return Pace(self.scale * stride, self.shift + shift * self.scale)

    def left(self, columns: int) -> int:
        """Columns left of so many, where they are counted.

        Example:
            >>> Pace(2, 1).left(7), Pace(2, 0).left(7), SINGLE.left(7)
            (4, 3, 1)
        """
        return max(0, (columns + self.shift) // self.scale) if self.scale else min(columns, 1)


SINGLE = Pace(0, 0)
UNCOUNTED = Pace(0, -1)
"""Columns moved elsewhere: the size is fixed, and lengths are no longer carried."""


def pace(layers: Sequence[Layer]) -> Pace:
    """How layers change the number of columns.

    Example:
        >>> from tidegate.network.vgsl import parse_fragment
        >>> pace(parse_fragment("Cr3,3,8,1,2 Mp2,3,2,2"))
        Pace(scale=4, shift=-1)
        >>> pace(parse_fragment("Cr3,3,8 Ap0,0")) == SINGLE
        True
    """
    now = Pace()
    for layer in layers:
        now = _after(layer, now)
    return now


def _after(layer: Layer, now: Pace) -> Pace:
    match layer:
        case Reshape() if 2 in (layer.dimension, layer.high_to, layer.low_to):
            return UNCOUNTED
        case _ if now in (SINGLE, UNCOUNTED):
            return now
        case Convolution():
            return now.then(layer.stride[1], layer.stride[1] - 1)
        case Pooling() if layer.kernel[1]:
            return now.then(layer.stride[1], layer.stride[1] - layer.kernel[1])
        case Pooling() | AttentionPooling() | Dense() | Recurrence(axis="x", summarise=True):
            return SINGLE
        case Parallel():
            for inner in layer.branches[0]:
                now = _after(inner, now)
            return now
        case _:
            return now


def differing(one: Pace, other: Pace) -> int | None:
    """The fewest columns of which two paces leave different numbers; ``None`` if there are none, or one does not count.

    Example:
        >>> differing(Pace(2, 1), Pace(2, 0)), differing(Pace(2, 1), Pace(2, 1))
        (1, None)
    """
    if one == other or UNCOUNTED in (one, other):
        return None
    # From here on both are above 0 and rise, so that they differ within a period if at all.
    reach = one.scale * other.scale + abs(one.shift) + abs(other.shift) + one.scale + other.scale + 2
    return next((n for n in range(1, reach) if one.left(n) != other.left(n)), None)


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
    features = sum(shape.channels if isinstance(shape, ImageShape) else shape.features for shape in shapes)
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


def with_features(shape: Shape, features: int) -> Shape:
    """The shape with another number of channels or features."""
    match shape:
        case ImageShape():
            return ImageShape(features, shape.rows, shape.columns)
        case SequenceShape():
            return SequenceShape(features, shape.time, shape.axis)
        case VectorShape():
            return VectorShape(features)
