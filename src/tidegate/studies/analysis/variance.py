"""Variances of few runs, moderated by what all arms together say of noise (Smyth 2004, "limma").

Five runs of an arm tell its variance with four degrees of freedom. If the variances of all arms are themselves drawn
from one distribution, s0² d0 / χ²(d0), each is estimated better by its posterior mean, with d0 + d degrees.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

Values = NDArray[np.float64]
DIFFERENT = 0.05
_LEAST = 1e-5
"""A variance of less than so much of the middle one counts as that: the logarithm of 0 would drown all others."""


@dataclass(frozen=True)
class Prior:
    """What all variances together say.

    Attributes:
        variance: s0², the usual one.
        freedom: d0: how many degrees that is worth; infinite where the variances differ no more than by chance, 0
            where nothing is known.
    """

    variance: float
    freedom: float

    def moderate(self, variances: ArrayLike, freedom: ArrayLike) -> tuple[Values, Values]:
        """The variances moderated, and their degrees of freedom; never below a variance as it was found.

        The posterior mean alone would call an unstable arm as stable as the others, and its bad runs a difference.
        """
        s2, d = np.asarray(variances, np.float64), np.asarray(freedom, np.float64)
        s2 = np.where(d > 0, s2, 0.0)
        if self.freedom == 0:
            return s2, d
        if np.isinf(self.freedom):
            shrunk = np.full(s2.shape, self.variance)
        else:
            shrunk = (self.freedom * self.variance + d * s2) / (self.freedom + d)
        return np.maximum(s2, shrunk), self.freedom + d


def prior(variances: ArrayLike, freedom: ArrayLike) -> Prior:
    """Estimate the distribution that variances are drawn from, by the moments of their logarithms (Smyth 2004,
    section 6.2).

    Args:
        variances: Of each arm.
        freedom: Of each; those of 0 tell nothing.

    >>> prior([1.0], [4]).freedom
    0.0
    """
    s2, d = np.asarray(variances, np.float64), np.asarray(freedom, np.float64)
    known = (d > 0) & np.isfinite(s2)
    s2, d = s2[known], d[known]
    if len(s2) < 2 or not s2.any():
        return Prior(0.0, 0.0)
    s2 = np.maximum(s2, _LEAST * (np.median(s2) or s2.mean()))
    e = np.log(s2) - special.digamma(d / 2) + np.log(d / 2)
    spread = float(e.var(ddof=1) - special.polygamma(1, d / 2).mean())
    if spread <= 0:
        return Prior(float((d * s2).sum() / d.sum()), np.inf)
    half = trigamma_inverse(spread)
    return Prior(float(np.exp(e.mean() + special.digamma(half) - np.log(half))), 2 * half)


def usual(variances: ArrayLike, freedom: ArrayLike) -> Prior:
    """The prior, where variances are not shown to differ (Bartlett's test at 0.05); else none, and each stands for
    itself.

    Where some arms are six times as unstable as others, what these say of those is wrong more often than the prior
    knows: at five runs differences would be found by chance twice as often as they may.
    """
    s2, d = np.asarray(variances, np.float64), np.asarray(freedom, np.float64)
    known = (d > 0) & np.isfinite(s2)
    return Prior(0.0, 0.0) if bartlett(s2[known], d[known]) < DIFFERENT else prior(s2, d)


def bartlett(variances: Values, freedom: Values) -> float:
    """p that variances are the same (Bartlett 1937); 1 where one is 0 or there is but one.

    >>> round(bartlett(np.array([1.0, 30.0]), np.array([4.0, 4.0])), 4)
    0.0065
    """
    count, total = len(variances), freedom.sum()
    if count < 2 or not (variances > 0).all():
        return 1.0
    pooled = (freedom * variances).sum() / total
    correction = 1 + ((1 / freedom).sum() - 1 / total) / (3 * (count - 1))
    statistic = (total * np.log(pooled) - (freedom * np.log(variances)).sum()) / correction
    return float(special.chdtrc(count - 1, statistic))


def trigamma_inverse(value: float) -> float:
    """The x at which the trigamma function has a value, by Newton's method (Smyth 2004, appendix).

    >>> round(trigamma_inverse(float(special.polygamma(1, 2.5))), 9)
    2.5
    """
    if value > 1e7:
        return value**-0.5
    if value < 1e-6:
        return 1 / value
    x = 0.5 + 1 / value
    for _ in range(50):
        third = float(special.polygamma(1, x))
        step = third * (1 - third / value) / float(special.polygamma(2, x))
        x += step
        if -step / x < 1e-8:
            break
    return x
