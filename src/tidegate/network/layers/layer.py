"""What every layer record says of itself: how it is written, what it gives, what it costs, what it can see."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, Self

from tidegate.errors import ShapeError
from tidegate.network.pace import Pace
from tidegate.network.scanner import Scanner
from tidegate.network.shape import ImageShape, SequenceShape, Shape, VectorShape

Activation = Literal["linear", "relu", "tanh", "sigmoid", "softmax"]
ACTIVATIONS: Mapping[str, Activation] = {
    "s": "sigmoid",
    "t": "tanh",
    "r": "relu",
    "l": "linear",
    "m": "softmax",
}
"""By their letters in VGSL."""

ONE_VECTOR = "a layer that makes one vector of all steps has no state after each"
"""Why a layer cannot go on step by step, of several."""

_SHAPES: Mapping[type[Shape], str] = {
    ImageShape: "an image, channels×rows×columns",
    SequenceShape: "a sequence, steps×features",
    VectorShape: "a vector, features",
}


@dataclass(frozen=True)
class Cost:
    """What a layer costs.

    FLOPs count one example forward, a multiplication with its addition as two, in products. Activations, normalisation
    and pooling are left out, as is usual.

    Attributes:
        parameters: Learnt numbers.
        flops: Of one example.
    """

    parameters: int
    flops: int


@dataclass(frozen=True)
class Token:
    """One way in which a layer is written.

    Attributes:
        start: The letters that it begins with.
        form: Its full form, for messages and the manual.
        read: Reads the rest, after ``start``.
    """

    start: str
    form: str
    read: Callable[[Scanner], Layer]


class Layer:
    """One layer, as data. What a record does not say of itself is as here."""

    title: ClassVar[str]
    """In words, for tables."""

    @classmethod
    def tokens(cls) -> tuple[Token, ...]:
        """How it is written in VGSL; none: ``tidegate.network.vgsl`` reads it itself."""
        return ()

    def render(self) -> str:
        """Its token."""
        raise NotImplementedError

    def out_shape(self, shape: Shape, place: str | None = None) -> Shape:
        """The shape that it gives.

        Args:
            shape: What reaches it.
            place: Where it stands, for the message.

        Raises:
            ShapeError: It does not fit.
        """
        return shape

    def size_after(self, rows: int | None, columns: int | None) -> tuple[int | None, int | None]:
        """Rows and columns that it leaves; what is not known stays so."""
        return rows, columns

    def pace(self, before: Pace) -> Pace:
        """How many columns are left after it."""
        return before

    def columns_left(self, columns: int) -> int:
        """The same of a number of columns."""
        return self.pace(Pace()).left(columns)

    def cost(self, before: Shape, after: Shape) -> Cost:
        """What it costs, but for layers within it.

        Args:
            before: The shape that reaches it.
            after: The shape that it gives.

        Raises:
            ShapeError: A size is not known.
        """
        return Cost(0, 0)

    @property
    def features(self) -> int | None:
        """Channels or features that it gives whatever comes; ``None``: that hangs on what comes."""
        return None

    @property
    def size(self) -> int | None:
        """Its units, if they are what makes a network larger or smaller."""
        return None

    def with_size(self, size: int) -> Self:
        """The same with other units."""
        raise TypeError(f"{self} has no size")

    def widened(self, factor: float) -> Layer:
        """With so many times the channels, at least one; recurrent layers have units of their own."""
        return self

    def sees_ahead(self) -> str | None:
        """What it is called where nothing may see the symbols to come; ``None``: it sees none of them."""
        return f"the layer {self.render()}"

    def needs_more(self) -> str | None:
        """Why it cannot go on step by step; ``None``: it can."""
        return None

    def pools_all(self) -> bool:
        """Whether it makes one vector of all steps, in a way that can go on step by step."""
        return False

    def misfit(self, what: str, shape: Shape, place: str | None, hint: str) -> ShapeError:
        """The error that it does not fit what reaches it."""
        where = self.render() if place is None else f"{place}: {self.render()}"
        return ShapeError(what, where=where, got=sized(shape), hint=hint)

    def of_image(self, what: str, shape: Shape, place: str | None) -> ImageShape:
        """The shape, which must be an image's."""
        if not isinstance(shape, ImageShape):
            raise self.misfit(
                f"{what} needs an image", shape, place, "move it before the fold (S), or leave it out"
            )
        return shape


def sized(shape: Shape) -> str:
    """A shape, and what it is the shape of.

    Example:
        >>> sized(VectorShape(7))
        '7 (a vector, features)'
    """
    return f"{shape} ({_SHAPES[type(shape)]})"


def trace_layers(layers: Sequence[Layer], shape: Shape, place: str = "layer ") -> list[tuple[Layer, Shape]]:
    """Each of some layers in series with the shape that it gives.

    Args:
        layers: What to trace.
        shape: What reaches the first.
        place: What stands before a layer's number in an error.

    Raises:
        ShapeError: A layer does not fit what reaches it.
    """
    traced: list[tuple[Layer, Shape]] = []
    for number, layer in enumerate(layers, start=1):
        shape = layer.out_shape(shape, f"{place}{number}")
        traced.append((layer, shape))
    return traced


def pace(layers: Sequence[Layer]) -> Pace:
    """How layers in series change the number of columns.

    Example:
        >>> from tidegate.network.vgsl import parse_fragment
        >>> pace(parse_fragment("Cr3,3,8,1,2 Mp2,3,2,2"))
        Pace(scale=4, shift=-1)
    """
    now = Pace()
    for layer in layers:
        now = layer.pace(now)
    return now


def letter_of(letters: Mapping[str, str], value: str) -> str:
    """The letter of a value.

    Example:
        >>> letter_of(ACTIVATIONS, "relu")
        'r'
    """
    return next(letter for letter, named in letters.items() if named == value)


def scaled(count: int, factor: float) -> int:
    """So many times a number, at least one."""
    return max(1, round(count * factor))
