"""Scaling: learnt of training rows alone, undone exactly, each series its own or all together; the logarithm."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tide_series import long, network_of, prepared, problem_of, split_of, wide, written
from tidegate.config.tasks.forecast import ForecastSpec
from tidegate.data.series.panel import Series
from tidegate.errors import DataError
from tidegate.tasks.forecast.naive import seasonal_naive
from tidegate.tasks.forecast.scaler import Scaler, Statistics, not_positive

SCALINGS = ["series", "global", "none"]


def series(name: str, targets: np.ndarray) -> Series:
    stamps = np.datetime64("2016-01-01", "s") + np.arange(len(targets)).astype("timedelta64[h]")
    empty = np.zeros((len(targets), 0))
    return Series(name, stamps, targets, ~np.isnan(targets), empty, empty, np.zeros(0))


def panel() -> list[Series]:
    chance = np.random.default_rng(0)
    return [
        series("a", chance.uniform(1, 2, (30, 2)) * [1, 1000]),
        series("b", chance.uniform(50, 90, (20, 2))),
    ]


@pytest.mark.parametrize("transform", ["none", "log"])
@pytest.mark.parametrize("scaling", SCALINGS)
def test_scaling_is_what_numpy_says_and_is_undone(scaling: str, transform: str) -> None:
    some, ends = panel(), [20, 10]
    spec = ForecastSpec.model_validate({"scaling": scaling, "transform": transform})
    scaler = Scaler.fit(some, ends, spec)
    logs = [np.log(one.targets) if transform == "log" else one.targets for one in some]
    together = np.concatenate([rows[:end] for rows, end in zip(logs, ends, strict=True)])
    for one, end, rows in zip(some, ends, logs, strict=True):
        fitted = {"series": rows[:end], "global": together, "none": np.array([[-1.0, -1.0], [1.0, 1.0]])}
        learnt = fitted[scaling]
        scaled = scaler.forward(one.targets, scaler.of(one))
        np.testing.assert_allclose(scaled, (rows - learnt.mean(axis=0)) / learnt.std(axis=0), atol=1e-9)
        np.testing.assert_allclose(scaler.undo(scaled, scaler.of(one)), one.targets, rtol=1e-12)
    again = Scaler.from_json(json.loads(json.dumps(scaler.to_json())))
    for one in some:
        assert (again.of(one).mean == scaler.of(one).mean).all()
        assert (again.of(one).deviation == scaler.of(one).deviation).all()


def test_a_series_that_training_did_not_have_is_scaled_by_its_own_rows() -> None:
    some = panel()
    new = series("new", np.array([[1.0, 2.0], [3.0, 6.0], [np.nan, 4.0]]))
    scaler = Scaler.fit(some, [20, 10], ForecastSpec())
    assert scaler.of(new).mean.tolist() == [2.0, 4.0] and scaler.of(new).deviation[0] == 1.0
    shared = Scaler.fit(some, [20, 10], ForecastSpec(scaling="global"))
    assert shared.of(new).mean.tolist() == shared.of(some[0]).mean.tolist()


@pytest.mark.parametrize("value", [0.0, 4.0, 1e12, -1e-12])
def test_a_constant_series_is_only_shifted(value: float) -> None:
    constant = series("flat", np.full((10, 1), value))
    scaler = Scaler.fit([constant], [10], ForecastSpec())
    assert scaler.of(constant).deviation.tolist() == [1.0]
    scaled = scaler.forward(constant.targets, scaler.of(constant))
    assert (scaled == 0).all()
    assert np.allclose(scaler.undo(scaled, scaler.of(constant)), value)


def test_a_column_without_any_value() -> None:
    empty = Statistics.of(np.full((3, 1), np.nan))
    assert (empty.mean.tolist(), empty.deviation.tolist()) == ([0.0], [1.0])


@pytest.mark.parametrize("scaling", SCALINGS)
def test_rows_behind_the_training_change_nothing_in_it(scaling: str, tmp_path: Path) -> None:
    frame = long()
    later = frame.groupby("unique_id").cumcount() >= 36
    changed = frame.copy()
    for name in ("y", "moon", "wind"):
        changed.loc[later, name] = changed.loc[later, name] * -37 + 5
    covariates = {"known": ["moon"], "observed": ["wind"], "static": ["coast"]}
    ready = [
        prepared(written(tmp_path, one, f"{n}.csv"), forecast={"scaling": scaling, **covariates})
        for n, one in enumerate((frame, changed))
    ]
    ours, theirs = (problem_of(one) for one in ready)
    assert ours.scaler.to_json() == theirs.scaler.to_json()
    assert ours.season_errors == theirs.season_errors
    batches = [split_of(one, "train").batch(range(50)) for one in ready]
    assert (batches[0].targets == batches[1].targets).all()
    for name in ("past", "observed", "known", "static"):
        assert (getattr(batches[0].window, name) == getattr(batches[1].window, name)).all()
    # And the rows behind it did change, or this would prove nothing.
    tests = [split_of(one, "test").batch([3]).targets for one in ready]
    assert not np.allclose(*tests)


def test_figures_are_of_values_scaled_by_training_rows(tmp_path: Path) -> None:
    frame = wide()
    ready = prepared(written(tmp_path, frame))
    rows = frame[["north", "south"]].to_numpy()
    mean, deviation = rows[:36].mean(axis=0), rows[:36].std(axis=0)
    scaled = (rows - mean) / deviation
    origins = np.arange(48, 57)
    naive = seasonal_naive(rows, origins, 4, 6)
    truth = np.stack([scaled[origin : origin + 4] for origin in origins])
    mse = np.square((naive - mean) / deviation - truth).mean()
    from tidegate.tasks.forecast.baselines import measured, quick_baselines

    problem, split = problem_of(ready), split_of(ready, "test")
    figures = measured(problem, split, quick_baselines(problem, {})["seasonal naive"]).result()
    assert figures["mse"] == pytest.approx(mse, rel=1e-5)
    season = np.abs(rows[6:36] - rows[:30]).mean(axis=0)
    errors = np.abs(naive - np.stack([rows[origin : origin + 4] for origin in origins]))
    assert figures["mase"] == pytest.approx((errors.mean(axis=(0, 1)) / season).mean(), rel=1e-6)


def test_the_logarithm_end_to_end(tmp_path: Path) -> None:
    ready = prepared(written(tmp_path, long()), forecast={"transform": "log"})
    problem, split = problem_of(ready), split_of(ready, "test")
    assert "after their logarithm" in problem.definition
    figures = problem.evaluate(network_of(ready), split, labelled=True).metrics
    assert all(np.isfinite(value) for value in figures.values())
    forecast = np.concatenate([one for _, one in problem.answers(network_of(ready), split)])
    undone = problem.compared(split, slice(0, 9), forecast[:9]).units.forecast
    mean, deviation = problem.scaler.own["ebb"].mean, problem.scaler.own["ebb"].deviation
    np.testing.assert_allclose(undone, np.exp(forecast[:9, ..., 0] * deviation + mean))


def test_no_logarithm_of_what_is_not_above_0(tmp_path: Path) -> None:
    frame = long()
    frame.loc[70, "y"] = 0.0
    path = written(tmp_path, frame)
    with pytest.raises(DataError, match="1 of 2 samples") as raised:
        prepared(path, forecast={"transform": "log"})
    assert "series flow" in str(raised.value) and "line 72" in str(raised.value)
    ready = prepared(path, forecast={"transform": "log"}, data={"skip_bad": True})
    assert list(problem_of(ready).seen) == ["ebb"]
    found = not_positive(series("flow", np.array([[2.0], [-1.0]])))
    assert found is not None and "-1" in found.what and "2016-01-01T01:00:00" in found.what


def test_a_constant_series_among_others(tmp_path: Path) -> None:
    frame = long(["ebb", "flat"])
    frame.loc[frame.unique_id == "flat", "y"] = 7.0
    ready = prepared(written(tmp_path, pd.DataFrame(frame)))
    assert any("same value at all times" in str(note) and "flat" in str(note) for note in ready.notes)
    problem = problem_of(ready)
    figures = problem.evaluate(network_of(ready), split_of(ready, "test"), labelled=True).metrics
    assert all(np.isfinite(value) for value in figures.values())
