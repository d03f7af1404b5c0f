"""What a cell, a second direction or convolutions are worth: the mean over pairs of arms that differ in nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from tidegate.network.cells import CELLS
from tidegate.results.comparison import Effect
from tidegate.studies.analysis.verdicts import judge

CONTRASTS = (
    ("front", "cnn", "none"),
    ("direction", "both", "forward"),
    *(("cell", later, earlier) for earlier, later in combinations(CELLS, 2)),
)
"""Trait, level, and what it is compared with."""

_FOLLOWS = {"front": ("network",)}
"""Traits that change with another one by what they are."""


def effects(
    table: Mapping[str, NDArray[np.float64]],
    signature: Mapping[str, Mapping[str, str]],
    margin: float | None,
    *,
    lower_is_better: bool,
) -> tuple[Effect, ...]:
    """Each contrast that the arms allow.

    Within a seed the differences of all pairs are averaged, and over the seeds they are judged like a pair of arms, with
    Holm's correction over all contrasts; p is that of the t test beyond the margin.

    Args:
        table: The metric of each arm, seed by seed.
        signature: Of each arm.
        margin: Difference too small to matter.
        lower_is_better: Of the metric.
    """
    found = [(contrast, _pairs(signature, *contrast)) for contrast in CONTRASTS]
    found = [(contrast, pairs) for contrast, pairs in found if pairs]
    differences = [np.mean([table[a] - table[b] for a, b in pairs], axis=0) for _, pairs in found]
    compared = judge(differences, margin, lower_is_better=lower_is_better)
    return tuple(
        Effect(
            trait=trait,
            level=level,
            against=against,
            pairs=tuple(pairs),
            difference=one.difference,
            low=None if one.interval is None else one.interval.low,
            high=None if one.interval is None else one.interval.high,
            p=one.p_t,
            verdict=one.verdict,
        )
        for ((trait, level, against), pairs), one in zip(found, compared, strict=True)
    )


def _pairs(
    signature: Mapping[str, Mapping[str, str]], trait: str, level: str, against: str
) -> list[tuple[str, str]]:
    return [
        (one, other)
        for one, mine in signature.items()
        for other, theirs in signature.items()
        if mine.get(trait) == level
        and theirs.get(trait) == against
        and _rest(mine, trait) == _rest(theirs, trait)
    ]


def _rest(signature: Mapping[str, str], trait: str) -> dict[str, str]:
    left_out = (trait, *_FOLLOWS.get(trait, ()))
    return {key: value for key, value in signature.items() if key not in left_out}
