"""Layers that put others side by side, add them up, or move one axis into another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from tidegate.errors import ShapeError
from tidegate.network.layers.layer import Layer, Token, pace, scaled, sized, trace_layers
from tidegate.network.pace import UNCOUNTED, Pace, differing
from tidegate.network.scanner import Scanner
from tidegate.network.shape import (
    ImageShape,
    SequenceShape,
    Shape,
    VectorShape,
    features_of,
    joined,
    with_features,
)


@dataclass(frozen=True)
class Parallel(Layer):
    """``(branch branch …)``: every branch reads the same, and their channels (or features) stand side by side.

    A branch is one layer, ``[layers in series]``, or ``I``, the identity: a branch without layers.
    """

    title: ClassVar[str] = "parallel"

    branches: tuple[tuple[Layer, ...], ...]

    def render(self) -> str:
        return f"({' '.join(map(render_branch, self.branches))})"

    def within(self, change: Callable[[Sequence[Layer]], tuple[Layer, ...]]) -> Parallel:
        """With every branch changed."""
        return replace(self, branches=tuple(map(change, self.branches)))

    def out_shape(self, shape: Shape, place: str | None = None) -> Shape:
        before = f"{place}, " if place else ""
        given: list[Shape] = []
        for number, branch in enumerate(self.branches, start=1):
            traced = trace_layers(branch, shape, f"{before}branch {number}, layer ")
            given.append(traced[-1][1] if traced else shape)
        for number in range(1, len(given)):
            self._check_branch(given, number, before)
        whole = joined(given)
        assert whole is not None
        return whole

    def _check_branch(self, given: Sequence[Shape], number: int, place: str) -> None:
        """Refuse a branch that does not go with the first."""
        both = joined([given[0], given[number]])
        first, other = pace(self.branches[0]), pace(self.branches[number])
        # Sizes that are the same now may differ for other lengths; a vector has none.
        if both is not None and (isinstance(both, VectorShape) or first == other):
            return
        example = differing(first, other)
        of = "" if example is None else f"; {{}} of {example} columns"
        raise ShapeError(
            f"branch {number + 1} of a parallel block gives another size than branch 1",
            where=f"{place}branch {number + 1}: {render_branch(self.branches[number])}",
            expected=f"{sized(given[0])}{of.format(first.left(example or 0))}, as branch 1 gives, but for the channels",
            got=f"{sized(given[number])}{of.format(other.left(example or 0))}",
            hint="give the branches the same strides and poolings, or pool each to one position",
        )

    def size_after(self, rows: int | None, columns: int | None) -> tuple[int | None, int | None]:
        for layer in self.branches[0]:
            rows, columns = layer.size_after(rows, columns)
        return rows, columns

    def pace(self, before: Pace) -> Pace:
        for layer in self.branches[0]:
            before = layer.pace(before)
        return before

    def columns_left(self, columns: int) -> int:
        """The fewest: branches that give a vector may have pooled by different steps before."""
        return min(columns_left(branch, columns) for branch in self.branches)

    def widened(self, factor: float) -> Layer:
        return self.within(lambda branch: tuple(layer.widened(factor) for layer in branch))


@dataclass(frozen=True)
class Addition(Layer):
    """``A3,<chunk>``: the channels (or features) in chunks of so many, added up; with ``Parallel`` a residual."""

    title: ClassVar[str] = "addition"

    chunk: int

    @classmethod
    def tokens(cls) -> tuple[Token, ...]:
        return (Token("A", "A3,<chunk>", _read_addition),)

    def render(self) -> str:
        return f"A3,{self.chunk}"

    def out_shape(self, shape: Shape, place: str | None = None) -> Shape:
        channels = features_of(shape)
        if channels % self.chunk:
            raise self.misfit(
                f"{channels} channels cannot be cut into chunks of {self.chunk}",
                shape,
                place,
                f"use a size that divides {channels}; as a residual, each branch gives {self.chunk} channels",
            )
        return with_features(shape, self.chunk)

    def widened(self, factor: float) -> Layer:
        return replace(self, chunk=scaled(self.chunk, factor))


@dataclass(frozen=True)
class Reshape(Layer):
    """``S<d>(<a>x<b>)<e>,<f>``: split dimension d into a × b; a goes to dimension e, b to f.

    Dimensions: 1 rows (y), 2 columns (x), 3 channels (depth). 0 for a or b: what is left. ``S1(1x0)1,3`` is
    the usual fold of an image into a sequence along X, ``S2(1x0)2,3`` the one along Y. Exactly one of e and f
    is d: that part stays, the other becomes the faster index of the dimension that it goes to (rows folded
    into channels give feature ``c · rows + y``).
    """

    title: ClassVar[str] = "reshape"

    dimension: int
    high: int
    low: int
    high_to: int
    low_to: int

    @classmethod
    def tokens(cls) -> tuple[Token, ...]:
        return (Token("S", "S<d>(<a>x<b>)<e>,<f>", _read_reshape),)

    def render(self) -> str:
        return f"S{self.dimension}({self.high}x{self.low}){self.high_to},{self.low_to}"

    def out_shape(self, shape: Shape, place: str | None = None) -> Shape:
        image = self.of_image("a reshape", shape, place)
        stays, moves, target = self._parts()
        sizes = {1: image.rows, 2: image.columns, 3: image.channels}
        if 2 in (self.dimension, target) and image.columns is None:
            raise self.misfit(
                "the columns vary from image to image, and cannot be split or added to",
                shape,
                place,
                "fix the width in the input block (or data.columns), or fold the rows: S1(1x0)1,3",
            )
        size, into = sizes[self.dimension], sizes[target]
        if size is None or into is None:
            hint = "write the height in the input block, or set data.rows"
            raise self.misfit("the number of rows is not fixed", shape, place, hint)
        stays, moves = stays or size // moves, moves or size // stays
        if stays * moves != size:
            raise self.misfit(
                f"{size} is not {self.high or '?'} × {self.low or '?'}",
                shape,
                place,
                "write 0 for the part that is to be what is left",
            )
        sizes.update({self.dimension: stays, target: into * moves})
        return self._folded(ImageShape(sizes[3] or 0, sizes[1], sizes[2]))

    def _parts(self) -> tuple[int, int, int]:
        """Sizes of the part that stays and of the one that moves (0: what is left), and where that goes."""
        if self.high_to == self.dimension:
            return self.high, self.low, self.low_to
        return self.low, self.high, self.high_to

    def _folded(self, image: ImageShape) -> Shape:
        """A whole axis moved into the channels leaves a sequence along the other one."""
        if self.dimension == 1 and image.rows == 1 and 3 in (self.high_to, self.low_to):
            return SequenceShape(image.channels, image.columns, "x")
        if self.dimension == 2 and image.columns == 1 and 3 in (self.high_to, self.low_to):
            return SequenceShape(image.channels, image.rows, "y")
        return image

    def pace(self, before: Pace) -> Pace:
        return UNCOUNTED if 2 in (self.dimension, self.high_to, self.low_to) else before

    def columns_left(self, columns: int) -> int:
        """Where columns move their number is fixed, and stands in the shape."""
        return columns

    def needs_more(self) -> str | None:
        return "a reshape moves steps or features"


def columns_left(layers: Sequence[Layer], columns: int) -> int:
    """Columns that layers in series leave of a number of them."""
    for layer in layers:
        columns = layer.columns_left(columns)
    return columns


def render_branch(branch: Sequence[Layer]) -> str:
    """A branch of a parallel block: one layer plain, several in brackets, none as the identity.

    Example:
        >>> from tidegate.network.vgsl import parse_fragment
        >>> render_branch(()), render_branch(parse_fragment("Bn")), render_branch(parse_fragment("Cr3,3,8 Bn"))
        ('I', 'Bn', '[Cr3,3,8 Bn]')
    """
    inner = " ".join(layer.render() for layer in branch)
    return inner if len(branch) == 1 else f"[{inner}]" if branch else "I"


def _read_addition(scanner: Scanner) -> Layer:
    scanner.skip_label()
    scanner.number("the dimension, 3: channels", least=3, most=3)
    scanner.comma("the channels of a chunk")
    return Addition(scanner.number("the channels of a chunk"))


def _read_reshape(scanner: Scanner) -> Layer:
    scanner.skip_label()
    dimension = _dimension(scanner)
    scanner.literal("(")
    high = scanner.number("the size of the outer part, or 0 for what is left", least=0)
    scanner.literal("x")
    place = scanner.at
    low = scanner.number("the size of the inner part, or 0 for what is left", least=0)
    if high == 0 == low:
        raise scanner.error(
            "both parts of a split cannot be what is left", expected="one of the two sizes above 0", at=place
        )
    scanner.literal(")")
    place = scanner.at
    high_to = _dimension(scanner)
    scanner.comma("the dimension that the inner part goes to")
    low_to = _dimension(scanner)
    if (high_to == dimension) == (low_to == dimension):
        raise scanner.error(
            "a split leaves one part in its dimension and moves the other",
            expected=f"exactly one of the two to be {dimension}",
            hint="S1(1x0)1,3 folds rows into channels, S2(1x0)2,3 columns",
            at=place,
        )
    return Reshape(dimension, high, low, high_to, low_to)


def _dimension(scanner: Scanner) -> int:
    return scanner.number("a dimension: 1 rows, 2 columns, 3 channels", most=3)
