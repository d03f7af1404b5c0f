"""Fully connected layers, and those that answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
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
from tidegate.network.shape import ImageShape, SequenceShape, Shape, VectorShape, features_of, positions

OutputKind = Literal["softmax", "linear", "ctc", "crf"]
OUTPUTS: Mapping[str, OutputKind] = {"s": "softmax", "l": "linear", "c": "ctc", "f": "crf"}


@dataclass(frozen=True)
class Dense(Layer):
    """``F(s|t|r|l|m)<d>``: connects to every row, column and channel, and gives one vector of ``units``."""

    title: ClassVar[str] = "dense"

    activation: Activation
    units: int

    @classmethod
    def tokens(cls) -> tuple[Token, ...]:
        return (Token("F", "F(s|t|r|l|m)<d>", _read_dense),)

    def render(self) -> str:
        return f"F{letter_of(ACTIVATIONS, self.activation)}{self.units}"

    def out_shape(self, shape: Shape, place: str | None = None) -> Shape:
        open_image = isinstance(shape, ImageShape) and None in (shape.rows, shape.columns)
        if open_image or (isinstance(shape, SequenceShape) and shape.time is None):
            raise self.misfit(
                "a fully connected layer needs a fixed size",
                shape,
                place,
                "fix the width in the input block (or data.columns), or write Ap0,0 before it",
            )
        return VectorShape(self.units)

    def pace(self, before: Pace) -> Pace:
        return before.single()

    def cost(self, before: Shape, after: Shape) -> Cost:
        """One product of everything."""
        weights = features_of(before) * positions(before) * self.units
        return Cost(weights + self.units, 2 * weights)

    @property
    def features(self) -> int:
        return self.units

    @property
    def size(self) -> int:
        return self.units

    def with_size(self, size: int) -> Self:
        return replace(self, units=size)

    def widened(self, factor: float) -> Layer:
        return replace(self, units=scaled(self.units, factor))

    def needs_more(self) -> str | None:
        return ONE_VECTOR


@dataclass(frozen=True)
class Output(Layer):
    """``O(0|1)(s|l|c|f)<n>``: 0 one answer a sample, 1 one a step.

    Softmax, linear, softmax with CTC, or a linear-chain conditional random field over the steps (ours). ``symbols`` 0: as
    many as the data need.
    """

    title: ClassVar[str] = "output"

    dimensions: Literal[0, 1]
    kind: OutputKind
    symbols: int

    @classmethod
    def tokens(cls) -> tuple[Token, ...]:
        return (Token("O", "O(0|1)(s|l|c|f)<n>", _read_output),)

    def render(self) -> str:
        return f"O{self.dimensions}{letter_of(OUTPUTS, self.kind)}{self.symbols}"

    def out_shape(self, shape: Shape, place: str | None = None) -> Shape:
        return self._one_answer(shape, place) if self.dimensions == 0 else self._one_a_step(shape, place)

    def _one_answer(self, shape: Shape, place: str | None) -> Shape:
        if isinstance(shape, VectorShape) or _positions(shape) == 1:
            return VectorShape(self.symbols)
        raise self.misfit(
            "one answer a sample needs one vector a sample",
            shape,
            place,
            "write Ap0,0 before the output, a recurrent layer that summarises (Lbxs64), or F for a fixed size",
        )

    def _one_a_step(self, shape: Shape, place: str | None) -> Shape:
        if isinstance(shape, VectorShape):
            raise self.misfit(
                "one answer a step needs a sequence, and this is one vector a sample",
                shape,
                place,
                "use O0, or do not summarise or fully connect before it",
            )
        if isinstance(shape, SequenceShape):
            return SequenceShape(self.symbols, shape.time, shape.axis)
        if shape.rows != 1:
            raise self.misfit(
                "one answer a step needs a sequence, and this is an image with rows",
                shape,
                place,
                "fold the rows away first with S1(1x0)1,3",
            )
        return SequenceShape(self.symbols, shape.columns)

    def cost(self, before: Shape, after: Shape) -> Cost:
        """One product a step, or one; a conditional random field has scores of one tag after another, too."""
        weights = features_of(before) * self.symbols
        between = self.symbols * (self.symbols + 2) if self.kind == "crf" else 0
        return Cost(weights + self.symbols + between, 2 * weights * positions(after))

    @property
    def features(self) -> int:
        return self.symbols

    def sees_ahead(self) -> str | None:
        return None


def _positions(shape: ImageShape | SequenceShape) -> int | None:
    if isinstance(shape, SequenceShape):
        return shape.time
    return None if shape.rows is None or shape.columns is None else shape.rows * shape.columns


def _read_dense(scanner: Scanner) -> Layer:
    scanner.skip_label()
    activation = scanner.choice(ACTIVATIONS)
    scanner.skip_label()
    return Dense(activation, scanner.number("the number of units"))


def _read_output(scanner: Scanner) -> Layer:
    scanner.skip_label()
    one_a_step = scanner.choice({"0": False, "1": True})
    place = scanner.at
    kind = scanner.choice(OUTPUTS)
    if kind in ("ctc", "crf") and not one_a_step:
        name, letter = ("CTC", "c") if kind == "ctc" else ("a conditional random field", "f")
        raise scanner.error(
            f"{name} needs one answer a step",
            expected=f"`O1{letter}`, or `O0s` for one answer a sample",
            at=place,
        )
    scanner.skip_label()
    number = scanner.number("the number of symbols, or 0 for as many as the data need", least=0)
    return Output(1 if one_a_step else 0, kind, number)
