"""Whether an arm beats the best of the cheap baselines: t tests on the scale, seeds and test part in one error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from scipy import special

from tidegate.results.comparison import BaselineComparison, BaselineVerdict
from tidegate.studies.analysis.contrasts import Contrasts, Spread
from tidegate.studies.analysis.holm import holm
from tidegate.studies.analysis.pairs import half
from tidegate.studies.analysis.scale import Scale


def baselines(
    names: Sequence[str],
    contrasts: Contrasts,
    values: Mapping[str, float],
    scale: Scale,
    alpha: float,
) -> tuple[BaselineComparison, ...]:
    """Every arm against the best baseline.

    A baseline has one figure, without seeds. How its errors vary with the test part is not kept; it is taken to vary
    as much as the arm's, and by itself, which is more than it does.

    Args:
        names: Of the arms.
        contrasts: Their runs.
        values: The metric of each baseline.
        scale: Of the metric.
        alpha: Of the look; 0 decides nothing.
    """
    judged = {name: float(scale.judged([value])[0]) for name, value in values.items() if np.isfinite(value)}
    judged = {name: value for name, value in judged.items() if np.isfinite(value)}
    if not judged:
        return ()
    best = min(judged, key=lambda name: judged[name])
    found = _against(contrasts, judged[best])
    error = np.sqrt(found.variances)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.where(error > 0, found.values / error, np.sign(found.values) * np.inf)
    known = ~np.isnan(error)
    beats = _corrected(special.stdtr(found.freedom, t), known)
    beaten = _corrected(special.stdtr(found.freedom, -t), known)
    halves = half(found)
    return tuple(
        BaselineComparison(
            arm=name,
            baseline=best,
            difference=scale.difference(judged[best] + float(found.values[at]), judged[best], halves[at]),
            p=_smaller(beats[at], beaten[at]),
            verdict=_verdict(beats[at], beaten[at], alpha),
        )
        for at, name in enumerate(names)
    )


def _against(contrasts: Contrasts, value: float) -> Spread:
    own = contrasts.own()
    if contrasts.sampled is None:
        return replace(own, values=own.values - value)
    test = 2 * np.diag(contrasts.sampled.covariance)
    with np.errstate(divide="ignore", invalid="ignore"):
        squares = own.variances**2 / own.freedom + test**2 / (contrasts.sampled.units - 1)
        freedom = np.where(squares > 0, (own.variances + test) ** 2 / squares, own.freedom)
    return Spread(own.values - value, own.variances + test, freedom, test)


def _corrected(
    p: np.ndarray[tuple[int], np.dtype[np.float64]], known: np.ndarray[tuple[int], np.dtype[np.bool_]]
) -> list[float | None]:
    corrected = iter(holm(p[known].tolist()))
    return [next(corrected) if there else None for there in known]


def _smaller(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else min(one, other)


def _verdict(beats: float | None, beaten: float | None, alpha: float) -> BaselineVerdict:
    if beats is not None and beats < alpha / 2:
        return "beats"
    return "does not beat" if beaten is not None and beaten < alpha / 2 else "cannot tell"
