"""Parameters and arithmetic of each layer, from sizes alone: no weight is made.

FLOPs count one example forward, a multiplication with its addition as two, in the products of convolutions, recurrent,
attention, dense and output layers. Activations, normalisation and pooling are left out, as is usual.
"""

from __future__ import annotations

from dataclasses import dataclass

from tidegate.errors import ShapeError
from tidegate.network import layers as records
from tidegate.network.cells import CELLS
from tidegate.network.shape import ImageShape, Shape, VectorShape


@dataclass(frozen=True)
class Cost:
    """What a layer costs.

    Attributes:
        parameters: Learnt numbers.
        flops: Of one example.
    """

    parameters: int
    flops: int


def positions(shape: Shape) -> int:
    """Positions of one sample: rows × columns, steps, or 1.

    Raises:
        ShapeError: A size is not known.

    Example:
        >>> positions(ImageShape(channels=8, rows=5, columns=4))
        20
    """
    if isinstance(shape, VectorShape):
        return 1
    rows, columns = (shape.rows, shape.columns) if isinstance(shape, ImageShape) else (1, shape.time)
    if rows is None or columns is None:
        raise ShapeError(
            "arithmetic cannot be counted for an input of any size",
            got=str(shape),
            hint="fix the height in the input block, and give the columns of the example",
        )
    return rows * columns


def _features(shape: Shape) -> int:
    return shape.channels if isinstance(shape, ImageShape) else shape.features


def free(_record: records.Layer, _before: Shape, _after: Shape) -> Cost:
    """Pooling, dropout, reshape, addition; and a parallel block, whose layers are counted by themselves."""
    return Cost(0, 0)


def convolution(record: records.Convolution, before: Shape, after: Shape) -> Cost:
    """Every position of the result sees one window."""
    weights = _features(before) * record.kernel[0] * record.kernel[1] * record.channels
    return Cost(weights + record.channels, 2 * weights * positions(after))


def batch_norm(_record: records.BatchNorm, before: Shape, _after: Shape) -> Cost:
    """A factor and a term a channel."""
    return Cost(2 * _features(before), 0)


def group_norm(_record: records.GroupNorm, before: Shape, _after: Shape) -> Cost:
    """A factor and a term a channel."""
    return Cost(2 * _features(before), 0)


def recurrence(record: records.Recurrence, before: Shape, _after: Shape) -> Cost:
    """Every position of the input is a step of each direction."""
    cell = CELLS[record.cell]
    rows = len(cell.gates) * record.hidden * (2 if record.direction == "both" else 1)
    weights = rows * (_features(before) + (record.hidden if cell.reads_state else 0))
    return Cost(weights + rows * (2 if cell.reads_state else 1), 2 * weights * positions(before))


def dense(record: records.Dense, before: Shape, _after: Shape) -> Cost:
    """One product of everything."""
    weights = _features(before) * positions(before) * record.units
    return Cost(weights + record.units, 2 * weights)


def attention(record: records.AttentionPooling, before: Shape, _after: Shape) -> Cost:
    """A hidden layer and a score at every position, and the weighted mean; no bias of the score."""
    features = _features(before)
    products = features * record.hidden + record.hidden + features
    return Cost(features * record.hidden + 2 * record.hidden, 2 * products * positions(before))


def output(record: records.Output, before: Shape, after: Shape) -> Cost:
    """One product a step, or one; a conditional random field has scores of one tag after another, too."""
    weights = _features(before) * record.symbols
    between = record.symbols * (record.symbols + 2) if record.kind == "crf" else 0
    return Cost(weights + record.symbols + between, 2 * weights * positions(after))
