"""The parts of charts of numbers: axes of time, lines with holes, figures and baselines in words."""

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.report.charts.dates import date_ticks, time_axis
from tidegate.report.charts.lines import pieces, thinned
from tidegate.report.tasks.forecast_windows import forecast_of, mean_error
from tidegate.report.tasks.signal_chart import drawn
from tidegate.report.text.metrics import measure, scaled
from tidegate.report.text.numbers import plain, spread
from tidegate.results.analysis.forecast import History, Window
from tidegate.results.analysis.signal import Curves

DAY = 86_400
START = datetime(1970, 1, 1)


@given(
    st.datetimes(datetime(2, 1, 1), datetime(9000, 1, 1)),
    st.timedeltas(timedelta(seconds=2), timedelta(days=300_000)),
)
def test_ticks_are_few_rising_and_inside(begin: datetime, length: timedelta) -> None:
    low = (begin - START).total_seconds()
    high = low + length.total_seconds()
    ticks = date_ticks(low, high)
    places = [tick.at for tick in ticks]
    assert 2 <= len(ticks) <= 7
    assert all(low <= at <= high for at in places) and places == sorted(set(places))
    # Months and years differ in length.
    assert len({round(b - a) for a, b in pairwise(places)}) <= 5


@pytest.mark.parametrize(
    ("begin", "days", "labels"),
    [
        ("2016-07-01", 0.25, ["1 Jul", "01:00", "02:00", "03:00", "04:00", "05:00", "06:00"]),
        ("2016-07-01T18:00", 2, ["2 Jul", "12:00", "3 Jul", "12:00"]),
        ("2016-07-01", 20, ["4 Jul", "11 Jul", "18 Jul"]),
        ("2016-11-15", 150, ["Dec", "2017", "Feb", "Mar", "Apr"]),
        ("2015-03-01", 700, ["Jul", "2016", "Jul", "2017"]),
        ("1949-01-01", 12 * 365.25, ["1950", "1952", "1954", "1956", "1958", "1960"]),
    ],
)
def test_ticks_stand_where_people_look_for_them(begin: str, days: float, labels: list[str]) -> None:
    low = (datetime.fromisoformat(begin) - START).total_seconds()
    assert [tick.label for tick in date_ticks(low, low + days * DAY)] == labels


@pytest.mark.parametrize(
    ("stamps", "dated", "span"),
    [
        (["1949-01", "1949-02"], True, "Jan 1949 to Feb 1949"),
        (["2016-01-01 00:00:00", "2016-01-01 00:15:00"], True, "1 Jan 2016, 00:00 to 1 Jan 2016, 00:15"),
        (["2016-01-01T00:00:00Z", "2016-01-02T00:00:00+02:00"], True, "1 Jan 2016 to 2 Jan 2016"),
        (["7", "9"], False, "7 to 9"),
        (["2016-01-02", "2016-01-01"], False, "2016-01-02 to 2016-01-01"),
        (["1-01", "1-02"], False, "1-01 to 1-02"),
        ([None, "2016-01-01"], False, "None to 2016-01-01"),
    ],
)
def test_stamps_are_dates_numbers_or_counted(stamps: list[str], dated: bool, span: str) -> None:
    axis = time_axis(stamps)
    assert (axis.dated, axis.span) == (dated, span)
    assert axis.places[0] < axis.places[1]


def test_an_axis_without_stamps_has_no_ticks() -> None:
    assert time_axis([]).ticks() == [] and time_axis([]).span == ""


@given(st.lists(st.one_of(st.none(), st.floats(-10, 10)), max_size=30))
def test_a_line_loses_nothing_but_its_holes(values: list[float | None]) -> None:
    found = pieces([(float(i), value) for i, value in enumerate(values)])
    assert [value for piece in found for _, value in piece] == [
        value for value in values if value is not None
    ]
    assert all(b[0] - a[0] == 1 for piece in found for a, b in pairwise(piece))


@given(st.lists(st.floats(-10, 10), min_size=1, max_size=300), st.integers(1, 20))
def test_a_thinned_line_keeps_its_ends_and_its_extremes(values: list[float], buckets: int) -> None:
    points = [(float(i), value) for i, value in enumerate(values)]
    kept = thinned(points, buckets)
    assert kept[0] == points[0] and kept[-1] == points[-1] and len(kept) <= max(2 * buckets + 2, 2)
    heights = [value for _, value in kept]
    assert (min(heights), max(heights)) == (min(values), max(values))
    assert kept == sorted(kept)


def test_the_error_in_words_is_that_of_the_loop() -> None:
    truth, expected = (1.0, None, 4.0, 2.0), (2.0, 3.0, None, 5.0)
    total = [abs(a - b) for a, b in zip(truth, expected, strict=True) if a is not None and b is not None]
    assert mean_error(truth, expected) == sum(total) / len(total) == 2.0
    assert mean_error((None,), (1.0,)) is None


def window(stamps: tuple[str, ...], **changes: Any) -> Window:
    given: dict[str, Any] = {"truth": (), "forecast": (1.0,), "history": History((), ()), **changes}
    return Window(name="", target="", stamps=stamps, **given)


def test_what_is_too_short_is_missing() -> None:
    item = forecast_of(window(("2016-01-01", "2016-01-02"), upper={"80": (2.0,)}))
    assert item.forecast == (1.0, None) and item.truth == (None, None) and item.bands == ()
    assert item.summary == "" and item.title == "the series"


def test_bands_are_drawn_from_the_widest() -> None:
    sides = {"80": (1.0,), "95": (1.0,), "x": (1.0,)}
    item = forecast_of(window(("2016-01-01",), lower=sides, upper=sides))
    assert [band.level for band in item.bands] == ["95", "80", "x"]


@pytest.mark.parametrize(
    ("key", "label", "text", "lower"),
    [
        ("smape", "sMAPE", "7.55 %", True),
        ("coverage_97.5", "Coverage of 97.5 %", "755.12 %", False),
        ("width_80", "Width of 80 %", "7.551", True),
        ("pinball", "Pinball loss", "7.551", True),
        ("pinball_10", "Pinball loss at 10 %", "7.551", True),
        ("r2", "R²", "7.551", False),
        ("mae_units", "MAE in units", "7.551", True),
        ("window_accuracy", "Accuracy of windows", "755.12 %", False),
        ("coverage_x", "coverage x", "7.551", True),
        ("x", "x", "7.551", True),
    ],
)
def test_measures(key: str, label: str, text: str, lower: bool) -> None:
    figure = measure(key)
    assert figure.label.replace("\u202f", " ") == label
    assert figure.text(7.5512).replace("\u202f", " ") == text
    assert figure.lower_is_better == lower
    assert figure.inside and figure.better(1, 2) == lower


def test_percentages_are_not_multiplied_twice() -> None:
    figure = measure("smape")
    assert figure.plotted(7.55) == 7.55 and figure.number(7.5512) == "7.55" and figure.heading == "sMAPE, %"
    assert spread(figure, 7.5512, 0.1, 3).replace("\u202f", " ") == "7.55 ± 0.10 %"
    assert scaled("mse", {"mse": 1, "rmse_units": 2}) == "MSE (scaled)" and scaled("mase", ["mase"]) == "MASE"


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (0, "0"),
        (-1234.5, "−1 234.5"),
        (1e-7, "1e-07"),
        (2.5e12, "2.5e+12"),
        (0.001, "0.0010000"),
        (99.999, "99.999"),
    ],
)
def test_values_in_plain_digits(value: float, told: str) -> None:
    assert plain(value).replace("\u202f", " ") == told


def test_a_signal_without_values_is_not_drawn() -> None:
    assert drawn(Curves((), (), 0, None), "a") is None
    assert drawn(Curves(("x", "y"), ((None,), ()), 1, None), "a") is None
    one = drawn(Curves(("x",), ((2.0,),), 1, 2.0), "a")
    assert one is not None and one.length.replace("\u202f", " ") == "1 step, 0.500 s"
