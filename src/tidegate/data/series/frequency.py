"""The step from one row of a time series to the next."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from tidegate.data.series.time.own_calendar import OwnCalendar, find_calendar
from tidegate.errors import ConfigError

Stamps = NDArray[np.datetime64]
"""``datetime64[s]``."""
Numbers = NDArray[np.int64]
Unit = Literal["second", "business", "month", "row", "number", "calendar"]

DAY = 86_400
WEEK = 7 * DAY
_LAST = 31
"""The anchor of months whose stamps are their last days."""
_BEFORE_ALL = np.datetime64("0001-01-01", "D")
_SECONDS = {"s": 1, "min": 60, "h": 3600, "d": DAY, "w": WEEK}
_MONTHS = {"mo": 1, "q": 3, "y": 12}
_WORDS = {
    "s": "s sec second seconds",
    "min": "min minute minutes t",
    "h": "h hour hours hourly",
    "d": "d day days daily",
    "b": "b bd business business-day business-days",
    "w": "w week weeks weekly",
    "mo": "mo month months monthly ms me",
    "q": "q quarter quarters quarterly qs qe",
    "y": "y a year years yearly annual ys ye",
}
_UNITS = {word: unit for unit, words in _WORDS.items() for word in words.split()}
_SEASONS = {1: 12, 2: 6, 3: 4, 4: 3, 6: 2}
"""Steps of a year, by the months of a step."""


@dataclass(frozen=True)
class Frequency:
    """A step of time: some seconds, a business day, some months, or no rule at all.

    Attributes:
        unit: ``row`` means that stamps stand as they are, such as days of trading.
        count: Units of a step; of ``row`` the median step in seconds, or 0 where stamps are no dates and are counted.
        anchor: Day of the month on which stamps of months stand; 31 the last one; 0 unknown. ``str`` leaves it out, since
            ``fitted`` finds it in the data. Of ``number`` how many decimals a unit is: 2 for hundredths.
        own: The days and times of ``calendar``; of ``row`` those on which its future stands.

    >>> str(Frequency.parse("15 minutes")), Frequency.parse("15min").season
    ('15min', 96)
    """

    unit: Unit
    count: int = 1
    anchor: int = 0
    own: OwnCalendar | None = None

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Frequency:
        """What ``dataclasses.asdict`` and JSON made of one."""
        own = data["own"]
        calendar = None if own is None else OwnCalendar(tuple(own["days"]), tuple(own["clock"]))
        return cls(data["unit"], data["count"], data["anchor"], calendar)

    @classmethod
    def parse(cls, text: str) -> Frequency:
        """Read ``15min``, ``1h``, ``1d``, ``1b`` (business days), ``1w``, ``1mo``, ``1q``, ``1y`` or ``rows``.

        Also a calendar of one's own (``mon-sat``, ``mon-fri 09:30-16:00/5min``), and the step of a column of numbers
        (``10``, ``0.02``).

        Raises:
            ConfigError: It is none of these.

        >>> Frequency.parse("monthly"), Frequency.parse("1b").unit
        (Frequency(unit='month', count=1, anchor=0, own=None), 'business')
        """
        word = text.strip().lower()
        if word in ("row", "rows"):
            return cls("row", 0)
        if (own := OwnCalendar.parse(word)) is not None:
            return cls("calendar", own=own)
        if re.fullmatch(r"\d+(\.\d+)?", word) and float(word):
            digits = word.partition(".")[2].rstrip("0")
            return cls("number", round(float(word) * 10 ** len(digits)), len(digits))
        match = re.fullmatch(r"(\d*)\s*([a-z-]+)", word)
        unit = _UNITS.get(match[2]) if match else None
        count = int(match[1] or 1) if match else 0
        if unit is None or count < 1 or (unit == "b" and count > 1):
            raise ConfigError(
                "no such frequency",
                where="forecast.frequency",
                expected="15min, 1h, 1d, 1b (business days), 1w, 1mo (months), 1q, 1y, mon-sat, "
                "mon-fri 09:30-16:00/5min, the step of a column of numbers, or rows",
                got=text,
                hint="write 1mo for months and 1min for minutes" if word.endswith("m") else None,
            )
        if unit == "b":
            return cls("business")
        return (
            cls("month", count * _MONTHS[unit]) if unit in _MONTHS else cls("second", count * _SECONDS[unit])
        )

    def __str__(self) -> str:
        if self.unit in ("row", "business"):
            return "rows" if self.unit == "row" else "1b"
        if self.unit == "calendar":
            return str(self.own)
        if self.unit == "number":
            return f"{self.count / 10**self.anchor:.{self.anchor}f}"
        table = _MONTHS if self.unit == "month" else _SECONDS
        name, size = next(one for one in reversed(table.items()) if self.count % one[1] == 0)
        return f"{self.count // size}{name}"

    @property
    def seconds(self) -> int:
        """About how long a step is; 0 where stamps are counted."""
        if self.unit == "calendar":
            return self.own.step if self.own is not None else 0
        each = {"second": 1, "row": 1, "number": 0, "business": DAY, "month": 30 * DAY}[self.unit]
        return self.count * each

    @property
    def season(self) -> int:
        """Steps of the season that such data mostly have: a day, a week or a year; 1 where there is none.

        >>> [Frequency.parse(text).season for text in ("1h", "1d", "1b", "1w", "1mo", "1q", "1y", "rows")]
        [24, 7, 5, 52, 12, 4, 1, 1]
        """
        if self.unit == "calendar" and self.own is not None:
            return self.own.season
        if self.unit in ("row", "business", "number"):
            return 5 if self.unit == "business" else 1
        if self.unit == "month":
            return _SEASONS.get(self.count, 1)
        if self.count < DAY:
            whole = DAY if self.count >= 60 else 60
            return whole // self.count if whole % self.count == 0 else 1
        if self.count == DAY:
            return 7
        return 52 * WEEK // self.count if self.count % WEEK == 0 and self.count < 52 * WEEK else 1

    def steps(self, start: np.datetime64, count: int) -> Stamps:
        """Stamps of the grid ``(count,)``: the start, and those that follow it.

        >>> Frequency.parse("1mo").steps(np.datetime64("2016-01-31"), 3).astype("datetime64[D]").astype(str).tolist()
        ['2016-01-31', '2016-02-29', '2016-03-31']
        >>> Frequency.parse("1b").steps(np.datetime64("2016-01-01"), 2).astype("datetime64[D]").astype(str).tolist()
        ['2016-01-01', '2016-01-04']
        """
        first = start.astype("datetime64[s]")
        places = np.arange(count)
        if self.own is not None:
            return self.own.steps(first, count)
        if self.unit in ("second", "row", "number"):
            return first + places * np.timedelta64(max(1, self.count), "s")
        date = first.astype("datetime64[D]")
        if self.unit == "business":
            return np.busday_offset(date, places, roll="forward").astype("datetime64[s]") + (first - date)
        return self._months(date, places) + (first - date)

    def after(self, last: np.datetime64, count: int) -> Stamps:
        """The next stamps of the grid ``(count,)``, without the last one itself."""
        return self.steps(last, count + 1)[1:]

    def numbers(self, stamps: Stamps) -> Numbers:
        """The place of each stamp on the grid, counted in steps from a fixed day. Neighbours differ by 1.

        Only differences mean something, and only between stamps of the same ``phases``.
        """
        if self.unit == "calendar" and self.own is not None:
            return self.own.numbers(stamps)
        if self.unit == "business":
            return np.busday_count(_BEFORE_ALL, stamps.astype("datetime64[D]")).astype(np.int64)
        if self.unit == "month":
            return _month_numbers(stamps) // self.count
        return stamps.astype(np.int64) // max(1, self.count)

    def phases(self, stamps: Stamps) -> Numbers:
        """Where each stamp stands between two places of the grid; stamps of a series must agree in it."""
        if self.unit == "calendar" and self.own is not None:
            return (~self.own.holds(stamps)).astype(np.int64)
        if self.unit in ("second", "row", "number"):
            return stamps.astype(np.int64) % max(1, self.count)
        dates = stamps.astype("datetime64[D]")
        clock = (stamps - dates).astype(np.int64)
        if self.unit == "business":
            return clock + DAY * ~np.is_busday(dates)
        days, lengths = _days(dates)
        # An unknown anchor lets every day pass: who asks has not looked at the data yet.
        off = days - np.minimum(self.anchor, lengths) + 31 if self.anchor else np.zeros_like(days)
        return clock + DAY * (off + 64 * (_month_numbers(stamps) % self.count))

    def fitted(self, stamps: Stamps) -> Frequency:
        """The same step, with what only data tell: the day of the month, the median step of ``row``.

        Args:
            stamps: Of one series, or of several one after the other.
        """
        if self.unit == "row":
            steps = np.diff(stamps.astype(np.int64))
            steps = steps[steps > 0]
            step = int(np.median(steps)) if len(steps) else DAY
            own = find_calendar(stamps) if step <= 4 * DAY else None
            if own is None and step == DAY and bool(np.is_busday(stamps.astype("datetime64[D]")).all()):
                own = OwnCalendar((0, 1, 2, 3, 4)).fitted(stamps)
            return replace(self, count=step, own=own)
        if self.unit == "calendar" and self.own is not None:
            return replace(self, own=self.own.fitted(stamps))
        if self.unit != "month" or not len(stamps):
            return self
        days, lengths = _days(stamps.astype("datetime64[D]"))
        if np.mean(days == lengths) > 0.5:
            return replace(self, anchor=_LAST)
        return replace(self, anchor=int(np.argmax(np.bincount(days))))

    def _months(self, date: np.datetime64, places: Numbers) -> Stamps:
        """Months after a date. The last day of a month stays a last day, unless the data stand on another."""
        day, length = (int(one) for one in _days(np.asarray(date)))
        if day == min(self.anchor or _LAST, length):
            day = self.anchor or _LAST
        months = date.astype("datetime64[M]") + places * self.count
        lengths = _days(months.astype("datetime64[D]"))[1]
        return (months.astype("datetime64[D]") + (np.minimum(day, lengths) - 1)).astype("datetime64[s]")


def _month_numbers(stamps: Stamps) -> Numbers:
    return stamps.astype("datetime64[M]").astype(np.int64)


def _days(dates: Stamps) -> tuple[Numbers, Numbers]:
    """The day of the month of each date, and the days that its month has."""
    months = dates.astype("datetime64[M]")
    start = months.astype("datetime64[D]")
    return (dates - start).astype(np.int64) + 1, ((months + 1).astype("datetime64[D]") - start).astype(
        np.int64
    )
