"""Which arms may be the best one, which are good enough, and which are worse: comparisons with the best (Hsu 1984).

For the arm that is truly best, whichever that is, two things hold together with a probability of 1 − alpha: no
estimate of another arm is better by more than chance allows, and none is worse by more. Each is one of Dunnett's
statements against a control, one-sided at alpha / 2 (together the two-sided statement of Edwards and Hsu 1983). From
the first follows which arms may be best and which are good enough, from the second which are worse by more than a
margin. So whatever is said of all arms is right together with that probability, and it does not matter that the best
one was picked by the same figures.
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
    apart, half = np.zeros((count, count)), np.zeros((count, count))
    widths = critical(count - 1, np.nan_to_num(found.freedom, nan=1.0), alpha / 2) * np.sqrt(found.variances)
    apart[rows, columns], apart[columns, rows] = found.values, -found.values
    half[rows, columns] = half[columns, rows] = widths
    return judge(apart, half, margin)


def judge(apart: Values, half: Values, margin: float) -> WithBest:
    """What differences and half intervals say. Where nothing is known of the noise, nothing is said: any arm may be best.

    >>> told = judge(np.array([[0.0, -1.0], [1.0, 0.0]]), np.full((2, 2), 0.25), 0.1)
    >>> told.may_be_best.tolist(), told.good_enough.tolist(), told.worse.tolist()
    ([True, False], [True, False], [False, True])
    """
    other = ~np.eye(len(apart), dtype=bool)
    low, high = apart - half, apart + half
    may = np.logical_not(((low > 0) & other).any(axis=1))
    good: Flags = np.all((high <= margin) | ~other, axis=1)
    worse = np.logical_and(~may, np.all((low > margin) | ~may, axis=1))
    return WithBest(apart, half, may, good, worse)
