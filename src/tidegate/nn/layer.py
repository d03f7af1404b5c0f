"""The contract of every layer: tensors go in with their lengths, and come out with them."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional

from tidegate.network.layers import Activation

Flow = tuple[Tensor, Tensor | None]
"""What flows: ``(x, lengths)``. ``lengths`` ``None``: nothing is padding."""


class Layer(nn.Module):
    """A module that carries lengths.

    ``x`` is an image batch ``(B, C, Y, X)``, whose lengths count columns, a sequence batch ``(B, T, F)``, or
    vectors ``(B, F)``, which have none. Padding changes nothing: whatever finite values stand beyond a
    length, and however long the padding is, the rest comes out the same to rounding, forward and backward.
    What comes out beyond a length may be anything, and gradients there are zero.
    """

    def forward(self, x: Tensor, lengths: Tensor | None) -> Flow:
        """Run the layer; returns what it gives and the new lengths."""
        raise NotImplementedError


def _softmax(x: Tensor) -> Tensor:
    return functional.softmax(x, dim=2 if x.dim() == 3 else 1)


# In place: each follows a product or a pooling, whose backward pass does not need its result.
_ACTIVATE: dict[Activation, Callable[[Tensor], Tensor]] = {
    "linear": lambda x: x,
    "relu": torch.relu_,
    "tanh": torch.tanh_,
    "sigmoid": torch.sigmoid_,
    "softmax": _softmax,
}

MONOTONE: frozenset[Activation] = frozenset({"relu", "tanh", "sigmoid"})
"""Activations that commute with taking the largest: the models room moves them behind a max pooling."""


def activate(activation: Activation, x: Tensor) -> Tensor:
    """Apply an activation. ``x`` must be fresh from an operation that does not keep it; it is overwritten.

    Softmax runs over channels or features.

    Example:
        >>> activate("relu", torch.tensor([[-1.0, 2.0]]))
        tensor([[0., 2.]])
    """
    return _ACTIVATE[activation](x)
