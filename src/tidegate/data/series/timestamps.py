"""Dates and times of a table: one column of text or numbers in one form, a typed column, or several columns together."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tidegate.data.series.frequency import Stamps
from tidegate.data.series.time.formats import (
    NUMBERS,
    OTHER_ORDER,
    Texts,
    date_and_clock,
    parse,
    stamps_of_numbers,
)
from tidegate.data.series.time.number_axis import number_form
from tidegate.data.series.time.zones import NO_ZONE, Zone, split_zones, typed_stamps
from tidegate.data.tables.marks import Marks, looks_like_number
from tidegate.data.tables.numbers import numbers_of
from tidegate.data.tables.table import Table
from tidegate.errors import DataError

PARTS = ("year", "quarter", "month", "day", "hour", "minute", "second")
"""Names of columns that make a stamp together."""
_RANGES = {
    "year": (1, 10_000),
    "quarter": (1, 5),
    "month": (1, 13),
    "day": (1, 32),
    "hour": (0, 24),
    "minute": (0, 60),
    "second": (0, 60),
}
_KEY = "--set forecast.time_format=FORMAT gives its form, such as %d/%m/%Y, unix-s, excel or number"


@dataclass(frozen=True)
class Stamped:
    """The stamps of all rows.

    Attributes:
        stamps: ``(R,)``; NaT where there is none.
        format: Of the column, as ``Layout.time_format``.
        refused: Rows without a stamp, and why.
        zone: That the stamps were written in.
        kind: Of a typed column, such as ``datetime64[ns]``.
    """

    stamps: Stamps
    format: str
    refused: dict[int, str] = field(default_factory=dict[int, str])
    zone: Zone = NO_ZONE
    kind: str = ""


@dataclass(frozen=True)
class TimeForm:
    """How a column of time is to be read.

    Attributes:
        form: What the user says; empty: look.
        trained: What training found; tried first.
        zone: Of training.
    """

    form: str = ""
    trained: str = ""
    zone: Zone = NO_ZONE


LOOK = TimeForm()
"""Look at the column."""


def read_stamps(table: Table, columns: Sequence[str], how: TimeForm = LOOK) -> Stamped:
    """Read the time of every row.

    Args:
        table: Where.
        columns: One column; one of dates and one of times of day; or several whose names are of ``PARTS``.
        how: Its form, where it is known.

    Raises:
        DataError: No row holds a date that can be understood, or it can be understood in two ways.

    >>> read_stamps(Table("x", pd.DataFrame({"ds": ["31/01/2016", "01/02/2016", "soon"]})), ("ds",)).refused
    {2: "ds is 'soon', no date of the form 31/01/2016"}
    """
    name = ", ".join(columns)
    if len(columns) > 1 and not is_pair(columns):
        return _from_parts(table, columns)
    if len(columns) == 1:
        column: Any = table.frame[name]
        if isinstance(column.dtype, pd.PeriodDtype):
            column = column.dt.to_timestamp()
        if pd.api.types.is_datetime64_any_dtype(column.dtype):
            fine, stamps, zone = typed_stamps(column, how.zone)
            found = _refusing(name, fine, stamps, fine, "")
            return replace(found, zone=zone, kind=str(column.dt.tz_localize(None).dtype))
        texts = _as_written(table, name)
    else:
        day, clock = (_as_written(table, one) for one in columns)
        texts = np.array(
            [f"{a.strip()} {b.strip()}" if a and b else a for a, b in zip(day, clock, strict=True)],
            dtype=object,
        )
    codes, uniques = pd.factorize(texts)
    bare = np.array([text.strip() for text in uniques], dtype=object)
    return _spread(_from_texts(table.name, name, bare, how), codes)


def is_pair(columns: Sequence[str]) -> bool:
    """Whether two columns are one of dates and one of times of day, and no parts of a date.

    >>> is_pair(["Date", "Time"]), is_pair(["Year", "Month"])
    (True, False)
    """
    return len(columns) == 2 and columns[0].strip().lower() not in PARTS


def _as_written(table: Table, name: str) -> Texts:
    """A column as text; whole numbers without ``.0``."""
    column: Any = table.frame[name]
    if pd.api.types.is_float_dtype(column.dtype):
        there = column.dropna()
        if bool((there % 1 == 0).all()):
            values = np.full(len(column), "", dtype=object)
            values[column.notna().to_numpy()] = [str(int(one)) for one in there]
            return values
    return table.texts(name)


def _from_texts(where: str, name: str, texts: Texts, how: TimeForm) -> Stamped:
    """Stamps of different texts."""
    form = how.form
    bare, zone, fixed = split_zones(texts, how.zone)
    stamps, fine = np.full(len(texts), np.datetime64("NaT"), "datetime64[s]"), None
    if not form and how.trained:
        stamps, fine = _by_form(bare, how.trained)
        form = how.trained if 2 * np.isnat(stamps).sum() <= len(stamps) else ""
    if not form:
        form = _form(where, name, bare)
        fine = None
    if fine is None:
        stamps, fine = _by_form(bare, form)
    stamps, fine = _without_clock(bare, stamps, fine, form)
    if fixed is not None:
        stamps, fine = stamps + fixed, fine + fixed
    found = _refusing(name, texts, stamps, fine, form)
    example = next((str(text) for text, stamp in zip(texts, stamps, strict=True) if not np.isnat(stamp)), "")
    if not example:
        raise _no_dates(where, name, texts.tolist(), form if how.form else "")
    reasons = {
        place: reason if "stamps stand" in reason else f"{reason} of the form {example}"
        for place, reason in found.refused.items()
    }
    return Stamped(found.stamps, found.format, reasons, zone)


def _by_form(texts: Texts, form: str) -> tuple[Stamps, Stamps]:
    """Stamps by a form, whether it is of text or of numbers."""
    if form.partition("/")[0] not in NUMBERS:
        return parse(texts, form)
    there = np.array([looks_like_number(text) for text in texts], bool)
    values = np.full(len(texts), np.nan)
    values[there] = numbers_of(texts[there].tolist(), Marks(".")).values
    whole = None
    if all(re.fullmatch(r"[-+]?\d{1,18}", text) for text in texts[there]):
        whole = np.array(
            [int(text) if fits else 0 for text, fits in zip(texts, there, strict=True)], np.int64
        )
    if form == "number" and whole is None:
        form = number_form(values[~np.isnan(values)], texts[there], "", "")
    return stamps_of_numbers(values, whole, form)


def _without_clock(texts: Texts, stamps: Stamps, fine: Stamps, form: str) -> tuple[Stamps, Stamps]:
    """Some programs leave midnight away."""
    date, mark, _ = form.partition("%H")
    missing = np.isnat(stamps)
    if not mark or not missing.any():
        return stamps, fine
    stamps[missing] = parse(texts[missing], date.rstrip(" T,:"))[0]
    return stamps, np.where(missing, stamps.astype(fine.dtype), fine)


def _form(where: str, name: str, texts: Texts) -> str:
    """The form of a column that nobody named."""
    there = np.array([text for text in texts if text], dtype=object)
    numbers = [re.fullmatch(r"[-+]?\d+(?:[.]\d+)?(?:[eE][-+]?\d+)?", text) is not None for text in there]
    if len(there) and 2 * sum(numbers) > len(there):
        cells = there[np.array(numbers)]
        values = cells.astype(np.float64)
        whole = bool((values % 1 == 0).all())
        plain = np.array([str(text).partition(".")[0] for text in cells], dtype=object) if whole else cells
        form = number_form(values, plain, name, where)
        return f"{form}.0" if form == "%Y" and all("." in text for text in cells) else form
    date, clock = date_and_clock(there.tolist())
    if not date:
        raise _no_dates(where, name, texts.tolist(), "")
    form = date + clock
    return _in_order(where, name, texts, form, date) if date in OTHER_ORDER else form


def _in_order(where: str, name: str, texts: Texts, form: str, date: str) -> str:
    """Whether 01/02/2016 is in January or February: what all dates allow, or else most."""
    other = form.replace(date, OTHER_ORDER[date])
    found = [parse(texts, one)[0] for one in (form, other)]
    ours, theirs = ((~np.isnat(stamps)).sum() for stamps in found)
    if ours == theirs:
        at = int(np.argmax(~np.isnat(found[0]) & (found[0] != found[1])))
        readings = [str(stamps[at].astype("datetime64[D]")) for stamps in found]
        raise DataError(
            "days and months cannot be told apart",
            where=f"{where}, column {name}",
            expected="a date whose day is above 12, or a key that says the order",
            got=f"{texts[at]}: {readings[0]} or {readings[1]}",
            hint=f"--set 'forecast.time_format={form}' or --set 'forecast.time_format={other}'",
        )
    return form if ours > theirs else other


def _refusing(
    name: str, values: NDArray[np.object_] | Stamps, stamps: Stamps, fine: Stamps, shown: str
) -> Stamped:
    """Refuse what is no stamp, or none in whole seconds; ``values`` are what stands in the column."""
    refused: dict[int, str] = {}
    for place in np.flatnonzero(np.isnat(stamps)):
        text = str(values[place])
        empty = text in ("", "NaT")
        refused[int(place)] = f"{name} is empty, no date" if empty else f"{name} is {text!r}, no date"
    for place in np.flatnonzero(~np.isnat(stamps) & (stamps.astype(fine.dtype) != fine)):
        on = "multiples of training's unit" if shown.startswith("number") else "whole seconds"
        refused[int(place)] = f"{name} is {str(values[place])!r}; stamps stand on {on}"
    return Stamped(stamps, shown, refused)


def _spread(found: Stamped, codes: NDArray[np.int64]) -> Stamped:
    """From different texts to the rows where they stand."""
    rows = np.flatnonzero(np.isin(codes, list(found.refused))) if found.refused else ()
    refused = {int(row): found.refused[int(codes[row])] for row in rows}
    return replace(found, stamps=found.stamps[codes], refused=refused)


def _no_dates(where: str, name: str, texts: list[str], form: str) -> DataError:
    there = [text for text in texts if text]
    return DataError(
        f"the column of time has no dates of the form {form}"
        if form
        else "the column of time holds no dates that can be understood",
        where=f"{where}, column {name}",
        expected="dates such as 2016-07-01, 2016-07 or 2016-07-01 13:00, or numbers that count",
        got=", ".join(there[:3]) or "only empty cells",
        hint=f"{_KEY}; another column: --set forecast.time=COLUMN; to count rows in the order of the file: "
        "--set forecast.frequency=rows",
    )


def _from_parts(table: Table, columns: Sequence[str]) -> Stamped:
    """Stamps of columns such as year, month, day and hour."""
    by_part = {name.strip().lower(): name for name in columns}
    unknown = [name for part, name in by_part.items() if part not in PARTS]
    if unknown or "year" not in by_part:
        raise DataError(
            "several columns of time must be parts of a date",
            where=f"{table.name}, forecast.time",
            expected="year, and further ones of quarter, month, day, hour, minute, second",
            got=", ".join(columns),
            hint="name two columns, of dates and of times of day, or join them to one",
        )
    values: dict[str, NDArray[np.int64]] = {}
    refused: dict[int, str] = {}
    for part, name in by_part.items():
        column = table.numbers(name)
        wrong = ~np.isin(column.values, np.arange(*_RANGES[part]))
        texts = table.texts(name) if wrong.any() else None
        for place in np.flatnonzero(wrong):
            refused.setdefault(
                int(place), f"{name} is {texts[place] if texts is not None else ''!r}, no {part}"
            )
        values[part] = np.where(wrong, _RANGES[part][0], column.values).astype(np.int64)
    return _joined(values, refused)


def _joined(values: dict[str, NDArray[np.int64]], refused: dict[int, str]) -> Stamped:
    first = np.ones_like(values["year"])
    month = values.get("month", 3 * values.get("quarter", first) - 2)
    months: Stamps = ((values["year"] - 1970) * 12 + month - 1).astype("datetime64[M]")
    day = values.get("day", first)
    dates = months.astype("datetime64[D]") + (day - 1).astype("timedelta64[D]")
    for place in np.flatnonzero(dates.astype("datetime64[M]") != months):
        refused.setdefault(int(place), f"the month {months[place]} has no day {day[place]}")
    seconds: Stamps = dates.astype("datetime64[s]")
    for part, size in (("hour", 3600), ("minute", 60), ("second", 1)):
        seconds = seconds + (values.get(part, first - 1) * size).astype("timedelta64[s]")
    if refused:
        seconds[list(refused)] = np.datetime64("NaT")
    return Stamped(seconds, "", refused)
