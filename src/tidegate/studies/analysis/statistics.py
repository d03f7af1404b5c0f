"""Intervals, tests and effect sizes of figures paired by seed. SciPy and statsmodels compute them.

With few seeds each figure here says less than its name: a bootstrap interval of five numbers is too narrow, and sign
flips of five differences give no p below 1/16. What decides is therefore Student's t, for
``tidegate.studies.analysis.comparison``; these stand beside.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special, stats
from statsmodels.stats import multitest  # pyright: ignore[reportMissingTypeStubs]

LEVEL = 0.95
RESAMPLES = 9_999
FEWEST = 3
"""Values below which no interval is told."""

_ROUNDING = 1e-12
"""Values whose spread is a smaller part of them than this are equal: 0.3 − 0.2 and 0.2 − 0.1 differ by 3e-17."""

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Interval:
    """From ``low`` to ``high``."""

    low: float
    high: float


def bootstrap(values: ArrayLike) -> Interval | None:
    """95 % interval of a mean by the bias-corrected and accelerated bootstrap (Efron 1987).

    Where all values are equal, that value; of fewer than three, nothing. Where the acceleration does not exist, the
    percentiles of the means drawn.

    Example:
        >>> bootstrap([1.0, 1.0, 1.0])
        Interval(low=1.0, high=1.0)
        >>> bootstrap([1.0, 2.0]) is None
        True
    """
    numbers = np.asarray(values, np.float64)
    if len(numbers) < FEWEST:
        return None
    if _constant(numbers):
        return Interval(float(numbers[0]), float(numbers[0]))
    with warnings.catch_warnings(), np.errstate(invalid="ignore", divide="ignore"):
        # SciPy warns before it gives NaN, and NaN is what is looked for here.
        warnings.simplefilter("ignore", stats.DegenerateDataWarning)
        found = _resampled(numbers, "BCa")
    return found if np.isfinite([found.low, found.high]).all() else _resampled(numbers, "percentile")


def _resampled(numbers: Values, method: str) -> Interval:
    resample: Any = stats.bootstrap
    found = resample(
        (numbers,),
        np.mean,
        confidence_level=LEVEL,
        n_resamples=RESAMPLES,
        method=method,
        rng=np.random.default_rng(0),
    ).confidence_interval
    return Interval(float(found.low), float(found.high))


def _constant(numbers: Values) -> bool:
    # A spread below 1e-150 has no square, hence no deviation to divide by.
    return bool(np.ptp(numbers) <= max(_ROUNDING * np.abs(numbers).max(), 1e-150))


def sign_flips(differences: ArrayLike) -> float | None:
    """Two-sided p of a mean difference under all changes of sign (Fisher 1935); at random of more than 13.

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
    """The smallest p that ``sign_flips`` of so many differences can give.

    >>> smallest_p(5)
    0.0625
    """
    drawn = 2.0**count > RESAMPLES
    return 2 / (RESAMPLES + 1) if drawn else min(1.0, 2.0 ** (1 - count))


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

    Twice the one-sided p on the side where the mean lies; 1 where it is within the margin. Differences that are all
    equal, but for rounding, leave no doubt: 0 or 1.
    """
    numbers = np.asarray(differences, np.float64)
    mean = float(numbers.mean())
    if abs(mean) <= margin or len(numbers) < 2:
        return 1.0
    if _constant(numbers):
        return 0.0
    side = "greater" if mean > 0 else "less"
    return min(1.0, 2 * _one_sided(numbers, float(np.copysign(margin, mean)), side))


def within(differences: ArrayLike, margin: float) -> float:
    """p of two one-sided t tests that the mean difference is smaller than a margin both ways (Schuirmann 1987).

    Differences that are all equal leave no doubt: 0 up to the margin, 1 beyond. So arms that are the same with every
    seed are equivalent also where the margin is 0.
    """
    numbers = np.asarray(differences, np.float64)
    if len(numbers) < 2:
        return 1.0
    if _constant(numbers):
        return 0.0 if abs(float(numbers.mean())) <= margin else 1.0
    if margin <= 0:
        return 1.0
    return max(_one_sided(numbers, margin, "less"), _one_sided(numbers, -margin, "greater"))


def _one_sided(numbers: Values, than: float, side: str) -> float:
    """Of Student's t for one sample: ``scipy.stats.ttest_1samp`` without what it checks, which takes most of its time."""
    t = (numbers.mean() - than) / (numbers.std(ddof=1) / len(numbers) ** 0.5)
    return float(special.stdtr(len(numbers) - 1, t if side == "less" else -t))


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
    # Of equal values a deviation is not always 0: their mean is rounded.
    if _constant(a) and _constant(b):
        return None
    deviation = (a.std(ddof=1) + b.std(ddof=1)) / 2
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
