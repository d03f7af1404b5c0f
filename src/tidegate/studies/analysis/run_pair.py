"""Two runs on the same test samples: their difference, and what drawing the samples anew would change of it.

One run each says nothing of seeds: another seed of the same network would give another difference. That is what a study
is for; this answers the smaller question whether these two models differ on samples like these.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tidegate.errors import DataError
from tidegate.results.metrics import RunMetrics
from tidegate.results.pairing import ChangedSample, RunPair
from tidegate.results.samples import Samples
from tidegate.studies.analysis.margins import metric_kind
from tidegate.studies.analysis.sampling import sampled
from tidegate.studies.analysis.scale import Scale

Values = NDArray[np.float64]
NORMAL = 1.96
SHOWN = 10


def compare_runs(first: Path, second: Path) -> RunPair:
    """Compare two runs sample by sample.

    Args:
        first: Folder of a run; the one before, say.
        second: Folder of another one, on the same data.

    Raises:
        DataError: They were measured by another metric, on another part, or on other samples.
        BundleError: A folder holds no run, or one that has not ended.
    """
    metrics = [RunMetrics.read(folder / "metrics.json") for folder in (first, second)]
    runs = [Samples.read(folder / "samples.json") for folder in (first, second)]
    _check(first, second, runs)
    one, other = runs
    lower = metrics[0].lower_is_better
    values = [_value(metrics[place], runs[place]) for place in (0, 1)]
    kind = metric_kind(one.metric, values, lower_is_better=lower)
    scale = Scale(kind.kind, lower, sum(one.denominator) * one.of / len(one.denominator))
    low, high = (float(scale.judged([value])[0]) for value in values)
    drawn = sampled(["first", "second"], {"first": [one], "second": [other]}, scale)
    width = None
    if drawn is not None:
        covariance = drawn.covariance
        width = NORMAL * float(max(covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1], 0.0)) ** 0.5
    errors = _errors(other, lower_is_better=lower) - _errors(one, lower_is_better=lower)
    return RunPair(
        first=str(first),
        second=str(second),
        split=one.split,
        metric=one.metric,
        lower_is_better=lower,
        values=(values[0], values[1]),
        difference=scale.difference(high, low, width),
        samples=one.of,
        improved=int((errors < 0).sum()),
        worsened=int((errors > 0).sum()),
        changed=_changed(one, other, errors.tolist()),
    )


def _errors(run: Samples, *, lower_is_better: bool) -> Values:
    """Of each sample, in the counts of the metric: those of F1 are what was missed and what was wrongly found."""
    numerator = np.array(run.numerator, np.float64)
    return numerator if lower_is_better else np.array(run.denominator, np.float64) - numerator


def _value(metrics: RunMetrics, samples: Samples) -> float:
    part = metrics.test if samples.split == "test" and metrics.test else metrics.valid
    value = part.get(samples.metric)
    return float("nan") if value is None else value


def _check(first: Path, second: Path, runs: list[Samples]) -> None:
    one, other = runs
    sides = [f"{run.metric} on {run.of:,} samples of {run.split or 'a part without a name'}" for run in runs]
    alike = ("metric", "split", "of", "length", "names", "references")
    if any(getattr(one, key) != getattr(other, key) for key in alike) or len(one.numerator) != len(
        other.numerator
    ):
        got = f"{first}: {sides[0]}; {second}: {sides[1]}"
        raise DataError(
            "these runs were not measured on the same samples",
            where=f"{first}, {second}",
            expected="two runs on the same data and split (data.split_seed)",
            got=got if sides[0] != sides[1] else f"{got}, whose names, lengths or references differ",
            hint="train both on the same files with the same seed or data.split_seed",
        )


def _changed(one: Samples, other: Samples, errors: list[float]) -> tuple[ChangedSample, ...]:
    if not (one.names and other.names and one.answers and other.answers):
        return ()
    rows = [
        ChangedSample(
            name=one.names[place],
            reference=one.references[place],
            first=one.answers[place],
            second=other.answers[place],
            errors=change,
        )
        for place, change in enumerate(errors)
        if change
    ]
    return tuple(sorted(rows, key=lambda row: (-abs(row.errors), -row.errors))[:SHOWN])
