"""Whether the test part is large enough to tell arms apart: another draw of as many samples would give other figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from tidegate.results.comparison import ArmComparison, Sampling
from tidegate.results.samples import Samples

Values = NDArray[np.float64]
RESAMPLES = 2_000
AT_ONCE = 100


def sampling(
    rows: Sequence[ArmComparison],
    samples: Mapping[str, Sequence[Samples]],
    margin: float | None,
    *,
    lower_is_better: bool,
) -> Sampling | None:
    """Half of the 95 % interval of the difference between the two best arms, samples drawn anew, both arms the same.

    Args:
        rows: The arms, with their means.
        samples: Of each arm the contents of its runs' samples.json.
        margin: Difference too small to matter.
        lower_is_better: Of the metric.

    Returns:
        ``None`` where runs have left nothing by sample.
    """
    order = sorted(rows, key=lambda row: row.mean if lower_is_better else -row.mean)
    names = [row.arm for row in order[:2]]
    found = [_ratios(samples.get(name) or ()) for name in names]
    one, other = found if len(found) == 2 else (None, None)
    if one is None or other is None or one[0].shape[1] != other[0].shape[1]:
        return None
    kept = one[0].shape[1]
    differences = np.concatenate([_figures(one, drawn) - _figures(other, drawn) for drawn in _draws(kept)])
    low, high = np.percentile(differences, [2.5, 97.5]).tolist()
    # Of very large test parts only some samples are kept: all of them tell more than those.
    count = samples[names[0]][0].of
    half = (high - low) / 2 * (kept / count) ** 0.5
    gap = abs(order[0].mean - order[1].mean)
    return Sampling(count, half, (names[0], names[1]), too_small=bool(half > max(margin or 0.0, gap)))


def _draws(count: int) -> Iterator[NDArray[np.int64]]:
    """How often each sample is in each draw ``(N, some)``, a few draws at a time."""
    chance = np.random.default_rng(0)
    for _ in range(RESAMPLES // AT_ONCE):
        yield chance.multinomial(count, np.full(count, 1 / count), size=AT_ONCE).T


_Ratio = tuple[Values, Values, bool]


def _ratios(runs: Sequence[Samples]) -> _Ratio | None:
    """Numerators and denominators ``(runs, N)``, and whether the metric is a root."""
    if not runs or len({len(run.numerator) for run in runs}) != 1 or len(runs[0].numerator) < 2:
        return None
    return (
        np.array([run.numerator for run in runs], np.float64),
        np.array([run.denominator for run in runs], np.float64),
        runs[0].root,
    )


def _figures(ratio: _Ratio, drawn: NDArray[np.int64]) -> Values:
    """The metric of each draw, averaged over an arm's runs ``(R,)``."""
    numerator, denominator, root = ratio
    total = denominator @ drawn
    values = np.divide(numerator @ drawn, total, out=np.zeros_like(total), where=total > 0)
    return (np.sqrt(values) if root else values).mean(axis=0)
