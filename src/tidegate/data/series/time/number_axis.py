"""Columns of time that hold numbers: dates as digits, years, seconds since 1970, Excel's days, or plain numbers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tidegate.data.series.frequency import Stamps
from tidegate.data.series.time.formats import UNIX, Texts, parse
from tidegate.data.tables.names import plain_name
from tidegate.errors import DataError

_DIGITS = {6: "%Y%m", 8: "%Y%m%d", 10: "%Y%m%d%H", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}
_YEARS = (1500, 2200)
_WRITTEN = (np.datetime64("1800-01-01", "s"), np.datetime64("2200-01-01", "s"))
"""Digits are dates where all of them are of these years."""
_SECONDS = (1e9, 4.2e9)
"""Of September 2001 to 2103: smaller numbers count something else as well."""
_EXCEL = (20_000, 73_051)
"""Of 1954 to 2099."""
_EXCEL_ELSEWHERE = (36_526, 54_789)
"""Of 2000 to 2049: in a column that is not called a date, these are asked about."""
_DATES = frozenset(("date", "datum", "day", "ds", "datestamp", "month", "period"))
MOST_DIGITS = 9


def number_form(values: NDArray[np.float64], texts: Texts, name: str, where: str) -> str:
    """Which form of date or number a column of numbers has.

    Args:
        values: Different numbers of the column; none is missing.
        texts: The same as they stand, without ``.0``.
        name: Of the column.
        where: The table, for errors.

    Raises:
        DataError: They can be Excel's dates as well as plain numbers.

    >>> values = np.array([201511.0, 201512, 201601])
    >>> number_form(values, np.array(["201511", "201512", "201601"], dtype=object), "time", "a.csv")
    '%Y%m'
    >>> number_form(np.array([0.0, 0.25]), np.array(["0", "0.25"], dtype=object), "time", "a.csv")
    'number/2'
    """
    whole = bool((values % 1 == 0).all())
    low, high = float(values.min()), float(values.max())
    lengths = {len(text) for text in texts}
    if whole and len(lengths) == 1 and (form := _DIGITS.get(lengths.pop())) and _written(texts, form):
        return form
    if whole and _YEARS[0] <= low and high <= _YEARS[1]:
        return "%Y"
    for form, size in UNIX.items():
        if whole and _SECONDS[0] <= low / size and high / size <= _SECONDS[1]:
            return form
    if _EXCEL[0] <= low and high <= _EXCEL[1] and (plain_name(name) in _DATES or not whole):
        return "excel"
    if whole and _EXCEL_ELSEWHERE[0] <= low and high <= _EXCEL_ELSEWHERE[1] and _days(values):
        first = np.datetime64("1899-12-30") + np.timedelta64(int(low), "D")
        raise DataError(
            "a column of time can be read in two ways",
            where=f"{where}, column {name}",
            got=f"{low:g}: the date {first}, as Excel counts days, or a plain number",
            hint="--set forecast.time_format=excel or --set forecast.time_format=number",
        )
    digits = (
        0 if whole else max(len(f"{value:.{MOST_DIGITS}f}".rstrip("0").partition(".")[2]) for value in values)
    )
    return f"number/{digits}" if digits else "number"


def _written(texts: Texts, form: str) -> bool:
    stamps: Stamps = parse(texts, form)[0]
    return bool(((stamps >= _WRITTEN[0]) & (stamps < _WRITTEN[1])).all())


def _days(values: NDArray[np.float64]) -> bool:
    """Whether neighbours are as far apart as days, weeks or months are."""
    steps = np.diff(np.unique(values))
    return bool(len(steps)) and float(np.median(steps)) in (1, 7, 28, 30, 31)
