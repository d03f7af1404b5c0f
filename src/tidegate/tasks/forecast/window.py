"""What a forecasting network reads, and what it is told of it."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class WindowShape:
    """Sizes of the windows.

    Attributes:
        lookback: L, steps that are seen.
        horizon: H, steps that are forecast.
        targets: C.
        observed: P, covariates of the past only.
        known: N, covariates of past and future, calendar included.
        static: S.
        series: Different series, for their learnt vectors.
        masked: Whether values may be missing.
        season: Steps of a season.
    """

    lookback: int
    horizon: int
    targets: int
    observed: int = 0
    known: int = 0
    static: int = 0
    series: int = 1
    masked: bool = False
    season: int = 1


@dataclass  # Not frozen: Fabric copies what goes into a network in another precision, and refuses frozen ones.
class Window:
    """Some windows, scaled.

    Attributes:
        past: Targets ``(B, L, C)``; 0 where one is missing.
        missing: Where ``past`` has none ``(B, L, C)`` bool; ``None``: nowhere.
        observed: ``(B, L, P)``.
        known: ``(B, L + H, N)``; H may be longer than in training for a recursive decoder.
        static: ``(B, S)``.
        series: Numbers ``(B,)``.
    """

    past: Tensor
    missing: Tensor | None
    observed: Tensor
    known: Tensor
    static: Tensor
    series: Tensor

    @property
    def horizon(self) -> int:
        """H."""
        return self.known.shape[1] - self.past.shape[1]

    def to(self, device: torch.device, kind: torch.dtype) -> Window:
        """The same on a device; numbers in the type of the network's weights."""
        missing = None if self.missing is None else self.missing.to(device)
        past, observed, known, static = (
            one.to(device, kind) for one in (self.past, self.observed, self.known, self.static)
        )
        return Window(past, missing, observed, known, static, self.series.to(device))

    def apart(self) -> Window:
        """Each target as a window of its own: ``(B·C, L, 1)``, targets of one window side by side."""
        count = self.past.shape[2]
        if count == 1:
            return self

        def again(tensor: Tensor) -> Tensor:
            return tensor.repeat_interleave(count, dim=0)

        def single(tensor: Tensor) -> Tensor:
            return tensor.transpose(1, 2).reshape(-1, tensor.shape[1], 1)

        numbers = (self.series[:, None] * count + torch.arange(count, device=self.series.device)).flatten()
        missing = None if self.missing is None else single(self.missing)
        return Window(
            single(self.past), missing, again(self.observed), again(self.known), again(self.static), numbers
        )
