"""Linear layers: one that sees everything at once, and the output head."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from tidegate.network.layers import Activation
from tidegate.network.layers import Dense as DenseSpec
from tidegate.network.layers import Output as OutputSpec
from tidegate.nn.layer import Flow, Layer, activate
from tidegate.ops.lengths import clear


class _Linear(Layer):
    """Weight ``(out, in)`` and bias ``(out,)``, named as in ``torch.nn.Linear``."""

    def __init__(self, features_in: int, features_out: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(features_out, features_in))
        self.bias = nn.Parameter(torch.zeros(features_out))
        nn.init.kaiming_uniform_(self.weight, a=math.sqrt(5))

    def extra_repr(self) -> str:
        """For ``print``."""
        return f"{self.weight.shape[1]} -> {self.weight.shape[0]}"


class Dense(_Linear):
    """One vector from every row, column and channel of an image, or every step of a sequence.

    Sizes are fixed; columns beyond a length count as zeros. Values are read in the order of the axes, ``(C,
    Y, X)`` or ``(T, F)``.

    Args:
        features_in: C·Y·X, T·F or F.
        spec: Units and activation.

    Example:
        >>> layer = Dense(24, DenseSpec("relu", units=5))
        >>> layer(torch.zeros(2, 2, 3, 4), None)[0].shape
        torch.Size([2, 5])
    """

    def __init__(self, features_in: int, spec: DenseSpec) -> None:
        super().__init__(features_in, spec.units)
        self.activation: Activation = spec.activation

    def forward(self, x: Tensor, lengths: Tensor | None) -> Flow:
        """Anything of the right size to ``(B, units)``, without lengths."""
        flat = clear(x, lengths).flatten(1)
        return activate(self.activation, functional.linear(flat, self.weight, self.bias)), None


class Output(_Linear):
    """The head: a score for each answer, a sample or a step.

    It gives scores before the softmax (logits), since losses and decoders want them. For ``ctc`` score 0 is
    the blank's.

    Args:
        features_in: F of vectors and sequences, C of images with one row (or one position).
        spec: One answer a sample (``dimensions`` 0) or a step (1); ``symbols`` is K, with the blank.

    Example:
        >>> head = Output(8, OutputSpec(1, "ctc", symbols=11))
        >>> head(torch.zeros(2, 30, 8), torch.tensor([30, 12]))[0].shape
        torch.Size([2, 30, 11])
    """

    def __init__(self, features_in: int, spec: OutputSpec) -> None:
        super().__init__(features_in, spec.symbols)
        self.spec = spec

    def forward(self, x: Tensor, lengths: Tensor | None) -> Flow:
        """Logits ``(B, K)``, or ``(B, T, K)`` with lengths."""
        if self.spec.dimensions == 0:
            return functional.linear(x.flatten(1), self.weight, self.bias), None
        sequence = x[:, :, 0].transpose(1, 2) if x.dim() == 4 else x
        return functional.linear(sequence, self.weight, self.bias), lengths
