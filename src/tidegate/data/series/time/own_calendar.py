"""A calendar of one's own: the days of the week and the times of day at which rows stand, such as those of a shop."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Stamps = NDArray[np.datetime64]
DAY = 86_400
EVERY_DAY = (0, 1, 2, 3, 4, 5, 6)
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WHOLE = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_NUMBERS = {name: number for names in (_DAYS, _WHOLE) for number, name in enumerate(names)}
_BEFORE_ALL = np.datetime64("0001-01-01", "D")
_WEEKS = 3
"""Weeks that a weekday must be missing in before it is no accident."""
_DATES = 3
"""Dates that rows must stand on before times of day at which none stands are no accident."""
_MOST_TIMES = 2000
_UNITS = {"s": 1, "min": 60, "h": 3600}


@dataclass(frozen=True)
class OwnCalendar:
    """Days of the week and times of day.

    Attributes:
        days: From 0, Monday, rising.
        clock: Seconds since midnight, rising; empty: not known yet.

    >>> str(OwnCalendar.parse("sun-thu")), str(OwnCalendar.parse("mon-fri 09:30-16:00/5min"))
    ('mon-thu,sun', 'mon-fri 09:30-16:00/5min')
    """

    days: tuple[int, ...]
    clock: tuple[int, ...] = ()

    @classmethod
    def parse(cls, text: str) -> OwnCalendar | None:
        """Read ``mon-sat``, ``tue,fri`` or ``mon-fri 09:30-16:00/5min``; ``None``: it is nothing of the kind."""
        days, _, clock = text.strip().lower().partition(" ")
        found: set[int] = set()
        for part in days.split(","):
            first, _, last = part.partition("-")
            if first not in _NUMBERS or (last and last not in _NUMBERS):
                return None
            start = _NUMBERS[first]
            end = _NUMBERS[last] if last else start
            found |= {day % 7 for day in range(start, end + 1 if end >= start else end + 8)}
        times: set[int] = set()
        for part in clock.replace(" ", "").split(",") if clock else ():
            match = re.fullmatch(r"(\d{1,2}):(\d{2})(?:-(\d{1,2}):(\d{2})/(\d*)(s|min|h))?", part)
            if match is None:
                return None
            start = int(match[1]) * 3600 + int(match[2]) * 60
            end = int(match[3]) * 3600 + int(match[4]) * 60 if match[3] else start
            step = int(match[5] or 1) * _UNITS[match[6]] if match[6] else 1
            if not step or end < start or end >= DAY:
                return None
            times |= set(range(start, end + 1, step))
        return cls(tuple(sorted(found)), tuple(sorted(times)))

    def __str__(self) -> str:
        days = ",".join(_run(run, _DAYS.__getitem__) for run in _runs(self.days, 1))
        if len(self.clock) < 2:
            return days
        step = min(b - a for a, b in zip(self.clock, self.clock[1:], strict=False))
        name, size = next(one for one in (("h", 3600), ("min", 60), ("s", 1)) if step % one[1] == 0)
        every = f"/{step // size}{name}"
        times = [_run(run, _time) + (every if len(run) > 1 else "") for run in _runs(self.clock, step)]
        return f"{days} {','.join(times)}"

    @property
    def step(self) -> int:
        """Seconds between two rows of a day, or about those between two days."""
        if len(self.clock) < 2:
            return DAY if len(self.days) > 3 else 7 * DAY // len(self.days)
        return min(b - a for a, b in zip(self.clock, self.clock[1:], strict=False))

    @property
    def season(self) -> int:
        """Rows of a day, or of a week."""
        return len(self.clock) if len(self.clock) > 1 else len(self.days)

    def fitted(self, stamps: Stamps) -> OwnCalendar:
        """With the times of day of some data, where they are not known yet."""
        return self if self.clock else OwnCalendar(self.days, tuple(np.unique(_clock(stamps)).tolist()))

    def holds(self, stamps: Stamps) -> NDArray[np.bool_]:
        """Which stamps stand on it."""
        return np.is_busday(stamps.astype("datetime64[D]"), self._mask) & np.isin(_clock(stamps), self.clock)

    def numbers(self, stamps: Stamps) -> NDArray[np.int64]:
        """The place of each stamp, counted in rows from a fixed day."""
        days = np.busday_count(_BEFORE_ALL, stamps.astype("datetime64[D]"), self._mask).astype(np.int64)
        return days * len(self.clock) + np.searchsorted(np.array(self.clock), _clock(stamps))

    def steps(self, start: np.datetime64, count: int) -> Stamps:
        """The first stamp of it from ``start`` on, and those that follow ``(count,)``.

        >>> shop = OwnCalendar((0, 1, 2, 3, 4, 5), (0,))
        >>> shop.steps(np.datetime64("2016-08-20"), 3).astype("datetime64[D]").astype(str).tolist()
        ['2016-08-20', '2016-08-22', '2016-08-23']
        """
        places = int(self.numbers(np.asarray(start, "datetime64[s]"))) + np.arange(count)
        days = np.busday_offset(_BEFORE_ALL, places // len(self.clock), "forward", self._mask)
        clock = np.array(self.clock, np.int64)[places % len(self.clock)]
        return days.astype("datetime64[s]") + clock.astype("timedelta64[s]")

    @property
    def _mask(self) -> list[bool]:
        return [day in self.days for day in range(7)]


def find_calendar(stamps: Stamps) -> OwnCalendar | None:
    """The days and times that occur, where some never do; ``None``: all do, or the data are too short to tell.

    Args:
        stamps: Of one or more series.

    >>> days = np.arange("2016-01-01", "2016-03-01", dtype="datetime64[D]").astype("datetime64[s]")
    >>> str(find_calendar(days[np.is_busday(days.astype("datetime64[D]"), "1111110")]))
    'mon-sat'
    """
    dates = np.unique(stamps.astype("datetime64[D]"))
    times, counts = np.unique(_clock(stamps), return_counts=True)
    if not len(dates) or len(times) > _MOST_TIMES:
        return None
    # Day 0, 1 January 1970, was a Thursday.
    present = np.unique((dates.astype(np.int64) + 3) % 7)
    long = int((dates[-1] - dates[0]).astype(np.int64)) >= 7 * _WEEKS
    days = tuple(int(day) for day in present) if long else EVERY_DAY
    step = int(np.gcd.reduce(np.append(np.diff(times), DAY)))
    partly = 1 < len(times) < DAY // step
    # Two whole days alike tell as much as several that are not.
    alike = len(dates) > 1 and bool((counts == len(dates)).all())
    if partly and not alike and (len(dates) < _DATES or np.median(counts) < 2):
        return None
    if days == EVERY_DAY and not partly:
        return None
    return OwnCalendar(days, tuple(int(time) for time in times))


def _clock(stamps: Stamps) -> NDArray[np.int64]:
    return stamps.astype("datetime64[s]").astype(np.int64) % DAY


def _runs(numbers: tuple[int, ...], step: int) -> list[list[int]]:
    """Numbers that follow one another by a step, together."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number - runs[-1][-1] == step:
            runs[-1].append(number)
        else:
            runs.append([number])
    return runs


def _run(run: list[int], shown: Callable[[int], str]) -> str:
    names = [shown(number) for number in (run[0], run[-1])]
    return names[0] if len(run) == 1 else "-".join(names)


def _time(seconds: int) -> str:
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}"
