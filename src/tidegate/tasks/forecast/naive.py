"""Forecasts that need no fit: the last value, the last season, and the line through the history.

Every forecast sees the rows before its origin only. They are equivariant to shifts and scales, so it is the same whether
they are made of scaled values or of the data's own. The source of all three: Hyndman and Athanasopoulos, Forecasting:
Principles and Practice (3rd ed. 2021), section 5.2.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tidegate.errors import DataError

Values = NDArray[np.float64]
Places = NDArray[np.int64]


def last_value(series: Values, origins: Places, horizon: int) -> Values:
    """The last value that was given before each origin, for every step.

    Args:
        series: ``(T, C)``; NaN where a value is missing.
        origins: Row of the first step to forecast ``(N,)``, 0 to T.
        horizon: Steps h to forecast, at least 1.

    Returns:
        ``(N, h, C)``; NaN where nothing was given before the origin.

    Raises:
        DataError: An origin lies outside the series, or the horizon is less than 1.

    >>> last_value(np.array([[1.0], [3.0], [np.nan]]), np.array([2, 3]), 2)[..., 0]
    array([[3., 3.],
           [3., 3.]])
    """
    _check(series, origins, horizon)
    last = _take(series, _latest(series)[origins])  # (N, C)
    return np.repeat(last[:, None], horizon, axis=1)


def seasonal_naive(series: Values, origins: Places, horizon: int, season: int) -> Values:
    """The value of one season before; where that lies beyond the origin too, of the last season before it.

    A value that is missing gives way to the last one given at the same place of a season, and where there is none, such
    as in a history shorter than a season, to the last one given at all.

    Args:
        series: ``(T, C)``; NaN where a value is missing.
        origins: Row of the first step to forecast ``(N,)``, 0 to T.
        horizon: Steps h to forecast, at least 1.
        season: Steps of a season, at least 1.

    Returns:
        ``(N, h, C)``; NaN where nothing was given before the origin.

    Raises:
        DataError: An origin lies outside the series, or the horizon or the season is less than 1.

    >>> seasonal_naive(np.array([[1.0], [2.0], [3.0], [4.0]]), np.array([4]), 3, season=2)[..., 0]
    array([[3., 4., 3.]])
    """
    _check(series, origins, horizon)
    if season < 1:
        raise DataError("a season has at least one step", got=str(season))
    rows = origins[:, None] - season + np.arange(horizon) % season  # (N, h)
    latest, in_season = _latest(series), _latest_in_season(series, season)
    source = np.where(rows[..., None] >= 0, in_season[np.maximum(rows, 0)], -1)  # (N, h, C)
    return _take(series, np.where(source >= 0, source, latest[origins][:, None]))


def drift(series: Values, origins: Places, horizon: int) -> Values:
    """The line through the first and the last value that were given before each origin, continued.

    Args:
        series: ``(T, C)``; NaN where a value is missing.
        origins: Row of the first step to forecast ``(N,)``, 0 to T.
        horizon: Steps h to forecast, at least 1.

    Returns:
        ``(N, h, C)``; the last value where only one was given, NaN where none was.

    Raises:
        DataError: An origin lies outside the series, or the horizon is less than 1.

    >>> drift(np.array([[1.0], [9.0], [3.0]]), np.array([3]), 2)[..., 0]
    array([[4., 5.]])
    """
    _check(series, origins, horizon)
    end = _latest(series)[origins]  # (N, C)
    begin = np.where(end >= 0, np.argmax(~np.isnan(series), axis=0) if len(series) else 0, -1)
    high, low = _take(series, end), _take(series, begin)
    slope = (high - low) / np.maximum(end - begin, 1)
    steps = origins[:, None, None] + np.arange(horizon)[:, None] - end[:, None]  # (N, h, C)
    return high[:, None] + steps * slope[:, None]


def _check(series: Values, origins: Places, horizon: int) -> None:
    if horizon < 1:
        raise DataError(
            "a forecast has at least one step", expected="a horizon of 1 or more", got=str(horizon)
        )
    if origins.size and (origins.min() < 0 or origins.max() > len(series)):
        raise DataError(
            "a forecast starts outside its series",
            expected=f"rows 0 to {len(series)}",
            got=f"rows {origins.min()} to {origins.max()}",
        )


def _latest(series: Values) -> Places:
    """Row of the last value given before each row ``(T + 1, C)``; -1 where there is none."""
    rows = np.where(np.isnan(series), -1, np.arange(len(series))[:, None])
    return np.maximum.accumulate(np.concatenate([np.full((1, series.shape[1]), -1), rows]), axis=0)


def _latest_in_season(series: Values, season: int) -> Places:
    """Row of the last value given up to each row ``(T, C)`` at the same place of a season; -1 where there is none."""
    length, targets = series.shape
    rows = np.where(np.isnan(series), -1, np.arange(length)[:, None])
    padded = np.concatenate([rows, np.full((-length % season, targets), -1)])
    seasons = padded.reshape(-1, season, targets)
    return np.maximum.accumulate(seasons, axis=0).reshape(-1, targets)[:length]


def _take(series: Values, rows: Places) -> Values:
    """The values at ``(…, C)`` rows; NaN at row -1."""
    padded = np.concatenate([series, np.full((1, series.shape[1]), np.nan)])
    return np.take_along_axis(padded, rows.reshape(-1, series.shape[1]), axis=0).reshape(rows.shape)
