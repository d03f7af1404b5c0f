"""What an architecture comes to, layer by layer: the table of ``tidegate show``. Nothing is built."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tidegate.models.registry import KINDS
from tidegate.models.symbols import with_symbols
from tidegate.spec.layers import Architecture
from tidegate.spec.shape import Shape
from tidegate.spec.trace import input_shape, trace
from tidegate.spec.vgsl import render_layer


@dataclass(frozen=True)
class Row:
    """One layer.

    Attributes:
        number: Its place, from 1.
        token: It, in VGSL.
        kind: In words.
        shape: What it gives.
        parameters: Learnt numbers.
        flops: Of one example forward, a multiplication with its addition as two.
    """

    number: int
    token: str
    kind: str
    shape: Shape
    parameters: int
    flops: int


def summarise(architecture: Architecture, symbols: int, columns: int | None = None) -> list[Row]:
    """A row for each layer.

    Args:
        architecture: What to sum up.
        symbols: Classes or characters, without CTC's blank, if the output layer does not say.
        columns: Width of the example in pixels, if the input is not fixed.

    Raises:
        ShapeError: A layer does not fit what reaches it, or a size is neither fixed nor given.

    Example:
        >>> from tidegate.spec.vgsl import parse
        >>> for row in summarise(parse("[1,8,0,1 Cr3,3,4 S1(1x0)1,3 Gfx5 O1c0]"), symbols=9, columns=10):
        ...     print(row.token, row.shape, row.parameters, row.flops)
        Cr3,3,4 4×8×10 40 5760
        S1(1x0)1,3 10×32 0 0
        Gfx5 10×5 585 11100
        O1c10 10×10 60 1000
    """
    source = architecture.input
    if source.columns is None:
        # A layer that needs a fixed width must fail for the true input, not pass for the example.
        trace(architecture)
        source = replace(source, columns=columns)
    shape: Shape = input_shape(source)
    rows: list[Row] = []
    for number, (record, after) in enumerate(trace(with_symbols(architecture, symbols), source), start=1):
        kind = KINDS[type(record)]
        cost = kind.cost(record, shape, after)
        rows.append(Row(number, render_layer(record), kind.name, after, cost.parameters, cost.flops))
        shape = after
    return rows


def flops(architecture: Architecture, symbols: int, columns: int | None = None) -> int | None:
    """FLOPs of one example forward.

    Args:
        architecture: What to sum up.
        symbols: Classes or characters, without CTC's blank, if the output layer does not say.
        columns: Width of the example in pixels, if the input is not fixed.

    Returns:
        Their number; ``None`` if the width is not fixed and no columns are given.

    Raises:
        ShapeError: A layer does not fit what reaches it, or the height is not fixed.

    Example:
        >>> from tidegate.spec.vgsl import parse
        >>> flops(parse("[1,8,0,1 Cr3,3,4 S1(1x0)1,3 Gfx5 O1c0]"), symbols=9, columns=10)
        17860
    """
    if columns is None and architecture.input.columns is None:
        return None
    return sum(row.flops for row in summarise(architecture, symbols, columns))
