"""The shape after each layer, known before any weight exists.

An architecture that traces can be built; one that cannot is told which layer does not fit, what reached it,
and what to do. No torch here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tidegate.errors import ShapeError
from tidegate.network.branches import differing, joined, pace, with_features
from tidegate.network.layers import (
    Addition,
    Architecture,
    AttentionPooling,
    BatchNorm,
    Convolution,
    Dense,
    Dropout,
    GroupNorm,
    Input,
    Layer,
    Output,
    Parallel,
    Pooling,
    Recurrence,
    Reshape,
)
from tidegate.network.shape import ImageShape, SequenceShape, Shape, VectorShape
from tidegate.network.sizes import convolved, pooled
from tidegate.network.vgsl import render_branch, render_layer

_FOLD_ROWS = "fold the rows away first with S1(1x0)1,3"
_ONE_ANSWER = (
    "write Ap0,0 before the output, a recurrent layer that summarises (Lbxs64), or F for a fixed size"
)
_KINDS: dict[type[Shape], str] = {
    ImageShape: "an image, channels×rows×columns",
    SequenceShape: "a sequence, steps×features",
    VectorShape: "a vector, features",
}


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
    return trace_layers(architecture.layers, input_shape(source or architecture.input), "layer ")


def trace_layers(layers: Sequence[Layer], shape: Shape, place: str = "layer ") -> list[tuple[Layer, Shape]]:
    """The same for layers in series, such as a branch of a parallel block.

    Args:
        layers: What to trace.
        shape: What reaches the first.
        place: What stands before a layer's number in an error.
    """
    traced: list[tuple[Layer, Shape]] = []
    for number, layer in enumerate(layers, start=1):
        shape = _Fit(layer, shape, f"{place}{number}").shape()
        traced.append((layer, shape))
    return traced


def out_shape(layer: Layer, shape: Shape, number: int | None = None) -> Shape:
    """The shape that one layer gives.

    Args:
        layer: The layer.
        shape: What reaches it.
        number: Its place, from 1, for the message.

    Raises:
        ShapeError: It does not fit.

    Example:
        >>> out_shape(Pooling("max", (2, 2), (2, 2)), ImageShape(8, 7, None))
        ImageShape(channels=8, rows=3, columns=None)
    """
    return _Fit(layer, shape, None if number is None else f"layer {number}").shape()


def steps(architecture: Architecture, columns: int) -> int:
    """Answers that the network gives for an image or a signal of so many columns; 0 when poolings leave none.

    Example:
        >>> from tidegate.network.vgsl import parse
        >>> network = parse("[1,40,0,1 Cr3,3,8 Mp2,2 Cr3,3,8 Mp2,2 S1(1x0)1,3 Lbx64 O1c0]")
        >>> steps(network, 101), steps(network, 3)
        (25, 0)
    """
    traced = trace(architecture)
    left = _left(architecture.layers, columns)
    shape = traced[-1][1] if traced else input_shape(architecture.input)
    if isinstance(shape, VectorShape):
        return min(left, 1)
    fixed = shape.columns if isinstance(shape, ImageShape) else shape.time
    return left if fixed is None else fixed


def _left(layers: Sequence[Layer], columns: int) -> int:
    left = columns
    for layer in layers:
        match layer:
            case Convolution():
                left = convolved(left, layer.stride[1])
            case Pooling():
                left = pooled(left, layer.kernel[1], layer.stride[1])
            case AttentionPooling() | Dense() | Recurrence(axis="x", summarise=True):
                left = min(left, 1)
            case Parallel():
                # The shortest: branches that give a vector may have pooled by different steps before.
                left = min(_left(branch, left) for branch in layer.branches)
            case _:
                pass
    return left


class _Fit:
    """One layer and what reaches it."""

    def __init__(self, layer: Layer, shape: Shape, place: str | None) -> None:
        self.layer = layer
        self.before = shape
        self.place = place

    def shape(self) -> Shape:
        match self.layer:
            case Convolution():
                return self._convolution(self.layer)
            case Pooling():
                return self._pooling(self.layer)
            case GroupNorm():
                return self._group_norm(self.layer)
            case Reshape():
                return self._reshape(self.layer)
            case Recurrence():
                return self._recurrence(self.layer)
            case Dense():
                return self._dense(self.layer)
            case AttentionPooling():
                return self._attention()
            case Parallel():
                return self._parallel(self.layer)
            case Addition():
                return self._addition(self.layer)
            case Output():
                return self._output(self.layer)
            case BatchNorm() | Dropout():
                return self.before

    def _error(self, what: str, hint: str) -> ShapeError:
        place = "" if self.place is None else f"{self.place}: "
        return ShapeError(
            what,
            where=f"{place}{render_layer(self.layer)}",
            got=_size(self.before),
            hint=hint,
        )

    def _image(self, what: str) -> ImageShape:
        if not isinstance(self.before, ImageShape):
            raise self._error(f"{what} needs an image", "move it before the fold (S), or leave it out")
        return self.before

    def _convolution(self, layer: Convolution) -> Shape:
        image = self._image("a convolution")
        rows = _map(image.rows, lambda size: convolved(size, layer.stride[0]))
        columns = _map(image.columns, lambda size: convolved(size, layer.stride[1]))
        return ImageShape(layer.channels, rows, columns)

    def _pooling(self, layer: Pooling) -> Shape:
        image = self._image("pooling")
        rows = self._pooled("height", image.rows, layer.kernel[0], layer.stride[0])
        columns = self._pooled("width", image.columns, layer.kernel[1], layer.stride[1])
        return ImageShape(image.channels, rows, columns)

    def _pooled(self, side: str, size: int | None, kernel: int, stride: int) -> int | None:
        if size is None:
            return 1 if kernel == 0 else None
        left = pooled(size, kernel, stride)
        if left == 0:
            raise self._error(
                f"pooling eats the {side}: a window of {kernel} does not fit into {size}",
                f"leave this pooling out, pool less before it, or raise the {side} of the input",
            )
        return left

    def _group_norm(self, layer: GroupNorm) -> Shape:
        shape = self.before
        channels = shape.channels if isinstance(shape, ImageShape) else shape.features
        if channels % layer.groups:
            raise self._error(
                f"{channels} channels cannot be put into {layer.groups} equal groups",
                f"use a number of groups that divides {channels}",
            )
        return shape

    def _reshape(self, layer: Reshape) -> Shape:
        image = self._image("a reshape")
        stays, moves, target = _parts(layer)
        sizes = {1: image.rows, 2: image.columns, 3: image.channels}
        if 2 in (layer.dimension, target) and image.columns is None:
            raise self._error(
                "the columns vary from image to image, and cannot be split or added to",
                "fix the width in the input block (or data.columns), or fold the rows: S1(1x0)1,3",
            )
        size, into = sizes[layer.dimension], sizes[target]
        if size is None or into is None:
            raise self._error(
                "the number of rows is not fixed", "write the height in the input block, or set data.rows"
            )
        stays, moves = stays or size // moves, moves or size // stays
        if stays * moves != size:
            raise self._error(
                f"{size} is not {layer.high or '?'} × {layer.low or '?'}",
                "write 0 for the part that is to be what is left",
            )
        sizes.update({layer.dimension: stays, target: into * moves})
        return _folded(layer, ImageShape(sizes[3] or 0, sizes[1], sizes[2]))

    def _recurrence(self, layer: Recurrence) -> Shape:
        features = layer.hidden * (2 if layer.direction == "both" else 1)
        shape = self.before
        if isinstance(shape, VectorShape):
            raise self._error(
                "a recurrent layer needs a sequence or an image",
                "leave it out, or do not summarise before it",
            )
        if isinstance(shape, SequenceShape):
            if shape.axis != layer.axis:
                right = render_layer(
                    Recurrence(layer.cell, layer.direction, shape.axis, layer.hidden, layer.summarise)
                )
                raise self._error(
                    f"this sequence runs along {shape.axis}, not along {layer.axis}", f"write {right}"
                )
            return (
                VectorShape(features) if layer.summarise else SequenceShape(features, shape.time, shape.axis)
            )
        rows = 1 if layer.summarise and layer.axis == "y" else shape.rows
        columns = 1 if layer.summarise and layer.axis == "x" else shape.columns
        return ImageShape(features, rows, columns)

    def _dense(self, layer: Dense) -> Shape:
        shape = self.before
        open_image = isinstance(shape, ImageShape) and None in (shape.rows, shape.columns)
        if open_image or (isinstance(shape, SequenceShape) and shape.time is None):
            raise self._error(
                "a fully connected layer needs a fixed size",
                "fix the width in the input block (or data.columns), or write Ap0,0 before it",
            )
        return VectorShape(layer.units)

    def _attention(self) -> Shape:
        shape = self.before
        if isinstance(shape, ImageShape):
            return ImageShape(shape.channels, shape.rows, 1)
        if isinstance(shape, SequenceShape):
            return VectorShape(shape.features)
        raise self._error(
            "attention pools the steps of a sequence, and this is one vector a sample",
            "leave it out, or do not summarise before it",
        )

    def _parallel(self, layer: Parallel) -> Shape:
        place = f"{self.place}, " if self.place else ""
        given: list[Shape] = []
        for number, branch in enumerate(layer.branches, start=1):
            traced = trace_layers(branch, self.before, f"{place}branch {number}, layer ")
            given.append(traced[-1][1] if traced else self.before)
        for number in range(1, len(given)):
            self._check_branches(layer, given, number)
        whole = joined(given)
        assert whole is not None
        return whole

    def _check_branches(self, layer: Parallel, given: Sequence[Shape], number: int) -> None:
        """Refuse a branch that does not go with the first."""
        both = joined([given[0], given[number]])
        one, other = pace(layer.branches[0]), pace(layer.branches[number])
        # Sizes that are the same now may differ for other lengths; a vector has none.
        if both is not None and (isinstance(both, VectorShape) or one == other):
            return
        example = differing(one, other)
        of = "" if example is None else f"; {{}} of {example} columns"
        place = f"{self.place}, " if self.place else ""
        raise ShapeError(
            f"branch {number + 1} of a parallel block gives another size than branch 1",
            where=f"{place}branch {number + 1}: {render_branch(layer.branches[number])}",
            expected=f"{_size(given[0])}{of.format(one.left(example or 0))}, as branch 1 gives, but for the channels",
            got=f"{_size(given[number])}{of.format(other.left(example or 0))}",
            hint="give the branches the same strides and poolings, or pool each to one position",
        )

    def _addition(self, layer: Addition) -> Shape:
        shape = self.before
        channels = shape.channels if isinstance(shape, ImageShape) else shape.features
        if channels % layer.chunk:
            raise self._error(
                f"{channels} channels cannot be cut into chunks of {layer.chunk}",
                f"use a size that divides {channels}; as a residual, each branch gives {layer.chunk} channels",
            )
        return with_features(shape, layer.chunk)

    def _output(self, layer: Output) -> Shape:
        return self._one_answer(layer) if layer.dimensions == 0 else self._one_a_step(layer)

    def _one_answer(self, layer: Output) -> Shape:
        shape = self.before
        if isinstance(shape, VectorShape) or _positions(shape) == 1:
            return VectorShape(layer.symbols)
        raise self._error("one answer a sample needs one vector a sample", _ONE_ANSWER)

    def _one_a_step(self, layer: Output) -> Shape:
        shape = self.before
        if isinstance(shape, VectorShape):
            raise self._error(
                "one answer a step needs a sequence, and this is one vector a sample",
                "use O0, or do not summarise or fully connect before it",
            )
        if isinstance(shape, SequenceShape):
            return SequenceShape(layer.symbols, shape.time, shape.axis)
        if shape.rows != 1:
            raise self._error(
                "one answer a step needs a sequence, and this is an image with rows", _FOLD_ROWS
            )
        return SequenceShape(layer.symbols, shape.columns)


def _size(shape: Shape) -> str:
    return f"{shape} ({_KINDS[type(shape)]})"


def _map(size: int | None, change: Callable[[int], int]) -> int | None:
    return None if size is None else change(size)


def _positions(shape: ImageShape | SequenceShape) -> int | None:
    if isinstance(shape, SequenceShape):
        return shape.time
    return None if shape.rows is None or shape.columns is None else shape.rows * shape.columns


def _parts(layer: Reshape) -> tuple[int, int, int]:
    """Sizes of the part that stays and of the one that moves (0: what is left), and where that goes."""
    if layer.high_to == layer.dimension:
        return layer.high, layer.low, layer.low_to
    return layer.low, layer.high, layer.high_to


def _folded(layer: Reshape, image: ImageShape) -> Shape:
    """A whole axis moved into the channels leaves a sequence along the other one."""
    if layer.dimension == 1 and image.rows == 1 and 3 in (layer.high_to, layer.low_to):
        return SequenceShape(image.channels, image.columns, "x")
    if layer.dimension == 2 and image.columns == 1 and 3 in (layer.high_to, layer.low_to):
        return SequenceShape(image.channels, image.rows, "y")
    return image
