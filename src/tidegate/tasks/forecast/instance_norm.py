"""Taking out of each window what differs from window to window, and putting it back into its forecast."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from tidegate.config.tasks.forecast import Normalise

LEAST_DEVIATION = 1e-3
"""Of scaled values: a flat window is not blown up to noise."""


@dataclass(frozen=True)
class Level:
    """What was taken out of each window: ``(B, 1, C)`` each.

    Attributes:
        shift: Subtracted.
        scale: Divided by.
    """

    shift: Tensor
    scale: Tensor

    def remove(self, values: Tensor) -> Tensor:
        """``(B, T, C)`` in the terms of its window."""
        return (values - self.shift) / self.scale

    def restore(self, values: Tensor) -> Tensor:
        """``(B, H, C, Q)`` back in the terms of the series."""
        return values * self.scale[..., None] + self.shift[..., None]


def level_of(past: Tensor, missing: Tensor | None, how: Normalise) -> Level:
    """What a window is measured by: its last value, or its mean and deviation.

    Subtracting the last value is NLinear's and SegRNN's (Zeng et al. 2023; Lin et al. 2023); mean and deviation are
    RevIN's (Kim et al. 2022, eq. 2), without its learnt factors.

    Args:
        past: ``(B, L, C)``.
        missing: Which values are none; ``None``: all are there. A window without any has level 0.
        how: ``none`` leaves values as they are.

    Example:
        >>> level_of(torch.tensor([[[1.0], [3.0]]]), None, "last").shift.item()
        3.0
    """
    batch, length, channels = past.shape
    one = past.new_ones(batch, 1, channels)
    if how == "none":
        return Level(torch.zeros_like(one), one)
    if how == "last":
        if missing is None:
            return Level(past[:, -1:], one)
        order = torch.arange(1, length + 1, device=past.device)[None, :, None]
        last = torch.where(missing, 0, order).amax(dim=1, keepdim=True)  # 0: there is none
        return Level(past.gather(1, (last - 1).clamp(min=0)) * (last > 0), one)
    there = torch.ones_like(past) if missing is None else (~missing).to(past.dtype)
    count = there.sum(dim=1, keepdim=True).clamp(min=1)
    mean = (past * there).sum(dim=1, keepdim=True) / count
    variance = ((past - mean).square() * there).sum(dim=1, keepdim=True) / count
    return Level(mean, (variance + LEAST_DEVIATION**2).sqrt())
