"""The arms of a study against each other, from the figures of their runs: ``comparison`` of results.json."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tidegate.results.comparison import ArmComparison, Comparison, Sampling, Status
from tidegate.studies.analysis.baselines import baselines
from tidegate.studies.analysis.best import with_best
from tidegate.studies.analysis.effects import effects
from tidegate.studies.analysis.margins import margin_of
from tidegate.studies.analysis.pairs import half, pairs
from tidegate.studies.analysis.power import noise_of, seeds_needed
from tidegate.studies.analysis.runs import ArmResult, Question, enough, on_scale
from tidegate.studies.analysis.sampling import FEW_UNITS
from tidegate.studies.analysis.verdicts import verdicts
from tidegate.studies.design.looks import level, status

Values = NDArray[np.float64]


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
    ready = enough(arms)
    if len(ready) < 2:
        return None
    return _Compared(ready, question).comparison()


class _Compared:
    """Arms on the scale, and what is said of them."""

    def __init__(self, arms: Sequence[ArmResult], question: Question) -> None:
        self._arms, self._question = arms, question
        self._names = [arm.name for arm in arms]
        runs = on_scale(arms, question)
        self._scale, self._contrasts, self._baselines = runs.scale, runs.contrasts, runs.baselines
        self._seeds = int(self._contrasts.counts.max())
        self._means = self._contrasts.means
        self._order = np.argsort(self._means, kind="stable")
        self._best = int(self._order[0])
        self._margin, self._line = margin_of(
            runs.kind, question.margin, self._scale, float(self._means[self._best])
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
                names, self._contrasts, self._baselines, self._scale, self._alpha if decides else 0.0
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
            better=_beats(self._contrasts.table, place, best, paired=self._contrasts.paired),
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
        noise = noise_of(self._contrasts, one, other)
        if noise is None:
            return None
        return seeds_needed(
            distance, noise, arms=len(self._arms), now=self._seeds, looks=self._question.looks
        )

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
