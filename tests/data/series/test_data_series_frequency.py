"""Steps of time, how they are found, and what the calendar says of them."""

from __future__ import annotations

import calendar as almanac
import datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.data.series.calendar import calendar
from tidegate.data.series.frequency import DAY, Frequency
from tidegate.data.series.frequency_inference import infer_frequency
from tidegate.errors import ConfigError, DataError

TEXTS = {
    "15min": "15min",
    "1 hour": "1h",
    "90min": "90min",
    "H": "1h",
    "daily": "1d",
    "2d": "2d",
    "7d": "1w",
    "B": "1b",
    "W": "1w",
    "monthly": "1mo",
    "3 months": "1q",
    "ME": "1mo",
    "1q": "1q",
    "12mo": "1y",
    "yearly": "1y",
    "rows": "rows",
}
RULES = {"15min": "15min", "1h": "h", "1d": "D", "1b": "B", "1w": "7D", "1mo": "MS", "1q": "QS", "1y": "YS"}


def stamps_of(*texts: str) -> np.ndarray:
    return np.array(texts, dtype="datetime64[s]")


def infer(stamps: np.ndarray) -> str:
    return str(infer_frequency(stamps, np.zeros(len(stamps), np.int64)))


@pytest.mark.parametrize(("text", "canonical"), TEXTS.items())
def test_a_frequency_is_read_and_said_again(text: str, canonical: str):
    found = Frequency.parse(text)
    assert str(found) == canonical
    assert Frequency.parse(str(found)) == found


@pytest.mark.parametrize("text", ["", "0", "fast", "0h", "2b", "-1h", "1m", "1.5h", "h1"])
def test_what_is_no_frequency_is_refused(text: str):
    with pytest.raises(ConfigError, match="no such frequency"):
        Frequency.parse(text)


@pytest.mark.parametrize(
    ("text", "season"), [("1h", 24), ("15min", 96), ("7h", 1), ("10s", 6), ("2w", 26), ("2mo", 6), ("5mo", 1)]
)
def test_seasons(text: str, season: int):
    assert Frequency.parse(text).season == season


@pytest.mark.parametrize(("text", "rule"), RULES.items())
@given(start=st.dates(datetime.date(1900, 1, 1), datetime.date(2100, 1, 1)), count=st.integers(3, 400))
@settings(max_examples=20, deadline=None)
def test_steps_are_those_of_pandas_and_are_found_again(
    text: str, rule: str, start: datetime.date, count: int
):
    count = max(count, 8) if text == "1b" else min(count, 150)  # pandas ends in 2262
    expected = pd.date_range(start, periods=count, freq=rule).to_numpy("datetime64[s]")
    frequency = Frequency.parse(text)
    np.testing.assert_array_equal(frequency.steps(expected[0], count), expected)
    np.testing.assert_array_equal(frequency.after(expected[0], count - 1), expected[1:])
    assert infer(expected) == text
    fitted = frequency.fitted(expected)
    np.testing.assert_array_equal(np.diff(fitted.numbers(expected)), 1)
    assert len(set(fitted.phases(expected).tolist())) == 1


def test_the_ends_of_months_stay_ends():
    expected = pd.date_range("2015-01-31", periods=40, freq="ME").to_numpy("datetime64[s]")
    found = infer_frequency(expected, np.zeros(40, np.int64))
    assert (str(found), found.anchor) == ("1mo", 31)
    np.testing.assert_array_equal(found.steps(expected[1], 39), expected[1:])
    assert set(found.phases(expected).tolist()) == {found.phases(expected)[0]}


def test_a_day_of_the_month_is_kept():
    """The 28th of February is the last day of its month, and still the 28th."""
    stamps = stamps_of("2015-01-28", "2015-02-28", "2015-03-28", "2015-04-28")
    found = infer_frequency(stamps, np.zeros(4, np.int64))
    np.testing.assert_array_equal(found.steps(stamps[1], 3), stamps[1:])
    thirty = Frequency("month", 1, anchor=30)
    assert thirty.steps(np.datetime64("2015-02-28"), 2)[1] == np.datetime64("2015-03-30")


def test_four_weeks_are_no_month():
    assert infer(stamps_of(*np.datetime_as_string(np.datetime64("2015-01-03") + 28 * np.arange(20)))) == "4w"


def test_a_week_of_working_days_is_daily_and_two_are_not():
    days = pd.bdate_range("2016-07-04", periods=10).to_numpy("datetime64[s]")
    assert infer(days[:5]) == "1d"
    assert infer(days) == "1b"
    assert infer(np.delete(days, 7)) == "1b"


def test_the_median_step_of_rows():
    stamps = stamps_of("2016-01-01", "2016-01-02", "2016-01-05", "2016-01-06")
    found = Frequency.parse("rows").fitted(stamps)
    assert found.count == DAY
    assert found.after(stamps[-1], 2).tolist() == stamps_of("2016-01-07", "2016-01-08").tolist()


def test_neighbours_of_two_series_are_no_step():
    stamps = stamps_of("2016-01-01", "2016-01-02", "2016-01-01T06", "2016-01-02T06")
    assert str(infer_frequency(stamps, np.array([0, 0, 1, 1]))) == "1d"


def test_no_step_can_be_seen():
    with pytest.raises(DataError, match="cannot be seen"):
        infer(stamps_of("2016-01-01"))
    with pytest.raises(DataError, match="not evenly spaced") as caught:
        infer(stamps_of("2016-01-01", "2016-01-02", "2016-01-04", "2016-01-07", "2016-01-11"))
    assert "--set forecast.frequency=rows" in str(caught.value)


@given(start=st.datetimes(datetime.datetime(1950, 1, 1), datetime.datetime(2050, 1, 1)))
@settings(max_examples=50, deadline=None)
def test_hours_know_day_week_and_year(start: datetime.datetime):
    start = start.replace(microsecond=0)
    names, values = calendar(np.array([start], dtype="datetime64[s]"), Frequency.parse("1h"))
    midnight = start.replace(hour=0, minute=0, second=0)
    year = datetime.datetime(start.year, 1, 1)
    length = (datetime.datetime(start.year + 1, 1, 1) - year).total_seconds()
    places = [
        (start - midnight).total_seconds() / DAY,
        start.weekday() / 7,
        (start - year).total_seconds() / length,
    ]
    expected = [part(2 * np.pi * place) for place in places for part in (np.sin, np.cos)]
    assert names == ("day_sin", "day_cos", "week_sin", "week_cos", "year_sin", "year_cos")
    np.testing.assert_allclose(values[0], expected, atol=1e-6)


@pytest.mark.parametrize("year", [1999, 2000, 2015, 2016])
def test_months_know_their_weekdays(year: int):
    stamps = stamps_of(*(f"{year}-{month:02}-15" for month in range(1, 13)))
    names, values = calendar(stamps, Frequency.parse("1mo"))
    assert names[3:] == (*(f"{day}s".lower() for day in almanac.day_name), "easter")
    for month, row in enumerate(values, start=1):
        days = almanac.monthrange(year, month)[1]
        weekdays = [datetime.date(year, month, day).weekday() for day in range(1, days + 1)]
        assert row[2] == pytest.approx((days - 29.5) / 1.5)
        assert (row[3:10] + 4).tolist() == [weekdays.count(day) for day in range(7)]
        np.testing.assert_allclose(row[0], np.sin(2 * np.pi * (month - 1) / 12), atol=1e-6)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("1d", ["week_sin", "week_cos", "year_sin", "year_cos"]),
        ("1b", ["week_sin", "week_cos", "year_sin", "year_cos"]),
        ("1w", ["year_sin", "year_cos"]),
        ("1q", ["year_sin", "year_cos"]),
        ("1y", []),
        ("rows", []),
    ],
)
def test_only_what_varies_is_told(text: str, names: list[str]):
    found, values = calendar(stamps_of("2016-01-01", "2016-03-01"), Frequency.parse(text))
    assert (list(found), values.shape, values.dtype) == (names, (2, len(names)), np.float32)
    assert np.abs(values).max(initial=0) <= 1


def test_days_of_trading_go_on_over_the_weekend() -> None:
    days = np.array(["2024-01-02", "2024-01-03", "2024-01-04", "2024-01-05"], "datetime64[s]")
    after = Frequency.parse("rows").fitted(days).after(days[-1], 2)
    assert after.astype("datetime64[D]").astype(str).tolist() == ["2024-01-08", "2024-01-09"]


def test_days_with_weekends_go_on_day_by_day() -> None:
    days = np.array(["2024-01-05", "2024-01-06", "2024-01-07"], "datetime64[s]")
    after = Frequency.parse("rows").fitted(days).after(days[-1], 1)
    assert after.astype("datetime64[D]").astype(str).tolist() == ["2024-01-08"]


def test_months_know_the_days_before_easter():
    stamps = stamps_of("2018-02-15", "2018-03-15", "2018-04-15", "2018-05-15")
    _, values = calendar(stamps, Frequency.parse("1mo"))
    # Easter Monday is 2 April: of the ten days up to it eight lie in March.
    np.testing.assert_allclose(values[:, -1], [0, 0.8, 0.2, 0], atol=1e-6)
