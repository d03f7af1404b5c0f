"""A network that is given a sequence piece by piece, and answers after each piece as if it had seen all at once.

Recurrent layers keep their states, poolings over the whole sequence their sums, maxima or weights; everything else that
``check_streaming`` lets through works on single steps, or on the one vector that is left behind a pooling.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import torch
from torch import Tensor, nn

from tidegate.models.network import Network
from tidegate.nn.attention_pooling import AttentionPooling
from tidegate.nn.layer import Layer, activate
from tidegate.nn.parallel import Parallel
from tidegate.nn.pooling import Pooling
from tidegate.nn.recurrent import Recurrent


class Stepper(Protocol):
    """One layer, or several, fed piece by piece.

    Attributes:
        collapses: Whether it gives one column for all steps so far, and not one for each step of the piece.
    """

    collapses: bool

    def push(self, x: Tensor) -> Tensor:
        """From the next columns ``(1, C, 1, t)`` to what they give, or to the one column of all so far."""
        ...


def steps_of(network: Network) -> Stepper:
    """A network from its beginning.

    Args:
        network: In evaluation mode, of layers that ``check_streaming`` lets through.
    """
    return _Chain(_layers(network.layers))


def _layers(modules: nn.Module) -> list[Layer]:
    return [layer for layer in modules.children() if isinstance(layer, Layer)]


def _stepper(layer: nn.Module) -> Stepper:
    if isinstance(layer, Recurrent):
        return _States(layer)
    if isinstance(layer, AttentionPooling):
        return _Attention(layer)
    if isinstance(layer, Pooling) and layer.spec.kernel[1] == 0:
        return _Largest(layer) if layer.spec.kind == "max" else _Mean(layer)
    if isinstance(layer, Parallel):
        return _Branches(layer)
    assert isinstance(layer, Layer)
    return _Alone(layer)


class _Chain:
    """Layers one after the other. Behind the one that collapses the others begin anew with every piece."""

    def __init__(self, layers: Sequence[Layer]) -> None:
        self._first: list[Stepper] = []
        self._rest: list[Layer] = []
        for layer in layers:
            if self._first and self._first[-1].collapses:
                self._rest.append(layer)
            else:
                self._first.append(_stepper(layer))
        self.collapses = bool(self._first) and self._first[-1].collapses

    def push(self, x: Tensor) -> Tensor:
        for stepper in self._first:
            x = stepper.push(x)
        for layer in self._rest:
            x, _ = layer(x, None)
        return x


class _Alone:
    """A layer that sees one step at a time."""

    collapses = False

    def __init__(self, layer: Layer) -> None:
        self._layer = layer

    def push(self, x: Tensor) -> Tensor:
        return self._layer(x, None)[0]


class _States:
    """A forward recurrent layer."""

    def __init__(self, layer: Recurrent) -> None:
        self._layer = layer
        self._carried: tuple[Tensor, ...] = ()
        self.collapses = layer.spec.summarise

    def push(self, x: Tensor) -> Tensor:
        y, self._carried = self._layer.stream(x[:, :, 0].transpose(1, 2), self._carried)
        if self.collapses:
            y = y[:, -1:]
        return y.transpose(1, 2)[:, :, None]


class _Mean:
    """The mean over all steps, in double precision: a sum of many small numbers loses digits otherwise."""

    collapses = True

    def __init__(self, layer: Pooling) -> None:
        self._layer, self._sum, self._count = layer, torch.zeros((), dtype=torch.float64), 0

    def push(self, x: Tensor) -> Tensor:
        self._sum = self._sum + x.double().sum(dim=3, keepdim=True)
        self._count += x.shape[3]
        return activate(self._layer.activation, (self._sum / self._count).to(x.dtype))


class _Largest:
    """The largest value over all steps."""

    collapses = True

    def __init__(self, layer: Pooling) -> None:
        self._layer, self._largest = layer, torch.tensor(-torch.inf)

    def push(self, x: Tensor) -> Tensor:
        self._largest = torch.maximum(self._largest, x.amax(dim=3, keepdim=True))
        return activate(self._layer.activation, self._largest.clone())


class _Attention:
    """The mean weighted by attention: exponentials are kept relative to the largest score so far (Milakov 2018)."""

    collapses = True

    def __init__(self, layer: AttentionPooling) -> None:
        self._layer = layer
        self._largest = torch.tensor(-torch.inf, dtype=torch.float64)
        self._weight = torch.zeros((), dtype=torch.float64)
        self._sum = torch.zeros((), dtype=torch.float64)

    def push(self, x: Tensor) -> Tensor:
        steps = x[0, :, 0].T  # (t, C)
        scores = (self._layer.hidden(steps, None)[0] @ self._layer.context).double()  # (t,)
        largest = torch.maximum(self._largest, scores.max())
        shrink, weights = torch.exp(self._largest - largest), torch.exp(scores - largest)
        self._weight = self._weight * shrink + weights.sum()
        self._sum = self._sum * shrink + (weights * x.double()).sum(dim=3, keepdim=True)
        self._largest = largest
        return (self._sum / self._weight).to(x.dtype)


class _Branches:
    """Chains side by side."""

    def __init__(self, layer: Parallel) -> None:
        self._chains = [_Chain(_layers(branch)) for branch in layer.branches]
        self.collapses = any(chain.collapses for chain in self._chains)

    def push(self, x: Tensor) -> Tensor:
        parts = [chain.push(x) for chain in self._chains]
        if min(part.dim() for part in parts) == 2:
            parts = [part.flatten(1) for part in parts]
        return torch.cat(parts, dim=1)
