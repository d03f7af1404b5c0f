"""Intervals around forecasts: from residuals of the validation by split conformal prediction, or from quantiles."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Intervals:
    """Half the width of the interval of each level, at each step and for each target: scaled ``(H, C)``.

    Attributes:
        widths: By level, 0 to 1.
        residuals: How many they were taken from, at each step.
        pooled: Whether steps had too few of them, so that all steps share theirs.
    """

    widths: Mapping[float, Values]
    residuals: int
    pooled: bool

    def around(self, forecast: Values) -> dict[float, tuple[Values, Values]]:
        """Lower and upper bounds ``(N, h, C)`` of each level; a horizon longer than H has the width of its last step."""
        bounds: dict[float, tuple[Values, Values]] = {}
        for level, width in self.widths.items():
            more = forecast.shape[1] - len(width)
            wide = np.concatenate([width, np.repeat(width[-1:], more, axis=0)]) if more > 0 else width
            half = wide[: forecast.shape[1]]
            bounds[level] = (forecast - half, forecast + half)
        return bounds

    def to_json(self) -> dict[str, object]:
        """For model.json."""
        widths = {str(level): width.tolist() for level, width in self.widths.items()}
        return {"widths": widths, "residuals": self.residuals, "pooled": self.pooled}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Intervals:
        """What ``to_json`` gave."""
        widths = {float(level): np.array(width, np.float64) for level, width in data["widths"].items()}
        return cls(widths, data["residuals"], data["pooled"])


def conformal(residuals: Values, levels: Sequence[float]) -> Intervals:
    """Widths that hold the share of new residuals that is asked for, if these are like the ones given.

    Split conformal prediction (Papadopoulos et al. 2002; Vovk, Gammerman, Shafer 2005): of n absolute residuals the
    one of rank ⌈(n + 1)·level⌉. Each step and target has its own, or all steps together where a step has too few for
    the highest level. Where even all are too few, the largest residual stands in, and the level is not reached.

    Args:
        residuals: Truth minus forecast ``(N, H, C)``; NaN where nothing was given.
        levels: 0 to 1.

    >>> conformal(np.arange(1.0, 10.0).reshape(9, 1, 1), [0.8]).widths[0.8].item()
    8.0
    """
    size = np.abs(residuals)
    least = int((~np.isnan(size)).sum(axis=0).min(initial=len(size)))
    pooled = least < needed(levels)
    horizon, targets = size.shape[1:]
    if pooled:
        size = size.reshape(-1, 1, targets)
    widths = {level: np.broadcast_to(_ranked(size, level), (horizon, targets)).copy() for level in levels}
    return Intervals(widths, len(size) if pooled else least, pooled)


def needed(levels: Sequence[float]) -> int:
    """The residuals that the highest level takes.

    >>> needed([0.8, 0.95])
    19
    """
    return max((math.ceil(round(level / (1 - level), 9)) for level in levels), default=0)


def _ranked(size: Values, level: float) -> Values:
    """The residual of rank ⌈(n + 1)·level⌉ of each step and target, or the largest."""
    count = (~np.isnan(size)).sum(axis=0)
    rank = np.minimum(np.ceil((count + 1) * level - 1e-9).astype(int), count)
    ordered = np.sort(size, axis=0)  # NaN goes to the end
    picked = np.take_along_axis(ordered, np.maximum(rank - 1, 0)[None], axis=0)[0]
    return np.where(count > 0, picked, np.nan_to_num(np.nanmax(ordered, initial=0.0)))
