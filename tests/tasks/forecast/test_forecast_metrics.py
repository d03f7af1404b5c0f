"""Figures of forecasts, against a plain loop and other libraries'."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tidegate.errors import DataError, EmptyDataError
from tidegate.tasks.forecast.metrics import ForecastMetrics, Forecasts, Pair, percent, season_errors
from tidegate.tasks.forecast.naive import seasonal_naive

RETAIL = Path(__file__).parents[4] / "shared" / "data" / "aus_retail" / "aus_retail.csv"
Values = NDArray[np.float64]


def made(seed: int, shape: tuple[int, int, int] = (5, 4, 2), holes: float = 0.3) -> Forecasts:
    """Forecasts whose units are 10 times the scaled values and 50 more; NaN where there is no truth."""
    chance = np.random.default_rng(seed)
    scaled, forecast = chance.normal(size=shape), chance.normal(size=shape)
    given = chance.random(shape) >= holes
    scaled[~given] = np.nan
    lower, upper = forecast - 1, forecast + chance.random(shape)
    return Forecasts(
        Pair(10 * scaled + 50, 10 * forecast + 50),
        Pair(scaled, forecast),
        given,
        {0.8: (lower, upper), 0.975: (lower - 1, upper + 1)},
        {0.1: lower, 0.5: forecast},
    )


def slow(parts: list[tuple[int, Forecasts]], scales: list[Values]) -> dict[str, float]:
    """All figures, value by value."""
    sums: defaultdict[str, list[float]] = defaultdict(list)
    own: defaultdict[tuple[int, int], list[tuple[float, float]]] = defaultdict(list)
    for series, part in parts:
        for place in np.ndindex(part.given.shape):
            if not part.given[place]:
                continue
            y, f = float(part.scaled.truth[place]), float(part.scaled.forecast[place])
            sums["mse"].append((y - f) ** 2)
            sums["mae"].append(abs(y - f))
            for level, (lower, upper) in part.bounds.items():
                sums[f"coverage_{percent(level)}"].append(float(lower[place] <= y <= upper[place]))
                sums[f"width_{percent(level)}"].append(float(upper[place] - lower[place]))
            for quantile, values in part.quantiles.items():
                above = y - float(values[place])
                loss = quantile * above if above > 0 else (quantile - 1) * above
                sums[f"pinball_{percent(quantile)}"].append(loss)
                sums["pinball"].append(loss)
            y, f = float(part.units.truth[place]), float(part.units.forecast[place])
            own[series, place[2]].append((abs(y - f), 200 * abs(y - f) / (abs(y) + abs(f))))
            sums["mae_units"].append(abs(y - f))
            sums["rmse_units"].append((y - f) ** 2)
    result = {name: float(np.mean(values)) for name, values in sums.items()}
    result["rmse_units"] **= 0.5
    result["smape"] = float(np.mean([np.mean([s for _, s in values]) for values in own.values()]))
    scaled = [np.mean([e for e, _ in own[i, c]]) / scales[i][c] for i, c in own if scales[i][c] > 0]
    return result | {"mase": float(np.mean(scaled))}


def test_figures_equal_a_plain_loop() -> None:
    parts = [
        (0, made(0)),
        (1, made(1, (3, 4, 2))),
        (0, made(2, (1, 4, 2))),
        (2, made(3, (2, 4, 2), holes=0.9)),
    ]
    scales = [np.array([4.0, 2.0]), np.array([0.0, 1.0]), np.array([3.0, np.nan])]
    metrics = ForecastMetrics(scales)
    for series, part in parts:
        metrics.add(series, part)
    assert metrics.result(units=True) == pytest.approx(slow(parts, scales))
    assert set(metrics.result()) == set(metrics.result(units=True)) - {"rmse_units", "mae_units"}
    steps = metrics.by_step()
    for step in range(4):
        errors = [np.abs(p.scaled.truth - p.scaled.forecast)[:, step][p.given[:, step]] for _, p in parts]
        assert steps["mae"][step] == pytest.approx(np.concatenate(errors).mean())
        assert steps["mse"][step] == pytest.approx(np.square(np.concatenate(errors)).mean())


def test_figures_equal_other_libraries() -> None:
    from sklearn.metrics import mean_absolute_error, mean_pinball_loss, root_mean_squared_error
    from torch import from_numpy
    from torchmetrics.functional.regression import symmetric_mean_absolute_percentage_error as smape

    part = made(4, (6, 3, 1), holes=0)
    metrics = ForecastMetrics([np.ones(1)])
    metrics.add(0, part)
    ours = metrics.result(units=True)
    truth, forecast = part.units.truth.ravel(), part.units.forecast.ravel()
    assert ours["smape"] == pytest.approx(100 * float(smape(from_numpy(forecast), from_numpy(truth))))
    assert ours["rmse_units"] == pytest.approx(root_mean_squared_error(truth, forecast))
    assert ours["mae_units"] == ours["mase"] == pytest.approx(mean_absolute_error(truth, forecast))
    theirs = mean_pinball_loss(part.scaled.truth.ravel(), part.quantiles[0.1].ravel(), alpha=0.1)
    assert ours["pinball_10"] == pytest.approx(theirs)


def test_what_was_not_given_is_never_counted() -> None:
    part = made(5)
    wild = np.where(part.given, part.scaled.forecast, 1e30)
    other = Forecasts(part.units, Pair(part.scaled.truth, wild), part.given)
    results: list[dict[str, float]] = []
    for one in (part, other):
        metrics = ForecastMetrics([np.ones(2)])
        metrics.add(0, one)
        results.append(metrics.result())
    assert results[0]["mse"] == results[1]["mse"]


def test_steps_never_given() -> None:
    given = np.array([[[True], [False]]])
    one = np.ones((1, 2, 1))
    metrics = ForecastMetrics([np.ones(1)])
    metrics.add(0, Forecasts(Pair(one, one), Pair(one, one), given))
    np.testing.assert_array_equal(metrics.by_step()["mse"], [0.0, np.nan])


def test_zeros_forecast_and_come() -> None:
    zero = np.zeros((1, 2, 1))
    metrics = ForecastMetrics([np.ones(1)])
    metrics.add(0, Forecasts(Pair(zero, zero), Pair(zero, zero), zero == 0))
    assert metrics.result() == {"mse": 0.0, "mae": 0.0, "smape": 0.0, "mase": 0.0}


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_forecasts_that_are_not_finite_show(wrong: float) -> None:
    one = np.ones((1, 2, 1))
    metrics = ForecastMetrics([np.ones(1)])
    metrics.add(0, Forecasts(Pair(one, one * wrong), Pair(one, one * wrong), one == 1))
    assert not np.isfinite(metrics.result()["mse"])
    assert not np.isfinite(metrics.result()["smape"])


def test_constant_series_have_no_mase() -> None:
    part = made(6, holes=0)
    metrics = ForecastMetrics([season_errors(np.full((9, 2), 4.0), 1)])
    metrics.add(0, part)
    assert "mase" not in metrics.result()
    assert metrics.notes == [
        "mase leaves out 2 of 2 series: their training rows repeat season by season, or are too few"
    ]


def test_nothing_to_count() -> None:
    with pytest.raises(EmptyDataError):
        ForecastMetrics([]).result()
    metrics = ForecastMetrics([np.ones(2)])
    metrics.add(0, made(7, holes=1.1))
    with pytest.raises(EmptyDataError):
        metrics.by_step()


def test_shapes_that_differ() -> None:
    part = made(8)
    metrics = ForecastMetrics([np.ones(2)])
    with pytest.raises(DataError, match="differ in shape"):
        metrics.add(0, Forecasts(part.units, part.scaled, part.given[:1]))
    metrics.add(0, part)
    with pytest.raises(DataError, match="differ in length"):
        metrics.add(0, made(8, (5, 3, 2)))


def test_season_errors() -> None:
    series = np.array([[1.0, 5.0], [2.0, np.nan], [4.0, 5.0], [np.nan, 7.0], [9.0, 8.0]])
    np.testing.assert_allclose(season_errors(series, 2), [(3 + 5) / 2, (0 + 3) / 2])
    assert np.isnan(season_errors(series, 5)).all()
    assert np.isnan(season_errors(series, 50)).all()


def test_retail_sales() -> None:
    """The seasonal naive forecast of the last 24 months, as measured by other tools: sMAPE 7.55, MASE 1.465."""
    if not RETAIL.exists():
        pytest.skip("aus_retail is not here")
    rows: defaultdict[str, list[float]] = defaultdict(list)
    with RETAIL.open(newline="") as file:
        for row in csv.DictReader(file):
            rows[row["Series ID"]].append(float(row["Turnover"]))
    panel = [np.array(values)[:, None] for values in rows.values() if len(values) > 100]
    metrics = ForecastMetrics([season_errors(series[:-24], 12) for series in panel])
    for place, series in enumerate(panel):
        pair = Pair(series[None, -24:], seasonal_naive(series, np.array([len(series) - 24]), 24, 12))
        metrics.add(place, Forecasts(pair, pair, np.ones((1, 24, 1), dtype=bool)))
    assert (len(panel), metrics.notes) == (150, [])
    assert metrics.result()["smape"] == pytest.approx(7.55, abs=0.005)
    assert metrics.result()["mase"] == pytest.approx(1.465, abs=0.0005)


@pytest.mark.parametrize("size", [1e-9, 1.0, 1e9])
def test_a_season_that_repeats_to_rounding_has_no_mase(size: float):
    hours = np.arange(240)
    sine = size * (100 + 10 * np.sin(2 * np.pi * hours / 24))[:, None]
    assert season_errors(sine, 24).tolist() == [0.0]
    noise = sine + size * 1e-6 * np.random.default_rng(0).standard_normal(sine.shape)
    assert 0 < season_errors(noise, 24)[0] < size * 1e-5
