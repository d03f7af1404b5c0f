"""The arms of a study against each other, from the figures of their runs: ``comparison`` of results.json."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from tidegate.results.comparison import ArmComparison, Comparison, Sampling, Split, Status
from tidegate.results.samples import Samples
from tidegate.results.split import SplitKind
from tidegate.studies.analysis.baselines import baselines
from tidegate.studies.analysis.best import with_best
from tidegate.studies.analysis.contrasts import Contrasts
from tidegate.studies.analysis.effects import effects
from tidegate.studies.analysis.margins import margin_of, metric_kind
from tidegate.studies.analysis.pairs import half, pairs
from tidegate.studies.analysis.power import Noise, seeds_needed
from tidegate.studies.analysis.sampling import sampled
from tidegate.studies.analysis.scale import Scale
from tidegate.studies.analysis.verdicts import verdicts
from tidegate.studies.design.looks import LOOKS, level, status

Values = NDArray[np.float64]
FEW_UNITS = 30
"""Below so many test units nothing is said of others than these."""


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
        baselines: The metric of each.
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
    baselines: Mapping[str, float] = field(default_factory=dict[str, float])


def compare(arms: Sequence[ArmResult], question: Question) -> Comparison | None:
    """Compare all arms that have a result.

    Arms may have different numbers of runs: those that were found worse got no more. One with a single run where
    others have more is left out, since its runs failed. A figure that is not finite is none.

    Args:
        arms: In the order of the study.
        question: What is compared.

    Returns:
        ``None`` with fewer than two arms.
    """
    ready = _enough([known for arm in arms if (known := _finite(arm)).values])
    if len(ready) < 2:
        return None
    return _Compared(ready, question).comparison()


def _finite(arm: ArmResult) -> ArmResult:
    return replace(arm, values={seed: value for seed, value in arm.values.items() if isfinite(value)})


def _enough(arms: list[ArmResult]) -> list[ArmResult]:
    least = min(2, max((len(arm.values) for arm in arms), default=0))
    return [arm for arm in arms if len(arm.values) >= least]


class _Compared:
    """Arms on the scale, and what is said of them."""

    def __init__(self, arms: Sequence[ArmResult], question: Question) -> None:
        self._arms, self._question = arms, question
        self._names = [arm.name for arm in arms]
        values = [value for arm in arms for value in arm.values.values()]
        kind = metric_kind(question.metric, values, lower_is_better=question.lower_is_better)
        self._scale = Scale(kind.kind, question.lower_is_better, _units(arms, question))
        self._paired = question.splits in ("resampled", "time")
        self._contrasts = self._on_scale()
        self._seeds = int(self._contrasts.counts.max())
        self._means = self._contrasts.means
        self._order = np.argsort(self._means, kind="stable")
        self._best = int(self._order[0])
        self._margin, self._line = margin_of(
            kind, question.margin, self._scale, float(self._means[self._best])
        )
        self._alpha = level(self._seeds, question.looks)
        self._status: Status = status(self._seeds, question.looks, question.looked)
        self._found = with_best(self._contrasts, self._line, self._alpha)

    def comparison(self) -> Comparison:
        question, names, found = self._question, self._names, self._found
        decides = self._status != "first look"
        good = found.good_enough & decides
        rows = tuple(self._arm(place) for place in range(len(names)))
        second = int(self._order[1])
        width = _known(found.half[self._best, second])
        open_ = any(row.verdict in ("cannot tell", "may be best") for row in rows)
        most = max(self._arms, key=lambda arm: len(arm.values))
        return Comparison(
            split=question.split,
            splits=question.splits,
            metric=question.metric,
            lower_is_better=question.lower_is_better,
            seeds=tuple(sorted(most.values)),
            best=names[self._best],
            may_be_best=tuple(name for name, may in zip(names, found.may_be_best, strict=True) if may),
            good_enough=tuple(name for name, one in zip(names, good, strict=True) if one),
            margin=self._margin,
            alpha=self._alpha,
            status=self._status,
            arms=rows,
            pairs=pairs(names, self._contrasts, self._scale, self._line, self._alpha, decides=decides),
            effects=effects(
                names, [arm.signature for arm in self._arms], self._contrasts, self._scale, self._line,
                self._alpha if decides else 0.0,
            ),
            sampling=self._sampling(second),
            baselines=baselines(
                names, self._contrasts, question.baselines, self._scale, self._alpha if decides else 0.0
            ),
            half_width=None if width is None else self._points(width),
            too_noisy=width is not None and width > self._line,
            seeds_needed=self._needed(self._best, second, self._line) if open_ else None,
        )  # fmt: skip

    def _arm(self, place: int) -> ArmComparison:
        scale, found, best = self._scale, self._found, self._best
        own = self._contrasts.own()
        verdict = verdicts(found, self._status)[place]
        mean, width = float(self._means[place]), half(own)[place]
        apart = None if place == best else _known(found.half[place, best])
        seeds = None
        if verdict in ("cannot tell", "may be best") and place != best:
            seeds = self._needed(best, place, self._distance(place))
        return ArmComparison(
            arm=self._names[place],
            n=int(self._contrasts.counts[place]),
            mean=scale.estimate(mean, width),
            difference=scale.difference(
                mean, float(self._means[best]), apart, float(found.apart[place, best])
            ),
            better=_beats(self._contrasts.table, place, best, paired=self._paired),
            may_be_best=bool(found.may_be_best[place]),
            verdict=verdict,
            seeds_needed=seeds,
        )

    def _distance(self, place: int) -> float:
        """From the line: a margin, or more where the arm is surely farther off."""
        found = self._contrasts.pairs(np.array([place]), np.array([self._best]))
        sure = half(found, 0.6)[0]
        return max(self._line, float(found.values[0]) - (sure or 0.0) - self._line)

    def _needed(self, one: int, other: int, distance: float) -> tuple[int, int] | None:
        found = self._contrasts.pairs(np.array([one]), np.array([other]))
        variance, fixed = float(found.variances[0]), float(found.fixed[0])
        if np.isnan(variance):
            return None
        counts = self._contrasts.counts[[one, other]]
        runs = float((variance - fixed) / (1 / counts).sum()) ** 0.5
        noise = Noise(
            runs,
            float(found.freedom[0]),
            max(0.0, float(found.freedom[0]) / 2 - (float(counts.mean()) - 1)),
            self._contrasts.ratio,
            0.0 if self._contrasts.ratio else fixed,
        )
        return seeds_needed(
            distance, noise, arms=len(self._arms), now=self._seeds, looks=self._question.looks
        )

    def _on_scale(self) -> Contrasts:
        rows = sorted({_row(arm, seed, self._paired) for arm in self._arms for seed in arm.values})
        table = np.full((len(rows), len(self._arms)), np.nan)
        for column, arm in enumerate(self._arms):
            found: dict[int, list[float]] = {}
            for seed, value in arm.values.items():
                found.setdefault(_row(arm, seed, self._paired), []).append(value)
            for row, values in found.items():
                table[rows.index(row), column] = self._scale.judged(values).mean()
        if self._paired:
            return Contrasts(table, paired=True, ratio=self._question.ratio)
        drawn = sampled(self._names, {arm.name: arm.samples for arm in self._arms}, self._scale)
        return Contrasts(table, sampled=drawn)

    def _sampling(self, second: int) -> Sampling | None:
        drawn = self._contrasts.sampled
        if drawn is None:
            return None
        one, other = self._best, second
        covariance = drawn.covariance
        variance = covariance[one, one] + covariance[other, other] - 2 * covariance[one, other]
        return Sampling(
            samples=drawn.samples,
            units=drawn.units,
            unit=drawn.unit,
            half_width=self._points(1.96 * float(max(variance, 0.0)) ** 0.5),
            between=(self._names[one], self._names[other]),
            about_these_test_data=drawn.units < FEW_UNITS,
        )

    def _points(self, width: float) -> float:
        """So much on the scale from the best arm's mean, in the metric's unit."""
        best = float(self._means[self._best])
        return abs(self._scale.metric(best + width) - self._scale.metric(best))


def _row(arm: ArmResult, seed: int, paired: bool) -> int:
    return arm.splits.get(seed, seed) if paired else seed


def _units(arms: Sequence[ArmResult], question: Question) -> float | None:
    """Of what the metric is a share of: characters, words, samples."""
    runs = [run for arm in arms for run in arm.samples if sum(run.denominator)]
    if not runs:
        return question.units
    return float(np.mean([sum(run.denominator) * run.of / len(run.denominator) for run in runs]))


def _known(width: float) -> float | None:
    return None if np.isnan(width) else float(width)


def _beats(table: Values, one: int, other: int, *, paired: bool) -> float:
    """How often a run of one arm beats a run of another, ties half (A of Vargha and Delaney 2000).

    Where they share splits, on the same one.
    """
    a, b = table[:, one], table[:, other]
    apart = a - b if paired else a[:, None] - b[None]
    apart = apart[~np.isnan(apart)]
    return float(((apart < 0) + 0.5 * (apart == 0)).mean()) if len(apart) else 0.5
