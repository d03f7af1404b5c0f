"""What the calendar says of a stamp, as features: where it stands in the day, the week and the year.

A place in a cycle is told as sine and cosine, so that 23 h is beside 0 h. Months bring what moves monthly sums: their
length, how many of each weekday they hold (the trading-day effect), and how much of the days before Easter (both: Bell
and Hillmer, Journal of the American Statistical Association 78, 1983).
"""

from __future__ import annotations

import numpy as np
from dateutil.easter import easter
from numpy.typing import NDArray

from tidegate.data.series.frequency import DAY, WEEK, Frequency, Stamps

Features = NDArray[np.float32]
_WEEKDAYS = ("mondays", "tuesdays", "wednesdays", "thursdays", "fridays", "saturdays", "sundays")
_MONDAY = np.datetime64("1969-12-29", "D")


def calendar(stamps: Stamps, frequency: Frequency) -> tuple[tuple[str, ...], Features]:
    """Features of the calendar that vary from step to step.

    Steps below a day have their hour; those below a week the weekday; those below a month the day of the year. Months
    have their place in the year, their length and their weekdays; quarters their place. Years and counted rows have
    none.

    Args:
        stamps: ``(T,)``.
        frequency: Their step.

    Returns:
        Names ``(N,)``, and values ``(T, N)`` from -1 to 1.

    >>> names, values = calendar(np.array(["2016-02-01"], dtype="datetime64[s]"), Frequency.parse("1mo"))
    >>> names[3:5], values[0, 3:5].tolist()
    (('mondays', 'tuesdays'), [1.0, 0.0])
    """
    columns: dict[str, NDArray[np.float64]] = {}
    step = frequency.seconds
    dates = stamps.astype("datetime64[D]")
    if frequency.unit == "month":
        _add_months(columns, dates, frequency.count)
    elif step:
        years = dates.astype("datetime64[Y]")
        start, end = (one.astype("datetime64[s]") for one in (years, years + 1))
        seconds = stamps.astype("datetime64[s]").astype(np.int64)
        if step < DAY:
            _add_cycle(columns, "day", seconds % DAY / DAY)
        if step < WEEK:
            # Whole days: the hour is told by itself.
            _add_cycle(columns, "week", (dates - _MONDAY).astype(np.int64) % 7 / 7)
        if step < 364 * DAY:
            _add_cycle(columns, "year", (stamps - start) / (end - start))
    if not columns:
        return (), np.zeros((len(stamps), 0), np.float32)
    return tuple(columns), np.stack(list(columns.values()), axis=1).astype(np.float32)


def _add_cycle(columns: dict[str, NDArray[np.float64]], name: str, place: NDArray[np.float64]) -> None:
    """``place`` runs from 0 to 1."""
    columns[f"{name}_sin"] = np.sin(2 * np.pi * place)
    columns[f"{name}_cos"] = np.cos(2 * np.pi * place)


def _add_months(columns: dict[str, NDArray[np.float64]], dates: Stamps, count: int) -> None:
    months = dates.astype("datetime64[M]")
    if count % 12:
        _add_cycle(columns, "year", months.astype(np.int64) % 12 / 12)
    if count > 1:
        return
    start, end = (one.astype("datetime64[D]") for one in (months, months + 1))
    length = (end - start).astype(np.int64)
    columns["days"] = np.asarray((length - 29.5) / 1.5, np.float64)
    first = (start - _MONDAY).astype(np.int64) % 7
    for weekday, name in enumerate(_WEEKDAYS):
        # Four or five; those of the first days of the month come a fifth time in a month that is long enough.
        columns[name] = ((weekday - first) % 7 < length - 28).astype(np.float64)
    columns["easter"] = _before_easter(start, end)


def _before_easter(start: Stamps, end: Stamps) -> NDArray[np.float64]:
    """The share of the ten days up to Easter Monday that lie in each month, from March to May."""
    years, place = np.unique(start.astype("datetime64[Y]").astype(np.int64) + 1970, return_inverse=True)
    mondays = np.array([easter(int(year)) for year in years], "datetime64[D]")[place] + 1
    first, behind = np.maximum(start, mondays - 9), np.minimum(end, mondays + 1)
    return np.maximum((behind - first).astype(np.int64), 0) / 10
