"""What differences paired by seed allow to say, pair by pair: better, worse, equivalent, or undecided.

A pair is called apart when its mean difference is larger than the margin by a paired t test, two-sided at 0.05 with
Holm's correction over ALL pairs: the best arm is chosen by the same numbers, so comparing it with each of the others is
comparing all with all. A pair is equivalent when two one-sided t tests at 0.05 say that the difference is within the
margin both ways. Fewer than three seeds decide nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from tidegate.results.comparison import Verdict
from tidegate.studies.analysis.statistics import FEWEST, Interval, beyond, holm, sign_flips, student, within

ALPHA = 0.05
MOST_SEEDS = 100
"""More seeds than so many are not recommended: the difference is too small to matter to who must pay for them."""


@dataclass(frozen=True)
class Compared:
    """One pair, or one effect.

    Attributes:
        difference: Mean, in the metric's unit.
        interval: Student's 95 % interval.
        p_raw: Of sign flips.
        p: The same, corrected over all that were compared.
        p_t: Of the t test beyond the margin, corrected likewise; this one decides.
        verdict: Of the first against the second.
        more_seeds: How many more seeds would probably decide; ``None`` where it is decided, or would take too many.
    """

    difference: float
    interval: Interval | None
    p_raw: float | None
    p: float | None
    p_t: float
    verdict: Verdict
    more_seeds: int | None


def judge(
    differences: Sequence[NDArray[np.float64]], margin: float | None, *, lower_is_better: bool
) -> list[Compared]:
    """Judge several comparisons together, with Holm's correction over all of them.

    Args:
        differences: Of each comparison, one value a seed: the first minus the second.
        margin: Too small to matter; ``None`` where nothing is known of the noise, and nothing is decided then.
        lower_is_better: Of the metric.

    Example:
        >>> clear = np.array([-0.10, -0.11, -0.09, -0.10, -0.12])
        >>> judge([clear], margin=0.01, lower_is_better=True)[0].verdict
        'better'
    """
    flips = [sign_flips(one) for one in differences]
    known = [p for p in flips if p is not None]
    corrected = iter(holm(known))
    decided = decide(differences, margin, lower_is_better=lower_is_better)
    told: list[Compared] = []
    for one, flip, (p_t, verdict) in zip(differences, flips, decided, strict=True):
        p = None if flip is None else next(corrected)
        more = None
        if verdict == "undecided" and margin is not None and len(one) >= 2:
            more = more_seeds(one, margin, len(differences))
        told.append(Compared(float(one.mean()), student(one), flip, p, p_t, verdict, more))
    return told


def decide(
    differences: Sequence[NDArray[np.float64]], margin: float | None, *, lower_is_better: bool
) -> list[tuple[float, Verdict]]:
    """The verdict of each comparison, and the p of the t test that it hangs on, corrected over all of them.

    Args:
        differences: As for ``judge``.
        margin: Likewise.
        lower_is_better: Of the metric.
    """
    apart = holm([beyond(one, margin or 0.0) for one in differences])
    return [(p, _verdict(one, p, margin, lower_is_better)) for one, p in zip(differences, apart, strict=True)]


def _verdict(
    differences: NDArray[np.float64], p: float, margin: float | None, lower_is_better: bool
) -> Verdict:
    if margin is None or len(differences) < FEWEST:
        return "undecided"
    if p < ALPHA:
        return "better" if (differences.mean() < 0) == lower_is_better else "worse"
    return "equivalent" if within(differences, margin) < ALPHA else "undecided"


def more_seeds(differences: NDArray[np.float64], margin: float, family: int) -> int | None:
    """How many more seeds would decide a pair, if its mean and deviation stayed as they are.

    Args:
        differences: So far.
        margin: Too small to matter.
        family: How many comparisons the strictest one is corrected for.
    """
    mean, deviation = abs(float(differences.mean())), float(differences.std(ddof=1))
    if deviation == 0:
        return FEWEST - len(differences) if len(differences) < FEWEST else None
    for count in range(max(FEWEST, len(differences) + 1), len(differences) + MOST_SEEDS + 1):
        error = deviation / count**0.5
        apart = (mean - margin) / error > stats.t.ppf(1 - ALPHA / 2 / family, count - 1)
        equal = (margin - mean) / error > stats.t.ppf(1 - ALPHA, count - 1)
        if apart or equal:
            return count - len(differences)
    return None
