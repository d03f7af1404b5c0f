"""From numbers of symbols to vectors."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional


class Embedding(nn.Module):
    """One learnt vector a symbol, named ``weight`` ``(K, F)`` as in ``torch.nn.Embedding``.

    Args:
        symbols: K.
        features: F.
        hide: In training, the share of symbols that are hidden from a whole batch: their vectors are zero wherever they
            stand, and the others grow by ``1 / (1 - hide)`` (embedding dropout, Gal and Ghahramani 2016, section 5).

    Example:
        >>> Embedding(10, 4)(torch.zeros(2, 3, dtype=torch.int64)).shape
        torch.Size([2, 3, 4])
    """

    def __init__(self, symbols: int, features: int, *, hide: float = 0.0) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(symbols, features))
        bound = math.sqrt(3 / max(1, features))
        nn.init.uniform_(self.weight, -bound, bound)
        self.hide = hide
        self.given = False
        """Whether its vectors were given, so that nothing draws them at random."""

    def forward(self, numbers: Tensor) -> Tensor:
        """Numbers of any shape to vectors: one axis more."""
        weight = self.weight
        if self.training and self.hide:
            weight = weight * functional.dropout(weight.new_ones(len(weight), 1), self.hide)
        return functional.embedding(numbers, weight)

    def extra_repr(self) -> str:
        """For ``print``."""
        return f"{self.weight.shape[0]} -> {self.weight.shape[1]}"
