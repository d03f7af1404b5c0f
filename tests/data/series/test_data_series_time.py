"""The time of series: dates in all usual spellings, numbers that count, zones, and calendars of one's own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tidegate.config.tasks.forecast import ForecastSpec
from tidegate.data.series.panel import Layout, Panel
from tidegate.data.series.reader import panel_from_frame, read_panel
from tidegate.data.series.writer import Forecast, forecast_frame
from tidegate.errors import BadFilesError, DataError

MONTHS = pd.date_range("2015-01-01", periods=48, freq="MS")
DAYS = pd.date_range("2016-01-13", periods=60, freq="D")
HOURS = pd.date_range("2016-01-13", periods=60, freq="h")
WEEKS = pd.date_range("2016-01-04", periods=60, freq="W-MON")
QUARTERS = pd.period_range("2010Q1", periods=40, freq="Q")


def read(
    folder: Path, cells: Sequence[object], name: str = "date", like: Layout | None = None, **keys: object
) -> Panel:
    rows = [f'"{cell}",{number}' for number, cell in enumerate(cells)]
    (folder / "x.csv").write_text("\n".join([f"{name},y", *rows]) + "\n", encoding="utf-8")
    return read_panel(str(folder / "x.csv"), ForecastSpec.model_validate(keys), skip_bad=False, like=like)


def following(panel: Panel, count: int = 2) -> list[Any]:
    """The cells of time that forecasts get."""
    one = panel.series[0]
    stamps = panel.frequency.after(one.stamps[len(one) - 1], count)
    frame = forecast_frame(
        panel.layout, [Forecast(one.name, stamps, np.zeros((count, one.targets.shape[1])))]
    )
    return frame[panel.layout.time[0]].tolist()


def test_whole_numbers_go_on(tmp_path: Path):
    for cells, expected in (
        (range(200), [200, 201]),
        (range(500, 700), [700, 701]),
        (range(0, 2000, 10), [2000, 2010]),
        (range(1000, 1060), [1060, 1061]),
        (range(950, 1050), [1050, 1051]),
        (range(1000, 2400, 100), [2400, 2500]),
        (range(-5, 20), [20, 21]),
        ([f"{0.02 * step:.2f}" for step in range(60)], [1.2, 1.22]),
        ([step * 0.1 for step in range(30)], [3.0, 3.1]),
    ):
        for keys in ({}, {"frequency": "rows"}):
            panel = read(tmp_path, list(cells), "time", **keys)
            assert following(panel) == pytest.approx(expected)
            assert panel.frequency.season == 1


def test_newest_first_is_sorted(tmp_path: Path):
    panel = read(tmp_path, list(range(59, -1, -1)), "time", frequency="rows")
    assert following(panel) == [60, 61]
    assert panel.series[0].targets[0, 0] == 59
    assert any(found.code == "unsorted" for found in panel.notes)


def test_gaps_and_duplicates_of_numbers_are_refused(tmp_path: Path):
    with pytest.raises(BadFilesError, match="20 rows are missing between 19 and 40"):
        read(tmp_path, [*range(20), *range(40, 60)], "time")
    with pytest.raises(BadFilesError, match="the stamp 3 stands twice"):
        read(tmp_path, [1, 2, 3, 3, 4, 5], "time", frequency="rows")
    panel = read(tmp_path, [*range(20), *range(40, 60)], "time", fill="mask")
    assert len(panel.series[0]) == 60


def test_numbers_without_a_step_say_what_to_do(tmp_path: Path):
    cells = [1, 2, 4, 8, 16, 32, 64, 128]
    with pytest.raises(DataError, match="not evenly spaced") as caught:
        read(tmp_path, cells, "time")
    key, value = re.findall(r"--set forecast\.(\w+)=(row)", str(caught.value.hint))[0]
    assert len(read(tmp_path, cells, "time", **{key: value}).series[0]) == 8


def test_years_are_years(tmp_path: Path):
    panel = read(tmp_path, list(range(1960, 2020)), "time")
    assert (str(panel.frequency), following(panel)) == ("1y", ["2020", "2021"])
    assert following(read(tmp_path, [f"{year}.0" for year in range(1960, 2020)])) == ["2020.0", "2021.0"]


SPELLINGS: dict[str, tuple[list[str], list[str], str]] = {
    "YYYYMM": ([f"{day:%Y%m}" for day in MONTHS], ["201901", "201902"], "1mo"),
    "2016M01": ([f"{day:%YM%m}" for day in MONTHS], ["2019M01", "2019M02"], "1mo"),
    "Jan-16": ([f"{day:%b-%y}" for day in MONTHS], ["Jan-19", "Feb-19"], "1mo"),
    "Sept 2015": ([f"{day:%b %Y}".replace("Sep", "Sept") for day in MONTHS], ["Jan 2019", "Feb 2019"], "1mo"),
    "01-Jan-16": ([f"{day:%d-%b-%y}" for day in DAYS], ["13-Mar-16", "14-Mar-16"], "1d"),
    "31.01.16": ([f"{day:%d.%m.%y}" for day in DAYS], ["13.03.16", "14.03.16"], "1d"),
    "long": (
        [f"{day:%A, %B %d, %Y}" for day in DAYS],
        ["Sunday, March 13, 2016", "Monday, March 14, 2016"],
        "1d",
    ),
    "ISO weeks": ([f"{day:%G-W%V}" for day in WEEKS], ["2017-W09", "2017-W10"], "1w"),
    "2010Q1": ([f"{one.year}Q{one.quarter}" for one in QUARTERS], ["2020Q1", "2020Q2"], "1q"),
    "Q1 2010": ([f"Q{one.quarter} {one.year}" for one in QUARTERS], ["Q1 2020", "Q2 2020"], "1q"),
    "2010:Q1": ([f"{one.year}:Q{one.quarter}" for one in QUARTERS], ["2020:Q1", "2020:Q2"], "1q"),
    "1Q2010": ([f"{one.quarter}Q{one.year}" for one in QUARTERS], ["1Q2020", "2Q2020"], "1q"),
    "Q1-10": ([f"Q{one.quarter}-{one.year % 100:02}" for one in QUARTERS], ["Q1-20", "Q2-20"], "1q"),
    "AM/PM": (
        [f"{day:%m/%d/%Y %I:%M %p}" for day in HOURS],
        ["01/15/2016 12:00 PM", "01/15/2016 01:00 PM"],
        "1h",
    ),
    "hour": ([f"{day:%Y-%m-%d %H}" for day in HOURS], ["2016-01-15 12", "2016-01-15 13"], "1h"),
    "YYYYMMDDHH": ([f"{day:%Y%m%d%H}" for day in HOURS], ["2016011512", "2016011513"], "1h"),
    "PVGIS": ([f"{day:%Y%m%d:%H%M}" for day in HOURS], ["20160115:1200", "20160115:1300"], "1h"),
}


@pytest.mark.parametrize("name", SPELLINGS)
def test_dates_in_all_usual_spellings(tmp_path: Path, name: str):
    cells, expected, frequency = SPELLINGS[name]
    panel = read(tmp_path, cells)
    assert (following(panel), str(panel.frequency)) == (expected, frequency)
    again = read(tmp_path, cells, like=panel.layout)
    assert again.layout == panel.layout


def test_the_end_of_a_day_is_24_o_clock(tmp_path: Path):
    cells = [
        f"{day:%Y-%m-%d %H:%M}" if day.hour else f"{day - pd.Timedelta(days=1):%Y-%m-%d} 24:00"
        for day in HOURS
    ]
    panel = read(tmp_path, cells)
    assert str(panel.frequency) == "1h"
    np.testing.assert_array_equal(panel.series[0].stamps, HOURS.to_numpy("datetime64[s]"))


def test_minute_24_is_no_midnight(tmp_path: Path):
    minutes = pd.date_range("2006-12-16 17:20", periods=300, freq="min")
    for form in ("%d/%m/%Y %H:%M:%S", "%Y-%m-%d %H:%M", "%Y%m%d:%H%M"):
        panel = read(tmp_path, [minute.strftime(form) for minute in minutes])
        np.testing.assert_array_equal(panel.series[0].stamps, minutes.to_numpy("datetime64[s]"))


def test_seconds_since_1970_and_days_of_excel(tmp_path: Path):
    seconds = [int(day.timestamp()) for day in HOURS]
    for size in (1, 1000, 1_000_000):
        panel = read(tmp_path, [second * size for second in seconds], "timestamp")
        assert (str(panel.frequency), following(panel, 1)) == ("1h", [(seconds[-1] + 3600) * size])
    panel = read(tmp_path, list(range(42370, 42430)))
    assert (str(panel.frequency), following(panel)) == ("1d", [42430, 42431])
    assert panel.series[0].stamps[0] == np.datetime64("2016-01-01")


def test_days_of_excel_elsewhere_are_asked_about(tmp_path: Path):
    cells = list(range(42370, 42430))
    with pytest.raises(DataError, match="two ways") as caught:
        read(tmp_path, cells, "time")
    forms = re.findall(r"forecast\.time_format=(\w+)", str(caught.value.hint))
    assert [str(read(tmp_path, cells, "time", time_format=form).frequency) for form in forms] == ["1d", "1"]


def test_the_order_of_day_and_month_is_asked_for(tmp_path: Path):
    cells = [f"{day:%m/%d/%Y}" for day in MONTHS]
    with pytest.raises(DataError, match="cannot be told apart") as caught:
        read(tmp_path, cells)
    assert "02/01/2015: 2015-01-02 or 2015-02-01" in str(caught.value.got)
    forms = re.findall(r"forecast\.time_format=([^']+)'", str(caught.value.hint))
    assert forms == ["%d/%m/%Y", "%m/%d/%Y"]
    panel = read(tmp_path, cells, time_format=forms[1])
    assert (str(panel.frequency), following(panel)) == ("1mo", ["01/01/2019", "02/01/2019"])
    # What the user said, the model remembers.
    assert str(read(tmp_path, cells[:12], like=panel.layout).frequency) == "1mo"


def test_a_form_that_fits_nothing_says_so(tmp_path: Path):
    with pytest.raises(DataError, match="no dates of the form %d"):
        read(tmp_path, [f"{day:%Y-%m-%d}" for day in DAYS], time_format="%d/%m/%Y")


@pytest.mark.parametrize("keys", [{}, {"time": ["Date", "Time"]}])
def test_date_and_time_in_two_columns(tmp_path: Path, keys: dict[str, object]):
    rows = [f"{hour:%d/%m/%Y};{hour:%H:%M:%S};{number}.5" for number, hour in enumerate(HOURS)]
    (tmp_path / "x.csv").write_text("\n".join(["Date;Time;y", *rows]) + "\n")
    panel = read_panel(str(tmp_path / "x.csv"), ForecastSpec.model_validate(keys), skip_bad=False)
    assert (panel.layout.time, str(panel.frequency)) == (("Date", "Time"), "1h")
    one = panel.series[0]
    frame = forecast_frame(
        panel.layout, [Forecast("", panel.frequency.after(one.stamps[-1], 1), np.zeros((1, 1)))]
    )
    assert frame.iloc[0].tolist() == ["15/01/2016", "12:00:00", 0.0]


def test_date_and_hour_in_two_columns(tmp_path: Path):
    rows = [f"{hour:%Y-%m-%d},{hour.hour},{number}" for number, hour in enumerate(HOURS)]
    (tmp_path / "x.csv").write_text("\n".join(["Date,Hour,load", *rows]) + "\n")
    panel = read_panel(str(tmp_path / "x.csv"), ForecastSpec(), skip_bad=False)
    assert (panel.layout.time, panel.layout.targets, str(panel.frequency)) == (
        ("Date", "Hour"),
        ("load",),
        "1h",
    )


def test_an_index_of_dates_without_a_name_is_the_time(tmp_path: Path):
    panel = read(tmp_path, [f"{day:%Y-%m-%d}" for day in DAYS], "")
    assert (panel.layout.targets, str(panel.frequency)) == (("y",), "1d")


BERLIN = pd.date_range("2016-03-26 12:00", periods=60, freq="h", tz="Europe/Berlin")


def test_a_zone_is_kept_over_a_change_of_clocks():
    frame = pd.DataFrame({"ds": BERLIN, "y": np.arange(60.0)})
    panel = panel_from_frame(frame, "x", ForecastSpec())
    assert str(panel.frequency) == "1h"
    one = panel.series[0]
    out = forecast_frame(
        panel.layout, [Forecast("", panel.frequency.after(one.stamps[-1], 2), np.zeros((2, 1)))]
    )
    assert out["ds"].dtype == frame["ds"].dtype
    assert out["ds"].tolist() == list(pd.date_range(BERLIN[-1], periods=3, freq="h")[1:])
    days = pd.date_range("2016-03-20", periods=20, freq="D", tz="Europe/Berlin")
    daily = panel_from_frame(pd.DataFrame({"ds": days, "y": np.arange(20.0)}), "x", ForecastSpec())
    assert str(daily.frequency) == "1d"


def test_offsets_that_change_are_steps_in_utc(tmp_path: Path):
    cells = [re.sub(r"(\d\d)(\d\d)$", r"\1:\2", f"{hour:%Y-%m-%dT%H:%M:%S%z}") for hour in BERLIN]
    panel = read(tmp_path, cells)
    assert str(panel.frequency) == "1h" and following(panel, 1) == ["2016-03-29T01:00:00+02:00"]


def test_the_zone_of_a_wall_clock_is_a_key(tmp_path: Path):
    autumn = pd.date_range("2016-10-29 12:00", periods=60, freq="h", tz="Europe/Berlin")
    for hours in (BERLIN, autumn):
        cells = [f"{hour:%Y-%m-%d %H:%M}" for hour in hours]
        with pytest.raises(BadFilesError, match=r"forecast\.zone"):
            read(tmp_path, cells)
        panel = read(tmp_path, cells, zone="Europe/Berlin")
        assert following(panel, 1) == [f"{hours[-1] + pd.Timedelta(hours=1):%Y-%m-%d %H:%M}"]


@pytest.mark.parametrize("kind", ["datetime64[ns]", "datetime64[s]", "datetime64[us]"])
def test_typed_columns_keep_their_type(kind: str):
    panel = panel_from_frame(
        pd.DataFrame({"ds": DAYS.astype(kind), "y": np.arange(60.0)}), "x", ForecastSpec()
    )
    out = forecast_frame(panel.layout, [Forecast("", panel.series[0].stamps[-2:], np.zeros((2, 1)))])
    assert str(out["ds"].dtype) == kind


SHOP = [f"{day:%Y-%m-%d}" for day in pd.date_range("2016-01-01", "2016-08-20") if day.dayofweek != 6]
BARS = [
    f"{bar:%Y-%m-%d %H:%M}"
    for bar in pd.date_range("2016-01-04", "2016-01-15 16:00", freq="5min")
    if bar.dayofweek < 5 and 930 <= bar.hour * 100 + bar.minute <= 1600
]
WORKDAYS = [
    f"{day:%Y-%m-%d}" for day in pd.date_range("2016-01-03", "2016-05-12") if day.dayofweek in (6, 0, 1, 2, 3)
]
TWICE = [f"{day:%Y-%m-%d}" for day in pd.date_range("2016-01-01", "2016-05-20") if day.dayofweek in (1, 4)]
CALENDARS = {
    "shop": (SHOP, ["2016-08-22", "2016-08-23"], "mon-sat"),
    "bars": (BARS, ["2016-01-16 09:30", "2016-01-16 09:35"], "mon-sun 09:30-16:00/5min"),
    "Sunday to Thursday": (WORKDAYS, ["2016-05-15", "2016-05-16"], "mon-thu,sun"),
    "bars of two days": (BARS[:158], ["2016-01-06 09:30", "2016-01-06 09:35"], "mon-sun 09:30-16:00/5min"),
    "bars of three days": (BARS[:200], ["2016-01-06 13:00", "2016-01-06 13:05"], "mon-sun 09:30-16:00/5min"),
    "twice a week": (TWICE, ["2016-05-24", "2016-05-27"], "tue,fri"),
}


@pytest.mark.parametrize("rows", [False, True])
@pytest.mark.parametrize("name", CALENDARS)
def test_forecasts_stand_where_rows_do(tmp_path: Path, name: str, rows: bool):
    cells, expected, frequency = CALENDARS[name]
    if name == "bars":  # three weeks tell that weekends are never there
        cells = [cell.replace("2016-01", month) for month in ("2016-01", "2016-02") for cell in cells]
        cells = [cell for cell in cells if np.is_busday(cell[:10])]
        expected, frequency = ["2016-02-16 09:30", "2016-02-16 09:35"], "mon-fri 09:30-16:00/5min"
    keys = {"frequency": "rows"} if rows else {"frequency": frequency} if name == "bars" else {}
    panel = read(tmp_path, cells, fill="mask", **keys)
    assert following(panel) == expected
    if not rows:
        assert str(panel.frequency) == frequency


def test_a_calendar_is_found_and_gaps_in_it_are_told(tmp_path: Path):
    assert "every mon-sat" in read(tmp_path, SHOP).notes[0].what
    with pytest.raises(BadFilesError, match="a row is missing between 2016-01-08 and 2016-01-11"):
        read(tmp_path, [cell for cell in SHOP if cell != "2016-01-09"])
    with pytest.raises(BadFilesError, match="is no step of mon-sat"):
        read(tmp_path, [*SHOP, "2016-08-21"], frequency="mon-sat")


def test_dates_that_are_made_up_are_told(tmp_path: Path):
    cells = [f"{month:%Y-%m}-{day:02}" for month in MONTHS for day in (1, 11, 21)]
    panel = read(tmp_path, cells, frequency="rows")
    assert any(found.code == "made-up-dates" and found.severity == "warning" for found in panel.notes)


def test_rows_without_any_time_are_counted(tmp_path: Path):
    (tmp_path / "x.csv").write_text("y\n" + "\n".join(map(str, range(30))) + "\n")
    panel = read_panel(str(tmp_path / "x.csv"), ForecastSpec(frequency="rows"), skip_bad=False)
    assert (len(panel.series[0]), panel.layout.time_format) == (30, "row")
