"""What builds each layer record. A new layer is its record, its module in ``nn``, and one line here that joins them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tidegate.network import layers as records
from tidegate.network.shape import Shape, features_of, positions
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


def build_layer(record: records.Layer, shape: Shape) -> Layer:
    """The module of one record, for what reaches it."""
    return MODULES[type(record)](record, shape)


def build_layers(layers: Sequence[records.Layer], shape: Shape) -> list[Layer]:
    """A module for each record of layers in series.

    Args:
        layers: The records.
        shape: What reaches the first.

    Raises:
        ShapeError: A layer does not fit what reaches it.

    Example:
        >>> from tidegate.network.shape import ImageShape
        >>> from tidegate.network.vgsl import parse_fragment
        >>> [type(layer).__name__ for layer in build_layers(parse_fragment("(Bn I) A3,4"), ImageShape(4, 1, None))]
        ['Parallel', 'Addition']
    """
    built: list[Layer] = []
    for record, after in records.trace_layers(layers, shape):
        built.append(build_layer(record, shape))
        shape = after
    return built


def _parallel(record: records.Parallel, shape: Shape) -> Layer:
    return Parallel(record, [build_layers(branch, shape) for branch in record.branches])


MODULES: Mapping[type[records.Layer], Callable[[Any, Shape], Layer]] = {
    records.Convolution: lambda record, shape: Convolution(features_of(shape), record),
    records.Pooling: lambda record, _: Pooling(record),
    records.BatchNorm: lambda record, shape: BatchNorm(features_of(shape), record.activation),
    records.GroupNorm: lambda record, shape: GroupNorm(features_of(shape), record.groups),
    records.Dropout: lambda record, _: Dropout(record),
    records.Reshape: lambda record, _: Reshape(record),
    records.Recurrence: lambda record, shape: Recurrent(features_of(shape), record),
    records.Dense: lambda record, shape: Dense(features_of(shape) * positions(shape), record),
    records.AttentionPooling: lambda record, shape: AttentionPooling(features_of(shape), record),
    records.Parallel: _parallel,
    records.Addition: lambda record, _: Addition(record),
    records.Output: lambda record, shape: (ConditionalField if record.kind == "crf" else Output)(
        features_of(shape), record
    ),
}
"""From each record and the shape that reaches it to its module."""
