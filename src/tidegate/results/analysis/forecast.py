"""The error analysis of `forecast`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tidegate.results.analysis.samples import ErrorAnalysis
from tidegate.results.record import Record

Series = tuple[float | None, ...]
"""Values, null where there is none."""


@dataclass(frozen=True)
class History(Record):
    """What came before a forecast.

    Attributes:
        stamps: times
        values: in the data's units
    """

    stamps: tuple[str, ...]
    values: Series


@dataclass(frozen=True, kw_only=True)
class Window(Record):
    """One forecast, in the data's units.

    Attributes:
        name: of the series; empty where there is only one
        target: of the column
        history: what came before: `stamps` and `values`
        stamps: times that were forecast
        truth: what came; null where nothing was given
        forecast: what was expected
        lower: lower bounds by the level of their interval, in percent
        upper: upper bounds
        baselines: the seasonal naive forecast, or the last value
        why: `evenly spaced` or `largest error`
    """

    name: str
    target: str
    history: History
    stamps: tuple[str, ...]
    truth: Series
    forecast: Series
    lower: Mapping[str, Series] = field(default_factory=dict[str, Series])
    upper: Mapping[str, Series] = field(default_factory=dict[str, Series])
    baselines: Mapping[str, Series] = field(default_factory=dict[str, Series])
    why: str = ""


@dataclass(frozen=True)
class StepErrors(Record):
    """Error by the step of the horizon.

    Attributes:
        measure: the metric
        curves: of `network`, `last value` and `seasonal naive`, a value a step
    """

    measure: str = "mse"
    curves: Mapping[str, Series] = field(default_factory=dict[str, Series])


@dataclass(frozen=True)
class SeriesErrors(Record):
    """The errors of one series.

    Attributes:
        name: of the series
        count: windows
        mse: of scaled values, as the next one
        mae: mean absolute error
        smape: in percent
        mase: null for a series whose training rows repeat themselves
    """

    name: str
    count: int
    mse: float | None = None
    mae: float | None = None
    smape: float | None = None
    mase: float | None = None


@dataclass(frozen=True)
class IntervalCheck(Record):
    """How often the intervals of one level hold the truth.

    Attributes:
        level: the share that they should hold
        covered: the share that they hold
        width: their mean width, scaled
    """

    level: float
    covered: float | None
    width: float | None


@dataclass(frozen=True, kw_only=True)
class ForecastAnalysis(ErrorAnalysis):
    """Windows and errors.

    Attributes:
        definition: what the metrics mean
        forecasts: up to 8 windows evenly spaced over the split, and the 4 with the largest errors
        by_step: error by step
        by_series: up to 60 series, the worst first; empty where there is one
        intervals: from the narrowest to the widest
    """

    definition: str = ""
    forecasts: tuple[Window, ...] = ()
    by_step: StepErrors = field(default_factory=StepErrors)
    by_series: tuple[SeriesErrors, ...] = ()
    intervals: tuple[IntervalCheck, ...] = ()
