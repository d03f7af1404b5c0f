"""What an architecture comes to, layer by layer: the table of ``tidegate show``. Nothing is built."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from tidegate.models.symbols import with_symbols
from tidegate.network.layers import Architecture, Layer, Parallel
from tidegate.network.shape import Shape
from tidegate.network.trace import input_shape, trace, trace_layers


@dataclass(frozen=True)
class Row:
    """One layer, a parallel block, or one of its branches.

    Attributes:
        number: Its place, from 1; in the second branch of layer 4: 4.2.1, 4.2.2, …
        token: It, in VGSL; of a parallel block, how many branches follow.
        kind: In words.
        shape: What it gives.
        parameters: Learnt numbers.
        flops: Of one example forward, a multiplication with its addition as two.
    """

    number: str
    token: str
    kind: str
    shape: Shape
    parameters: int
    flops: int


def summarise(architecture: Architecture, symbols: int, columns: int | None = None) -> list[Row]:
    """A row for each layer; those of a parallel block stand below it, one branch after the other.

    Args:
        architecture: What to sum up.
        symbols: Classes or characters, without CTC's blank, if the output layer does not say.
        columns: Width of the example in pixels, if the input is not fixed.

    Raises:
        ShapeError: A layer does not fit what reaches it, or a size is neither fixed nor given.

    Example:
        >>> from tidegate.network.vgsl import parse
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
    return list(_rows(with_symbols(architecture, symbols).layers, input_shape(source), ""))


def _rows(layers: Sequence[Layer], shape: Shape, place: str) -> Iterator[Row]:
    for number, (record, after) in enumerate(trace_layers(layers, shape), start=1):
        cost = record.cost(shape, after)
        token = f"({len(record.branches)} branches)" if isinstance(record, Parallel) else record.render()
        yield Row(f"{place}{number}", token, record.title, after, cost.parameters, cost.flops)
        if isinstance(record, Parallel):
            for branch, inner in enumerate(record.branches, start=1):
                yield from _branch(inner, shape, f"{place}{number}.{branch}")
        shape = after


def _branch(layers: Sequence[Layer], shape: Shape, place: str) -> Iterator[Row]:
    if not layers:
        yield Row(place, "I", "identity", shape, 0, 0)
    yield from _rows(layers, shape, f"{place}.")


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
        >>> from tidegate.network.vgsl import parse
        >>> flops(parse("[1,8,0,1 Cr3,3,4 S1(1x0)1,3 Gfx5 O1c0]"), symbols=9, columns=10)
        17860
    """
    if columns is None and architecture.input.columns is None:
        return None
    return sum(row.flops for row in summarise(architecture, symbols, columns))
