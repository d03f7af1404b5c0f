"""Asking a forecasting model from Python: files, frames, horizons, tables that are not as they were."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from tidegate.api import Model, load, train
from tidegate.errors import ConfigError, DataError
from tidegate.tasks.forecast.predict import ForecastTable

SIZES = {"lookback": 8, "horizon": 4, "season": 6}
SHORT = {"epochs": 1, "threads": 1, "batch_size": 16, "baselines": False}


def tide(rows: int, seed: int) -> NDArray[np.float64]:
    noise = np.random.default_rng(seed).uniform(-0.3, 0.3, rows)
    return np.round(5 + np.sin(2 * np.pi * np.arange(rows) / 6) + noise, 4)


def long(rows: int = 60, names: tuple[str, ...] = ("ebb", "flow")) -> pd.DataFrame:
    hours = pd.date_range("2016-01-01", periods=rows, freq="h")
    parts = [
        pd.DataFrame({"station": name, "hour": hours, "height": tide(rows, seed)})
        for seed, name in enumerate(names)
    ]
    return pd.concat(parts, ignore_index=True)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("tides") / "tides.csv"
    long().to_csv(path, index=False)
    return str(path)


@pytest.fixture(scope="module")
def model(path: str) -> Model:
    keys = {"series": "station", "time": "hour", "target": ["height"], "decoder": "recursive"}
    result = train(
        task="forecast",
        data={"source": path, "split": "36/12/12"},
        model={"preset": "gru", "hidden": 4},
        forecast={**SIZES, **keys},
        train=SHORT,
        out=Path(path).parent / "run",
    )
    return load(result.run, threads=1)


def test_a_file_and_a_frame_give_the_same_table(model: Model, path: str) -> None:
    by_file, by_frame = model.predict(path), model.predict(long())
    assert isinstance(by_file, ForecastTable) and by_file.bad == []
    columns = ["station", "hour", "height"]
    bounds = ["height_lo_80", "height_hi_80", "height_lo_95", "height_hi_95"]
    assert by_file.frame.columns.tolist() == by_frame.frame.columns.tolist() == columns + bounds
    assert by_file.frame["station"].tolist() == ["ebb"] * 4 + ["flow"] * 4
    for name in columns[2:] + bounds:
        np.testing.assert_allclose(by_file.frame[name], by_frame.frame[name])
    expected = pd.date_range("2016-01-03 12:00", periods=4, freq="h")
    assert pd.to_datetime(by_frame.frame["hour"]).tolist() == [*expected, *expected]
    assert (by_file.frame["height_lo_95"] <= by_file.frame["height_lo_80"]).all()
    assert (by_file.frame["height_lo_80"] < by_file.frame["height"]).all()


def test_forecasts_can_be_put_behind_the_data_and_forecast_on(model: Model) -> None:
    first = model.predict(long()).frame
    columns = ["station", "hour", "height"]
    longer = pd.concat([long(), first[columns].assign(hour=pd.to_datetime(first["hour"]))])
    second = model.predict(longer).frame
    assert pd.to_datetime(second["hour"]).min() == pd.Timestamp("2016-01-03 16:00")


def test_the_caller_s_frame_is_not_changed(model: Model) -> None:
    frame = long()
    before = frame.copy()
    model.predict(frame)
    pd.testing.assert_frame_equal(frame, before)


def test_other_horizons(model: Model) -> None:
    assert len(model.predict(long(), horizon=2).frame) == 4
    long_one = model.predict(long(), horizon=25).frame
    assert len(long_one) == 50 and np.isfinite(long_one["height_hi_95"]).all()


@pytest.mark.parametrize("horizon", [0, -3])
def test_a_horizon_of_nothing_is_refused(model: Model, horizon: int) -> None:
    with pytest.raises(ConfigError, match="horizon"):
        model.predict(long(), horizon=horizon)


def test_a_bad_series_is_named(model: Model) -> None:
    frame = long()
    frame.loc[70, "height"] = np.inf
    table = model.predict(frame)
    assert set(table.frame["station"]) == {"ebb"}
    good, bad = table
    assert good.name == "ebb" and len(good.to_json()["forecast"]) == 4
    assert bad.name.endswith("series flow") and "row 71: height is inf, not finite" in str(bad.error)


def test_columns_that_are_missing(model: Model) -> None:
    with pytest.raises(DataError, match="'height' of the training data is missing") as raised:
        model.predict(long().rename(columns={"height": "depth"}))
    assert "depth" in str(raised.value)


def test_further_columns_do_not_matter(model: Model) -> None:
    plain, more = model.predict(long()).frame, model.predict(long().assign(remark="calm", y=1.0)).frame
    np.testing.assert_allclose(plain["height"], more["height"])


def test_new_series_are_forecast_too(model: Model, tmp_path: Path) -> None:
    table = model.predict(long(names=("slack",)))
    assert set(table.frame["station"]) == {"slack"} and np.isfinite(table.frame["height"]).all()
    long(names=("slack",)).to_csv(tmp_path / "new.csv", index=False)
    scores = model.evaluate(tmp_path / "new.csv")
    assert scores.count == 49 and np.isfinite(scores.metrics["mse"])
    assert any("1 of 1 series are new" in str(note) for note in scores.notes)


def test_a_wide_table(tmp_path: Path) -> None:
    frame = pd.DataFrame({"north": tide(60, 0), "south": tide(60, 1)})
    frame.index = pd.date_range("2016-01-01", periods=60, freq="D", name="day")
    frame.to_csv(tmp_path / "wide.csv")
    result = train(
        task="forecast",
        data={"source": str(tmp_path / "wide.csv"), "split": "36/12/12"},
        model={"preset": "lstm", "hidden": 4},
        forecast={**SIZES, "levels": [0.5]},
        train=SHORT,
        out=tmp_path / "run",
    )
    model = load(result.run, threads=1)
    made = model.predict(tmp_path / "wide.csv").frame
    assert made.columns.tolist() == [
        "day", "north", "north_lo_50", "north_hi_50", "south", "south_lo_50", "south_hi_50",
    ]  # fmt: skip
    assert made["day"].tolist() == ["2016-03-01", "2016-03-02", "2016-03-03", "2016-03-04"]
    np.testing.assert_allclose(model.predict(frame).frame["south"], made["south"])
    assert model.task == "forecast" and "season 6" in result.definition


def test_what_other_tasks_do_is_refused(model: Model, path: str) -> None:
    for ask in (lambda: model.generate("a", 3), model.stream):
        with pytest.raises(ConfigError, match="no model of the task forecast"):
            ask()
    with pytest.raises(ConfigError, match="takes no width"):
        model.predict(path, width=3)
