"""The shape after each layer, known before any weight exists.

An architecture that traces can be built; one that cannot is told which layer does not fit, what reached it,
and what to do. No torch here.
"""

from __future__ import annotations

from tidegate.network.layers import Architecture, Input, Layer, columns_left, trace_layers
from tidegate.network.shape import ImageShape, Shape, VectorShape


def input_shape(source: Input) -> ImageShape:
    """The shape of the images that enter."""
    return ImageShape(source.channels, source.rows, source.columns)


def trace(architecture: Architecture, source: Input | None = None) -> list[tuple[Layer, Shape]]:
    """Each layer with the shape that it gives.

    Args:
        architecture: What to trace.
        source: Another input, such as one whose columns are known; default: the architecture's own.

    Raises:
        ShapeError: A layer does not fit what reaches it.

    Example:
        >>> from tidegate.network.vgsl import parse
        >>> [str(shape) for _, shape in trace(parse("[1,40,0,1 Cr3,3,8 Mp2,2 S1(1x0)1,3 Lbx64 O1c0]"))]
        ['8×40×?', '8×20×?', '?×160', '?×128', '?×0']
    """
    return trace_layers(architecture.layers, input_shape(source or architecture.input))


def steps(architecture: Architecture, columns: int) -> int:
    """Answers that the network gives for an image or a signal of so many columns; 0 when poolings leave none.

    Example:
        >>> from tidegate.network.vgsl import parse
        >>> network = parse("[1,40,0,1 Cr3,3,8 Mp2,2 Cr3,3,8 Mp2,2 S1(1x0)1,3 Lbx64 O1c0]")
        >>> steps(network, 101), steps(network, 3)
        (25, 0)
    """
    traced = trace(architecture)
    left = columns_left(architecture.layers, columns)
    shape = traced[-1][1] if traced else input_shape(architecture.input)
    if isinstance(shape, VectorShape):
        return min(left, 1)
    fixed = shape.columns if isinstance(shape, ImageShape) else shape.time
    return left if fixed is None else fixed
