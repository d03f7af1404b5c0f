"""From the data's own units to what the network sees, and back: logarithm, mean and deviation of the training rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from tidegate.config.tasks.forecast import ForecastSpec
from tidegate.data.series.panel import Series, Values
from tidegate.errors import Finding

LEAST = 1e-8
"""Deviations below so much of the mean are of constant series, which are only shifted."""


@dataclass(frozen=True)
class Statistics:
    """Mean and deviation of each column ``(C,)``."""

    mean: Values
    deviation: Values

    @classmethod
    def of(cls, rows: Values) -> Statistics:
        """Of the values that are there; a column without any, or a constant one, is not divided.

        >>> Statistics.of(np.array([[1.0], [3.0], [np.nan]])).deviation
        array([1.])
        """
        there = ~np.isnan(rows)
        count = np.maximum(there.sum(axis=0), 1)
        mean = rows.sum(axis=0, where=there) / count
        deviation = np.sqrt(np.square(rows - mean).sum(axis=0, where=there) / count)
        return cls(mean, np.where(deviation <= LEAST * np.abs(mean), 1.0, deviation))

    def apply(self, rows: Values) -> Values:
        """Scaled."""
        return (rows - self.mean) / self.deviation

    def undo(self, rows: Values) -> Values:
        """The data's own units again."""
        return rows * self.deviation + self.mean

    def to_json(self) -> dict[str, list[float]]:
        """For model.json."""
        return {"mean": self.mean.tolist(), "deviation": self.deviation.tolist()}

    @classmethod
    def from_json(cls, data: Mapping[str, Sequence[float]]) -> Statistics:
        """What ``to_json`` gave."""
        return cls(np.array(data["mean"], np.float64), np.array(data["deviation"], np.float64))


@dataclass(frozen=True)
class Scaler:
    """How the targets and covariates of each series are scaled.

    Attributes:
        transform: Of targets, before everything else.
        own: Statistics of the targets of each series by its name; empty unless each has its own.
        shared: Statistics of all targets together, for all series unless each has its own; none: not scaled.
        observed: Of the covariates of the past.
        known: Of those that the future has.
        static: Of what does not change.
    """

    transform: Literal["none", "log"]
    own: Mapping[str, Statistics]
    shared: Statistics | None
    observed: Statistics
    known: Statistics
    static: Statistics

    @classmethod
    def fit(cls, series: Sequence[Series], ends: Sequence[int], spec: ForecastSpec) -> Scaler:
        """From the training rows alone: those before the end of each series."""
        known = [(one, end) for one, end in zip(series, ends, strict=True)]
        targets = [_transformed(one.targets[:end], spec.transform) for one, end in known]
        own = {one.name: Statistics.of(rows) for (one, _), rows in zip(known, targets, strict=True)}
        shared = None if spec.scaling == "none" else Statistics.of(np.concatenate(targets))
        return cls(
            spec.transform,
            own if spec.scaling == "series" else {},
            shared,
            Statistics.of(np.concatenate([one.observed[:end] for one, end in known])),
            Statistics.of(np.concatenate([one.known[:end] for one, end in known])),
            Statistics.of(np.stack([one.static for one in series])),
        )

    def of(self, series: Series) -> Statistics:
        """The statistics of a series' targets; of one that training did not have, those of its own rows."""
        count = series.targets.shape[1]
        if self.shared is None:
            return Statistics(np.zeros(count), np.ones(count))
        if not self.own:
            return self.shared
        if series.name in self.own:
            return self.own[series.name]
        return Statistics.of(_transformed(series.targets[: len(series)], self.transform))

    def knowing(self, series: Sequence[Series]) -> Scaler:
        """With the statistics of series that training did not have, so that they stay when rows are cut off."""
        if not self.own:
            return self
        return replace(self, own={**self.own, **{one.name: self.of(one) for one in series}})

    def forward(self, values: Values, statistics: Statistics) -> Values:
        """Values ``(..., C)`` in the data's own units, as the network sees them."""
        return statistics.apply(_transformed(values, self.transform))

    def undo(self, values: Values, statistics: Statistics) -> Values:
        """Forecasts ``(..., C)`` in the data's own units."""
        plain = statistics.undo(values)
        return np.exp(np.minimum(plain, 700.0)) if self.transform == "log" else plain

    def to_json(self) -> dict[str, object]:
        """For model.json."""
        return {
            "transform": self.transform,
            "own": {name: one.to_json() for name, one in self.own.items()},
            "shared": None if self.shared is None else self.shared.to_json(),
            "observed": self.observed.to_json(),
            "known": self.known.to_json(),
            "static": self.static.to_json(),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Scaler:
        """What ``to_json`` gave."""
        return cls(
            data["transform"],
            {name: Statistics.from_json(one) for name, one in data["own"].items()},
            None if data["shared"] is None else Statistics.from_json(data["shared"]),
            *(Statistics.from_json(data[name]) for name in ("observed", "known", "static")),
        )


def not_positive(series: Series) -> Finding | None:
    """Why the logarithm of a series cannot be taken: its first value that is not above 0."""
    with np.errstate(invalid="ignore"):
        steps, columns = np.nonzero(series.targets <= 0)
    if not len(steps):
        return None
    step, column = int(steps[0]), int(columns[0])
    stamp = np.datetime_as_string(series.stamps[step], unit="s")
    return Finding(
        "error",
        "not-positive",
        series.name or "the series",
        f"has {series.targets[step, column]:g} at {stamp}, and only values above 0 have a logarithm "
        '(forecast.transform = "log")',
    )


def _transformed(targets: Values, transform: str) -> Values:
    if transform == "none":
        return targets
    with np.errstate(invalid="ignore", divide="ignore"):
        # Only forecasts of other methods can be 0 or less here: training refuses such data.
        return np.log(targets)
