"""Arms over several data sets: Friedman's test, Nemenyi's, and the critical difference of mean ranks (Demšar 2006)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from tidegate.errors import DataError
from tidegate.results.collection import Friedman, Ranks

ALPHA = 0.05


def rank(results: Mapping[str, Mapping[str, float]], lower: Mapping[str, bool]) -> Ranks | None:
    """Rank arms on every data set, 1 the best, ties shared.

    Args:
        results: Of each data set, each arm's mean of its metric; the same arms everywhere.
        lower: Of each data set, whether a lower figure is better.

    Returns:
        ``None`` with fewer than two data sets or two arms. Friedman's and Nemenyi's tests need three arms.

    Raises:
        DataError: A data set lacks an arm, or has one more than the others, or a figure is not finite.

    Example:
        >>> told = rank({"a": {"x": 1, "y": 2}, "b": {"x": 0.9, "y": 0.8}}, {"a": True, "b": False})
        >>> told.mean_rank
        {'x': 1.0, 'y': 2.0}
    """
    names = list(next(iter(results.values()), {}))
    if len(results) < 2 or len(names) < 2:
        return None
    _check(results, names)
    figures = np.array([[results[data][name] for name in names] for data in results])  # (N, k)
    signs = np.array([1.0 if lower[data] else -1.0 for data in results])[:, None]
    ranks: NDArray[np.float64] = stats.rankdata(figures * signs, axis=1)
    means = dict(zip(names, ranks.mean(axis=0).tolist(), strict=True))
    difference = critical_difference(len(names), len(results)) if len(names) > 2 else None
    return Ranks(
        datasets=tuple(results),
        arms=tuple(names),
        table={
            data: dict(zip(names, row.tolist(), strict=True))
            for data, row in zip(results, ranks, strict=True)
        },
        mean_rank=means,
        friedman=_friedman(ranks) if len(names) > 2 else None,
        nemenyi=_nemenyi(ranks, names) if len(names) > 2 else None,
        critical_difference=difference,
        groups=tuple(map(tuple, groups(means, difference))) if difference else (),
        alpha=ALPHA,
    )


def critical_difference(arms: int, datasets: int) -> float:
    """Mean ranks that differ by less are not apart at 0.05: q · √(k (k + 1) / 6 N).

    >>> round(critical_difference(4, 14), 2)
    1.25
    """
    q = float(stats.studentized_range.ppf(1 - ALPHA, arms, np.inf)) / 2**0.5
    return q * (arms * (arms + 1) / (6 * datasets)) ** 0.5


def groups(mean_rank: Mapping[str, float], difference: float) -> list[list[str]]:
    """The longest runs of arms, in order of rank, that are not apart.

    >>> groups({"a": 1.0, "b": 1.5, "c": 2.4, "d": 4.0}, 1.0)
    [['a', 'b'], ['b', 'c']]
    """
    order = sorted(mean_rank, key=lambda name: mean_rank[name])
    found: list[list[str]] = []
    for start, name in enumerate(order):
        run = [other for other in order[start:] if mean_rank[other] - mean_rank[name] < difference]
        if len(run) > 1 and not (found and set(run) <= set(found[-1])):
            found.append(run)
    return found


def _check(results: Mapping[str, Mapping[str, float]], names: Sequence[str]) -> None:
    for data, row in results.items():
        odd = sorted(set(row) ^ set(names)) or sorted(name for name in names if not isfinite(row[name]))
        if odd:
            raise DataError(
                "arms cannot be ranked without a figure of each on every data set",
                where=data,
                expected=f"a finite figure of {', '.join(names)}",
                got=", ".join(f"{name} = {row.get(name, 'missing')}" for name in odd),
                hint="rank only the arms that all data sets have",
            )


def _friedman(ranks: NDArray[np.float64]) -> Friedman:
    if not np.ptp(ranks):
        # All arms tie everywhere. The statistic is 0 / 0 then; nothing is apart.
        return Friedman(0.0, 1.0)
    result = stats.friedmanchisquare(*ranks.T)
    return Friedman(float(result.statistic), float(result.pvalue))


def _nemenyi(ranks: NDArray[np.float64], names: Sequence[str]) -> dict[str, dict[str, float]]:
    import scikit_posthocs

    table = scikit_posthocs.posthoc_nemenyi_friedman(ranks).to_numpy()
    return {one: {other: float(table[i, j]) for j, other in enumerate(names)} for i, one in enumerate(names)}
