"""What comes after the end of a table, and tables that training has not seen."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from torch import nn

from tide_series import SIZES, long, network_of, prepared, problem_of, split_of, stamps, wide, written
from tidegate.config.tasks.forecast import ForecastSpec
from tidegate.data.series.panel import Panel
from tidegate.data.series.reader import panel_from_frame
from tidegate.errors import BadFilesError, ConfigError, DataError, EmptyDataError
from tidegate.tasks.contract import Prepared
from tidegate.tasks.forecast.predict import Future, forecast_future
from tidegate.tasks.forecast.problem import Forecast
from tidegate.tasks.forecast.task import FORECAST
from tidegate.tasks.forecast.unseen import open_unseen, unseen

COVARIATES = {"known": ["moon"], "observed": ["wind"], "static": ["coast"]}
KEYS: list[dict[str, Any]] = [
    {},
    COVARIATES,
    {"decoder": "recursive", "known": ["moon"], "static": ["coast"]},
    {"decoder": "segment", "segment": 4, "scaling": "global"},
    {"decoder": "encoder-decoder", "transform": "log", "normalise": "revin"},
    {"residual": "seasonal", "identity": 2, "scaling": "none"},
    {"loss": "quantile", "levels": [0.8]},
]


def panel_of(ready: Prepared, frame: pd.DataFrame) -> Panel:
    problem = problem_of(ready)
    return panel_from_frame(frame, "the table", problem.spec.settings(ForecastSpec), like=problem.layout)


def future_of(ready: Prepared, frame: pd.DataFrame, horizon: int | None = None) -> Future:
    return forecast_future(problem_of(ready), network_of(ready), panel_of(ready, frame), horizon)


def hidden(frame: pd.DataFrame, rows: int, last: int) -> pd.DataFrame:
    """What is known when the last rows of each series are still to come: covariates of the future only."""
    cut = frame.copy()
    cut.loc[frame.groupby("unique_id").cumcount() >= rows - last, ["y", "wind"]] = np.nan
    return cut


@pytest.mark.parametrize("keys", KEYS, ids=str)
def test_predict_is_the_last_forecast_of_evaluate(keys: dict[str, Any], tmp_path: Path) -> None:
    frame = long()
    ready = prepared(written(tmp_path, frame), forecast=keys)
    problem, network = problem_of(ready), network_of(ready)
    problem = problem.calibrated(network, split_of(ready, "valid"))
    split = split_of(ready, "test")
    rolled = np.concatenate([forecast for _, forecast in problem.answers(network, split)])
    future = forecast_future(problem, network, panel_of(ready, hidden(frame, 60, 4)), None)
    assert [one.name for one in future.forecasts] == ["ebb", "flow"] and not future.bad
    for (_, run), one in zip(split.runs(), future.forecasts, strict=True):
        compared = problem.compared(split, run, rolled[run])
        np.testing.assert_allclose(one.values, compared.units.forecast[-1], rtol=1e-5)
        assert one.stamps.tolist() == split.grid.series[0].stamps[56:60].tolist()
        statistics = problem.scaler.of(split.grid.series[int(split.number[run.start])])
        for level, (lower, upper) in compared.bounds.items():
            np.testing.assert_allclose(
                one.lower[level], problem.scaler.undo(lower[-1], statistics), rtol=1e-5
            )
            np.testing.assert_allclose(
                one.upper[level], problem.scaler.undo(upper[-1], statistics), rtol=1e-5
            )
            assert (one.lower[level] <= one.upper[level]).all()


def test_figures_equal_a_loop_over_forecasts_made_one_at_a_time(tmp_path: Path) -> None:
    frame = wide()
    ready = prepared(written(tmp_path, frame))
    problem, network, split = problem_of(ready), network_of(ready), split_of(ready, "test")
    figures = (
        problem.calibrated(network, split_of(ready, "valid")).evaluate(network, split, labelled=True).metrics
    )
    rows = frame[["north", "south"]].to_numpy()
    deviation = rows[:36].std(axis=0)
    season = np.abs(rows[6:36] - rows[:30]).mean(axis=0)
    squares: list[np.ndarray] = []
    errors: list[np.ndarray] = []
    relative: list[np.ndarray] = []
    for origin in range(48, 57):
        (one,) = future_of(ready, frame.iloc[:origin]).forecasts
        truth = rows[origin : origin + 4]
        squares.append(np.square((one.values - truth) / deviation))
        errors.append(np.abs(one.values - truth))
        relative.append(200 * np.abs(one.values - truth) / (np.abs(one.values) + np.abs(truth)))
    assert figures["mse"] == pytest.approx(np.mean(squares), rel=1e-5)
    assert figures["mae"] == pytest.approx(np.mean(errors / deviation), rel=1e-5)
    assert figures["smape"] == pytest.approx(np.mean(relative), rel=1e-5)
    assert figures["mase"] == pytest.approx((np.mean(errors, axis=(0, 1)) / season).mean(), rel=1e-5)
    assert figures["loss"] == pytest.approx(figures["mse"], rel=1e-5)
    assert not {"mae_units", "rmse_units"} & set(figures)  # two targets share no unit


def test_a_shorter_horizon_is_the_beginning_of_a_longer_one(tmp_path: Path) -> None:
    ready = prepared(written(tmp_path, long()))
    whole, short = (future_of(ready, long(), steps).forecasts[1] for steps in (None, 3))
    assert short.stamps.tolist() == whole.stamps[:3].tolist()
    np.testing.assert_allclose(short.values, whole.values[:3])


@pytest.mark.parametrize("decoder", ["direct", "segment", "encoder-decoder"])
def test_a_longer_horizon_than_trained_is_refused(decoder: str, tmp_path: Path) -> None:
    ready = prepared(written(tmp_path, long()), forecast={"decoder": decoder, "segment": 4})
    with pytest.raises(ConfigError, match="longer than that of training") as raised:
        future_of(ready, long(), 5)
    assert "at most 4" in str(raised.value) and "recursive" in str(raised.value)


def test_a_recursive_decoder_goes_on(tmp_path: Path) -> None:
    ready = prepared(written(tmp_path, long()), forecast={"decoder": "recursive"})
    whole, longer = (future_of(ready, long(), steps).forecasts[0] for steps in (None, 30))
    assert longer.values.shape == (30, 1) and np.isfinite(longer.values).all()
    np.testing.assert_allclose(longer.values[:4], whole.values, rtol=1e-6)
    problem = problem_of(ready).calibrated(network_of(ready), split_of(ready, "valid"))
    (first, _) = forecast_future(problem, network_of(ready), panel_of(ready, long()), 30).forecasts
    half = first.upper[0.8] - first.values
    np.testing.assert_allclose(half[3:], np.full((27, 1), half[3, 0]), rtol=1e-9)


@pytest.mark.parametrize("steps", [None, 2])
def test_covariates_of_the_future_must_be_there(steps: int | None, tmp_path: Path) -> None:
    ready = prepared(written(tmp_path, long()), forecast={"known": ["moon"]})
    frame = hidden(long(), 60, 4)
    ends = frame[~((frame.unique_id == "flow") & (frame.groupby("unique_id").cumcount() >= 57))]
    future = future_of(ready, ends, steps)
    assert [one.name for one in future.forecasts] == ["ebb"]
    (bad,) = future.bad
    needed = steps or 4
    assert bad.where == "flow" and f"has 1 rows beyond its last value, and {needed} are needed" in bad.what
    assert "moon" in bad.what
    with pytest.raises(EmptyDataError, match="no series can be forecast") as raised:
        future_of(ready, long(), steps)
    assert "ebb has 0 rows" in str(raised.value) and "flow has 0 rows" in str(raised.value)


def test_a_known_covariate_that_is_missing_in_the_future_is_named(tmp_path: Path) -> None:
    ready = prepared(written(tmp_path, long()), forecast={"known": ["moon"]})
    frame = hidden(long(), 60, 4)
    frame.loc[118, "moon"] = np.nan
    with pytest.raises(BadFilesError, match="1 of 2") as raised:
        panel_of(ready, frame)
    assert "series flow" in str(raised.value) and "row 119: moon is missing in the future" in str(
        raised.value
    )


def test_what_is_known_of_the_future_is_used(tmp_path: Path) -> None:
    ready = prepared(written(tmp_path, long()), forecast={"known": ["moon"]})
    frame = hidden(long(), 60, 4)
    other = frame.copy()
    other.loc[117, "moon"] = 40
    ours, theirs = (future_of(ready, one).forecasts[1].values for one in (frame, other))
    assert (ours != theirs)[:, 0].tolist() == [False, True, False, False]


@pytest.mark.parametrize("identity", [0, 3])
def test_the_order_of_series_and_a_part_of_them_change_no_forecast(identity: int, tmp_path: Path) -> None:
    names = ["ebb", "flow", "slack"]
    ready = prepared(written(tmp_path, long(names)), forecast={"identity": identity})
    whole = {one.name: one.values for one in future_of(ready, long(names)).forecasts}
    back = pd.concat([part for _, part in list(long(names).groupby("unique_id"))[::-1]])
    for frame in (back, long(names)[60:]):
        for one in future_of(ready, frame).forecasts:
            np.testing.assert_allclose(one.values, whole[one.name], rtol=1e-5, err_msg=one.name)
    split, _ = unseen(problem_of(ready), panel_of(ready, back), where="back", skip_bad=False)
    learnt = [int(split.batch([run.start]).window.series) for _, run in split.runs()]
    assert learnt == [2, 1, 0] and split_of(ready, "train").grid.identities.tolist() == [0, 1, 2]
    again = problem_of(ready).evaluate(network_of(ready), split, labelled=True).metrics
    figures = problem_of(ready).evaluate(network_of(ready), split_of(ready, "test"), labelled=True).metrics
    assert again == pytest.approx(figures, rel=1e-5)


def test_a_new_series_where_each_learnt_a_vector(tmp_path: Path) -> None:
    ready = prepared(written(tmp_path, long()), forecast={"identity": 2})
    frame = long(["ebb", "new"])
    future = future_of(ready, frame)
    assert [one.name for one in future.forecasts] == ["ebb"] and future.bad[0].where == "new"
    assert "forecast.identity" in future.bad[0].what
    with pytest.raises(BadFilesError, match="1 of 2") as raised:
        unseen(problem_of(ready), panel_of(ready, frame), where="x.csv", skip_bad=False)
    assert "new: was not in training" in str(raised.value)
    split, notes = unseen(problem_of(ready), panel_of(ready, frame), where="x.csv", skip_bad=True)
    assert set(split.number.tolist()) == {0} and any("left out 1 of 2" in str(note) for note in notes)


def test_a_new_series_is_scaled_by_its_whole_history(tmp_path: Path) -> None:
    ready = prepared(written(tmp_path, long()))
    frame = long(["new"])
    frame["y"] = frame["y"] + np.arange(60)  # its last rows alone have another mean and deviation
    split, notes = open_unseen(problem_of(ready), written(tmp_path, frame, "new.csv"), skip_bad=False)
    assert split.origin.tolist() == list(range(8, 57))
    assert any("1 of 1 series are new" in str(note) for note in notes)
    rows = frame["y"].to_numpy()
    assert split.grid.statistics[0].mean[0] == pytest.approx(rows.mean())

    class Mean(nn.Module):
        """0, which is the mean once it is undone."""

        def __init__(self) -> None:
            super().__init__()
            self.weight = nn.Linear(1, 1)

        def forward(self, window: Any) -> Any:
            return window.past.new_zeros(len(window.past), window.horizon, 1, 1)

    (one,) = forecast_future(problem_of(ready), Mean(), panel_of(ready, frame), None).forecasts
    assert one.values[:, 0] == pytest.approx([rows.mean()] * 4)


def test_evaluate_on_the_table_of_training_gives_the_test_part(tmp_path: Path) -> None:
    path = written(tmp_path, long())
    ready = prepared(path)
    split, _ = open_unseen(problem_of(ready), path, skip_bad=False)
    assert split.origin.tolist() == split_of(ready, "test").origin.tolist()


def test_evaluate_on_newer_rows(tmp_path: Path) -> None:
    ready = prepared(written(tmp_path, long(rows=60)))
    newer = long(rows=90).groupby("unique_id").tail(50)
    split, notes = open_unseen(problem_of(ready), written(tmp_path, newer, "newer.csv"), skip_bad=False)
    # Rows 40 to 89 are there; training and validation had those before 48.
    assert split.origin[split.number == 0].tolist() == list(range(8, 47))
    assert not any(note.code == "new-series" for note in notes)
    statistics = [one.mean.tolist() for one in split.grid.statistics]
    assert statistics == [problem_of(ready).scaler.own[name].mean.tolist() for name in ("ebb", "flow")]


def test_evaluate_on_old_rows_only(tmp_path: Path) -> None:
    ready = prepared(written(tmp_path, long()))
    old = long(rows=50)
    with pytest.raises(BadFilesError, match="2 of 2") as raised:
        open_unseen(problem_of(ready), written(tmp_path, old, "old.csv"), skip_bad=False)
    assert "has 2 rows after 2016-01-02T23:00:00" in str(raised.value)
    with pytest.raises(EmptyDataError, match="no window to evaluate on"):
        open_unseen(problem_of(ready), str(tmp_path / "old.csv"), skip_bad=True)


@pytest.mark.parametrize(("rows", "said"), [(7, "has 7 rows"), (9, None)])
def test_a_history_shorter_than_the_window(rows: int, said: str | None, tmp_path: Path) -> None:
    ready = prepared(written(tmp_path, long()))
    frame = pd.concat([long(["ebb"]), long(["brief"], rows=rows)])
    future = future_of(ready, frame)
    assert len(future.forecasts) == (1 if said else 2)
    assert [one.where for one in future.bad] == (["brief"] if said else [])
    assert said is None or said in future.bad[0].what


@pytest.mark.parametrize("stamps_of", ["months", "month ends", "business days", "counted"])
def test_stamps_go_on_as_the_data_do(stamps_of: str, tmp_path: Path) -> None:
    rows = 60
    months = np.datetime64("2011-01", "M") + np.arange(rows + 4)
    ends = (months + 1).astype("datetime64[D]") - 1
    days = np.busday_offset("2016-01-01", np.arange(rows + 4), roll="forward")
    texts = {
        "months": [str(one) for one in months],
        "month ends": [str(one) for one in ends],
        "business days": [str(one) for one in days],
        "counted": [str(one) for one in range(1, rows + 5)],
    }[stamps_of]
    keys = {**SIZES, **({"frequency": "rows", "time": "ds"} if stamps_of == "counted" else {})}
    frame = pd.DataFrame({"ds": texts[:rows], "y": long(["ebb"])["y"]})
    ready = prepared(written(tmp_path, frame), forecast=keys)
    from tidegate.data.series.writer import forecast_frame

    again = FORECAST.restore(json.loads(json.dumps(problem_of(ready).to_json())), ready.spec)
    assert isinstance(again, Forecast)
    read = panel_from_frame(frame, "x", again.spec.settings(ForecastSpec), like=again.layout)
    made = forecast_frame(again.layout, forecast_future(again, network_of(ready), read, None).forecasts)
    assert [str(one) for one in made["ds"]] == texts[rows:]


def test_rows_out_of_order_are_put_in_order(tmp_path: Path) -> None:
    ready = prepared(written(tmp_path, long()))
    shuffled = long().sample(frac=1, random_state=3)
    plain = {one.name: one.values for one in future_of(ready, long()).forecasts}
    for one in future_of(ready, shuffled).forecasts:
        np.testing.assert_allclose(one.values, plain[one.name], rtol=1e-5)


def test_another_frequency_is_refused(tmp_path: Path) -> None:
    ready = prepared(written(tmp_path, long()))
    frame = long(["ebb"])
    frame["ds"] = stamps(120)[::2]
    with pytest.raises(DataError, match="a row is missing between 2016-01-01 and 2016-01-01 02:00:00"):
        panel_of(ready, frame)
