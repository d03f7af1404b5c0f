"""Recurrent layers on sequences, and along the rows or columns of images."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from tidegate.network.cells import CELLS, Cell, CellRecord
from tidegate.network.layers import Direction
from tidegate.network.layers import Dropout as DropoutSpec
from tidegate.network.layers import Recurrence as RecurrenceSpec
from tidegate.nn.dropout import Dropout
from tidegate.nn.layer import Flow, Layer
from tidegate.ops.recurrence.broadcast import broadcast_step
from tidegate.ops.recurrence.cells import DirectionWeights, OneDirection, State, Weights
from tidegate.ops.recurrence.layer import recurrent_layer

_DIRECTIONS: dict[Direction, tuple[OneDirection, ...]] = {
    "forward": ("forward",),
    "reverse": ("reverse",),
    "both": ("forward", "reverse"),
}


class Recurrent(Layer):
    """A layer of any cell, read forward, in reverse, or both side by side.

    On a sequence it runs along time. On an image it runs along one axis: each row (``x``) or column (``y``)
    is a sequence of its own, with the channels as features. Reverse starts at each sequence's own end.

    Parameters are named as in ``torch.nn``, and those of the reverse direction end in ``_reverse``, also
    where there is no other: a ``torch.nn.LSTM(F, H, bidirectional=True)`` and this layer with ``both``
    exchange their ``state_dict``.

    Args:
        features_in: F, or C of an image.
        spec: Cell (``elman`` has tanh), H of each direction, axis, and whether to give only the state after the last
            step of each direction. ``both`` gives 2·H features, forward's first.
        layers: How many, one on top of the other.
        dropout: Between two layers, in training; the same features at every step of a sequence.

    Example:
        >>> layer = Recurrent(16, RecurrenceSpec("gru", "both", "x", hidden=32), layers=2, dropout=0.3)
        >>> y, lengths = layer(torch.zeros(2, 30, 16), torch.tensor([30, 12]))
        >>> y.shape, sorted(layer.state_dict())[0]
        (torch.Size([2, 30, 64]), 'bias_hh_l0')
    """

    def __init__(
        self, features_in: int, spec: RecurrenceSpec, *, layers: int = 1, dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.spec = spec
        self.cell: Cell = spec.cell
        self.hidden = spec.hidden
        self.layers = layers
        self.dropout = Dropout(DropoutSpec(dropout, "locked"))
        self.weight_drop = 0.0
        """In training, the share of recurrent weights that are 0 in a call (DropConnect; Merity et al. 2018)."""
        for layer in range(layers):
            features = features_in if layer == 0 else self.features
            for direction in _DIRECTIONS[spec.direction]:
                self._add_parameters(features, _suffix(layer, direction))

    @property
    def features(self) -> int:
        """Features that it gives."""
        return self.hidden * len(_DIRECTIONS[self.spec.direction])

    def _add_parameters(self, features: int, suffix: str) -> None:
        rows = len(self._record.gates) * self.hidden
        bound = 1 / math.sqrt(self.hidden)
        shapes = {
            "weight_ih": (rows, features),
            "weight_hh": (rows, self.hidden),
            "bias_ih": (rows,),
            "bias_hh": (rows,),
        }
        for name, shape in shapes.items():
            if name.endswith("_hh") and not self._record.reads_state:
                continue
            parameter = nn.Parameter(torch.empty(shape))
            nn.init.uniform_(parameter, -bound, bound)
            self.register_parameter(name + suffix, parameter)

    @property
    def carried(self) -> int:
        """How many tensors ``stream`` carries: of each layer one, and of an LSTM two."""
        return self.layers * len(self._record.states)

    @property
    def _record(self) -> CellRecord:
        return CELLS[self.cell]

    def _directions(self, layer: int) -> list[DirectionWeights]:
        return [
            DirectionWeights(direction, self.weights(layer, direction))
            for direction in _DIRECTIONS[self.spec.direction]
        ]

    def weights(self, layer: int, direction: OneDirection) -> Weights:
        """Those of one layer and direction."""
        suffix = _suffix(layer, direction)
        inputs, bias = (cast(Tensor, getattr(self, name + suffix)) for name in ("weight_ih", "bias_ih"))
        if not self._record.reads_state:
            return Weights(inputs, inputs.new_empty(0, self.hidden), bias)
        weights = Weights(
            inputs,
            cast(Tensor, getattr(self, "weight_hh" + suffix)),
            bias,
            cast(Tensor, getattr(self, "bias_hh" + suffix)),
        )
        if self.training and self.weight_drop:
            return replace(weights, recurrent=functional.dropout(weights.recurrent, self.weight_drop))
        return weights

    def forward(self, x: Tensor, lengths: Tensor | None) -> Flow:
        """``(B, T, F)`` to ``(B, T, D·H)``, images likewise.

        Summarising gives ``(B, D·H)``, and an image of one row or column.
        """
        if x.dim() == 3:
            y, final = self._run(x, lengths)
            return (final, None) if self.spec.summarise else (y, lengths)
        return self._along_x(x, lengths) if self.spec.axis == "x" else self._along_y(x, lengths)

    def stream(self, x: Tensor, carried: Sequence[Tensor]) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Go on from where the last call ended: a long text, piece by piece.

        Args:
            x: ``(B, T, F)``, all steps true.
            carried: What the last call gave; nothing: zeros.

        Returns:
            ``(B, T, D·H)``, and the states after the last step: for each layer the hidden ``(D, B, H)`` and, for an LSTM,
            the cell; ``carried`` in all.
        """
        y, after = x, list[Tensor]()
        width = len(self._record.states)
        for layer in range(self.layers):
            if layer:
                y, _ = self.dropout(y, None)
            directions = self._directions(layer)
            before = carried[layer * width : (layer + 1) * width]
            y, final = recurrent_layer(self.cell, y, directions, State(*before) if before else None)
            after += final.present
        return y, tuple(after)

    def broadcast(self, x: Tensor, carried: Sequence[Tensor]) -> Tensor:
        """One step on from where a call of ``stream`` ended, for many inputs side by side.

        Args:
            x: ``(B, M, F)``, or ``(1, M, F)`` where all sequences get the same ones.
            carried: What that call gave.

        Returns:
            ``(B, M, D·H)``.
        """
        y, width = x, len(self._record.states)
        for layer in range(self.layers):
            if layer:
                y, _ = self.dropout(y, None)
            states = State(*carried[layer * width : (layer + 1) * width])
            outputs = [
                broadcast_step(self.cell, y, self.weights(layer, direction), states.of(number)).hidden
                for number, direction in enumerate(_DIRECTIONS[self.spec.direction])
            ]
            y = outputs[0] if len(outputs) == 1 else torch.cat(outputs, dim=2)
        return y

    def _run(self, x: Tensor, lengths: Tensor | None) -> tuple[Tensor, Tensor]:
        y, hidden = x, x
        for layer in range(self.layers):
            if layer:
                y, _ = self.dropout(y, lengths)
            directions = self._directions(layer)
            y, final = recurrent_layer(self.cell, y, directions, None, lengths)
            hidden = final.hidden
        return y, hidden.transpose(0, 1).flatten(1)

    def _along_x(self, image: Tensor, lengths: Tensor | None) -> Flow:
        samples, channels, rows, columns = image.shape
        sequences = image.permute(0, 2, 3, 1).reshape(samples * rows, columns, channels)
        y, final = self._run(sequences, None if lengths is None else lengths.repeat_interleave(rows))
        if self.spec.summarise:
            summary = final.view(samples, rows, 1, self.features).permute(0, 3, 1, 2)
            return summary, None if lengths is None else lengths.clamp(max=1)
        return y.view(samples, rows, columns, self.features).permute(0, 3, 1, 2), lengths

    def _along_y(self, image: Tensor, lengths: Tensor | None) -> Flow:
        samples, channels, rows, columns = image.shape
        sequences = image.permute(0, 3, 2, 1).reshape(samples * columns, rows, channels)
        y, final = self._run(sequences, None)
        if self.spec.summarise:
            return final.view(samples, columns, 1, self.features).permute(0, 3, 2, 1), lengths
        return y.view(samples, columns, rows, self.features).permute(0, 3, 2, 1), lengths

    def extra_repr(self) -> str:
        """For ``print``."""
        return f"{self.spec}, layers={self.layers}"


def _suffix(layer: int, direction: OneDirection) -> str:
    return f"_l{layer}" + ("_reverse" if direction == "reverse" else "")
