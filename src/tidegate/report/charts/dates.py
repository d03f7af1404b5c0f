"""An axis of time: where stamps lie, and ticks at places of the calendar that people know."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from tidegate.report.charts.scale import Scale, linear

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_START = datetime(1970, 1, 1)
_DAY = 86_400
_MOST = 7
_SECONDS = (1, 2, 5, 15, 30, 60, 120, 300, 900, 1800, 3600, 10_800, 21_600, 43_200, _DAY, 2 * _DAY)
_YEARS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000)
_SHORT = re.compile(r"(\d{4})-(\d{1,2})")
_MONDAY = 4 * _DAY  # 5 January 1970


@dataclass(frozen=True)
class Tick:
    """One tick: where it is, in the unit of the places, and what stands there."""

    at: float
    label: str


@dataclass(frozen=True)
class TimeAxis:
    """The places of stamps.

    Attributes:
        places: Of each stamp, rising: seconds since 1970, numbers, or 0, 1, … where stamps are neither.
        texts: Each stamp for people.
        dated: Whether the places are seconds.
    """

    places: tuple[float, ...]
    texts: tuple[str, ...]
    dated: bool

    def scale(self, start: float, end: float) -> Scale:
        """Where the places lie on paper."""
        return linear(self.places, start, end)

    def ticks(self) -> list[Tick]:
        """At most seven ticks between the first place and the last."""
        if not self.places:
            return []
        low, high = self.places[0], self.places[-1]
        if self.dated:
            return date_ticks(low, high)
        return [Tick(at, f"{at:.10g}") for at in linear((low, high), 0, 1).ticks() if low <= at <= high]

    @property
    def span(self) -> str:
        """From when to when."""
        return f"{self.texts[0]} to {self.texts[-1]}" if self.texts else ""


def time_axis(stamps: Sequence[object]) -> TimeAxis:
    """The axis of stamps as result files hold them: ISO dates, numbers, or anything else, which is counted.

    >>> axis = time_axis(["2016-02-28T00:00:00", "2016-02-29T00:00:00"])
    >>> axis.dated, axis.span
    (True, '28 Feb 2016 to 29 Feb 2016')
    >>> time_axis([3, 4]).places, time_axis(["x", "y"]).places
    ((3.0, 4.0), (0.0, 1.0))
    """
    written = [str(stamp).strip() for stamp in stamps]
    numbers = [_number(text) for text in written]
    known = [number for number in numbers if number is not None]
    if len(known) == len(written) and _rises(known):
        return TimeAxis(tuple(known), tuple(written), dated=False)
    dates = [date for date in map(_date, written) if date is not None]
    seconds = [(date - _START).total_seconds() for date in dates]
    if len(dates) == len(written) and _rises(seconds):
        return TimeAxis(tuple(seconds), _texts(dates), dated=True)
    return TimeAxis(tuple(float(i) for i in range(len(written))), tuple(written), dated=False)


def date_ticks(low: float, high: float) -> list[Tick]:
    """Two to seven ticks at full years, months, Mondays, days, hours, minutes or seconds.

    >>> [tick.label for tick in date_ticks(0, 300 * 86_400)]
    ['1970', 'Apr', 'Jul', 'Oct']
    """
    for step in _SECONDS:
        if (high - low) / step < _MOST:
            return _even(low, high, step, 0, _time_label)
    if (high - low) / (7 * _DAY) < _MOST:
        return _even(low, high, 7 * _DAY, _MONDAY, _time_label)
    if (high - low) / (14 * _DAY) < _MOST:
        return _even(low, high, 14 * _DAY, _MONDAY, _time_label)
    lengths = (1, 3, 6, *(12 * years for years in _YEARS))
    # What would be far too many is not even counted out.
    choices = (_monthly(low, high, months) for months in lengths if high - low < 300 * months * _DAY)
    return next((ticks for ticks in choices if len(ticks) <= _MOST), [])


def _texts(dates: Sequence[datetime]) -> tuple[str, ...]:
    """Dates for people, in words that no two countries read differently, and no finer than they are.

    >>> _texts([datetime(2016, 7, 1, 18)]), _texts([datetime(2016, 7, 1), datetime(2016, 8, 1)])
    (('1 Jul 2016, 18:00',), ('Jul 2016', 'Aug 2016'))
    """
    names = [f"{_MONTHS[date.month - 1]} {date.year}" for date in dates]
    if any(date.hour or date.minute or date.second for date in dates):
        return tuple(f"{date.day} {name}, {_clock(date)}" for date, name in zip(dates, names, strict=True))
    if any(date.day > 1 for date in dates) or len(dates) == 1:
        return tuple(f"{date.day} {name}" for date, name in zip(dates, names, strict=True))
    return tuple(names)


def _even(low: float, high: float, step: int, first: int, label: Callable[[datetime], str]) -> list[Tick]:
    begin = math.ceil((low - first) / step)
    end = math.floor((high - first) / step)
    places = [first + i * step for i in range(begin, end + 1)]
    return [Tick(at, label(_START + timedelta(seconds=at))) for at in places]


def _monthly(low: float, high: float, months: int) -> list[Tick]:
    first, last = (_START + timedelta(seconds=at) for at in (low, high))
    begin = -(-(first.year * 12 + first.month - 1) // months)
    end = (last.year * 12 + last.month - 1) // months
    dates = [
        datetime(i * months // 12, i * months % 12 + 1, 1) for i in range(begin, end + 1) if i * months >= 12
    ]
    ticks = [Tick((date - _START).total_seconds(), _month_label(date)) for date in dates]
    return [tick for tick in ticks if low <= tick.at <= high]


def _time_label(date: datetime) -> str:
    """The day at midnight, else the time."""
    midnight = not (date.hour or date.minute or date.second)
    return f"{date.day} {_MONTHS[date.month - 1]}" if midnight else _clock(date)


def _month_label(date: datetime) -> str:
    """The year in January, else the month."""
    return str(date.year) if date.month == 1 else _MONTHS[date.month - 1]


def _clock(date: datetime) -> str:
    return f"{date.hour:02}:{date.minute:02}" + (f":{date.second:02}" if date.second else "")


def _date(text: str) -> datetime | None:
    short = _SHORT.fullmatch(text)
    try:
        date = datetime(int(short[1]), int(short[2]), 1) if short else datetime.fromisoformat(text)
    except ValueError:
        return None  # Stamps that are no dates are counted.
    return date.replace(tzinfo=None)


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _rises(places: Sequence[float]) -> bool:
    return all(before < after for before, after in pairwise(places))
