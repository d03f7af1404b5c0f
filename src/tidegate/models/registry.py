"""What builds each layer record, and what each costs. A new layer is one new file in ``nn`` and one line here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tidegate.models.costs import (
    Cost,
    batch_norm,
    convolution,
    dense,
    free,
    group_norm,
    output,
    positions,
    recurrence,
)
from tidegate.nn.conditional_field import ConditionalField
from tidegate.nn.convolution import Convolution
from tidegate.nn.dropout import Dropout
from tidegate.nn.layer import Layer
from tidegate.nn.linear import Dense, Output
from tidegate.nn.normalisation import BatchNorm, GroupNorm
from tidegate.nn.pooling import Pooling
from tidegate.nn.recurrent import Recurrent
from tidegate.nn.reshape import Reshape
from tidegate.spec import layers as records
from tidegate.spec.shape import ImageShape, Shape


@dataclass(frozen=True)
class Kind:
    """One kind of layer.

    Attributes:
        name: For tables.
        build: From the record and the shape that reaches it to the module.
        cost: From the record, the shape that reaches it and the one that it gives, to parameters and arithmetic.
    """

    name: str
    build: Callable[[Any, Shape], Layer]
    cost: Callable[[Any, Shape, Shape], Cost]


def _features(shape: Shape) -> int:
    return shape.channels if isinstance(shape, ImageShape) else shape.features


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
    records.Output: Kind(
        "output",
        lambda record, shape: (ConditionalField if record.kind == "crf" else Output)(
            _features(shape), record
        ),
        output,
    ),
}
"""Every record that a specification can hold."""
