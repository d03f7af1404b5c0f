"""The runs of a study's arms, and the same on the scale on which they are judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import isfinite

import numpy as np

from tidegate.config.metrics import MetricKind
from tidegate.results.comparison import Split
from tidegate.results.samples import Samples
from tidegate.results.split import SplitKind
from tidegate.studies.analysis.contrasts import Contrasts, Values
from tidegate.studies.analysis.margins import metric_kind
from tidegate.studies.analysis.sampling import sampled
from tidegate.studies.analysis.scale import Scale
from tidegate.studies.design.looks import LOOKS


@dataclass(frozen=True)
class ArmResult:
    """One arm.

    Attributes:
        name: Of the arm.
        values: The metric by seed, of runs that are done.
        signature: Of its network.
        splits: The split of each seed; all on one where nothing is said.
        samples: What its runs left of every sample.
    """

    name: str
    values: Mapping[int, float]
    signature: Mapping[str, str] = field(default_factory=dict[str, str])
    splits: Mapping[int, int] = field(default_factory=dict[int, int])
    samples: Sequence[Samples] = ()


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is compared, and how it was planned.

    Attributes:
        metric: Its name.
        split: test or valid.
        lower_is_better: Of the metric.
        margin: As somebody set it: ``10%``, or a number in the metric's unit.
        splits: What kind of split the runs have.
        ratio: Test by training samples, of splits drawn anew.
        units: Samples of the test part, where no run left anything by sample.
        looks: Planned.
        looked: At which seeds the study was looked at before.
        baselines: The metric of each, by split.
        kind: How the metric is judged, where its task says so.
    """

    metric: str
    split: Split
    lower_is_better: bool
    margin: str | float | None = None
    splits: SplitKind = "one"
    ratio: float = 0.25
    units: int | None = None
    looks: Sequence[int] = LOOKS
    looked: Sequence[int] = ()
    baselines: Mapping[str, Mapping[int, float]] = field(default_factory=dict[str, Mapping[int, float]])
    kind: MetricKind | None = None


@dataclass(frozen=True)
class Judged:
    """Runs on the scale.

    Attributes:
        kind: Of the metric.
        scale: Likewise.
        contrasts: Of the arms.
        baselines: Of each baseline its value on the scale in every row of ``contrasts.table``.
    """

    kind: MetricKind
    scale: Scale
    contrasts: Contrasts
    baselines: Mapping[str, Values]


def enough(arms: Sequence[ArmResult]) -> list[ArmResult]:
    """Arms that can be compared.

    A figure that is not finite is none. An arm with one run beside arms with more has lost its others, and is left out.
    """
    finite = [
        replace(arm, values={seed: value for seed, value in arm.values.items() if isfinite(value)})
        for arm in arms
    ]
    least = min(2, max((len(arm.values) for arm in finite), default=0))
    return [arm for arm in finite if arm.values and len(arm.values) >= least]


def on_scale(arms: Sequence[ArmResult], question: Question) -> Judged:
    """Put runs on the scale: a row a seed, or where every seed has a split of its own a row a split, which arms share.

    Args:
        arms: With a run each at least.
        question: What is compared.
    """
    values = [value for arm in arms for value in arm.values.values()]
    kind = metric_kind(
        question.metric, values, lower_is_better=question.lower_is_better, declared=question.kind
    )
    scale = Scale(kind.kind, question.lower_is_better, _units(arms, question))
    splits = {split for arm in arms for seed, split in arm.splits.items() if seed in arm.values}
    paired = question.splits in ("resampled", "time") and len(splits) > 1
    rows = sorted({_row(arm, seed, paired) for arm in arms for seed in arm.values})
    table = np.full((len(rows), len(arms)), np.nan)
    for column, arm in enumerate(arms):
        found: dict[int, list[float]] = {}
        for seed, value in arm.values.items():
            found.setdefault(_row(arm, seed, paired), []).append(value)
        for row, each in found.items():
            table[rows.index(row), column] = scale.judged(each).mean()
    contrasts = (
        Contrasts(table, paired=True, ratio=question.ratio)
        if paired
        else Contrasts(
            table, sampled=sampled([arm.name for arm in arms], {arm.name: arm.samples for arm in arms}, scale)
        )
    )
    return Judged(kind, scale, contrasts, _baselines(question, scale, rows if paired else []))


def _baselines(question: Question, scale: Scale, rows: Sequence[int]) -> dict[str, Values]:
    """By row where these are splits; else the mean, once."""
    judged: dict[str, Values] = {}
    for name, by_split in question.baselines.items():
        finite = {split: value for split, value in by_split.items() if isfinite(value)}
        values = [finite.get(row, np.nan) for row in rows] if rows else [*finite.values()]
        if finite:
            with np.errstate(divide="ignore", invalid="ignore"):
                judged[name] = scale.judged(values) if rows else scale.judged(values).mean(keepdims=True)
    return judged


def _row(arm: ArmResult, seed: int, paired: bool) -> int:
    return arm.splits.get(seed, seed) if paired else seed


def _units(arms: Sequence[ArmResult], question: Question) -> float | None:
    """Of what the metric is a share of: characters, words, samples."""
    runs = [run for arm in arms for run in arm.samples if sum(run.denominator)]
    if not runs:
        return question.units
    return float(np.mean([sum(run.denominator) * run.of / len(run.denominator) for run in runs]))
