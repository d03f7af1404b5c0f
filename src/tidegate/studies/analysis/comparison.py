"""The arms of a study against each other, from their figures by seed; what ``results.json`` holds as ``comparison``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import isfinite
from statistics import median

import numpy as np
from numpy.typing import NDArray

from tidegate.results.comparison import ArmComparison, Comparison, Margin, PairComparison, Split
from tidegate.results.samples import Samples
from tidegate.studies.analysis.bootstrap import sampling
from tidegate.studies.analysis.effects import effects
from tidegate.studies.analysis.statistics import Interval, better, bootstrap, hedges, smallest_p
from tidegate.studies.analysis.verdicts import Compared, judge

Values = NDArray[np.float64]

MARGIN_DEVIATIONS = 2.0
"""The margin that nobody set, in standard deviations of a seed: two runs of one arm differ by so much from chance."""


@dataclass(frozen=True)
class ArmResult:
    """One arm.

    Attributes:
        name: Of the arm.
        values: The metric by seed, of runs that are done.
        traits: Of its network.
    """

    name: str
    values: Mapping[int, float]
    signature: Mapping[str, str]


def compare(
    arms: Sequence[ArmResult],
    *,
    metric: str,
    split: Split,
    lower_is_better: bool,
    margin: float | None,
    samples: Mapping[str, Sequence[Samples]] | None = None,
) -> Comparison | None:
    """Compare all arms that have a result, over the seeds that all of them have.

    An arm with less than half of the seeds of another one, whose runs failed, is left out. A figure that is not finite is
    none: no mean, no order and no test could be had with it.

    Args:
        arms: In the order of the study.
        metric: Its name.
        split: test or valid.
        lower_is_better: Of the metric.
        margin: Difference too small to matter; ``None``: twice the middle one of the arms' standard deviations.
        samples: Of each arm the contents of its runs' samples.json.

    Returns:
        ``None`` with fewer than two arms.
    """
    ready = _enough([told for arm in arms if (told := _finite(arm)).values])
    seeds = sorted(set.intersection(*(set(arm.values) for arm in ready))) if ready else []
    if len(ready) < 2 or not seeds:
        return None
    table = {arm.name: np.array([arm.values[seed] for seed in seeds]) for arm in ready}
    bound = _margin(table) if margin is None else margin
    names = list(table)
    best = (min if lower_is_better else max)(names, key=lambda name: float(table[name].mean()))
    pairs = list(combinations(names, 2))
    compared = judge([table[a] - table[b] for a, b in pairs], bound, lower_is_better=lower_is_better)
    found = dict(zip(pairs, compared, strict=True))
    rows = tuple(_row(name, best, table, found, lower_is_better) for name in names)
    return Comparison(
        split=split,
        metric=metric,
        lower_is_better=lower_is_better,
        seeds=tuple(seeds),
        best=best,
        winner=all(row.verdict in ("best", "worse") for row in rows),
        margin=Margin(bound, set=margin is not None),
        arms=rows,
        pairs=tuple(_pair(a, b, one) for (a, b), one in found.items()),
        effects=effects(
            table, {arm.name: arm.signature for arm in ready}, bound, lower_is_better=lower_is_better
        ),
        sampling=sampling(rows, samples or {}, bound, lower_is_better=lower_is_better),
        smallest_p=smallest_p(len(seeds)) if len(seeds) > 1 else None,
    )


def _finite(arm: ArmResult) -> ArmResult:
    return replace(arm, values={seed: value for seed, value in arm.values.items() if isfinite(value)})


def _enough(arms: list[ArmResult]) -> list[ArmResult]:
    """Without those that have less than half of the seeds of others: all would be compared by these alone."""
    most = max((len(arm.values) for arm in arms), default=0)
    return [arm for arm in arms if 2 * len(arm.values) >= most]


def _margin(table: Mapping[str, Values]) -> float | None:
    if min(len(values) for values in table.values()) < 2:
        return None
    return MARGIN_DEVIATIONS * median(float(values.std(ddof=1)) for values in table.values())


def _row(
    name: str,
    best: str,
    table: Mapping[str, Values],
    found: Mapping[tuple[str, str], Compared],
    lower_is_better: bool,
) -> ArmComparison:
    """One arm against the best; its difference is the arm's figure minus the best one's."""
    values, first = table[name], table[best]
    low, high = _ends(bootstrap(values))
    row = ArmComparison(
        arm=name,
        n=len(values),
        mean=float(values.mean()),
        low=low,
        high=high,
        difference=0.0,
        difference_low=None,
        difference_high=None,
        better=0.5,
        verdict="best",
    )
    if name == best:
        return row
    one = found.get((name, best)) or found[best, name]
    effect = hedges(first, values)
    low, high = _ends(bootstrap(values - first))
    return replace(
        row,
        difference=float((values - first).mean()),
        difference_low=low,
        difference_high=high,
        p=one.p,
        effect=None if effect is None else (-effect if lower_is_better else effect),
        better=better(values, first, lower_is_better=lower_is_better),
        # The best of all by its mean can only be the better one of a pair.
        verdict="worse" if one.verdict in ("better", "worse") else one.verdict,
        more_seeds=one.more_seeds,
    )


def _pair(a: str, b: str, one: Compared) -> PairComparison:
    low, high = _ends(one.interval)
    return PairComparison(
        a=a,
        b=b,
        difference=one.difference,
        low=low,
        high=high,
        p_raw=one.p_raw,
        p=one.p,
        p_t=one.p_t,
        verdict=one.verdict,
        more_seeds=one.more_seeds,
    )


def _ends(interval: Interval | None) -> tuple[float | None, float | None]:
    return (None, None) if interval is None else (interval.low, interval.high)
