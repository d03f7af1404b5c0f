"""How many seeds a study needs, by the power of its own verdict.

Asked is for what a study is made for: to find a difference of twice the margin, and to call an arm as good that is.
Both lie one margin away from the line, so one number answers both. The difference that was seen does not enter for an
arm near the best one: the power "observed" says no more than the p value that it is made from (Hoenig and Heisey
2001), and as a plan it fails every second time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import special, stats

from tidegate.studies.analysis.contrasts import Contrasts
from tidegate.studies.analysis.critical import critical
from tidegate.studies.design.looks import FIRST, LOOKS, level

POWER = 0.8


@dataclass(frozen=True)
class Noise:
    """What a difference of two arms varies by.

    Attributes:
        deviation: Of a run, on the scale.
        freedom: Degrees of freedom that it is known with.
        shared: Of those, what each of the two arms' variances has from the others.
        ratio: Test by training samples of splits drawn anew.
        fixed: Variance of the difference that no run lowers: of one test part.
    """

    deviation: float
    freedom: float = np.inf
    shared: float = np.inf
    ratio: float = 0.0
    fixed: float = 0.0

    def upper(self) -> Noise:
        """With the upper 80 % bound of the deviation."""
        if np.isinf(self.freedom):
            return self
        least = float(special.chdtri(self.freedom, POWER))
        return replace(self, deviation=self.deviation * (self.freedom / least) ** 0.5)


def noise_of(contrasts: Contrasts, one: int, other: int) -> Noise | None:
    """What the difference of two arms varies by; nothing where that is not known."""
    found = contrasts.pairs(np.array([one]), np.array([other]))
    variance, fixed, freedom = float(found.variances[0]), float(found.fixed[0]), float(found.freedom[0])
    if np.isnan(variance):
        return None
    counts = contrasts.counts[[one, other]]
    return Noise(
        deviation=float((variance - fixed) / (1 / counts).sum()) ** 0.5,
        freedom=freedom,
        shared=max(0.0, freedom / 2 - (float(counts.mean()) - 1)),
        ratio=contrasts.ratio,
        fixed=0.0 if contrasts.ratio else fixed,
    )


def power(distance: float, noise: Noise, seeds: int, *, arms: int = 2, alpha: float = 0.05) -> float:
    """How likely an arm is decided that lies so far from the line: 1 − the noncentral t distribution at the critical
    value.

    Args:
        distance: On the scale.
        noise: Of a difference.
        seeds: Of each arm.
        arms: That are compared.
        alpha: Of all that is said together.

    >>> round(power(1.0, Noise(1.0), 17), 3)  # Cohen (1988): 17 in each of two groups for d = 1
    0.807
    """
    error = (2 * noise.deviation**2 * (1 / seeds + noise.ratio) + noise.fixed) ** 0.5
    freedom = max(1.0, min(2 * (seeds - 1 + noise.shared), arms * (seeds - 1.0)))
    if error == 0:
        return float(distance > 0)
    line = float(critical(arms - 1, freedom, alpha / 2 / (arms - 1)))
    return float(1 - stats.nct.cdf(line, freedom, distance / error))


def seeds_needed(
    distance: float, noise: Noise, *, arms: int, now: int, looks: Sequence[int] = LOOKS
) -> tuple[int, int] | None:
    """The smallest planned numbers of seeds with a power of at least 0.8: with the deviation as it is, and with its
    upper bound.

    Args:
        distance: From the line.
        noise: Of a difference.
        arms: That are compared.
        now: Seeds that there are: what is recommended is more.
        looks: Planned.

    Returns:
        ``None`` where the last look would not do with the deviation as it is. Where it would not do with the upper
        bound only, the last look is the upper end.
    """
    if not (np.isfinite(noise.deviation) and distance > 0 and noise.freedom > 0):
        return None
    usable = [look for look in looks if look > FIRST and look > now]

    def enough(each: Noise) -> int | None:
        strong = (n for n in usable if power(distance, each, n, arms=arms, alpha=level(n, looks)) >= POWER)
        return next(strong, None)

    low, high = enough(noise), enough(noise.upper())
    return None if low is None else (low, high or usable[-1])
