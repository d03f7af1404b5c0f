"""Recurrent layers, and attention over their steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import ClassVar, Literal, Self

from tidegate.network.cells import CELLS, Cell
from tidegate.network.layers.layer import ONE_VECTOR, Cost, Layer, Token, letter_of
from tidegate.network.pace import Pace
from tidegate.network.scanner import Scanner
from tidegate.network.shape import Axis, ImageShape, SequenceShape, Shape, VectorShape, features_of, positions

Direction = Literal["forward", "reverse", "both"]
DIRECTIONS: Mapping[str, Direction] = {"f": "forward", "r": "reverse", "b": "both"}
AXES: Mapping[str, Axis] = {"x": "x", "y": "y"}


@dataclass(frozen=True)
class Recurrence(Layer):
    """``<cell>(f|r|b)(x|y)[s]<n>``: a layer of an LSTM, GRU or another cell along one axis.

    ``summarise`` keeps the final state only (both directions' for ``both``) and so collapses the axis to one.
    """

    title: ClassVar[str] = "recurrent"

    cell: Cell
    direction: Direction
    axis: Axis
    hidden: int
    summarise: bool = False

    @classmethod
    def tokens(cls) -> tuple[Token, ...]:
        return tuple(
            Token(cell.letter, f"{cell.letter}(f|r|b)(x|y)[s]<n>", partial(_read_recurrence, name))
            for name, cell in CELLS.items()
        )

    def render(self) -> str:
        letters = CELLS[self.cell].letter + letter_of(DIRECTIONS, self.direction) + self.axis
        return f"{letters}{'s' if self.summarise else ''}{self.hidden}"

    def out_shape(self, shape: Shape, place: str | None = None) -> Shape:
        if isinstance(shape, VectorShape):
            raise self.misfit(
                "a recurrent layer needs a sequence or an image",
                shape,
                place,
                "leave it out, or do not summarise before it",
            )
        if isinstance(shape, SequenceShape):
            if shape.axis != self.axis:
                raise self.misfit(
                    f"this sequence runs along {shape.axis}, not along {self.axis}",
                    shape,
                    place,
                    f"write {replace(self, axis=shape.axis).render()}",
                )
            if self.summarise:
                return VectorShape(self.features)
            return SequenceShape(self.features, shape.time, shape.axis)
        rows = 1 if self.summarise and self.axis == "y" else shape.rows
        columns = 1 if self.summarise and self.axis == "x" else shape.columns
        return ImageShape(self.features, rows, columns)

    def pace(self, before: Pace) -> Pace:
        return before.single() if self.summarise and self.axis == "x" else before

    def cost(self, before: Shape, after: Shape) -> Cost:
        """Every position of the input is a step of each direction."""
        cell = CELLS[self.cell]
        rows = len(cell.gates) * self.features
        weights = rows * (features_of(before) + (self.hidden if cell.reads_state else 0))
        return Cost(weights + rows * (2 if cell.reads_state else 1), 2 * weights * positions(before))

    @property
    def features(self) -> int:
        return self.hidden * (2 if self.direction == "both" else 1)

    @property
    def size(self) -> int:
        return self.hidden

    def with_size(self, size: int) -> Self:
        return replace(self, hidden=size)

    def sees_ahead(self) -> str | None:
        if self.direction == "both":
            return "a bidirectional layer"
        if self.direction == "reverse":
            return "a layer in reverse"
        if self.summarise:
            return "a layer that sums up the whole text"
        return "a layer along y" if self.axis == "y" else None

    def needs_more(self) -> str | None:
        if self.direction == "both":
            return "a bidirectional layer reads from the end, too"
        if self.direction == "reverse":
            return "a layer in reverse reads from the end"
        if self.axis == "y":
            return "a layer along y does not follow the steps"
        return ONE_VECTOR if self.summarise else None

    def pools_all(self) -> bool:
        return self.summarise and self.direction == "forward" and self.axis == "x"


@dataclass(frozen=True)
class AttentionPooling(Layer):
    """``At<n>``: one position along x, or one vector of a sequence: the mean under weights that are learnt (ours).

    Additive attention with ``hidden`` units, over true steps only: Yang et al. 2016, equations 5 to 7.
    """

    title: ClassVar[str] = "attention"

    hidden: int

    @classmethod
    def tokens(cls) -> tuple[Token, ...]:
        return (Token("At", "At<n>", _read_attention),)

    def render(self) -> str:
        return f"At{self.hidden}"

    def out_shape(self, shape: Shape, place: str | None = None) -> Shape:
        if isinstance(shape, ImageShape):
            return ImageShape(shape.channels, shape.rows, 1)
        if isinstance(shape, SequenceShape):
            return VectorShape(shape.features)
        raise self.misfit(
            "attention pools the steps of a sequence, and this is one vector a sample",
            shape,
            place,
            "leave it out, or do not summarise before it",
        )

    def size_after(self, rows: int | None, columns: int | None) -> tuple[int | None, int | None]:
        return rows, 1

    def pace(self, before: Pace) -> Pace:
        return before.single()

    def cost(self, before: Shape, after: Shape) -> Cost:
        """A hidden layer and a score at every position, and the weighted mean; no bias of the score."""
        features = features_of(before)
        products = features * self.hidden + self.hidden + features
        return Cost(features * self.hidden + 2 * self.hidden, 2 * products * positions(before))

    def needs_more(self) -> str | None:
        return ONE_VECTOR

    def pools_all(self) -> bool:
        return True


def _read_recurrence(cell: Cell, scanner: Scanner) -> Layer:
    scanner.skip_label()
    direction = scanner.choice(DIRECTIONS)
    axis = scanner.choice(AXES)
    summarise = scanner.take("s")
    scanner.skip_label()
    return Recurrence(cell, direction, axis, scanner.number("the number of units"), summarise)


def _read_attention(scanner: Scanner) -> Layer:
    scanner.skip_label()
    return AttentionPooling(scanner.number("the number of hidden units"))
