"""What drawing the test part anew would change: clustered variances and covariances of the arms' means, paired by unit.

To first order a ratio of sums moves by (numerator − ratio · denominator) / Σ denominator for each sample, so that the
variance over draws of test units is that of these influences, summed within units that vary together: pages,
speakers, documents, series (Miller 2024, "Adding error bars to evals"; the infinitesimal jackknife in place of a
bootstrap, which it equals to first order and needs no chance).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tidegate.results.samples import Samples
from tidegate.studies.analysis.scale import Scale

Values = NDArray[np.float64]
FEW_UNITS = 30
"""Below so many test units nothing is said of others than these."""


@dataclass(frozen=True)
class Sampled:
    """What the test part adds to the variance of the arms' means, on the scale.

    Attributes:
        covariance: ``(K, K)``.
        found: The same with what is each run's own, as it was estimated: what is left is not known better than this was.
        units: That vary on their own.
        samples: Of the test part.
        unit: What a unit is; empty where it is a sample.
    """

    covariance: Values
    found: Values
    units: int
    samples: int
    unit: str = ""


def sampled(names: Sequence[str], samples: Mapping[str, Sequence[Samples]], scale: Scale) -> Sampled | None:
    """What drawing the test part anew would change.

    Args:
        names: The arms, in their order.
        samples: Of each the contents of its runs' samples.json, all of one test part.
        scale: Of the metric.

    Returns:
        ``None`` where some arm has left nothing by sample, or arms were tested on different samples.
    """
    found: list[Sequence[Samples]] = [samples.get(name, ()) for name in names]
    sizes = {len(run.numerator) for runs in found for run in runs}
    if not all(found) or len(sizes) != 1 or min(sizes) < 2:
        return None
    first = found[0][0]
    units = [_summed(np.array([influence(run, scale) for run in runs]), first.cluster) for runs in found]
    count = units[0].shape[1]
    if count < 2:
        return None
    means = np.array([each.mean(axis=0) for each in units])
    centred = means - means.mean(axis=1, keepdims=True)
    # Of few units it is not known well enough to be taken out: intervals stay a little too wide.
    own = np.diag([_own(each) if count >= FEW_UNITS else 0.0 for each in units])
    # Of very large test parts only some samples are kept: all of them tell more than those.
    kept = 1.0 if first.cluster else len(first.numerator) / first.of
    factor = count / (count - 1) * kept
    whole = centred @ centred.T * factor
    return Sampled(whole - own * factor, whole, count, first.of, first.unit)


def _own(units: Values) -> float:
    """What is each run's own in the means of units ``(runs, U)``: it is in the variance over seeds already.

    Runs that are wrong by chance on this unit or that vary by seed and by unit; counted in both variances, intervals
    would be up to 1.4 times too wide (runs crossed with units: Owen 2007, "The pigeonhole bootstrap").
    """
    runs = len(units)
    if runs < 2:
        return 0.0
    rest = units - units.mean(axis=0) - units.mean(axis=1, keepdims=True) + units.mean()
    return float((rest**2).sum()) / (runs - 1) / runs


def _summed(influences: Values, cluster: Sequence[int]) -> Values:
    """Influences of units in place of samples."""
    if not cluster:
        return influences
    numbers, places = np.unique(np.array(cluster), return_inverse=True)
    units = np.zeros((len(influences), len(numbers)))
    for row, each in zip(units, influences, strict=True):
        np.add.at(row, places, each)
    return units


def influence(run: Samples, scale: Scale) -> Values:
    """How much each sample moves the metric of a run, on the scale ``(N,)``.

    >>> run = Samples(metric="cer", of=2, numerator=(0, 2), denominator=(4, 4))
    >>> influence(run, Scale("log", lower_is_better=True)).tolist()
    [-0.125, 0.125]
    """
    numerator, denominator = np.array(run.numerator, float), np.array(run.denominator, float)
    total = denominator.sum()
    if not total:
        return np.zeros(len(numerator))
    ratio = float(numerator.sum() / total)
    moved = (numerator - ratio * denominator) / total
    if run.root:
        moved = moved / (2 * ratio**0.5) if ratio > 0 else moved * 0
        ratio = ratio**0.5
    sign = 1.0 if scale.lower_is_better else -1.0
    if scale.kind in ("log", "plain"):
        return sign * moved
    error = ratio if scale.lower_is_better else 1 - ratio
    least = 0.5 / total if scale.kind == "share" else 0.0
    return sign * moved / (max(error, 0.0) + least) if max(error, 0.0) + least else moved * 0
