"""Tables of time series, in all their layouts."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.config.tasks.forecast import ForecastSpec
from tidegate.data.series.formats import SERIES
from tidegate.data.series.panel import Panel
from tidegate.data.series.reader import panel_from_frame, read_panel
from tidegate.data.source import open_source
from tidegate.data.tables.table import Table
from tidegate.errors import BadFilesError, ConfigError, DataError, MissingExtraError

LONG = "unique_id,ds,y\nb,2016-01-01,1\nb,2016-01-02,2\na,2016-01-01,5\na,2016-01-02,6\na,2016-01-03,7\n"


def read(folder: Path, text: str | bytes, name: str = "x.csv", **keys: object) -> Panel:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_panel(str(path), ForecastSpec.model_validate(keys), skip_bad=False)


def test_a_long_table(tmp_path: Path):
    panel = read(tmp_path, LONG)
    assert [one.name for one in panel.series] == ["b", "a"]
    assert [one.targets[:, 0].tolist() for one in panel.series] == [[1, 2], [5, 6, 7]]
    assert (str(panel.frequency), panel.layout.series, panel.layout.time_format) == (
        "1d",
        ("unique_id",),
        "%Y-%m-%d",
    )
    assert panel.series[1].stamps.dtype == np.dtype("datetime64[s]")
    assert panel.series[1].stamps[2] == np.datetime64("2016-01-03")
    assert (panel.notes[1:], panel.series[0].given.all(), panel.series[0].future) == ([], True, 0)


def test_rows_of_many_series_may_be_mixed(tmp_path: Path):
    header, *lines = LONG.strip().split("\n")
    mixed = [lines[2], lines[0], lines[3], lines[1], lines[4]]
    panel = read(tmp_path, "\n".join([header, *mixed]))
    assert {one.name: one.targets[:, 0].tolist() for one in panel.series} == {"a": [5, 6, 7], "b": [1, 2]}
    assert panel.notes[1:] == []


def test_unsorted_rows_are_sorted_and_told(tmp_path: Path):
    header, *lines = LONG.strip().split("\n")
    panel = read(tmp_path, "\n".join([header, *reversed(lines)]))
    assert {one.name: one.targets[:, 0].tolist() for one in panel.series} == {"a": [5, 6, 7], "b": [1, 2]}
    assert "rows of 2 of 2 series were not in order of time" in str(panel.notes[1])
    assert "series a, line 3" in str(panel.notes[1])


@pytest.mark.parametrize(
    "header",
    [
        "series_id,date,value",
        "Series ID,Month,Turnover",
        "item_id,timestamp,target",
        "ID, DateTime ,Y",
        "series,ds,sales",
    ],
)
def test_names_that_speak_for_themselves(tmp_path: Path, header: str):
    panel = read(tmp_path, LONG.replace("unique_id,ds,y", header))
    names = [name.strip() for name in header.split(",")]
    assert (panel.layout.series, panel.layout.time, panel.layout.targets) == tuple((name,) for name in names)
    assert len(panel.series) == 2


@pytest.mark.parametrize("separator", [";", "\t"])
def test_other_separators_and_commas_of_decimals(tmp_path: Path, separator: str):
    text = '"ds";"y"\n2016-01;1,5\n2016-02;-2\n2016-03;1e3\n'.replace(";", separator)
    text = text if separator == ";" else text.replace("1,5", "1.5")
    assert read(tmp_path, text).series[0].targets[:, 0].tolist() == [1.5, -2, 1000]


def test_byte_order_mark_carriage_returns_gzip_and_blank_lines(tmp_path: Path):
    text = "\ufeff" + LONG.replace("\n", "\r\n") + "\r\n\r\n"
    panel = read(tmp_path, gzip.compress(text.encode()), "x.csv.gz")
    assert [len(one) for one in panel.series] == [2, 3]


def test_lines_are_counted_with_blank_ones(tmp_path: Path):
    with pytest.raises(DataError) as caught:
        read(tmp_path, "ds,y\n2016-01-01,1\n\n2016-01-02,x\n2016-01-03,3\n")
    assert "line 4: y is 'x', no number" in str(caught.value)


def test_a_wide_table_has_a_target_a_column(tmp_path: Path):
    panel = read(tmp_path, "No,date,a,words,b\n1,2016-01,1,p,4\n2,2016-02,2,q,5\n3,2016-03,3,p,6\n")
    assert panel.layout.targets == ("a", "b")
    assert panel.series[0].targets.tolist() == [[1, 4], [2, 5], [3, 6]]
    assert "not used: No (index), words" in str(panel.notes[1])


def test_the_keys_name_columns(tmp_path: Path):
    text = "shop,kind,when,y,amount,price\n" + "".join(
        f"{shop},{kind},2016-01-0{day},0,{day},{shop}\n"
        for shop in "12"
        for kind in ("a/b", "c")
        for day in (1, 2)
    )
    panel = read(
        tmp_path,
        text,
        series=["shop", "kind"],
        time="WHEN",
        target=["amount"],
        known=["price"],
        static=["kind"],
    )
    assert [one.name for one in panel.series] == ["1/a\\/b", "1/c", "2/a\\/b", "2/c"]
    assert panel.series[2].targets[:, 0].tolist() == [1, 2]
    assert panel.series[2].known[:, 0].tolist() == [2, 2]
    assert panel.layout.static == ("kind=a/b", "kind=c")
    assert panel.series[2].static.tolist() == [1, 0]


def test_a_column_that_is_not_there(tmp_path: Path):
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, LONG, observed=["yy"])
    assert "forecast.observed" in str(caught.value)
    assert "did you mean y?" in str(caught.value)
    with pytest.raises(ConfigError, match="two parts"):
        read(tmp_path, LONG, target=["y"], known=["y"])


def test_an_id_that_counts_rows_names_no_series(tmp_path: Path):
    panel = read(tmp_path, "id,ds,y\n0,2016-01,1\n1,2016-02,2\n2,2016-03,4\n")
    assert (len(panel.series), panel.layout.targets) == (1, ("y",))
    assert "names no series" in str(panel.notes[1])


def test_parts_of_a_date(tmp_path: Path):
    text = "year,month,day,hour,y\n" + "".join(f"2016,2,{28 + h // 24},{h % 24},{h}\n" for h in range(20, 30))
    panel = read(tmp_path, text)
    assert panel.layout.time == ("year", "month", "day", "hour")
    assert str(panel.frequency) == "1h"
    assert panel.series[0].stamps[4] == np.datetime64("2016-02-29T00:00:00")
    quarters = read(tmp_path, "Year,Quarter,y\n2016,3,1\n2016,4,1\n2017,1,2\n")
    assert str(quarters.frequency) == "1q"
    with pytest.raises(DataError, match="cannot be used") as caught:
        read(tmp_path, text + "2016,2,30,6,1\n2016,13,1,0,1\n2016,1.5,1,0,1\n")
    for reason in (
        "line 12: the month 2016-02 has no day 30",
        "line 13: month is '13', no month",
        "month is '1.5'",
    ):
        assert reason in str(caught.value)


FORMATS = {
    "%Y-%m-%d": "D", "%Y/%m/%d": "D", "%Y%m%d": "D", "%d.%m.%Y": "D", "%d/%m/%Y": "D", "%m/%d/%Y": "D",
    "%d-%b-%Y": "D", "%b %d, %Y": "D", "%Y-%m": "MS", "%Y %b": "MS", "%b-%Y": "MS", "%Y": "YS",
    "%Y-%m-%d %H:%M:%S": "h", "%Y-%m-%dT%H:%M:%SZ": "h", "%Y-%m-%dT%H:%M+02:00": "h", "%d/%m/%Y %H:%M": "h",
}  # fmt: skip


@pytest.mark.parametrize(("shown", "rule"), FORMATS.items())
def test_formats_of_dates(shown: str, rule: str):
    stamps = pd.date_range("2016-01-01" if rule != "h" else "2016-01-13", periods=60, freq=rule)
    frame = pd.DataFrame({"ds": stamps.strftime(shown), "y": np.arange(60.0)})
    panel = panel_from_frame(frame, "x", ForecastSpec())
    zone = "Z" if shown.endswith("Z") else "+02:00" if shown.endswith("+02:00") else ""
    assert (panel.layout.time_format + zone, panel.layout.zone) == (shown, zone)
    np.testing.assert_array_equal(panel.series[0].stamps, stamps.to_numpy("datetime64[s]"))


def test_quarters_and_midnights_without_a_clock():
    frame = pd.DataFrame({"ds": ["2016 Q3", "2016 Q4", "2017 Q1"], "y": [1.0, 2.0, 3.0]})
    panel = panel_from_frame(frame, "x", ForecastSpec())
    assert (str(panel.frequency), panel.layout.time_format) == ("1q", "%Y Q%q")
    hours = [str(one) for one in pd.date_range("2016-01-01", periods=30, freq="h")]
    hours[0], hours[24] = "2016-01-01", "2016-01-02"
    frame = pd.DataFrame({"ds": hours, "y": 1.0})
    assert str(panel_from_frame(frame, "x", ForecastSpec()).frequency) == "1h"


def test_a_data_frame_and_its_index():
    index = pd.date_range("2016-01-01", periods=4, freq="15min")
    frame = pd.DataFrame({"load": [1, 2, 3, 4], "wind": [True, False, True, True]}, index=index)
    panel = panel_from_frame(frame, "x", ForecastSpec(target=["load"], observed=["wind"]))
    assert (str(panel.frequency), panel.layout.time_format, panel.layout.time) == ("15min", "", ("ds",))
    assert panel.series[0].observed[:, 0].tolist() == [1, 0, 1, 1]
    assert list(frame.columns) == ["load", "wind"]


def test_a_typed_column_of_time_with_faults():
    stamps = pd.Series(pd.date_range("2016-01-01", periods=5)).mask([False, False, True, False, False])
    frame = pd.DataFrame({"ds": stamps, "y": 1.0})
    frame.loc[3, "ds"] += pd.Timedelta("1ms")
    with pytest.raises(BadFilesError) as caught:
        panel_from_frame(frame, "x", ForecastSpec())
    reason = caught.value.findings[0].what
    assert "row 3: ds is empty, no date" in reason
    assert "row 4: ds is '2016-01-04T00:00:00.001" in reason
    assert "whole seconds" in reason


def test_parquet_is_read_like_csv(tmp_path: Path):
    pytest.importorskip("pyarrow")
    (tmp_path / "x.csv").write_text(LONG)
    frame = pd.read_csv(tmp_path / "x.csv", parse_dates=["ds"])
    frame.to_parquet(tmp_path / "x.parquet")
    expected = read_panel(str(tmp_path / "x.csv"), ForecastSpec(), skip_bad=False)
    found = read_panel(str(tmp_path / "x.parquet"), ForecastSpec(), skip_bad=False)
    for one, other in zip(found.series, expected.series, strict=True):
        assert one.name == other.name
        np.testing.assert_array_equal(one.targets, other.targets)
        np.testing.assert_array_equal(one.stamps, other.stamps)


def test_parquet_without_pyarrow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "x.parquet").write_bytes(b"PAR1")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingExtraError) as caught:
        read_panel(str(tmp_path / "x.parquet"), ForecastSpec(), skip_bad=False)
    assert "tidegate[parquet]" in str(caught.value)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=30))
@settings(max_examples=50, deadline=None)
def test_numbers_are_read_to_the_last_bit(values: list[float]):
    frame = pd.DataFrame({"y": [repr(value) for value in values]})
    assert Table("x", frame).numbers("y").values.tolist() == values


def test_the_format_is_found(tmp_path: Path):
    (tmp_path / "x.csv").write_text(LONG)
    (tmp_path / "SOURCE.txt").write_text("from here")
    assert SERIES.find(open_source(str(tmp_path / "x.csv"))).name == "series"
    assert SERIES.find(open_source(str(tmp_path))).name == "series"
    assert len(read_panel(str(tmp_path), ForecastSpec(), skip_bad=False).series) == 2
    with pytest.raises(DataError, match="no time series found"):
        SERIES.find(open_source(str(tmp_path / "SOURCE.txt")))


def test_a_column_that_names_the_parts_is_used(tmp_path: Path):
    parts = ["train"] * 20 + ["val"] * 5 + ["test"] * 5
    rows = [f"2016-01-{day:02},{day},{part}" for day, part in enumerate(parts, 1)]
    panel = read(tmp_path, "\n".join(["ds,y,split", *rows]) + "\n")
    assert panel.split == "rest/5/5"
    mixed = [f"2016-01-{day:02},{day},{part}" for day, part in enumerate(reversed(parts), 1)]
    with pytest.raises(DataError, match="parts in the column 'split'"):
        read(tmp_path, "\n".join(["ds,y,split", *mixed]) + "\n")
