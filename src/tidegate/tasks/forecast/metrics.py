"""The figures of forecasts, summed over chunks: errors, coverage of intervals, loss of quantiles.

Only values that stood in the data count; what was missing or filled in never does.

mse, mae and all figures of intervals and quantiles are of scaled values, averaged over all values, as in the literature
on ETTh1. smape and mase are of the data's own units, averaged within each series and target, then over these, so that
each counts the same: Makridakis et al. (2020, "The M4 Competition"), and Hyndman and Koehler (2006) for mase.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tidegate.errors import DataError, EmptyDataError

Values = NDArray[np.float64]
Mask = NDArray[np.bool_]


ROUNDING = 1e-12
"""Errors below so much of the size of the values are none: floats that should be equal differ by about 1e-16 of it."""


@dataclass(frozen=True)
class Pair:
    """What came and what was forecast, both ``(N, h, C)``; what came is NaN where it is missing."""

    truth: Values
    forecast: Values


@dataclass(frozen=True)
class Forecasts:
    """Some forecasts of one series.

    Attributes:
        units: In the data's own units.
        scaled: As the network sees them.
        given: Whether the value stood in the data ``(N, h, C)``.
        bounds: Lower and upper bound of the interval of each level, 0 to 1, scaled.
        quantiles: The forecast of each quantile, 0 to 1, scaled.
    """

    units: Pair
    scaled: Pair
    given: Mask
    bounds: Mapping[float, tuple[Values, Values]] = field(default_factory=dict[float, tuple[Values, Values]])
    quantiles: Mapping[float, Values] = field(default_factory=dict[float, Values])


class ForecastMetrics:
    """Sums the errors of forecasts of many series.

    Args:
        season_errors: For each series, what ``season_errors`` gives of its training rows ``(C,)``.

    >>> one = np.array([[[1.0], [3.0]]])
    >>> metrics = ForecastMetrics([np.array([2.0])])
    >>> metrics.add(0, Forecasts(Pair(one, one + 1), Pair(one, one + 1), one > 0))
    >>> {name: round(value, 3) for name, value in metrics.result().items()}
    {'mse': 1.0, 'mae': 1.0, 'smape': 47.619, 'mase': 0.5}
    """

    def __init__(self, season_errors: Sequence[Values]):
        self._season_errors = season_errors
        self._steps: _Steps | None = None
        self._series: dict[
            int, Values
        ] = {}  # (4, C): count, and the sums of absolute, squared and relative errors
        self._intervals: dict[float, Values] = {}  # how many are within, and their width
        self._quantiles: dict[float, float] = {}

    @np.errstate(invalid="ignore", over="ignore")  # of forecasts that are not finite, which the figures tell
    def add(self, series: int, forecasts: Forecasts) -> None:
        """Count the forecasts of one series.

        Raises:
            DataError: The arrays, or the horizons of two calls, differ in shape.
        """
        given, scaled, units = forecasts.given, forecasts.scaled, forecasts.units
        for one in (scaled.truth, scaled.forecast, units.truth, units.forecast):
            if one.shape != given.shape:
                raise DataError(
                    "forecasts and truth differ in shape", expected=str(given.shape), got=str(one.shape)
                )
        self._steps = (self._steps or _Steps(given.shape[1])).plus(given, scaled)
        sums = _by_target(given, units)
        self._series[series] = self._series.get(series, np.zeros_like(sums)) + sums
        for level, (lower, upper) in forecasts.bounds.items():
            within = (lower <= scaled.truth) & (scaled.truth <= upper)
            both = np.array([(within & given).sum(), (upper - lower).sum(where=given)])
            self._intervals[level] = self._intervals.get(level, np.zeros(2)) + both
        for quantile, forecast in forecasts.quantiles.items():
            above = scaled.truth - forecast
            loss = float(np.maximum(quantile * above, (quantile - 1) * above).sum(where=given))
            self._quantiles[quantile] = self._quantiles.get(quantile, 0.0) + loss

    def result(self, *, units: bool = False) -> dict[str, float]:
        """All figures.

        Args:
            units: Also rmse and mae in the data's own units, where all series and targets share them.

        Returns:
            mse, mae, smape (percent, 0 to 200), mase (left out where no series has one), rmse_units, mae_units; for each
            level such as 80 (percent) coverage_80 (0 to 1) and width_80; for each quantile pinball_10, and pinball, their
            mean. A forecast that is not finite makes the figures that it counts in so too.

        Raises:
            EmptyDataError: No value was given.
        """
        steps = self._counted()
        count = float(steps.count.sum())
        result = {
            "mse": float(steps.squared.sum() / count),
            "mae": float(steps.absolute.sum() / count),
            "smape": float(np.mean(np.concatenate([_mean(sums, 3) for sums in self._series.values()]))),
        }
        scaled = self._scaled_errors()
        if scaled.size:
            result["mase"] = float(scaled.mean())
        if units:
            total = np.sum([sums.sum(axis=1) for sums in self._series.values()], axis=0)
            result |= {"rmse_units": float(np.sqrt(total[2] / count)), "mae_units": float(total[1] / count)}
        for level, (within, width) in sorted(self._intervals.items()):
            result |= {f"coverage_{percent(level)}": within / count, f"width_{percent(level)}": width / count}
        for quantile, loss in sorted(self._quantiles.items()):
            result[f"pinball_{percent(quantile)}"] = loss / count
        if self._quantiles:
            result["pinball"] = sum(self._quantiles.values()) / count / len(self._quantiles)
        return {name: float(value) for name, value in result.items()}

    def by_step(self) -> dict[str, list[float]]:
        """mse and mae of each step of the horizon, h of each; NaN for a step that was never given.

        Raises:
            EmptyDataError: No value was given.
        """
        steps = self._counted()
        count = np.where(steps.count > 0, steps.count, np.nan)
        return {"mse": (steps.squared / count).tolist(), "mae": (steps.absolute / count).tolist()}

    def weight(self, figure: str) -> int:
        """How many things a figure is the mean of: values that were given; for smape and mase, series' targets.

        Args:
            figure: ``mse``, ``mae``, ``smape`` or ``mase``.

        >>> one = np.ones((2, 3, 1))
        >>> metrics = ForecastMetrics([np.array([np.nan])])
        >>> metrics.add(0, Forecasts(Pair(one, one), Pair(one, one), one > 0))
        >>> [metrics.weight(figure) for figure in ("mse", "smape", "mase")]
        [6, 1, 0]
        """
        if figure == "mase":
            return len(self._scaled_errors())
        if figure == "smape":
            return sum(int((sums[0] > 0).sum()) for sums in self._series.values())
        return sum(int(sums[0].sum()) for sums in self._series.values())

    @property
    def notes(self) -> list[str]:
        """What a person should know of the figures: series that mase leaves out."""
        counted = self.weight("smape")
        without = counted - len(self._scaled_errors())
        if not without:
            return []
        return [
            f"mase leaves out {without} of {counted} series: their training rows repeat season by season, or are too few"
        ]

    def _counted(self) -> _Steps:
        if self._steps is None or not self._steps.count.any():
            raise EmptyDataError(
                "there is no value to compare forecasts with",
                hint="take a longer test split, or mend the data",
            )
        return self._steps

    def _scaled_errors(self) -> Values:
        """Mean absolute error over season error, of each series and target that has both."""
        found: list[Values] = [np.empty(0)]
        for place, sums in self._series.items():
            scale = self._season_errors[place]
            usable = (sums[0] > 0) & (np.nan_to_num(scale) > 0)
            found.append(sums[1, usable] / sums[0, usable] / scale[usable])
        return np.concatenate(found)


class _Steps:
    """Sums of scaled errors for each step of the horizon."""

    def __init__(self, horizon: int):
        self.count, self.squared, self.absolute = np.zeros(horizon), np.zeros(horizon), np.zeros(horizon)

    def plus(self, given: Mask, pair: Pair) -> _Steps:
        if given.shape[1] != len(self.count):
            raise DataError(
                "forecasts differ in length",
                expected=f"{len(self.count)} steps",
                got=f"{given.shape[1]} steps",
            )
        error = np.abs(pair.forecast - pair.truth)
        self.count += given.sum(axis=(0, 2))
        self.squared += np.square(error).sum(axis=(0, 2), where=given)
        self.absolute += error.sum(axis=(0, 2), where=given)
        return self


def _by_target(given: Mask, pair: Pair) -> Values:
    """How many values, and the sums of absolute, squared and relative errors ``(4, C)``."""
    error = np.abs(pair.forecast - pair.truth)
    size = np.abs(pair.forecast) + np.abs(pair.truth)
    # 0 forecast and 0 come: no error, though M4's quotient is 0/0.
    relative = 200 * error / np.where(size == 0, 1.0, size)
    sums = [one.sum(axis=(0, 1), where=given) for one in (error, np.square(error), relative)]
    return np.array([given.sum(axis=(0, 1)), *sums], dtype=np.float64)


def _mean(sums: Values, row: int) -> Values:
    """The mean of a row of ``_by_target``, of each target that was given."""
    usable = sums[0] > 0
    return sums[row, usable] / sums[0, usable]


def season_errors(series: Values, season: int) -> Values:
    """Mean absolute error of the seasonal naive forecast within the training rows: what mase divides by.

    Args:
        series: Training rows ``(T, C)``, in the data's own units; NaN where a value is missing or was filled in.
        season: Steps of a season.

    Returns:
        ``(C,)``; NaN where no two values are a season apart; 0 where seasons repeat to rounding.

    >>> season_errors(np.array([[1.0], [2.0], [2.0], [5.0]]), season=2)
    array([2.])
    """
    error = np.abs(series[season:] - series[:-season])
    given = ~np.isnan(error)
    count = given.sum(axis=0)
    there = ~np.isnan(series)
    size = np.abs(series).sum(axis=0, where=there) / np.maximum(there.sum(axis=0), 1)
    mean = error.sum(axis=0, where=given) / np.maximum(count, 1)
    return np.where(count > 0, np.where(mean > ROUNDING * size, mean, 0.0), np.nan)


def percent(share: float) -> str:
    """A level or quantile as figures are named by it.

    >>> percent(0.8), percent(0.975)
    ('80', '97.5')
    """
    return f"{100 * share:.10g}"
