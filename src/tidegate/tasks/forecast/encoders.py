"""What reads the observed window: any layers that end in one vector, or recurrent layers whose states go on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from torch import Tensor, nn

from tidegate.errors import ConfigError
from tidegate.models.build import arrange
from tidegate.models.registry import build_layer
from tidegate.network import layers as records
from tidegate.network.cells import CELLS, Cell
from tidegate.network.shape import ImageShape, SequenceShape, Shape, VectorShape
from tidegate.nn.layer import Layer
from tidegate.nn.recurrent import Recurrent

Carried = tuple[Tensor, ...]


class VectorEncoder(nn.Module):
    """Any layers that make one vector of a window; the last recurrent layer gives its final state.

    Args:
        layers: Without an output layer.
        features: F of each step.
        steps: T.

    Raises:
        ShapeError: The layers do not fit.

    Example:
        >>> from tidegate.network.vgsl import parse_fragment
        >>> import torch
        >>> encoder = VectorEncoder(parse_fragment("Cr1,3,8 Gbx16"), features=2, steps=12)
        >>> encoder(torch.zeros(5, 12, 2)).shape, encoder.features
        (torch.Size([5, 32]), 32)
    """

    def __init__(self, layers: Sequence[records.Layer], features: int, steps: int) -> None:
        super().__init__()
        shape: Shape = ImageShape(features, 1, steps)
        built: list[Layer] = []
        for number, record in enumerate(summarised(layers), start=1):
            built.append(build_layer(record, shape))
            shape = record.out_shape(shape, f"layer {number}")
        arrange(built)
        self.layers = nn.ModuleList(built)
        self.features = _flat(shape)

    def forward(self, x: Tensor) -> Tensor:
        """``(B, T, F)`` to ``(B, features)``."""
        y = x.transpose(1, 2)[:, :, None]
        for layer in self.layers:
            y, _ = layer(y, None)
        return y.flatten(1)


class StateEncoder(nn.Module):
    """Layers whose recurrent part can go on after the window: what stands before it reads the window only.

    Args:
        layers: Without an output layer; behind the first recurrent one only recurrent ones and dropout.
        features: F of each step.
        steps: T.

    Raises:
        ConfigError: There is no recurrent layer, or something else stands behind one.
        ShapeError: The layers do not fit.

    Example:
        >>> from tidegate.network.vgsl import parse_fragment
        >>> import torch
        >>> encoder = StateEncoder(parse_fragment("Cr1,1,8 Gfx16 Do0.1"), features=2, steps=12)
        >>> last, states = encoder(torch.zeros(5, 12, 2))
        >>> last.shape, encoder.broadcast(torch.zeros(1, 3, 8), states).shape
        (torch.Size([5, 16]), torch.Size([5, 3, 16]))
    """

    def __init__(self, layers: Sequence[records.Layer], features: int, steps: int) -> None:
        super().__init__()
        first = _first_recurrence(layers)
        shape: Shape = ImageShape(features, 1, steps)
        built: list[Layer] = []
        for number, record in enumerate(layers, start=1):
            if number > first:
                _check_carries(record, number)
            if number == first + 1:
                shape = _sequence(shape)
            built.append(build_layer(record, shape))
            shape = record.out_shape(shape, f"layer {number}")
        self.before = nn.ModuleList(built[:first])
        self.stack = nn.ModuleList(built[first:])
        self.features = _flat(shape)
        self.inside = self._recurrent()[0].weights(0, "forward").input.shape[1]
        """Features that reach the first recurrent layer."""

    @property
    def cell(self) -> Cell:
        """Of the last recurrent layer."""
        return self._recurrent()[-1].cell

    @property
    def hidden(self) -> int:
        """H of the last recurrent layer and direction."""
        return self._recurrent()[-1].hidden

    def forward(self, x: Tensor) -> tuple[Tensor, Carried]:
        """``(B, T, F)`` to the final state of the last layer, both directions' ``(B, D·H)``, and the states of all."""
        if self.before:
            y = x.transpose(1, 2)[:, :, None]
            for layer in self.before:
                y, _ = layer(y, None)
            x = y[:, :, 0].transpose(1, 2) if y.dim() == 4 else y
        _, states = self.run(x, ())
        last = states[-len(CELLS[self.cell].states)]
        return last.transpose(0, 1).flatten(1), states

    def run(self, x: Tensor, states: Sequence[Tensor]) -> tuple[Tensor, Carried]:
        """The recurrent part over ``(B, T, inside)``, going on from states (none: zeros)."""
        after: list[Tensor] = []
        place = 0
        for layer in self.stack:
            if isinstance(layer, Recurrent):
                width = layer.carried
                x, some = layer.stream(x, states[place : place + width])
                after += some
                place += width
            else:
                x, _ = layer(x, None)
        return x, tuple(after)

    def broadcast(self, x: Tensor, states: Sequence[Tensor]) -> Tensor:
        """One step on for many inputs side by side: ``(B or 1, M, inside)`` to ``(B, M, D·H)``."""
        place = 0
        for layer in self.stack:
            if isinstance(layer, Recurrent):
                width = layer.carried
                x = layer.broadcast(x, states[place : place + width])
                place += width
            else:
                x, _ = layer(x, None)
        return x

    def _recurrent(self) -> list[Recurrent]:
        return [layer for layer in self.stack if isinstance(layer, Recurrent)]


def summarised(layers: Sequence[records.Layer]) -> tuple[records.Layer, ...]:
    """The last recurrent layer gives its final state, where only dropout follows it.

    Example:
        >>> from tidegate.network.vgsl import parse_fragment
        >>> [layer.render() for layer in summarised(parse_fragment("Lfx8 Do Gbx4 Do"))]
        ['Lfx8', 'Do0.5', 'Gbxs4', 'Do0.5']
    """
    changed = list(layers)
    for place in range(len(changed) - 1, -1, -1):
        layer = changed[place]
        if isinstance(layer, records.Recurrence):
            changed[place] = replace(layer, summarise=True)
            break
        if not isinstance(layer, records.Dropout):
            break
    return tuple(changed)


def _first_recurrence(layers: Sequence[records.Layer]) -> int:
    for place, layer in enumerate(layers):
        if isinstance(layer, records.Recurrence):
            return place
    raise ConfigError(
        "this decoder goes on from the states of recurrent layers, and the network has none",
        where="forecast.decoder",
        expected="direct, or a recurrent network",
        hint="set forecast.decoder to direct, or choose a preset such as gru",
    )


def _check_carries(layer: records.Layer, number: int) -> None:
    if isinstance(layer, records.Recurrence | records.Dropout) and not getattr(layer, "summarise", False):
        return
    raise ConfigError(
        "behind its first recurrent layer a network whose states go on has recurrent layers and dropout only",
        where=f"layer {number}: {layer.render()}",
        expected="Lfx, Gfx, Rfx (or b), Do, Dl",
        hint="set forecast.decoder to direct, or leave the layer out",
    )


def _sequence(shape: Shape) -> Shape:
    return SequenceShape(shape.channels, shape.columns) if isinstance(shape, ImageShape) else shape


def _flat(shape: Shape) -> int:
    if isinstance(shape, VectorShape):
        return shape.features
    if isinstance(shape, SequenceShape):
        return shape.features
    return shape.channels * (shape.rows or 1) * (shape.columns or 1)
