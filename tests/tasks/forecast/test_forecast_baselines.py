"""Forecasts without a network, against their slow references."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tidegate.errors import DataError
from tidegate.tasks.forecast import statistical as statistical_forecast
from tidegate.tasks.forecast.linear import LinearForecast, Moments, Variant, filled, window_chunks
from tidegate.tasks.forecast.naive import drift, last_value, seasonal_naive
from tidegate.tasks.forecast.statistical import statistical_forecasts

ETTH1 = Path(__file__).parents[4] / "shared" / "data" / "etth1" / "ETTh1.csv"
Values = NDArray[np.float64]


def slow_last(history: list[float]) -> float:
    return next((value for value in reversed(history) if value == value), np.nan)


def slow_seasonal(history: list[float], step: int, season: int) -> float:
    row = len(history) + step
    while row >= len(history):
        row -= season
    while row >= 0:
        if history[row] == history[row]:
            return history[row]
        row -= season
    return slow_last(history)


def slow_drift(history: list[float], step: int) -> float:
    rows = [row for row, value in enumerate(history) if value == value]
    if not rows:
        return np.nan
    first, last = rows[0], rows[-1]
    slope = (history[last] - history[first]) / (last - first) if last > first else 0.0
    return history[last] + slope * (len(history) + step - last)


@given(
    columns=st.lists(
        st.lists(st.sampled_from([np.nan, 1.0, 2.0, 5.0, -3.0]), min_size=9, max_size=9),
        min_size=1,
        max_size=3,
    ),
    horizon=st.integers(1, 7),
    season=st.integers(1, 11),
)
@settings(max_examples=150, deadline=None)
def test_naive_forecasts_equal_slow_ones(columns: list[list[float]], horizon: int, season: int) -> None:
    series, origins = np.array(columns).T, np.arange(10)
    ours = [
        last_value(series, origins, horizon),
        seasonal_naive(series, origins, horizon, season),
        drift(series, origins, horizon),
    ]
    for origin in range(10):
        for place, column in enumerate(columns):
            for step in range(horizon):
                history = column[:origin]
                theirs = [slow_last(history), slow_seasonal(history, step, season), slow_drift(history, step)]
                np.testing.assert_allclose([one[origin, step, place] for one in ours], theirs, rtol=1e-12)


def test_naive_forecasts_see_nothing_of_the_future() -> None:
    series = np.random.default_rng(0).normal(size=(30, 2))
    origins = np.array([12, 20])
    changed = series.copy()
    changed[20:] = 1e9
    for one, other in zip(_naive(series, origins), _naive(changed, origins), strict=True):
        np.testing.assert_array_equal(one, other)


def _naive(series: Values, origins: NDArray[np.int64]) -> list[Values]:
    return [
        last_value(series, origins, 9),
        seasonal_naive(series, origins, 9, 4),
        drift(series, origins, 9),
    ]


@pytest.mark.parametrize(("origins", "horizon"), [([-1], 3), ([11], 3), ([5], 0)])
def test_naive_forecasts_outside_the_series(origins: list[int], horizon: int) -> None:
    for forecast in (last_value, drift):
        with pytest.raises(DataError):
            forecast(np.zeros((10, 1)), np.array(origins), horizon)
    with pytest.raises(DataError):
        seasonal_naive(np.zeros((10, 1)), np.array(origins), horizon, 2)


def test_a_season_of_no_steps() -> None:
    with pytest.raises(DataError, match="at least one step"):
        seasonal_naive(np.zeros((10, 1)), np.array([5]), 2, 0)


def chunks_of(series: Values, lookback: int = 6, horizon: int = 4) -> tuple[Values, Values]:
    origins = np.arange(lookback, len(series) - horizon + 1)
    windows, targets = zip(*window_chunks(series, origins, lookback, horizon), strict=True)
    return np.concatenate(windows), np.concatenate(targets)


def walk(seed: int, rows: int = 300, columns: int = 2) -> Values:
    chance = np.random.default_rng(seed)
    seasonal = np.sin(np.arange(rows) * 0.7)[:, None]
    return 0.1 * chance.normal(size=(rows, columns)).cumsum(0) + seasonal + 0.3


def test_window_chunks_equal_slices() -> None:
    series = walk(0, rows=40, columns=3)
    windows, targets = chunks_of(series)
    expected = [(series[o - 6 : o, c], series[o : o + 4, c]) for o in range(6, 37) for c in range(3)]
    np.testing.assert_array_equal(windows, [one for one, _ in expected])
    np.testing.assert_array_equal(targets, [one for _, one in expected])


@pytest.mark.parametrize("variant", ["linear", "nlinear"])
def test_linear_equals_least_squares(variant: Variant) -> None:
    windows, targets = chunks_of(walk(1))
    fitted = LinearForecast.fit(Moments.of([(windows, targets)]), None, variant)
    last = windows[:, -1:] if variant == "nlinear" else 0.0
    design = np.concatenate([windows - last, np.ones((len(windows), 1))], axis=1)
    solution = np.linalg.lstsq(design, targets - last, rcond=None)[0]
    np.testing.assert_allclose(fitted.predict(windows), design @ solution + last, atol=1e-8)


@pytest.mark.parametrize("variant", ["linear", "nlinear"])
def test_ridge_is_the_best_of_validation(variant: Variant) -> None:
    """Moments give the squared error that predictions give, and the ridge with the least of it is chosen."""
    train, valid = chunks_of(walk(2, rows=24, columns=1)), chunks_of(walk(3))
    fitted = LinearForecast.fit(Moments.of([train]), Moments.of([valid]), variant)
    plain = LinearForecast.fit(Moments.of([train]), None, variant)
    error, plain_error = (np.square(one.predict(valid[0]) - valid[1]).mean() for one in (fitted, plain))
    assert fitted.ridge > 0
    assert error < plain_error
    moments = Moments.of([valid]) if variant == "linear" else Moments.of([valid]).less_last()
    assert moments.error(fitted.weight, fitted.intercept) == pytest.approx(error, rel=1e-9)


def test_moments_do_not_depend_on_chunks() -> None:
    windows, targets = chunks_of(walk(4))
    whole = Moments.of([(windows, targets)])
    parts = Moments.of((windows[i : i + 7], targets[i : i + 7]) for i in range(0, len(windows), 7))
    np.testing.assert_allclose(whole.gram, parts.gram)
    np.testing.assert_allclose(whole.cross, parts.cross)
    assert (whole.count, whole.squares) == (parts.count, pytest.approx(parts.squares))


def test_pairs_with_missing_targets_are_left_out() -> None:
    windows, targets = chunks_of(walk(5))
    holes = targets.copy()
    holes[::3, 1] = np.nan
    kept = Moments.of([(windows[holes[:, 1] == holes[:, 1]], targets[holes[:, 1] == holes[:, 1]])])
    np.testing.assert_allclose(Moments.of([(windows, holes)]).cross, kept.cross)
    with pytest.raises(DataError, match="no window"):
        Moments.of([(windows, targets * np.nan)])
    with pytest.raises(DataError, match="no window"):
        Moments.of([])


def test_missing_inputs() -> None:
    nan = np.nan
    np.testing.assert_array_equal(
        filled(np.array([[nan, 2, nan, 3], [1, nan, nan, nan]])), [[2, 2, 2, 3], [1] * 4]
    )
    fitted = LinearForecast.fit(Moments.of([chunks_of(walk(6))]), None, "nlinear")
    nothing = fitted.predict(np.full((1, 6), nan))
    np.testing.assert_allclose(nothing, fitted.predict(np.zeros((1, 6))))


def test_linear_forecast_of_a_series() -> None:
    """From origins within it, at its end, and nearer its start than a window is long."""
    series = walk(7)
    fitted = LinearForecast.fit(Moments.of([chunks_of(series)]), None, "linear")
    forecast = fitted.forecast(series, np.array([2, 50, len(series)]))
    assert forecast.shape == (3, 4, 2)
    np.testing.assert_allclose(forecast[1], fitted.predict(series[44:50].T).T)
    np.testing.assert_allclose(forecast[2], fitted.predict(series[-6:].T).T)
    early = np.concatenate([np.repeat(series[:1], 4, axis=0), series[:2]])
    np.testing.assert_allclose(forecast[0], fitted.predict(early.T).T)


def test_linear_of_a_constant_series() -> None:
    for variant in ("linear", "nlinear"):
        moments = Moments.of([chunks_of(np.full((40, 1), 2.0))])
        fitted = LinearForecast.fit(moments, moments, variant)
        np.testing.assert_allclose(fitted.predict(np.full((1, 6), 2.0)), 2.0)


def test_etth1() -> None:
    """The published figures of naive forecasts (1.294, .512) and DLinear's as measured elsewhere (.384)."""
    if not ETTH1.exists():
        pytest.skip("etth1 is not here")
    rows = np.loadtxt(ETTH1, delimiter=",", skiprows=1, usecols=range(1, 8), max_rows=14400)
    series = (rows - rows[:8640].mean(0)) / rows[:8640].std(0)
    train = Moments.of(window_chunks(series, np.arange(96, 8640 - 95), 96, 96))
    valid = Moments.of(window_chunks(series, np.arange(8640, 11520 - 95), 96, 96))
    linear, nlinear = (LinearForecast.fit(train, valid, variant) for variant in ("linear", "nlinear"))
    origins = np.arange(11520, 14400 - 95)
    truth = np.lib.stride_tricks.sliding_window_view(series, 96, axis=0)[origins].swapaxes(1, 2)
    found = [
        np.square(forecast - truth).mean()
        for forecast in (
            last_value(series, origins, 96),
            seasonal_naive(series, origins, 96, 24),
            linear.forecast(series, origins),
            nlinear.forecast(series, origins),
        )
    ]
    assert found == pytest.approx([1.294, 0.512, 0.3815, 0.3831], abs=1e-3)


needs_statsforecast = pytest.mark.skipif(
    importlib.util.find_spec("statsforecast") is None, reason="statsforecast is not installed"
)


@needs_statsforecast
def test_statistical_forecasts() -> None:
    months = np.arange(72)
    series = (20 + 0.2 * months + 5 * np.sin(months * np.pi / 6))[:, None]
    holed = series.copy()
    holed[[0, 30, 59]] = np.nan
    found, notes = statistical_forecasts([series, holed], [np.array([48, 60]), np.array([60])], 12, 12)
    assert (set(found), notes) == ({"AutoETS", "AutoTheta"}, [])
    for name, forecasts in found.items():
        model: Any = getattr(importlib.import_module("statsforecast.models"), name)(season_length=12)
        assert [one.shape for one in forecasts] == [(2, 12, 1), (1, 12, 1)]
        np.testing.assert_allclose(forecasts[0][1, :, 0], model.forecast(series[:60, 0], 12)["mean"])
        known = series[1:59, 0].copy()
        known[29] = (known[28] + known[30]) / 2
        np.testing.assert_allclose(forecasts[1][0, :, 0], model.forecast(known, 13)["mean"][1:])


@needs_statsforecast
def test_histories_that_cannot_be_fitted() -> None:
    """Too short, without any value, and constant."""
    short, empty, constant = np.array([[1.0], [2.0], [9.0]]), np.full((5, 1), np.nan), np.full((20, 1), 3.0)
    found, notes = statistical_forecasts(
        [short, empty, constant], [np.array([2]), np.array([5]), np.array([20])], 2, 1
    )
    for forecasts in found.values():
        np.testing.assert_array_equal(np.concatenate(forecasts)[..., 0], [[2, 2], [np.nan] * 2, [3, 3]])
    assert len(notes) == 2
    assert "2 of 3 histories could not be fitted" in str(notes[0])


@needs_statsforecast
def test_too_many_fits_are_left_out() -> None:
    series = np.random.default_rng(0).normal(size=(400, 2))
    found, notes = statistical_forecasts([series], [np.arange(100, 300)], 12, 12, budget=1e-3)
    assert found == {}
    assert all("400 fits would take about" in str(note) for note in notes)
    assert statistical_forecasts([series], [np.arange(0)], 12, 12)[0] == {}


@pytest.mark.parametrize(
    ("error", "raised"), [(Exception("no model able to be fitted"), False), (ImportError("numba"), True)]
)
def test_only_what_no_model_fits_gives_way_to_the_last_value(
    error: Exception, raised: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(history: object, horizon: int, season: int) -> np.ndarray:
        raise error

    monkeypatch.setattr(statistical_forecast, "_ets", refuse)
    monkeypatch.setattr(statistical_forecast, "_theta", refuse)
    monkeypatch.setattr(statistical_forecast, "find_spec", lambda _name: object())
    series = np.arange(9.0)[:, None]
    if raised:
        with pytest.raises(ImportError):
            statistical_forecasts([series], [np.array([5])], 2, 1)
    else:
        found, notes = statistical_forecasts([series], [np.array([5])], 2, 1)
        assert found["AutoETS"][0].flatten().tolist() == [4.0, 4.0]
        assert any("1 of 1" in str(note) for note in notes)


def test_without_statsforecast(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(name: str) -> None:
        return None

    monkeypatch.setattr(statistical_forecast, "find_spec", nothing)
    found, notes = statistical_forecasts([np.zeros((9, 1))], [np.array([5])], 2, 1)
    assert found == {}
    assert "pip install" in str(notes[0])
