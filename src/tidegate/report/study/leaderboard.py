"""The leaderboard of a study, as plain rows: arms and baselines, best first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Literal

from tidegate.report.kind import expect
from tidegate.report.text.metrics import Measure, measure
from tidegate.results.study import StudyArm, StudyResults


@dataclass(frozen=True)
class Row:
    """One arm, or one baseline.

    Attributes:
        name: The arm's or the baseline's name.
        kind: Which of the two it is.
        number: The arm's place in the study: its colour in every chart.
        mean: Of the primary metric over the runs that were done; ``None`` where there is none.
        spread: Sample standard deviation over them; ``None`` with fewer than two.
        values: The primary metric of each run that was done, by seed.
        valid_mean: Mean of the primary metric on the validation split.
        valid_spread: Sample standard deviation on the validation split.
        valid_values: Each run's primary metric on the validation split.
        seconds: Mean training seconds of a run.
        train_speed: Mean samples a second in training.
        predict_speed: Mean samples a second in prediction.
        parameters: Trainable parameters.
        spec: The network as a VGSL string, where it is known.
        failed: How many runs failed.
        interrupted: How many runs were interrupted.
        beats_baselines: Whether the mean beats the best baseline; ``None`` where there is nothing to compare.
    """

    name: str
    kind: Literal["arm", "baseline"]
    number: int = 0
    mean: float | None = None
    spread: float | None = None
    values: tuple[float, ...] = ()
    valid_mean: float | None = None
    valid_spread: float | None = None
    valid_values: tuple[float, ...] = ()
    seconds: float | None = None
    train_speed: float | None = None
    predict_speed: float | None = None
    parameters: int | None = None
    spec: str = ""
    failed: int = 0
    interrupted: int = 0
    beats_baselines: bool | None = None

    @property
    def n(self) -> int:
        """Seeds that the mean stands for."""
        return len(self.values)


@dataclass(frozen=True)
class Leaderboard:
    """A study's results, best first.

    Attributes:
        primary: The metric that ranks.
        split: ``test``, or ``valid`` where the study has no test split.
        rows: Arms and baselines; arms without any result come last.
    """

    primary: Measure
    split: Literal["test", "valid"]
    rows: tuple[Row, ...]

    @property
    def arms(self) -> tuple[Row, ...]:
        """The arms alone, best first."""
        return tuple(row for row in self.rows if row.kind == "arm")

    @property
    def baselines(self) -> tuple[Row, ...]:
        """The baselines alone, best first."""
        return tuple(row for row in self.rows if row.kind == "baseline")


def read_leaderboard(study: Path) -> Leaderboard:
    """The leaderboard of a study's folder, from its results.json.

    Raises:
        DataError: There is no such folder.
        BundleError: It holds no study, or results.json cannot be read.
    """
    expect(study, "study")
    return leaderboard(read_results(study))


def read_results(study: Path) -> StudyResults:
    """A study's results.json; empty results while there is none.

    Raises:
        BundleError: It cannot be read.
    """
    return StudyResults.find(study / "results.json") or StudyResults(task="study", arms=())


def leaderboard(results: StudyResults) -> Leaderboard:
    """The leaderboard of a study.

    Means are taken over the runs that are done; failed and interrupted ones are counted, never averaged.
    """
    figure = measure(results.primary or "loss", results.lower_is_better)
    tested = any(run.test for arm in results.arms for run in arm.done)
    split: Literal["test", "valid"] = "test" if tested else "valid"
    baselines = [
        Row(name, "baseline", mean=value, values=(value,))
        for name, values in results.baselines.items()
        if (value := values.get(figure.key)) is not None
    ]
    best = _best([row.mean for row in baselines if row.mean is not None], figure)
    rows = [_arm(arm, number, figure, split, best) for number, arm in enumerate(results.arms)]
    return Leaderboard(figure, split, tuple(sorted([*rows, *baselines], key=lambda row: _rank(row, figure))))


def _arm(arm: StudyArm, number: int, figure: Measure, split: str, best: float | None) -> Row:
    done, key = arm.done, figure.key
    values = _known([run.on(split).get(key) for run in done])
    mean = fmean(values) if values else None
    speeds = [run.samples_per_second for run in done if run.samples_per_second]
    return Row(
        name=arm.arm,
        kind="arm",
        number=number,
        mean=mean,
        spread=arm.spread.on(split).get(key) if len(values) > 1 else None,
        values=values,
        valid_mean=arm.mean.on("valid").get(key),
        valid_spread=arm.spread.on("valid").get(key) if len(done) > 1 else None,
        valid_values=_known([run.on("valid").get(key) for run in done]),
        seconds=_mean([run.seconds for run in done]),
        train_speed=_mean([speed.train for speed in speeds]),
        predict_speed=_mean([speed.predict for speed in speeds]),
        parameters=arm.parameters,
        spec=arm.spec or "",
        failed=sum(run.status == "failed" for run in arm.runs),
        interrupted=sum(run.status == "interrupted" for run in arm.runs),
        beats_baselines=None if mean is None or best is None else figure.better(mean, best),
    )


def _known(values: Sequence[float | None]) -> tuple[float, ...]:
    return tuple(value for value in values if value is not None)


def _mean(values: Sequence[float | None]) -> float | None:
    known = _known(values)
    return fmean(known) if known else None


def _best(values: Sequence[float], figure: Measure) -> float | None:
    if not values:
        return None
    return min(values) if figure.lower_is_better else max(values)


def _rank(row: Row, figure: Measure) -> tuple[bool, float]:
    if row.mean is None:
        return True, 0.0
    return False, row.mean if figure.lower_is_better else -row.mean
