"""The leaderboard of a study, as plain rows: arms and baselines, best first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any, Literal

from tidegate.report.kind import expect
from tidegate.report.read import Json, read_json
from tidegate.report.text.metrics import Measure, measure


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
    return leaderboard(read_json(study / "results.json"))


def leaderboard(results: Json) -> Leaderboard:
    """The leaderboard of the content of results.json.

    Means are taken over the runs that are done; failed and interrupted ones are counted, never averaged.
    """
    figure = measure(str(results.get("primary", "loss")), results.get("lower_is_better"))
    arms: Sequence[Json] = results.get("arms") or ()
    done = [run for arm in arms for run in _runs(arm, "done")]
    split: Literal["test", "valid"] = "test" if any(run.get("test") for run in done) else "valid"
    baselines = [
        Row(name, "baseline", mean=float(values[figure.key]), values=(float(values[figure.key]),))
        for name, values in (results.get("baselines") or {}).items()
        if values.get(figure.key) is not None
    ]
    best = _best([row.mean for row in baselines if row.mean is not None], figure)
    rows = [_arm(arm, number, figure, split, best) for number, arm in enumerate(arms)]
    return Leaderboard(figure, split, tuple(sorted([*rows, *baselines], key=lambda row: _rank(row, figure))))


def _arm(arm: Json, number: int, figure: Measure, split: str, best: float | None) -> Row:
    done = _runs(arm, "done")
    values = _values(done, split, figure.key)
    mean = fmean(values) if values else None
    return Row(
        name=str(arm.get("arm")),
        kind="arm",
        number=number,
        mean=mean,
        spread=_written(arm, "spread", split, figure.key) if len(values) > 1 else None,
        values=values,
        valid_mean=_written(arm, "mean", "valid", figure.key),
        valid_spread=_written(arm, "spread", "valid", figure.key) if len(done) > 1 else None,
        valid_values=_values(done, "valid", figure.key),
        seconds=_mean([run.get("seconds") for run in done]),
        train_speed=_mean([_speed(run, "train") for run in done]),
        predict_speed=_mean([_speed(run, "predict") for run in done]),
        parameters=arm.get("parameters"),
        spec=str(arm.get("spec") or ""),
        failed=len(_runs(arm, "failed")),
        interrupted=len(_runs(arm, "interrupted")),
        beats_baselines=None if mean is None or best is None else figure.better(mean, best),
    )


def _runs(arm: Json, status: str) -> list[Json]:
    return [run for run in arm.get("runs") or () if run.get("status") == status]


def _values(runs: Sequence[Json], split: str, key: str) -> tuple[float, ...]:
    found = [(run.get(split) or {}).get(key) for run in runs]
    return tuple(float(value) for value in found if value is not None)


def _written(arm: Json, kind: str, split: str, key: str) -> float | None:
    return ((arm.get(kind) or {}).get(split) or {}).get(key)


def _speed(run: Json, kind: str) -> Any:
    """Samples a second: one object for both kinds, or one number for training."""
    speed = run.get("samples_per_second")
    if isinstance(speed, dict):
        return speed.get(kind)
    return speed if kind == "train" else None


def _mean(values: Sequence[Any]) -> float | None:
    known = [float(value) for value in values if value is not None]
    return fmean(known) if known else None


def _best(values: Sequence[float], figure: Measure) -> float | None:
    if not values:
        return None
    return min(values) if figure.lower_is_better else max(values)


def _rank(row: Row, figure: Measure) -> tuple[bool, float]:
    if row.mean is None:
        return True, 0.0
    return False, row.mean if figure.lower_is_better else -row.mean
