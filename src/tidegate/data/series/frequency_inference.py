"""Finding the step of a table of time series from its stamps."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tidegate.data.series.frequency import DAY, Frequency, Stamps
from tidegate.data.series.time.own_calendar import find_calendar
from tidegate.errors import DataError

MOST = 0.5
"""Share of steps that must be alike."""
_SHORTEST_MONTH = 28 * DAY
_FOLLOW = 0.9
"""Share of neighbours that must follow one another on a calendar of one's own."""


def infer_frequency(stamps: Stamps, codes: NDArray[np.int64]) -> Frequency:
    """The step that most neighbours are apart, over all series.

    Args:
        stamps: Of all rows ``(R,)``, rising within each series.
        codes: The series of each row ``(R,)``, each in one piece.

    Raises:
        DataError: No series has two different stamps, or the steps follow no rule.

    >>> days = np.array(["2016-01-01", "2016-01-04", "2016-01-05", "2016-01-06"], dtype="datetime64[s]")
    >>> str(infer_frequency(days, np.zeros(4, np.int64)))
    '1b'
    """
    seconds = stamps.astype(np.int64)
    steps = np.diff(seconds)
    steps = steps[(np.diff(codes) == 0) & (steps > 0)]
    if not len(steps):
        raise DataError(
            "the step between two rows cannot be seen",
            where="forecast.frequency",
            expected="a series with two or more stamps",
            hint="name it: --set forecast.frequency=1h, 1d, 1mo, …",
        )
    if np.median(steps) >= _SHORTEST_MONTH:
        months = _months(stamps, codes)
        if months is not None:
            return months.fitted(stamps)
    sizes, counts = np.unique(steps, return_counts=True)
    most = int(np.argmax(counts))
    own = _own(stamps, codes, float(counts[most] / len(steps)))
    if own is not None and counts[most] < MOST * len(steps):
        return own
    if counts[most] < MOST * len(steps):
        raise _irregular(sizes, counts)
    step = int(sizes[most])
    if step == DAY and _skips_weekends(stamps, steps):
        return Frequency("business")
    return own or Frequency("second", step)


def infer_number_step(stamps: Stamps, codes: NDArray[np.int64], digits: int) -> Frequency:
    """The step that most neighbours of a column of numbers are apart.

    Raises:
        DataError: No series has two different numbers, or the steps follow no rule.
    """
    steps = np.diff(stamps.astype(np.int64))
    sizes, counts = np.unique(steps[(np.diff(codes) == 0) & (steps > 0)], return_counts=True)
    if len(sizes) and counts.max() >= MOST * counts.sum():
        return Frequency("number", int(sizes[np.argmax(counts)]), digits)
    order = np.argsort(-counts, kind="stable")[:3]
    raise DataError(
        "the numbers of the column of time are not evenly spaced",
        where="forecast.frequency",
        expected=f"one step for {MOST:.0%} of the rows or more",
        got=", ".join(
            f"{sizes[one] / 10**digits:g} ({counts[one] / counts.sum():.0%} of steps)" for one in order
        )
        or "no two different numbers in a series",
        hint="name the step (--set forecast.frequency=1) and --fill what is missing; or, where they are dates, their "
        "form: --set forecast.time_format=FORMAT; or, to count rows as they come: --set forecast.time_format=row",
    )


def describe_step(seconds: int) -> str:
    """A step in words that a person would use.

    >>> describe_step(7200), describe_step(31 * 86400)
    ('2h', '31d')
    """
    return str(Frequency("second", seconds)) if seconds % (7 * DAY) else f"{seconds // DAY}d"


def _months(stamps: Stamps, codes: NDArray[np.int64]) -> Frequency | None:
    """A step of whole months, where stamps stand on the same day of them."""
    numbers = stamps.astype("datetime64[M]").astype(np.int64)
    steps = np.diff(numbers)[np.diff(codes) == 0]
    sizes, counts = np.unique(steps[steps > 0], return_counts=True)
    if not len(sizes) or counts.max() < MOST * len(steps):
        return None
    found = Frequency("month", int(sizes[np.argmax(counts)])).fitted(stamps)
    days = found.phases(stamps) // DAY % 64
    return found if np.mean(days == 31) >= MOST else None


def _own(stamps: Stamps, codes: NDArray[np.int64], even: float) -> Frequency | None:
    """A calendar of one's own, where nearly all neighbours follow one another on it, and more than on an even grid."""
    calendar = find_calendar(stamps) if even < 1 else None
    if calendar is None:
        return None
    steps = np.diff(calendar.numbers(stamps))[np.diff(codes) == 0]
    share = float((steps == 1).mean()) if len(steps) else 0.0
    return Frequency("calendar", own=calendar) if share >= _FOLLOW and share > even else None


def _skips_weekends(stamps: Stamps, steps: NDArray[np.int64]) -> bool:
    return bool(np.is_busday(stamps.astype("datetime64[D]")).all() and (steps == 3 * DAY).any())


def _irregular(sizes: NDArray[np.int64], counts: NDArray[np.int64]) -> DataError:
    order = np.argsort(-counts, kind="stable")[:3]
    shown = [f"{describe_step(int(sizes[one]))} ({counts[one] / counts.sum():.0%} of steps)" for one in order]
    return DataError(
        "the rows are not evenly spaced in time",
        where="forecast.frequency",
        expected=f"one step for {MOST:.0%} of the rows or more",
        got=", ".join(shown),
        hint="name the step (--set forecast.frequency=1h), or the days and times of the rows "
        "(--set forecast.frequency=mon-sat), and --fill what is missing; --set forecast.frequency=rows takes rows as "
        "they stand, and makes up the dates of forecasts",
    )
