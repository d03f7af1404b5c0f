"""Whether an arm beats the best of the cheap baselines: t tests on the scale, seeds and test part in one error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from scipy import special

from tidegate.results.comparison import BaselineComparison, BaselineVerdict
from tidegate.studies.analysis.contrasts import Contrasts, Spread, Values
from tidegate.studies.analysis.pairs import corrected, half
from tidegate.studies.analysis.scale import Scale


def baselines(
    names: Sequence[str], contrasts: Contrasts, judged: Mapping[str, Values], scale: Scale, alpha: float
) -> tuple[BaselineComparison, ...]:
    """Every arm against the best baseline.

    A baseline has no seeds. Where every seed has its own split, it has one figure a split, and arms are compared with
    it within splits. On one split, how its errors vary with the test part is not kept: it is taken to vary as much as
    the arm's, and by itself, which is more than it does.

    Args:
        names: Of the arms.
        contrasts: Their runs.
        judged: Of each baseline its values on the scale: one, or one for each row of the runs.
        scale: Of the metric.
        alpha: Of the look; 0 decides nothing.
    """
    means = {name: float(np.nanmean(values)) for name, values in judged.items() if np.isfinite(values).any()}
    if not means:
        return ()
    best = min(means, key=means.__getitem__)
    found = _within(contrasts, judged[best]) if contrasts.paired else _once(contrasts, means[best])
    error, known = np.sqrt(found.variances), ~np.isnan(found.variances)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.where(error > 0, found.values / error, np.sign(found.values) * np.inf)
    beats = corrected(special.stdtr(found.freedom, t), known)
    beaten = corrected(special.stdtr(found.freedom, -t), known)
    halves = half(found)
    return tuple(
        BaselineComparison(
            arm=name,
            baseline=best,
            difference=scale.difference(means[best] + float(found.values[at]), means[best], halves[at]),
            p=_smaller(beats[at], beaten[at]),
            verdict=_verdict(beats[at], beaten[at], alpha),
        )
        for at, name in enumerate(names)
    )


def _within(contrasts: Contrasts, values: Values) -> Spread:
    """As one more arm, on the splits that both have."""
    count = contrasts.table.shape[1]
    together = replace(contrasts, table=np.column_stack([contrasts.table, values]))
    return together.pairs(np.arange(count), np.full(count, count))


def _once(contrasts: Contrasts, value: float) -> Spread:
    own = contrasts.own()
    apart = replace(own, values=own.values - value)
    if contrasts.sampled is None:
        return apart
    test = 2 * np.maximum(np.diag(contrasts.sampled.covariance), 0)
    both = own.variances + test
    with np.errstate(divide="ignore", invalid="ignore"):
        whole = 2 * np.diag(contrasts.sampled.found)
        squares = own.variances**2 / own.freedom + whole**2 / (contrasts.sampled.units - 1)
        freedom = np.where(squares > 0, both**2 / squares, own.freedom)
    return replace(apart, variances=both, freedom=freedom, fixed=test)


def _smaller(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else min(one, other)


def _verdict(beats: float | None, beaten: float | None, alpha: float) -> BaselineVerdict:
    if beats is not None and beats < alpha / 2:
        return "beats"
    return "does not beat" if beaten is not None and beaten < alpha / 2 else "cannot tell"
