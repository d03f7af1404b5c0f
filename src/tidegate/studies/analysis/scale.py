"""The scale on which arms are judged: the logarithm of the error, so that margins are shares of it and effects are
factors.

A factor averages honestly over pairs and data sets where points do not, and arms that differ much in their errors
differ less in the spread of the logarithm. Less is better on this scale, whichever way the metric goes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tidegate.config.metrics import Kind
from tidegate.results.effects import Difference, Estimate

Values = NDArray[np.float64]

_FARTHEST = 700.0
_UNITS = 10_000
"""Of a test part whose size is not known: half of one of so many errors stands for none at all."""


@dataclass(frozen=True)
class Scale:
    """How a metric is judged.

    Attributes:
        kind: As in ``tidegate.config.metrics``.
        lower_is_better: Of the metric.
        units: Test units (N) that a share is of.
    """

    kind: Kind
    lower_is_better: bool
    units: float | None = None

    @property
    def relative(self) -> bool:
        """Whether a difference is the logarithm of a factor."""
        return self.kind != "plain"

    def judged(self, values: ArrayLike) -> Values:
        """Values of the metric on the scale. A share of N units has half a count added: log((e N + ½) / (N + 1)).

        >>> Scale("share", lower_is_better=False, units=99).judged([1.0]).tolist() == [float(np.log(0.005))]
        True
        """
        numbers = np.asarray(values, np.float64)
        if self.kind in ("log", "plain"):
            return numbers if self.lower_is_better else -numbers
        error = numbers if self.lower_is_better else 1 - numbers
        if self.kind == "error":
            return np.log(error)
        count = self.units or _UNITS
        return np.log((np.maximum(error, 0) * count + 0.5) / (count + 1))

    def metric(self, judged: float) -> float:
        """A value of the scale as the metric has it.

        >>> round(Scale("share", lower_is_better=True, units=50).metric(float(np.log(0.5))), 4)
        0.5
        """
        if self.kind in ("log", "plain"):
            return judged if self.lower_is_better else -judged
        error = _exp(judged)
        if self.kind == "share":
            count = self.units or _UNITS
            error = max(0.0, (error * (count + 1) - 0.5) / count)
        return error if self.lower_is_better else 1 - error

    def estimate(self, value: float, half: float | None) -> Estimate:
        """A mean on the scale with half of its interval, in the metric's unit."""
        low, high = (
            (None, None) if half is None else _ordered(self.metric(value - half), self.metric(value + half))
        )
        return Estimate(self.metric(value), low, high)

    def difference(
        self, one: float, other: float, half: float | None, apart: float | None = None
    ) -> Difference:
        """Two means on the scale, with half the interval of their difference.

        The points of the ends are those that the other arm's mean, taken as it is, would be changed by.

        Args:
            one: Mean of the first.
            other: Of the second.
            half: Of the interval; ``None`` where nothing is known of the noise.
            apart: Their difference, where runs that both have in common say another one than the means.
        """
        apart = one - other if apart is None else apart
        base = self.metric(other)
        ends = [] if half is None else [apart - half, apart + half]
        points = [self.metric(other + end) - base for end in ends]
        factors = [_exp(end) for end in ends]
        return Difference(
            Estimate(self.metric(other + apart) - base, *_ordered(*points))
            if ends
            else Estimate(self.metric(other + apart) - base),
            Estimate(_exp(apart), *factors) if self.relative else None,
        )


def _exp(value: float) -> float:
    """A number at any rate: intervals of two runs may reach anywhere."""
    return float(np.exp(np.clip(value, -_FARTHEST, _FARTHEST)))


def _ordered(one: float, other: float) -> tuple[float, float]:
    return min(one, other), max(one, other)
