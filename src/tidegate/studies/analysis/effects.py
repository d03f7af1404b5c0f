"""What a cell, a second direction or convolutions are worth: by pairs of arms that differ in nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy import special

from tidegate.network.cells import CELLS
from tidegate.results.effects import Effect, EffectPair
from tidegate.studies.analysis.contrasts import Contrasts, Spread, joined
from tidegate.studies.analysis.pairs import half, tested, verdict
from tidegate.studies.analysis.scale import Scale

CONTRASTS = (
    ("front", "cnn", "none"),
    ("direction", "both", "forward"),
    *(("cell", later, earlier) for earlier, later in combinations(CELLS, 2)),
)
"""Trait, level, and what it is compared with."""

INTERACTION = 0.1
"""With a p up to this the pairs are taken to differ: to call them alike is what would have to be shown."""

_FOLLOWS = {"front": ("network",)}
"""Traits that change with another one by what they are."""


@dataclass(frozen=True)
class _Found:
    """The pairs of one contrast, and their mean where they allow one."""

    contrast: tuple[str, str, str]
    pairs: NDArray[np.int64]
    each: Spread
    interaction: float | None
    mean: Spread | None


def effects(
    names: Sequence[str],
    signatures: Sequence[Mapping[str, str]],
    contrasts: Contrasts,
    scale: Scale,
    margin: float,
    alpha: float,
) -> tuple[Effect, ...]:
    """Each contrast that the arms allow.

    Args:
        names: Of the arms.
        signatures: Of their networks.
        contrasts: Their runs.
        scale: Of the metric.
        margin: On the scale.
        alpha: Of the look; 0 decides nothing.
    """
    found = [
        _found(contrast, pairs, contrasts, margin)
        for contrast in CONTRASTS
        if len(pairs := _pairs(signatures, *contrast))
    ]
    means = [one.mean for one in found if one.mean is not None]
    together = joined(means) if means else None
    apart, equal = tested(together, margin) if together else ([], [])
    p = iter(zip(apart, equal, half(together) if together else [], strict=True))
    return tuple(
        _effect(one, next(p) if one.mean is not None else None, names, contrasts, scale, margin, alpha)
        for one in found
    )


def _found(
    contrast: tuple[str, str, str], pairs: NDArray[np.int64], contrasts: Contrasts, margin: float
) -> _Found:
    each = contrasts.pairs(pairs[:, 0], pairs[:, 1])
    p = interaction(each)
    near = np.ptp(each.values) <= margin and (np.all(each.values > 0) or np.all(each.values < 0))
    if p is not None and p <= INTERACTION and not near:
        return _Found(contrast, pairs, each, p, None)
    weights = np.zeros((1, contrasts.table.shape[1]))
    np.add.at(weights[0], pairs[:, 0], 1 / len(pairs))
    np.add.at(weights[0], pairs[:, 1], -1 / len(pairs))
    return _Found(contrast, pairs, each, p, contrasts.of(weights))


def interaction(each: Spread) -> float | None:
    """p that a part is worth as much in every pair: Wald's test of equal differences, weighted by their variances.

    Returns:
        ``None`` of a single pair, or where nothing is known of the noise.
    """
    count = len(each.values)
    if count < 2 or np.isnan(each.variances).any():
        return None
    if not each.variances.all():
        return 1.0 if np.ptp(each.values) == 0 else 0.0
    weights = 1 / each.variances
    mean = (weights * each.values).sum() / weights.sum()
    statistic = (weights * (each.values - mean) ** 2).sum() / (count - 1)
    return float(special.fdtrc(count - 1, float(each.freedom.min()), statistic))


def _effect(
    one: _Found,
    p: tuple[float | None, float | None, float | None] | None,
    names: Sequence[str],
    contrasts: Contrasts,
    scale: Scale,
    margin: float,
    alpha: float,
) -> Effect:
    trait, level, against = one.contrast
    mean, difference = one.mean, None
    if mean is not None and p is not None:
        means = contrasts.means
        base = float(means[one.pairs[:, 1]].mean())
        difference = scale.difference(base + float(mean.values[0]), base, p[2])
    return Effect(
        trait=trait,
        level=level,
        against=against,
        pairs=_each(one, names, contrasts, scale, margin, alpha),
        interaction=one.interaction,
        difference=difference,
        p=p[0] if p else None,
        verdict="depends" if mean is None or p is None else verdict(float(mean.values[0]), p[0], p[1], alpha),
    )


def _each(
    one: _Found, names: Sequence[str], contrasts: Contrasts, scale: Scale, margin: float, alpha: float
) -> tuple[EffectPair, ...]:
    apart, equal = tested(one.each, margin)
    halves, means = half(one.each), contrasts.means
    return tuple(
        EffectPair(
            arm=names[i],
            against=names[j],
            difference=scale.difference(
                float(means[i]), float(means[j]), halves[at], float(one.each.values[at])
            ),
            verdict=verdict(float(one.each.values[at]), apart[at], equal[at], alpha),
        )
        for at, (i, j) in enumerate(_places(one.pairs))
    )


def _places(pairs: NDArray[np.int64]) -> list[tuple[int, int]]:
    return [(int(pair[0]), int(pair[1])) for pair in pairs]


def _pairs(
    signatures: Sequence[Mapping[str, str]], trait: str, level: str, against: str
) -> NDArray[np.int64]:
    found = [
        (i, j)
        for i, mine in enumerate(signatures)
        for j, theirs in enumerate(signatures)
        if mine.get(trait) == level
        and theirs.get(trait) == against
        and _rest(mine, trait) == _rest(theirs, trait)
    ]
    return np.array(found, np.int64).reshape(-1, 2)


def _rest(signature: Mapping[str, str], trait: str) -> dict[str, str]:
    left_out = (trait, *_FOLLOWS.get(trait, ()))
    return {key: value for key, value in signature.items() if key not in left_out}
