"""Which arms may be the best one, which are good enough, and which are worse, in one statement at alpha.

*May be best* and *good enough* are comparisons with the best (Hsu 1984): for the arm that is truly best, whichever
that is, no estimate of another arm is better by more than chance allows (Dunnett's one-sided statement against a
control, at alpha / 2). From that alone follows which arms may be best and how far each is from the best at most. It
does not matter that the best one was picked by the same figures.

*Worse* by more than the margin needs the other side: each arm is a control against all others (Dunnett, one-sided),
and the arms are corrected by Holm, at alpha / 2 together. The truly best arm can be called worse only where the first
statement fails, so one arm fewer is corrected for. The one-sided statement of Hsu does not cover it: two equal arms
would be called apart in 10 % of studies at 0.05.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tidegate.studies.analysis.contrasts import Contrasts
from tidegate.studies.analysis.critical import critical

Values = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class WithBest:
    """Every arm against every other: rows less columns, so that what is above 0 is less good.

    Attributes:
        apart: Differences ``(K, K)`` on the scale.
        half: Half of their simultaneous intervals; NaN where nothing is known of the noise.
        may_be_best: Than which no arm is shown to be better.
        good_enough: Shown to be within the margin of whichever arm is best.
        worse: Shown to be beyond the margin from every arm that may be best.
    """

    apart: Values
    half: Values
    may_be_best: Flags
    good_enough: Flags
    worse: Flags


def with_best(contrasts: Contrasts, margin: float, alpha: float) -> WithBest:
    """Compare every arm with the best one.

    Args:
        contrasts: Of at least two arms.
        margin: On the scale.
        alpha: Of all that is said together.
    """
    count = contrasts.table.shape[1]
    rows, columns = np.triu_indices(count, 1)
    found = contrasts.pairs(rows, columns)
    apart, error, freedom = np.zeros((count, count)), np.zeros((count, count)), np.ones((count, count))
    apart[rows, columns], apart[columns, rows] = found.values, -found.values
    error[rows, columns] = error[columns, rows] = np.sqrt(found.variances)
    freedom[rows, columns] = freedom[columns, rows] = np.nan_to_num(found.freedom, nan=1.0)
    half = critical(count - 1, freedom, alpha / 2) * error
    may, good = near(apart, half, margin)
    return WithBest(apart, half, may, good, beyond(apart, error, freedom, margin, alpha / 2))


def near(apart: Values, half: Values, margin: float) -> tuple[Flags, Flags]:
    """Which arms may be best, and which are good enough. Where nothing is known of the noise, any arm may be best.

    >>> may, good = near(np.array([[0.0, -1.0], [1.0, 0.0]]), np.full((2, 2), 0.25), 0.1)
    >>> may.tolist(), good.tolist()
    ([True, False], [True, False])
    """
    other = ~np.eye(len(apart), dtype=bool)
    may = np.logical_not(((apart - half > 0) & other).any(axis=1))
    return may, np.all((apart + half <= margin) | ~other, axis=1)


def beyond(apart: Values, error: Values, freedom: Values, margin: float, alpha: float) -> Flags:
    """Which arms are shown to be worse than some other arm, and so than the best, by more than a margin: Holm's step
    down over arms.

    Args:
        apart: Differences ``(K, K)``, rows less columns.
        error: Their standard errors.
        freedom: Degrees of freedom of these.
        margin: On the scale.
        alpha: Of all arms together, one-sided.
    """
    others = len(apart) - 1
    over = np.where(np.eye(len(apart), dtype=bool), -np.inf, apart - margin)
    worse = np.zeros(len(apart), dtype=bool)
    while True:
        line = critical(others, freedom, alpha / max(1, others - int(worse.sum()))) * error
        hit = (over > line).any(axis=1) & ~worse
        if not hit.any():
            return worse
        worse |= hit
