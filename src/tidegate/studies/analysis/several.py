"""Arms over several data sets: pair by pair, mean factor, wins, ties, losses, and Wilcoxon's test (Ismail-Fawaz and
others 2023).

Ranks, and Nemenyi's groups of them, know no size of a difference, and what they say of two arms turns with the arms
beside them. What is said of a pair here is made of this pair, but for the correction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from statistics import fmean
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from tidegate.results.collection import DatasetsPair, Matrix
from tidegate.results.effects import Estimate
from tidegate.studies.analysis.holm import holm

Values = NDArray[np.float64]
ALPHA = 0.05
_ROUNDING = 12
_wilcoxon_test: Any = stats.wilcoxon


def matrix(judged: Mapping[str, Mapping[str, float]], margins: Mapping[str, float]) -> Matrix | None:
    """All pairs of arms over all data sets.

    Args:
        judged: Of each data set, each arm's mean on the scale, where less is better; arms that not all have are left out.
        margins: Of each data set, on the scale.

    Returns:
        ``None`` with fewer than two data sets or two arms.

    Example:
        >>> told = matrix({"a": {"x": -1.0, "y": -0.5}, "b": {"x": -2.0, "y": -2.0}}, {"a": 0.1, "b": 0.1})
        >>> told.pairs[0].wins, told.pairs[0].ties, told.winner is None
        (1, 1, True)
    """
    arms = [arm for arm in next(iter(judged.values()), {}) if all(arm in each for each in judged.values())]
    if len(judged) < 2 or len(arms) < 2:
        return None
    means: dict[str, float] = {arm: fmean(each[arm] for each in judged.values()) for arm in arms}
    names = sorted(arms, key=means.__getitem__)
    lines = np.array([margins[data] for data in judged])
    apart = {
        (a, b): np.array([each[a] - each[b] for each in judged.values()]) for a, b in combinations(names, 2)
    }
    corrected = holm([_wilcoxon(one) for one in apart.values()])
    pairs = tuple(
        _pair(a, b, one, lines, p) for ((a, b), one), p in zip(apart.items(), corrected, strict=True)
    )
    return Matrix(
        datasets=tuple(judged),
        arms=tuple(names),
        pairs=pairs,
        winner=_winner(names, pairs),
        alpha=ALPHA,
        smallest_p=2.0 ** (1 - len(judged)),
    )


def _wilcoxon(apart: Values) -> float:
    """Two-sided p that differences are symmetric about 0."""
    # 0.3 − 0.2 and 0.2 − 0.1 are no different sizes.
    rounded = np.round(apart, _ROUNDING)
    return 1.0 if not rounded.any() else float(_wilcoxon_test(rounded, zero_method="zsplit").pvalue)


def _pair(a: str, b: str, apart: Values, lines: Values, p: float) -> DatasetsPair:
    mean, error = float(apart.mean()), float(stats.sem(apart))
    half = float(stats.t.ppf(0.975, len(apart) - 1)) * error
    verdict: Literal["better", "worse", "undecided"] = "undecided"
    if p < ALPHA:
        verdict = "better" if mean < 0 else "worse"
    return DatasetsPair(
        a=a,
        b=b,
        datasets=len(apart),
        factor=Estimate(float(np.exp(mean)), float(np.exp(mean - half)), float(np.exp(mean + half))),
        wins=int((apart < -lines).sum()),
        ties=int((np.abs(apart) <= lines).sum()),
        losses=int((apart > lines).sum()),
        p=p,
        verdict=verdict,
    )


def _winner(names: Sequence[str], pairs: Sequence[DatasetsPair]) -> str | None:
    first = names[0]
    won = [pair.verdict == "better" for pair in pairs if pair.a == first]
    return first if all(won) else None
