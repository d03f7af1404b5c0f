"""Gaps: what fills them, what is told of them, and that nothing else moves."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.config.tasks.forecast import Fill, ForecastSpec
from tidegate.data.series.fill import fill_values, longest_run
from tidegate.data.series.panel import Panel
from tidegate.data.series.reader import panel_from_frame
from tidegate.errors import BadFilesError

FILLS: tuple[Fill, ...] = ("forward", "linear", "zero", "mask")
RULES = {"h": "1h", "D": "1d", "B": "1b", "W": "1w", "ME": "1mo", "MS": "1mo", "QS": "1q", "YE": "1y"}


def read(frame: pd.DataFrame, **keys: object) -> Panel:
    return panel_from_frame(frame, "x", ForecastSpec.model_validate(keys))


def slow_fill(column: list[float], how: str) -> list[float]:
    """One value after the other."""
    there = [(place, value) for place, value in enumerate(column) if value == value]
    filled: list[float] = []
    for place, value in enumerate(column):
        before = [one for one in there if one[0] <= place]
        after = [one for one in there if one[0] >= place]
        if value == value or how == "mask":
            filled.append(value)
        elif how == "zero":
            filled.append(0.0)
        elif how == "linear" and before and after:
            (left, low), (right, high) = before[-1], after[0]
            filled.append(low + (high - low) * (place - left) / (right - left))
        else:
            filled.append(before[-1][1] if before else after[0][1])
    return filled


@pytest.mark.parametrize("how", FILLS)
@given(data=st.lists(st.one_of(st.just(np.nan), st.floats(-100, 100)), min_size=1, max_size=25))
@settings(max_examples=40, deadline=None)
def test_filling_is_what_a_loop_does(how: Fill, data: list[float]):
    if all(value != value for value in data):
        data = [*data, 1.0]
    found = fill_values(np.array(data)[:, None], how)[:, 0]
    np.testing.assert_allclose(found, slow_fill(data, how), atol=1e-9)


def test_between_words_there_is_no_line():
    values = np.array([[0.0, 0.0], [np.nan, np.nan], [1.0, 1.0]])
    found = fill_values(values, "linear", np.array([False, True]))
    assert found.tolist() == [[0, 0], [0.5, 0], [1, 1]]
    assert np.isnan(values[1]).all()


def test_the_longest_run():
    holes = np.array([[1, 0], [1, 1], [0, 1], [0, 1], [1, 0]], dtype=bool)
    assert (longest_run(holes), longest_run(holes[:0]), longest_run(~holes & False)) == (3, 0, 0)


@pytest.mark.parametrize(("rule", "text"), RULES.items())
@given(kept=st.sets(st.integers(1, 58), min_size=40), how=st.sampled_from(FILLS))
@settings(max_examples=10, deadline=None)
def test_missing_rows_come_back(rule: str, text: str, kept: set[int], how: str):
    """A grid with holes, filled, is the whole grid; what was given stays."""
    stamps = pd.date_range("2015-01-01", periods=60, freq=rule)
    rows = sorted({0, 59} | kept)
    frame = pd.DataFrame({"ds": stamps[rows], "y": np.array(rows, dtype=float)})
    panel = read(frame, fill=how, frequency=text)
    (one,) = panel.series
    np.testing.assert_array_equal(one.stamps, stamps.to_numpy("datetime64[s]"))
    assert np.flatnonzero(one.given[:, 0]).tolist() == rows
    np.testing.assert_array_equal(one.targets[rows, 0], rows)
    expected = np.full(60, np.nan)
    expected[rows] = rows
    np.testing.assert_allclose(one.targets[:, 0], slow_fill(expected.tolist(), how))
    if len(rows) < 60:
        assert f"{60 - len(rows):,} missing values of targets in 1 of 1 series" in str(panel.notes[1])


def frame_of(y: list[float], **columns: list[object]) -> pd.DataFrame:
    return pd.DataFrame({"ds": pd.date_range("2016-01-01", periods=len(y)), "y": y, **columns})


def test_what_was_filled_is_told():
    frame = frame_of([1, np.nan, np.nan, 4, np.nan, 6, np.nan])
    frame["unique_id"] = "a"
    other = frame.assign(unique_id="b", y=1.0)
    panel = read(pd.concat([frame.drop(index=1), other]), fill="forward")
    assert [one.given.sum() for one in panel.series] == [3, 7]
    assert panel.series[0].targets[:6, 0].tolist() == [1, 1, 1, 4, 4, 6]
    assert panel.series[0].future == 1
    assert str(panel.notes[1]) == (
        "3 missing values of targets in 1 of 2 series repeat the last one, 1 rows of them put in; "
        "the longest gap has 2, the first is at 2016-01-02 of series a"
    )


def test_covariates_are_filled_too():
    frame = frame_of(
        [1, 2, 3, 4], known=[1.0, np.nan, 3.0, 4.0], wind=["N", None, "S", "S"], shop=["a", "a", "a", "a"]
    ).drop(index=2)
    keys = {"known": ["known"], "observed": ["wind"], "static": ["shop"]}
    one = read(frame, fill="linear", **keys).series[0]
    assert one.known[:, 0].tolist() == [1, 2, 3, 4]
    assert one.observed.tolist() == [[1, 0], [1, 0], [1, 0], [0, 1]]
    masked = read(frame, fill="mask", **keys)
    assert np.isnan(masked.series[0].known[:, 0]).tolist() == [False, True, True, False]
    assert np.isnan(masked.series[0].targets[:, 0]).tolist() == [False, False, True, False]
    assert "missing values of covariates" in str(masked.notes[-1])


def test_a_column_that_nothing_can_fill():
    frame = frame_of([1, 2, 3], rain=[np.nan, np.nan, np.nan]).assign(unique_id="a")
    frame = pd.concat([frame, frame.assign(unique_id="b", rain=1.0)])
    with pytest.raises(BadFilesError) as caught:
        read(frame, fill="forward", observed=["rain"])
    assert "no value of rain in the series" in caught.value.findings[0].what
    assert read(frame, fill="zero", observed=["rain"]).series[0].observed.tolist() == [[0], [0], [0]]


@pytest.mark.parametrize("how", FILLS)
def test_filling_does_not_excuse_what_is_wrong(how: str):
    for y in ([1.0, 2.0, np.inf, 4.0], [1.0, "x", "3", "4"]):
        with pytest.raises(BadFilesError, match="cannot be used"):
            frame = frame_of(y)
            read(frame, fill=how)
        assert frame["y"].tolist() == y  # nothing is changed under the caller's hands
    twice = pd.concat([frame_of([1, 2, 3]), frame_of([1, 2, 3]).iloc[1:2]])
    with pytest.raises(BadFilesError) as caught:
        read(twice, fill=how)
    assert (
        "row 4: the stamp 2016-01-02 stands twice in the series, see row 2" in caught.value.findings[0].what
    )


def test_gaps_of_the_future():
    frame = frame_of([1, 2, np.nan, np.nan, np.nan], price=[1, 2, 3, 4, 5]).drop(index=3)
    with pytest.raises(BadFilesError, match="cannot be used"):
        read(frame, known=["price"])
    one = read(frame, known=["price"], fill="linear").series[0]
    assert (one.future, one.known[:, 0].tolist()) == (3, [1, 2, 3, 4, 5])
    assert one.targets[:2, 0].tolist() == [1, 2] and np.isnan(one.targets[2:]).all()
