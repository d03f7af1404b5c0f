"""All pairs of arms, for the appendix: difference and equivalence, each corrected over all pairs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import special

from tidegate.results.comparison import PairComparison
from tidegate.results.effects import PairVerdict
from tidegate.studies.analysis.contrasts import Contrasts, Spread
from tidegate.studies.analysis.holm import holm
from tidegate.studies.analysis.scale import Scale

Values = NDArray[np.float64]
INTERVAL = 0.95


def pairs(
    names: Sequence[str], contrasts: Contrasts, scale: Scale, margin: float, alpha: float, *, decides: bool
) -> tuple[PairComparison, ...]:
    """Every pair.

    Args:
        names: Of the arms.
        contrasts: Their runs.
        scale: Of the metric.
        margin: On the scale.
        alpha: Of the look.
        decides: Whether anything is; nothing is on a first look.
    """
    rows, columns = np.triu_indices(len(names), 1)
    found = contrasts.pairs(rows, columns)
    apart, equal = tested(found, margin)
    halves = half(found)
    means = contrasts.means
    return tuple(
        PairComparison(
            a=names[i],
            b=names[j],
            difference=scale.difference(means[i], means[j], halves[at], float(found.values[at])),
            p=apart[at],
            p_equivalent=equal[at],
            verdict=verdict(float(found.values[at]), apart[at], equal[at], alpha) if decides else "undecided",
        )
        for at, (i, j) in enumerate(zip(rows.tolist(), columns.tolist(), strict=True))
    )


def tested(found: Spread, margin: float) -> tuple[list[float | None], list[float | None]]:
    """Of each difference p that it is beyond the margin, and p that it is within, each corrected by Holm over all.

    Beyond: two-sided, twice the p on the side where the difference lies. Within: the larger of two one-sided tests
        (Schuirmann 1987).
    ``None`` where nothing is known of the noise.
    """
    error, known = np.sqrt(found.variances), ~np.isnan(found.variances)
    size = np.abs(found.values)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.where(error > 0, (size - margin) / error, np.where(size > margin, np.inf, -np.inf))
    beyond = np.minimum(1.0, 2 * special.stdtr(found.freedom, -t))
    within = special.stdtr(found.freedom, t)
    # Of two margins the nearer one decides; with no margin nothing is within but what is the same.
    return corrected(np.where(size <= margin, 1.0, beyond), known), corrected(within, known)


def verdict(apart: float, p: float | None, p_equivalent: float | None, alpha: float) -> PairVerdict:
    """Of a difference on the scale, where less is better."""
    if p is not None and p < alpha:
        return "better" if apart < 0 else "worse"
    return "equivalent" if p_equivalent is not None and p_equivalent < alpha else "undecided"


def half(found: Spread, probability: float = INTERVAL) -> list[float | None]:
    """Half of Student's interval of each."""
    widths = special.stdtrit(found.freedom, (1 + probability) / 2) * np.sqrt(found.variances)
    return [None if np.isnan(width) else float(width) for width in widths]


def corrected(p: Values, known: NDArray[np.bool_]) -> list[float | None]:
    """p values corrected by Holm; ``None`` where nothing is known of the noise."""
    left = iter(holm(p[known].tolist()))
    return [next(left) if there else None for there in known]
