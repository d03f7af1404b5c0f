"""The tokens of VGSL: how each is written, and how it is read. ``tidegate.network.vgsl`` reads whole strings
with them.

Sources: Tesseract's "VGSL Specs" (Smith 2016) and kraken's manual, whose dialect this follows where the two
    differ.
``Bn``, ``Dl``, ``R``, ``Ap``, ``At``, dilation and kernels of 0 are ours. What holds other layers, ``(…)`` and ``[…]``,
is read by ``tidegate.network.vgsl``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal

from tidegate.network.cells import CELLS, Cell
from tidegate.network.layers import (
    Activation,
    Addition,
    AttentionPooling,
    BatchNorm,
    Convolution,
    Dense,
    Direction,
    Dropout,
    GroupNorm,
    Layer,
    Output,
    OutputKind,
    Pooling,
    Recurrence,
    Reshape,
)
from tidegate.network.scanner import Scanner
from tidegate.network.shape import Axis

ACTIVATIONS: dict[str, Activation] = {"s": "sigmoid", "t": "tanh", "r": "relu", "l": "linear", "m": "softmax"}
DIRECTIONS: dict[str, Direction] = {"f": "forward", "r": "reverse", "b": "both"}
AXES: dict[str, Axis] = {"x": "x", "y": "y"}
OUTPUTS: dict[str, OutputKind] = {"s": "softmax", "l": "linear", "c": "ctc", "f": "crf"}


@dataclass(frozen=True)
class Token:
    """One kind of layer as it is written.

    Attributes:
        start: The letters that it begins with.
        form: Its full form, for messages and the manual.
        read: Reads the rest, after ``start``.
    """

    start: str
    form: str
    read: Callable[[Scanner], Layer]


def _pair(scanner: Scanner, what: str, least: int) -> tuple[int, int]:
    first = scanner.number(f"rows of the {what}", least=least)
    scanner.comma(f"columns of the {what}")
    return first, scanner.number(f"columns of the {what}", least=least)


def _optional_pair(scanner: Scanner, what: str) -> tuple[int, int] | None:
    return _pair(scanner, what, least=1) if scanner.take_comma() else None


def _convolution(scanner: Scanner) -> Layer:
    scanner.skip_label()
    activation = scanner.choice(ACTIVATIONS)
    scanner.skip_label()
    kernel = _pair(scanner, "kernel", least=1)
    scanner.comma("the number of channels")
    channels = scanner.number("the number of channels")
    stride = _optional_pair(scanner, "stride")
    dilation = _optional_pair(scanner, "dilation") if stride else None
    return Convolution(activation, kernel, channels, stride or (1, 1), dilation or (1, 1))


def _pooling(kind: Literal["max", "average"], scanner: Scanner) -> Layer:
    scanner.skip_label()
    kernel = _pair(scanner, "kernel", least=0)
    return Pooling(kind, kernel, _optional_pair(scanner, "stride") or usual_stride(kernel))


def usual_stride(kernel: tuple[int, int]) -> tuple[int, int]:
    """The stride of a pooling that names none: its kernel, and 1 along an axis that it covers whole."""
    return kernel[0] or 1, kernel[1] or 1


def _batch_norm(scanner: Scanner) -> Layer:
    scanner.skip_label()
    for letter, activation in ACTIVATIONS.items():
        if scanner.take(letter):
            return BatchNorm(activation)
    return BatchNorm()


def _group_norm(scanner: Scanner) -> Layer:
    scanner.skip_label()
    return GroupNorm(scanner.number("the number of groups"))


def _dropout(scanner: Scanner) -> Layer:
    scanner.skip_label()
    probability = scanner.take_probability()
    channels = scanner.take_comma() and scanner.number("1 for single values, 2 for channels", most=2) == 2
    return Dropout(0.5 if probability is None else probability, "channel" if channels else "plain")


def _locked_dropout(scanner: Scanner) -> Layer:
    scanner.skip_label()
    probability = scanner.take_probability()
    return Dropout(0.5 if probability is None else probability, "locked")


def _reshape(scanner: Scanner) -> Layer:
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


def _recurrence(cell: Cell, scanner: Scanner) -> Layer:
    scanner.skip_label()
    direction = scanner.choice(DIRECTIONS)
    axis = scanner.choice(AXES)
    summarise = scanner.take("s")
    scanner.skip_label()
    return Recurrence(cell, direction, axis, scanner.number("the number of units"), summarise)


def _dense(scanner: Scanner) -> Layer:
    scanner.skip_label()
    activation = scanner.choice(ACTIVATIONS)
    scanner.skip_label()
    return Dense(activation, scanner.number("the number of units"))


def _attention(scanner: Scanner) -> Layer:
    scanner.skip_label()
    return AttentionPooling(scanner.number("the number of hidden units"))


def _addition(scanner: Scanner) -> Layer:
    scanner.skip_label()
    scanner.number("the dimension, 3: channels", least=3, most=3)
    scanner.comma("the channels of a chunk")
    return Addition(scanner.number("the channels of a chunk"))


def _output(scanner: Scanner) -> Layer:
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


TOKENS = (
    Token("C", "C(s|t|r|l|m)y,x,d[,sy,sx[,dy,dx]]", _convolution),
    Token("Mp", "Mpy,x[,sy,sx]", partial(_pooling, "max")),
    Token("Ap", "Apy,x[,sy,sx]", partial(_pooling, "average")),
    Token("Bn", "Bn[s|t|r|l|m]", _batch_norm),
    Token("Gn", "Gn<groups>", _group_norm),
    Token("Do", "Do[p][,1|2]", _dropout),
    Token("Dl", "Dl[p]", _locked_dropout),
    Token("S", "S<d>(<a>x<b>)<e>,<f>", _reshape),
    *(
        Token(cell.letter, f"{cell.letter}(f|r|b)(x|y)[s]<n>", partial(_recurrence, name))
        for name, cell in CELLS.items()
    ),
    Token("F", "F(s|t|r|l|m)<d>", _dense),
    Token("At", "At<n>", _attention),
    Token("A", "A3,<chunk>", _addition),
)
OUTPUT = Token("O", "O(0|1)(s|l|c|f)<n>", _output)
