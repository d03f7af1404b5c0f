"""What a linear-chain CRF has beside the scores of single steps: how well tags follow each other, begin and end."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

IMPOSSIBLE = -1e4
"""The score of what a tagging scheme forbids: far below what a network gives, and finite, so that a sequence whose every
path is forbidden still has a best one."""


@dataclass(frozen=True)
class Transitions:
    """Scores of neighbouring tags.

    Attributes:
        between: ``(K, K)``: of tag j after tag i at ``[i, j]``.
        start: ``(K,)``: of the first tag.
        end: ``(K,)``: of the last tag.

    Example:
        >>> transitions = Transitions(torch.zeros(3, 3), torch.zeros(3), torch.zeros(3))
        >>> transitions.tags
        3
    """

    between: Tensor
    start: Tensor
    end: Tensor

    @property
    def tags(self) -> int:
        """K."""
        return self.between.shape[0]

    @property
    def tensors(self) -> tuple[Tensor, Tensor, Tensor]:
        """All three, in the order of the fields."""
        return self.between, self.start, self.end

    def to(self, dtype: torch.dtype) -> Transitions:
        """In another type of numbers; gradients go through.

        Example:
            >>> Transitions(torch.zeros(2, 2), torch.zeros(2), torch.zeros(2)).to(torch.float64).end.dtype
            torch.float64
        """
        return Transitions(*(tensor.to(dtype) for tensor in self.tensors))
