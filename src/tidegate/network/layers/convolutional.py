"""Convolutions and poolings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import ClassVar, Literal, Self

from tidegate.network.layers.layer import (
    ACTIVATIONS,
    ONE_VECTOR,
    Activation,
    Cost,
    Layer,
    Token,
    letter_of,
    scaled,
)
from tidegate.network.pace import Pace
from tidegate.network.scanner import Scanner
from tidegate.network.shape import ImageShape, Shape, features_of, positions
from tidegate.network.sizes import convolved, pooled


@dataclass(frozen=True)
class Convolution(Layer):
    """``C(s|t|r|l|m)y,x,d[,sy,sx[,dy,dx]]``: kernel ``(rows, columns)``, padded to keep the size at stride 1.

    Along each axis ``dilation · (kernel - 1)`` zeros are added, ``total // 2`` of them before and the rest
    after, so that an even kernel leans forward and the output has ``ceil(size / stride)`` positions for every
    kernel.
    """

    title: ClassVar[str] = "convolution"

    activation: Activation
    kernel: tuple[int, int]
    channels: int
    stride: tuple[int, int] = (1, 1)
    dilation: tuple[int, int] = (1, 1)

    @classmethod
    def tokens(cls) -> tuple[Token, ...]:
        return (Token("C", "C(s|t|r|l|m)y,x,d[,sy,sx[,dy,dx]]", _read_convolution),)

    def render(self) -> str:
        parts = [_written(self.kernel), str(self.channels)]
        if (self.stride, self.dilation) != ((1, 1), (1, 1)):
            parts.append(_written(self.stride))
        if self.dilation != (1, 1):
            parts.append(_written(self.dilation))
        return f"C{letter_of(ACTIVATIONS, self.activation)}{','.join(parts)}"

    def out_shape(self, shape: Shape, place: str | None = None) -> Shape:
        image = self.of_image("a convolution", shape, place)
        return ImageShape(self.channels, *self.size_after(image.rows, image.columns))

    def size_after(self, rows: int | None, columns: int | None) -> tuple[int | None, int | None]:
        return (
            _map(rows, lambda size: convolved(size, self.stride[0])),
            _map(columns, lambda size: convolved(size, self.stride[1])),
        )

    def pace(self, before: Pace) -> Pace:
        return before.then(self.stride[1], self.stride[1] - 1)

    def cost(self, before: Shape, after: Shape) -> Cost:
        """Every position of the result sees one window."""
        weights = features_of(before) * self.kernel[0] * self.kernel[1] * self.channels
        return Cost(weights + self.channels, 2 * weights * positions(after))

    @property
    def features(self) -> int:
        return self.channels

    @property
    def size(self) -> int:
        return self.channels

    def with_size(self, size: int) -> Self:
        return replace(self, channels=size)

    def widened(self, factor: float) -> Layer:
        return replace(self, channels=scaled(self.channels, factor))

    def needs_more(self) -> str | None:
        if self.kernel[1] == self.stride[1] == 1:
            return None
        return "a convolution over several steps reads later ones, too"


@dataclass(frozen=True)
class Pooling(Layer):
    """``(M|A)py,x[,sy,sx]``: a kernel of 0 covers the whole axis. Windows that do not fit are dropped.

    A string without a stride gives the kernel as stride, and 1 along an axis whose kernel is 0.
    """

    title: ClassVar[str] = "pooling"

    kind: Literal["max", "average"]
    kernel: tuple[int, int]
    stride: tuple[int, int]

    @classmethod
    def tokens(cls) -> tuple[Token, ...]:
        return (
            Token("Mp", "Mpy,x[,sy,sx]", partial(_read_pooling, "max")),
            Token("Ap", "Apy,x[,sy,sx]", partial(_read_pooling, "average")),
        )

    def render(self) -> str:
        stride = "" if self.stride == _usual_stride(self.kernel) else "," + _written(self.stride)
        return f"{'Mp' if self.kind == 'max' else 'Ap'}{_written(self.kernel)}{stride}"

    def out_shape(self, shape: Shape, place: str | None = None) -> Shape:
        image = self.of_image("pooling", shape, place)
        rows, columns = self.size_after(image.rows, image.columns)
        sides = (("height", image.rows, rows), ("width", image.columns, columns))
        for (side, size, left), kernel in zip(sides, self.kernel, strict=True):
            if left == 0:
                raise self.misfit(
                    f"pooling eats the {side}: a window of {kernel} does not fit into {size}",
                    shape,
                    place,
                    f"leave this pooling out, pool less before it, or raise the {side} of the input",
                )
        return ImageShape(image.channels, rows, columns)

    def size_after(self, rows: int | None, columns: int | None) -> tuple[int | None, int | None]:
        return self._left(rows, 0), self._left(columns, 1)

    def _left(self, size: int | None, axis: int) -> int | None:
        if size is None:
            return None if self.kernel[axis] else 1
        return pooled(size, self.kernel[axis], self.stride[axis])

    def pace(self, before: Pace) -> Pace:
        kernel, stride = self.kernel[1], self.stride[1]
        return before.then(stride, stride - kernel) if kernel else before.single()

    def needs_more(self) -> str | None:
        if not self.kernel[1]:
            return ONE_VECTOR
        return (
            None
            if self.kernel[1] == self.stride[1] == 1
            else "a pooling of several steps waits for later ones"
        )

    def pools_all(self) -> bool:
        return self.kernel[1] == 0


def _read_convolution(scanner: Scanner) -> Layer:
    scanner.skip_label()
    activation = scanner.choice(ACTIVATIONS)
    scanner.skip_label()
    kernel = _pair(scanner, "kernel", least=1)
    scanner.comma("the number of channels")
    channels = scanner.number("the number of channels")
    stride = _optional_pair(scanner, "stride")
    dilation = _optional_pair(scanner, "dilation") if stride else None
    return Convolution(activation, kernel, channels, stride or (1, 1), dilation or (1, 1))


def _read_pooling(kind: Literal["max", "average"], scanner: Scanner) -> Layer:
    scanner.skip_label()
    kernel = _pair(scanner, "kernel", least=0)
    return Pooling(kind, kernel, _optional_pair(scanner, "stride") or _usual_stride(kernel))


def _usual_stride(kernel: tuple[int, int]) -> tuple[int, int]:
    """The stride of a pooling that names none: its kernel, and 1 along an axis that it covers whole."""
    return kernel[0] or 1, kernel[1] or 1


def _pair(scanner: Scanner, what: str, least: int) -> tuple[int, int]:
    first = scanner.number(f"rows of the {what}", least=least)
    scanner.comma(f"columns of the {what}")
    return first, scanner.number(f"columns of the {what}", least=least)


def _optional_pair(scanner: Scanner, what: str) -> tuple[int, int] | None:
    return _pair(scanner, what, least=1) if scanner.take_comma() else None


def _written(values: tuple[int, int]) -> str:
    return f"{values[0]},{values[1]}"


def _map(size: int | None, change: Callable[[int], int]) -> int | None:
    return None if size is None else change(size)
