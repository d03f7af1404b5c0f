"""Intervals, tests and effect sizes of figures paired by seed. SciPy and statsmodels compute them.

With few seeds each figure here says less than its name: a bootstrap interval of five numbers is too narrow, and sign flips
of five differences give no p below 1/16. What decides is therefore Student's t, for ``tidegate.study.comparison``; these
stand beside.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats
from statsmodels.stats import multitest  # pyright: ignore[reportMissingTypeStubs]

LEVEL = 0.95
RESAMPLES = 9_999
FEWEST = 3
"""Values below which no interval is told."""

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Interval:
    """From ``low`` to ``high``."""

    low: float
    high: float


def bootstrap(values: ArrayLike) -> Interval | None:
    """95 % interval of a mean by the bias-corrected and accelerated bootstrap (Efron 1987).

    Where all values are equal, that value; of fewer than three, nothing.

    Example:
        >>> bootstrap([1.0, 1.0, 1.0])
        Interval(low=1.0, high=1.0)
        >>> bootstrap([1.0, 2.0]) is None
        True
    """
    numbers = np.asarray(values, np.float64)
    if len(numbers) < FEWEST:
        return None
    if np.ptp(numbers) == 0:
        return Interval(float(numbers[0]), float(numbers[0]))
    found = stats.bootstrap(
        (numbers,),
        np.mean,
        confidence_level=LEVEL,
        n_resamples=RESAMPLES,
        method="BCa",
        rng=np.random.default_rng(0),
    ).confidence_interval
    if not np.isfinite([found.low, found.high]).all():
        # Of few values with ties the acceleration may not exist; the plain percentiles do.
        found = stats.bootstrap(
            (numbers,), np.mean, confidence_level=LEVEL, n_resamples=RESAMPLES, method="percentile",
            rng=np.random.default_rng(0),
        ).confidence_interval  # fmt: skip
    return Interval(float(found.low), float(found.high))


def sign_flips(differences: ArrayLike) -> float | None:
    """Two-sided p of a mean difference under all changes of sign (Fisher 1935); at random from 2^13 on.

    Example:
        >>> sign_flips([1.0, 2.0, 1.5, 1.2, 0.8])
        0.0625
    """
    numbers = np.asarray(differences, np.float64)
    if len(numbers) < 2:
        return None
    if not numbers.any():
        return 1.0
    return float(
        stats.permutation_test(
            (numbers,), np.mean, permutation_type="samples", n_resamples=RESAMPLES, vectorized=True,
            rng=np.random.default_rng(0),
        ).pvalue
    )  # fmt: skip


def smallest_p(count: int) -> float:
    """The smallest p that sign flips of so many differences can give.

    >>> smallest_p(5)
    0.0625
    """
    return min(1.0, 2.0 ** (1 - count))


def holm(values: Sequence[float]) -> list[float]:
    """p values corrected for their number by Holm (1979): step down, so that any error at all stays as rare.

    >>> [round(p, 3) for p in holm([0.01, 0.04, 0.03])]
    [0.03, 0.06, 0.06]
    """
    if not values:
        return []
    correction: Any = multitest.multipletests
    return [float(p) for p in correction(list(values), method="holm")[1]]


def beyond(differences: ArrayLike, margin: float) -> float:
    """Two-sided p that the mean difference is larger than a margin, one way or the other: Student's t, paired.

    Twice the one-sided p on the side where the mean lies; 1 where it is within the margin. Differences that are all equal
    leave no doubt: 0 or 1.
    """
    numbers = np.asarray(differences, np.float64)
    mean = float(numbers.mean())
    if abs(mean) <= margin or len(numbers) < 2:
        return 1.0
    if np.ptp(numbers) == 0:
        return 0.0
    side = "greater" if mean > 0 else "less"
    return min(1.0, 2 * _one_sided(numbers, float(np.copysign(margin, mean)), side))


def within(differences: ArrayLike, margin: float) -> float:
    """p of two one-sided t tests that the mean difference is smaller than a margin both ways (Schuirmann 1987)."""
    numbers = np.asarray(differences, np.float64)
    if len(numbers) < 2 or margin <= 0:
        return 1.0
    if np.ptp(numbers) == 0:
        return 0.0 if abs(numbers[0]) < margin else 1.0
    return max(_one_sided(numbers, margin, "less"), _one_sided(numbers, -margin, "greater"))


def _one_sided(numbers: Values, than: float, side: str) -> float:
    result: Any = stats.ttest_1samp(numbers, than, alternative=side)
    return float(result.pvalue)


def student(differences: ArrayLike, level: float = LEVEL) -> Interval | None:
    """Student's t interval of a mean; of fewer than two values nothing."""
    numbers = np.asarray(differences, np.float64)
    if len(numbers) < 2:
        return None
    mean, error = float(numbers.mean()), float(stats.sem(numbers))
    half = float(stats.t.ppf((1 + level) / 2, len(numbers) - 1)) * error
    return Interval(mean - half, mean + half)


def hedges(one: ArrayLike, other: ArrayLike) -> float | None:
    """Standardised difference of two paired means, by the mean of their deviations, corrected for few values.

    Hedges' g_av as in Lakens (2013, equations 10 and 4). ``None`` where neither varies.

    Example:
        >>> round(hedges([1.0, 2.0, 3.0], [2.0, 3.0, 4.0]), 4)
        -0.8
    """
    a, b = np.asarray(one, np.float64), np.asarray(other, np.float64)
    if len(a) < 2:
        return None
    deviation = (a.std(ddof=1) + b.std(ddof=1)) / 2
    if deviation == 0:
        return None
    correction = 1 - 3 / (4 * (2 * len(a) - 2) - 1) if len(a) > 1 else 1.0
    return float(correction * (a.mean() - b.mean()) / deviation)


def better(one: ArrayLike, other: ArrayLike, *, lower_is_better: bool) -> float:
    """How often a run of one arm beats a run of another, ties half: A of Vargha and Delaney (2000).

    >>> better([0.9, 0.8], [0.8, 0.7], lower_is_better=False)
    0.875
    """
    a, b = np.asarray(one, np.float64)[:, None], np.asarray(other, np.float64)[None]
    wins = a < b if lower_is_better else a > b
    return float((wins + 0.5 * (a == b)).mean())
