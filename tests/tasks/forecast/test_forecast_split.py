"""Windows: each one is there, none is scored on what is not its part's; against a reference that looks at every row."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tide_series import long, prepared, problem_of, spec_of, split_of, wide, written
from tidegate.config.tasks.forecast import ForecastSpec
from tidegate.data.series.frequency import Frequency
from tidegate.data.series.panel import Series
from tidegate.errors import BadFilesError, ConfigError, SplitError
from tidegate.tasks.forecast.scaler import Scaler
from tidegate.tasks.forecast.split import Grid, windows
from tidegate.tasks.forecast.task import FORECAST

HOUR = Frequency("second", 3600)


def series(name: str, targets: NDArray[np.float64], given: NDArray[np.bool_] | None = None) -> Series:
    steps = HOUR.steps(np.datetime64("2016-01-01", "s"), len(targets))
    empty = np.zeros((len(targets), 0))
    there = ~np.isnan(targets) if given is None else given
    return Series(name, steps, targets, there, empty, empty, np.zeros(0))


def grid_of(some: list[Series], *, masked: bool = False) -> Grid:
    scaler = Scaler.fit(some, [len(one) for one in some], ForecastSpec(scaling="none"))
    return Grid(some, scaler, HOUR, use_calendar=False, masked=masked)


def slow_windows(
    given: NDArray[np.bool_], start: int, end: int, lookback: int, horizon: int, stride: int
) -> list[int]:
    """Origins, row by row."""
    found: list[int] = []
    begin = max(start, lookback)
    for origin in range(len(given)):
        inside = origin >= start and origin + horizon <= end and origin - lookback >= 0
        if inside and (origin - begin) % stride == 0 and given[origin : origin + horizon].any():
            found.append(origin)
    return found


@given(
    lengths=st.lists(st.integers(0, 25), min_size=1, max_size=4),
    cuts=st.tuples(st.integers(0, 25), st.integers(0, 25)),
    lookback=st.integers(1, 6),
    horizon=st.integers(1, 6),
    stride=st.integers(1, 4),
    seed=st.integers(0, 99),
)
@settings(max_examples=150, deadline=None)
def test_windows_equal_those_of_a_twin_that_looks_at_every_row(
    lengths: list[int], cuts: tuple[int, int], lookback: int, horizon: int, stride: int, seed: int
) -> None:
    chance = np.random.default_rng(seed)
    some: list[Series] = []
    bounds: list[tuple[int, int]] = []
    for number, length in enumerate(lengths):
        holes = chance.random((length, 2)) < 0.5
        some.append(series(f"s{number}", np.where(holes, np.nan, chance.normal(size=(length, 2)))))
        bounds.append((min(min(cuts), length), min(max(cuts), length)))
    split = windows(grid_of(some), bounds, lookback, horizon, stride)
    expected = [
        (number, origin)
        for number, (one, (start, end)) in enumerate(zip(some, bounds, strict=True))
        for origin in slow_windows(one.given.any(axis=1), start, end, lookback, horizon, stride)
    ]
    assert list(zip(split.number.tolist(), split.origin.tolist(), strict=True)) == expected
    assert len(split) == len(split.sizes()) == len(expected)
    runs = {number: split.origin[run].tolist() for number, run in split.runs()} if expected else {}
    assert runs == {n: [o for m, o in expected if m == n] for n in dict(expected)}


def test_a_batch_holds_the_rows_of_its_windows() -> None:
    chance = np.random.default_rng(0)
    some = [series(name, chance.normal(size=(length, 2))) for name, length in (("a", 20), ("b", 15))]
    some[1].targets[9, 1] = np.nan
    some[1].given[9, 1] = False
    split = windows(grid_of(some, masked=True), [(0, 20), (0, 15)], lookback=5, horizon=3)
    batch = split.batch([len(split) - 1, 0, len(split) - 6])
    for row, place in enumerate((len(split) - 1, 0, len(split) - 6)):
        number, origin = int(split.number[place]), int(split.origin[place])
        truth = some[number].targets
        past, future = truth[origin - 5 : origin], truth[origin : origin + 3]
        assert np.allclose(batch.window.past[row], np.nan_to_num(past), atol=1e-6)
        assert batch.window.missing is not None
        assert batch.window.missing[row].tolist() == np.isnan(past).tolist()
        assert np.allclose(batch.targets[row], np.nan_to_num(future), atol=1e-6)
        assert batch.given[row].tolist() == (~np.isnan(future)).tolist()


def test_every_window_comes_once_in_order_and_once_in_an_epoch() -> None:
    split = windows(grid_of([series("a", np.arange(40.0)[:, None])]), [(0, 40)], lookback=5, horizon=3)
    ordered = torch.cat([batch.targets[:, 0, 0] for batch in split.in_order()])
    assert ordered.tolist() == [float(row) for row in range(5, 38)]
    plan = split.plan(8, seed=1, epoch=2)
    assert sorted(place for some in plan for place in some) == list(range(len(split)))
    assert plan != split.plan(8, seed=1, epoch=3)


def test_parts_follow_each_other_and_look_back_into_the_one_before(tmp_path: Path) -> None:
    ready = prepared(written(tmp_path, long()))
    origins = {
        name: split_of(ready, name).origin[split_of(ready, name).number == 1].tolist()
        for name in ("train", "valid", "test")
    }
    # 36, 12 and 12 rows, 8 to look back and 4 to forecast: no window crosses, and none is left out.
    assert origins == {
        "train": list(range(8, 33)),
        "valid": list(range(36, 45)),
        "test": list(range(48, 57)),
    }
    assert ready.record["counts"] == {"train": 72, "valid": 24, "test": 24, "unused": 0, "bad": 0}


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({"train_stride": 5}, [8, 13, 18, 23, 28]),
        ({"recent": 6}, [30, 31, 32]),
        ({"recent": 6, "train_stride": 2}, [30, 32]),
        ({"recent": 500}, list(range(8, 33))),
    ],
)
def test_stride_and_recent_thin_the_training_only(
    keys: dict[str, int], expected: list[int], tmp_path: Path
) -> None:
    ready = prepared(written(tmp_path, long(["ebb"])), forecast=keys)
    assert split_of(ready, "train").origin.tolist() == expected
    assert len(split_of(ready, "valid")) == len(split_of(ready, "test")) == 9


def test_no_window_to_train_on(tmp_path: Path) -> None:
    with pytest.raises(SplitError, match="no window lies in the train part"):
        prepared(written(tmp_path, long(["ebb"])), forecast={"recent": 3})


def test_without_a_test_part(tmp_path: Path) -> None:
    ready = prepared(written(tmp_path, long(["ebb"])), split="40/20")
    assert set(ready.splits) == {"train", "valid"}
    assert problem_of(ready).seen == {"ebb": "2016-01-03T11:00:00"}


def test_sizes_that_nobody_names(tmp_path: Path) -> None:
    spec = spec_of(written(tmp_path, wide(300)), split="0.7/0.15/0.15")
    open_spec = spec.with_settings(lookback=None, horizon=None, season=None)
    forecast = FORECAST.prepare(open_spec).spec.settings(ForecastSpec)
    assert (forecast.season, forecast.horizon, forecast.lookback) == (24, 24, 48)
    assert (forecast.frequency, forecast.target) == ("1h", ["north", "south"])


def test_a_series_too_short_is_named_or_left_out(tmp_path: Path) -> None:
    frame = long(["ebb", "brief", "flow"])
    path = written(tmp_path, frame[(frame.unique_id != "brief") | (frame.index % 60 < 14)])
    with pytest.raises(BadFilesError, match="1 of 3 samples") as raised:
        prepared(path, split="0.6/0.2/0.2")
    assert "series brief: has 14 rows" in str(raised.value) and "8 to look back" in str(raised.value)
    ready = prepared(path, split="0.6/0.2/0.2", data={"skip_bad": True})
    assert list(problem_of(ready).seen) == ["ebb", "flow"]
    assert any("left out 1 of 3" in str(note) and "brief" in str(note) for note in ready.notes)


@pytest.mark.parametrize("skip_bad", [False, True])
def test_every_series_too_short(skip_bad: bool, tmp_path: Path) -> None:
    path = written(tmp_path, long(rows=14))
    with pytest.raises(BadFilesError, match="2 of 2"):
        prepared(path, split="0.6/0.2/0.2", data={"skip_bad": skip_bad})


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"decoder": "segment", "segment": 3}, "whole number of segments"),
        ({"residual": "seasonal", "season": 9}, "lies before its window"),
        ({"decoder": "recursive", "observed": ["wind"]}, "not there yet"),
    ],
)
def test_sizes_that_do_not_go_together(keys: dict[str, Any], said: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=said):
        prepared(written(tmp_path, long()), forecast=keys)


def test_parts_in_files_of_their_own_are_refused(tmp_path: Path) -> None:
    path = written(tmp_path, long())
    with pytest.raises(ConfigError, match="split by time"):
        prepared(path, data={"source": None, "split": None, "train": path, "valid": path})


def test_columns_that_are_left_over_are_told(tmp_path: Path) -> None:
    ready = prepared(written(tmp_path, pd.DataFrame(long())))
    assert any("not used: moon, wind, coast" in str(note) for note in ready.notes)
