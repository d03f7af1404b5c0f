"""Parts of time series, in order of time; and forecasts as tables."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.config.tasks.forecast import ForecastSpec
from tidegate.data.series.frequency import Frequency
from tidegate.data.series.panel import Layout, Panel
from tidegate.data.series.reader import panel_from_frame, read_panel
from tidegate.data.series.splits import split_panel
from tidegate.data.series.writer import Forecast, forecast_frame, write_table
from tidegate.errors import BadFilesError, ConfigError, SplitError


def panel(*lengths: int) -> Panel:
    frames = [
        pd.DataFrame(
            {"id": f"s{n}", "ds": pd.date_range("2000-01-01", periods=length), "y": np.arange(length) * 1.0}
        )
        for n, length in enumerate(lengths)
    ]
    return panel_from_frame(pd.concat(frames), "x.csv", ForecastSpec())


SPLITS = {
    ("0.7/0.1/0.2", 100): (70, 80, 100),
    ("0.8/0.2", 100): (80, 100, 100),
    ("rest/10", 100): (90, 100, 100),
    ("rest/10/20", 100): (70, 80, 100),
    ("rest/0.1/0.2", 100): (70, 80, 100),
    ("50/rest/20", 100): (50, 80, 100),
    ("40/20/20", 100): (40, 60, 80),
    ("60/10/0", 100): (60, 70, 70),
    (" Rest / 10 / 10 ", 100): (80, 90, 100),
    (None, 101): (70, 80, 101),
}


@pytest.mark.parametrize(("split", "length"), SPLITS)
def test_where_parts_end(split: str | None, length: int):
    (found,) = split_panel(panel(length), split, horizon=5, lookback=10).bounds
    assert (found.train, found.valid, found.test) == SPLITS[split, length]


@given(length=st.integers(60, 3000), train=st.integers(1, 89), valid=st.integers(1, 10))
@settings(max_examples=40, deadline=None)
def test_fractions_cover_all_rows(length: int, train: int, valid: int):
    text = f"0.{train:02}/0.{valid:02}/rest"
    try:
        (found,) = split_panel(panel(length), text, horizon=1, lookback=1).bounds
    except (SplitError, BadFilesError):
        assert length * train < 300 or length * valid < 200
        return
    assert found.train == length * train // 100
    assert found.valid == length * (train + valid) // 100
    assert found.test == length


def test_each_series_has_its_own_parts():
    found = split_panel(panel(100, 50), "rest/10/10", horizon=5, lookback=10)
    assert [(one.train, one.test) for one in found.bounds] == [(80, 100), (30, 50)]
    assert found.record.counts == {"train": 110, "valid": 20, "test": 20, "unused": 0, "bad": 0}


def test_rows_that_are_left_over_are_told():
    found = split_panel(panel(17_420), "8640/2880/2880", horizon=96, lookback=96)
    assert [*map(str, found.panel.notes[1:])] == ["the last 3,020 of 17,420 rows are in no part"]
    assert found.record.counts["unused"] == 3020
    many = split_panel(panel(100, 90), "60/10/10", horizon=5, lookback=10)
    assert [*map(str, many.record.notes[1:])] == [
        "the last rows of 2 of 2 series are in no part: 30 in all, at most 20"
    ]


@pytest.mark.parametrize(
    "split",
    ["", "1", "a/b/c", "0.7/0.2/0.2", "rest/rest/10", "70/0.1/0.2/3", "90/20/20", "rest/60/60", "70/20/10x"],
)
def test_splits_that_cannot_be_made(split: str):
    with pytest.raises(SplitError) as caught:
        split_panel(panel(100), split or " ", horizon=5, lookback=10)
    assert caught.value.where == "data.split"
    assert "100 rows" in str(caught.value)


def test_percentages_are_seen():
    with pytest.raises(SplitError) as caught:
        split_panel(panel(200), "70/10/20", horizon=5, lookback=10)
    assert caught.value.hint == "write 0.7/0.1/0.2"


def test_short_series_are_told_or_left_out():
    data = panel(100, 34, 12)
    with pytest.raises(BadFilesError) as caught:
        split_panel(data, "rest/10/10", horizon=5, lookback=10, where="x.csv")
    first, second = caught.value.findings
    assert first.where == "x.csv: series s1"
    assert first.what.startswith(
        "has 34 rows, and 14 of them for train by the split rest/10/10; it needs 15: 10"
    )
    assert (second.where, "no row is left for the rest" in second.what) == ("x.csv: series s2", True)
    found = split_panel(data, "rest/10/10", horizon=5, lookback=10, where="x.csv", skip_bad=True)
    assert [one.name for one in found.panel.series] == ["s0"]
    assert "left out 2 of 3 samples" in str(found.panel.notes[-1])
    with pytest.raises(BadFilesError):
        split_panel(panel(30), "rest/10/10", horizon=11, lookback=2, skip_bad=True)


def test_parts_shorter_than_the_horizon():
    for split, part in (("rest/4/10", "valid"), ("rest/10/4", "test")):
        with pytest.raises(BadFilesError) as caught:
            split_panel(panel(100), split, horizon=5, lookback=10)
        assert f"4 of them for {part}" in caught.value.findings[0].what


def test_the_future_is_in_no_part():
    frame = pd.DataFrame({"ds": pd.date_range("2016-01-01", periods=50), "y": [*range(40), *[None] * 10]})
    (found,) = split_panel(
        panel_from_frame(frame, "x", ForecastSpec()), "rest/5/5", horizon=5, lookback=5
    ).bounds
    assert (found.train, found.test) == (30, 40)


TABLES = {
    "long": "Series ID,Month,y\nA,2016-11,1\nA,2016-12,2\nB,2016-11,1\nB,2016-12,2\n",
    "wide": "date,a,b\n2016-11-30 22:00:00,1,2\n2016-11-30 23:00:00,3,4\n",
    "parts": "year,month,day,hour,y\n2016,12,31,22,1\n2016,12,31,23,1\n",
    "quarters": "ds,y\n2016 Q2,1\n2016 Q3,2\n",
    "day first": "shop,kind,date,y\n1,a/b,30/12/2016,3\n1,a/b,31/12/2016,4\n",
}
NEXT = {
    "long": "Series ID,Month,y\nA,2017-01,1.0\nA,2017-02,1.0\nB,2017-01,1.0\nB,2017-02,1.0\n",
    "wide": "date,a,b\n2016-12-01 00:00:00,1.0,1.0\n2016-12-01 01:00:00,1.0,1.0\n",
    "parts": "year,month,day,hour,y\n2017,1,1,0,1.0\n2017,1,1,1,1.0\n",
    "quarters": "ds,y\n2016 Q4,1.0\n2017 Q1,1.0\n",
    "day first": "shop,kind,date,y\n1,a/b,01/01/2017,1.0\n1,a/b,02/01/2017,1.0\n",
}


@pytest.mark.parametrize("name", TABLES)
def test_forecasts_continue_the_table(tmp_path: Path, name: str):
    (tmp_path / "x.csv").write_text(TABLES[name])
    keys = {"series": ["shop", "kind"], "target": ["y"]} if name == "day first" else {}
    data = read_panel(str(tmp_path / "x.csv"), ForecastSpec.model_validate(keys), skip_bad=False)
    ahead = [
        Forecast(one.name, data.frequency.after(one.stamps[-1], 2), np.ones((2, len(data.layout.targets))))
        for one in data.series
    ]
    write_table(tmp_path / "y.csv", forecast_frame(data.layout, ahead))
    assert (tmp_path / "y.csv").read_text() == NEXT[name]
    together = TABLES[name] + NEXT[name].partition("\n")[2]
    (tmp_path / "z.csv").write_text(together)
    longer = read_panel(
        str(tmp_path / "z.csv"), ForecastSpec.model_validate(keys), skip_bad=False, like=data.layout
    )
    assert [len(one) for one in longer.series] == [len(one) + 2 for one in data.series]


def test_intervals_stand_behind_their_target():
    layout = Layout(("ds",), "", (), ("a", "b"))
    stamps = Frequency.parse("1d").steps(np.datetime64("2016-01-01"), 3)
    ends = {0.8: np.full((3, 2), 8.0), 0.975: np.arange(6.0).reshape(3, 2)}
    frame = forecast_frame(layout, [Forecast("", stamps, np.zeros((3, 2)), ends, ends)])
    assert list(frame.columns) == [
        "ds", "a", "a_lo_80", "a_hi_80", "a_lo_97.5", "a_hi_97.5", "b", "b_lo_80", "b_hi_80", "b_lo_97.5", "b_hi_97.5",
    ]  # fmt: skip
    assert frame["b_lo_97.5"].tolist() == [1, 3, 5]
    assert pd.api.types.is_datetime64_any_dtype(frame["ds"].dtype)
    assert len(forecast_frame(layout, [])) == 0


def test_counted_rows_go_on():
    frame = pd.DataFrame({"Month": ["1-01", "1-02", "1-03"], "y": [1.0, 2.0, 4.0]})
    data = panel_from_frame(frame, "x", ForecastSpec(frequency="rows"))
    stamps = data.frequency.after(data.series[0].stamps[-1], 2)
    found = forecast_frame(data.layout, [Forecast("", stamps, np.zeros((2, 1)))])
    assert found["Month"].tolist() == [4, 5]


@pytest.mark.parametrize("name", ["x.csv", "x.csv.gz", "x.tsv", "x.parquet"])
def test_tables_are_written_and_read_again(tmp_path: Path, name: str):
    if name.endswith("parquet"):
        pytest.importorskip("pyarrow")
    frame = pd.DataFrame({"ds": pd.date_range("2016-01-01", periods=3), "y": [0.1, 1 / 3, 1e300]})
    write_table(tmp_path / name, frame)
    write_table(tmp_path / name, frame)
    found = read_panel(str(tmp_path / name), ForecastSpec(), skip_bad=False)
    assert found.series[0].targets[:, 0].tolist() == frame["y"].tolist()
    assert [path.name for path in tmp_path.iterdir()] == [name]
    with pytest.raises(ConfigError, match="no such kind"):
        write_table(tmp_path / "x.xls", frame)


def test_text_is_what_pandas_reads():
    layout = Layout(("ds",), "%Y-%m-%d", ("id",), ("y",))
    stamps = Frequency.parse("1w").steps(np.datetime64("2016-01-01"), 2)
    text = forecast_frame(layout, [Forecast('a,"b"', stamps, np.ones((2, 1)))]).to_csv(index=False)
    assert pd.read_csv(io.StringIO(text))["id"].tolist() == ['a,"b"'] * 2
