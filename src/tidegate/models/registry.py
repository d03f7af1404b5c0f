"""What builds each layer record, and what each costs. A new layer is one new file in ``nn`` and one line here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tidegate.models.costs import (
    Cost,
    attention,
    batch_norm,
    convolution,
    dense,
    free,
    group_norm,
    output,
    positions,
    recurrence,
)
from tidegate.network import layers as records
from tidegate.network.shape import ImageShape, Shape
from tidegate.network.trace import trace_layers
from tidegate.nn.attention_pooling import AttentionPooling
from tidegate.nn.conditional_field import ConditionalField
from tidegate.nn.convolution import Convolution
from tidegate.nn.dropout import Dropout
from tidegate.nn.layer import Layer
from tidegate.nn.linear import Dense, Output
from tidegate.nn.normalisation import BatchNorm, GroupNorm
from tidegate.nn.parallel import Addition, Parallel
from tidegate.nn.pooling import Pooling
from tidegate.nn.recurrent import Recurrent
from tidegate.nn.reshape import Reshape


@dataclass(frozen=True)
class Kind:
    """One kind of layer.

    Attributes:
        name: For tables.
        build: From the record and the shape that reaches it to the module.
        cost: From the record, the shape that reaches it and the one that it gives, to parameters and arithmetic; those of
            layers within it are counted by themselves.
    """

    name: str
    build: Callable[[Any, Shape], Layer]
    cost: Callable[[Any, Shape, Shape], Cost]


def _features(shape: Shape) -> int:
    return shape.channels if isinstance(shape, ImageShape) else shape.features


def build_layers(layers: Sequence[records.Layer], shape: Shape) -> list[Layer]:
    """A module for each record of layers in series.

    Args:
        layers: The records.
        shape: What reaches the first.

    Raises:
        ShapeError: A layer does not fit what reaches it.

    Example:
        >>> from tidegate.network.vgsl import parse_fragment
        >>> [type(layer).__name__ for layer in build_layers(parse_fragment("(Bn I) A3,4"), ImageShape(4, 1, None))]
        ['Parallel', 'Addition']
    """
    built: list[Layer] = []
    for record, after in trace_layers(layers, shape):
        built.append(KINDS[type(record)].build(record, shape))
        shape = after
    return built


def _parallel(record: records.Parallel, shape: Shape) -> Layer:
    return Parallel(record, [build_layers(branch, shape) for branch in record.branches])


KINDS: Mapping[type[records.Layer], Kind] = {
    records.Convolution: Kind(
        "convolution", lambda record, shape: Convolution(_features(shape), record), convolution
    ),
    records.Pooling: Kind("pooling", lambda record, _: Pooling(record), free),
    records.BatchNorm: Kind(
        "batch norm", lambda record, shape: BatchNorm(_features(shape), record.activation), batch_norm
    ),
    records.GroupNorm: Kind(
        "group norm", lambda record, shape: GroupNorm(_features(shape), record.groups), group_norm
    ),
    records.Dropout: Kind("dropout", lambda record, _: Dropout(record), free),
    records.Reshape: Kind("reshape", lambda record, _: Reshape(record), free),
    records.Recurrence: Kind(
        "recurrent", lambda record, shape: Recurrent(_features(shape), record), recurrence
    ),
    records.Dense: Kind(
        "dense", lambda record, shape: Dense(_features(shape) * positions(shape), record), dense
    ),
    records.AttentionPooling: Kind(
        "attention", lambda record, shape: AttentionPooling(_features(shape), record), attention
    ),
    records.Parallel: Kind("parallel", _parallel, free),
    records.Addition: Kind("addition", lambda record, _: Addition(record), free),
    records.Output: Kind(
        "output",
        lambda record, shape: (ConditionalField if record.kind == "crf" else Output)(
            _features(shape), record
        ),
        output,
    ),
}
"""Every record that a specification can hold."""
