"""One vector of many steps: their mean under weights that the network learns."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from tidegate.network.layers import AttentionPooling as AttentionSpec
from tidegate.network.layers import Dense as DenseSpec
from tidegate.nn.layer import Flow, Layer
from tidegate.nn.linear import Dense
from tidegate.ops.lengths import clear, mask, shortened


class AttentionPooling(Layer):
    """Additive attention over true steps: ``Σ a_t x_t`` with ``a = softmax(v · tanh(W x_t + b))`` over t.

    Yang, Yang, Dyer, He, Smola and Hovy 2016, equations 5 to 7; the score is that of Bahdanau, Cho and Bengio 2015. ``v``
    starts at zero, so that it begins as the mean of the steps, whatever the features are.

    Args:
        features_in: F, or C of an image.
        spec: Hidden units.

    Example:
        >>> layer = AttentionPooling(2, AttentionSpec(hidden=4))
        >>> layer(torch.tensor([[[1.0, 2.0], [3.0, 4.0], [99.0, 99.0]]]), torch.tensor([2]))[0]
        tensor([[2., 3.]], grad_fn=<SqueezeBackward1>)
    """

    def __init__(self, features_in: int, spec: AttentionSpec) -> None:
        super().__init__()
        self.spec = spec
        self.hidden = Dense(features_in, DenseSpec("tanh", spec.hidden))
        self.context = nn.Parameter(torch.zeros(spec.hidden))

    def forward(self, x: Tensor, lengths: Tensor | None) -> Flow:
        """``(B, T, F)`` to ``(B, F)``; ``(B, C, Y, X)`` to ``(B, C, Y, 1)``, each row by itself.

        Without true steps it gives zeros.
        """
        if x.dim() == 3:
            return self._pool(x, lengths), None
        samples, channels, rows, columns = x.shape
        steps = x.permute(0, 2, 3, 1).reshape(samples * rows, columns, channels)
        each = None if lengths is None else lengths.repeat_interleave(rows)
        pooled = self._pool(steps, each).view(samples, rows, 1, channels).permute(0, 3, 1, 2)
        return pooled, None if lengths is None else lengths.clamp(max=1)

    def _pool(self, x: Tensor, lengths: Tensor | None) -> Tensor:
        short = shortened(lengths, x.shape[1])
        x = clear(x, short)
        return torch.bmm(self._weights(x, short)[:, None], x).squeeze(1)

    def _weights(self, x: Tensor, lengths: Tensor | None) -> Tensor:
        """How much each step counts ``(B, T)``: 0 beyond a length, and 1 in all."""
        batch, time, features = x.shape
        hidden, _ = self.hidden(x.reshape(batch * time, features), None)
        scores = (hidden @ self.context).view(batch, time)
        if lengths is not None:
            # A sample without steps keeps its scores: of nothing but -inf the softmax would be NaN.
            beyond = ~mask(lengths, time) & (lengths > 0)[:, None]
            scores = scores.masked_fill(beyond, -torch.inf)
        return scores.softmax(dim=1)

    def extra_repr(self) -> str:
        """For ``print``."""
        return str(self.spec)
