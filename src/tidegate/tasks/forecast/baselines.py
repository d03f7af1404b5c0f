"""The baselines that stand beside every forecasting network, over the same windows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from tidegate.errors import DataError
from tidegate.tasks.contract import Baselines
from tidegate.tasks.forecast.core import ForecastCore
from tidegate.tasks.forecast.linear import LinearForecast, Moments, Variant, window_chunks
from tidegate.tasks.forecast.metrics import ForecastMetrics
from tidegate.tasks.forecast.naive import drift, last_value, seasonal_naive
from tidegate.tasks.forecast.split import ForecastSplit
from tidegate.tasks.forecast.statistical import statistical_forecasts

Values = NDArray[np.float64]
Places = NDArray[np.int64]
Baseline = Callable[[Values, Places], Values]
"""A scaled series ``(T, C)``, NaN where nothing was given, and origins ``(N,)`` to forecasts ``(N, H, C)``."""

ROWS = 4096


def quick_baselines(problem: ForecastCore, parts: Mapping[str, ForecastSplit]) -> dict[str, Baseline]:
    """Those that take no time: naive ones, and linear maps of the window fitted on the training windows.

    Args:
        problem: What is forecast.
        parts: ``train`` and ``valid``, to fit the linear maps on; without them there are none.
    """
    horizon, season = problem.shape.horizon, problem.shape.season
    baselines: dict[str, Baseline] = {
        "last value": lambda series, origins: last_value(series, origins, horizon)
    }
    if season > 1:
        baselines["seasonal naive"] = lambda series, origins: seasonal_naive(series, origins, horizon, season)
    baselines["drift"] = lambda series, origins: drift(series, origins, horizon)
    for variant, fitted in _linear(parts).items():
        baselines[variant] = fitted.forecast
    return baselines


def _linear(parts: Mapping[str, ForecastSplit]) -> dict[str, LinearForecast]:
    """None where there are no windows to fit them on, or each misses a value."""
    if "train" not in parts:
        return {}
    try:
        train = Moments.of(_pairs(parts["train"]))
    except DataError:
        return {}
    try:
        valid = Moments.of(_pairs(parts["valid"]))
    except DataError:
        valid = None
    variants: tuple[Variant, ...] = ("linear", "nlinear")
    return {variant: LinearForecast.fit(train, valid, variant) for variant in variants}


def forecast_baselines(
    problem: ForecastCore, parts: Mapping[str, ForecastSplit], split: ForecastSplit
) -> Baselines:
    """What all baselines reach over the windows of a split."""
    units = problem.shape.targets == 1
    figures = {
        name: measured(problem, split, baseline).result(units=units)
        for name, baseline in quick_baselines(problem, parts).items()
    }
    numbers = [number for number, _ in split.runs()]
    origins = [split.origin[run] for _, run in split.runs()]
    series = [_given(split, number, scaled=False) for number in numbers]
    found, notes = statistical_forecasts(series, origins, problem.shape.horizon, problem.shape.season)
    for name, forecasts in found.items():
        metrics = problem.metrics_of(split)
        for (number, run), forecast in zip(split.runs(), forecasts, strict=True):
            # A history without any value is forecast by the mean of training, which is 0 when scaled.
            scaled = np.nan_to_num(problem.scaler.forward(forecast, split.grid.statistics[number]))
            metrics.add(number, problem.compared(split, run, scaled[..., None], bounded=False))
        figures[name] = metrics.result(units=units)
    return Baselines(figures, notes)


def measured(problem: ForecastCore, split: ForecastSplit, baseline: Baseline) -> ForecastMetrics:
    """The errors of one baseline over the windows of a split."""
    metrics = problem.metrics_of(split)
    for number, run in split.runs():
        series = _given(split, number, scaled=True)
        for start in range(run.start, run.stop, ROWS):
            some = slice(start, min(start + ROWS, run.stop))
            # A history without any value is forecast by the mean of training, which is 0.
            forecast = np.nan_to_num(baseline(series, split.origin[some]))
            metrics.add(number, problem.compared(split, some, forecast[..., None], bounded=False))
    return metrics


def _given(split: ForecastSplit, number: int, *, scaled: bool) -> Values:
    """The rows of a series, NaN where nothing was given."""
    grid = split.grid
    rows = slice(int(grid.starts[number]), int(grid.starts[number + 1]))
    given = grid.given[rows].numpy()
    values = grid.values[rows].double().numpy() if scaled else grid.units(number)[0]
    return np.where(given, values, np.nan)


def _pairs(split: ForecastSplit) -> Iterator[tuple[Values, Values]]:
    """Windows ``(N, L)`` and what followed ``(N, H)``, each target by itself; NaN where nothing was given."""
    for number, run in split.runs():
        series = _given(split, number, scaled=True)
        yield from window_chunks(series, split.origin[run], split.lookback, split.horizon)
