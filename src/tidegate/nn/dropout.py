"""Dropout: of single values, of features over a whole sequence, of whole channels."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional

from tidegate.network.layers import Dropout as DropoutSpec
from tidegate.nn.layer import Flow, Layer


class Dropout(Layer):
    """Zero at random in training, and scale what is left by ``1 / (1 - p)``. Srivastava et al. 2014.

    ``plain`` drops single values. ``locked`` drops the same features at every position of a sample (Gal and
    Ghahramani 2016), and ``channel`` whole channels of an image (Tompson et al. 2015): the same thing here,
    as features of a sequence are channels of an image.

    Args:
        spec: Probability and kind.

    Example:
        >>> import torch
        >>> layer = Dropout(DropoutSpec(0.5, "locked"))
        >>> x, _ = layer(torch.ones(1, 3, 4), None)
        >>> bool((x == x[:, :1]).all())
        True
    """

    def __init__(self, spec: DropoutSpec) -> None:
        super().__init__()
        self.spec = spec

    def forward(self, x: Tensor, lengths: Tensor | None) -> Flow:
        """Same shape as ``x``; unchanged in evaluation."""
        if not self.training or self.spec.probability == 0:
            return x, lengths
        if self.spec.kind == "plain" or x.dim() == 2:
            return functional.dropout(x, self.spec.probability), lengths
        shape = (*x.shape[:2], 1, 1) if x.dim() == 4 else (x.shape[0], 1, x.shape[2])
        return x * functional.dropout(x.new_ones(shape), self.spec.probability), lengths

    def extra_repr(self) -> str:
        """For ``print``."""
        return f"p={self.spec.probability}, kind={self.spec.kind}"
