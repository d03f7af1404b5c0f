"""Dates and times of a table: one column of text in one format, a typed column, or columns of year, month, day."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tidegate.data.series.frequency import Stamps
from tidegate.data.tables.table import Table
from tidegate.errors import DataError

PARTS = ("year", "quarter", "month", "day", "hour", "minute", "second")
"""Names of columns that make a stamp together."""
COUNTED = "row"
"""The format of stamps that are no dates: rows are counted."""
QUARTER = re.compile(r"(\d{4})([ -]?)Q([1-4])", re.IGNORECASE)
_CLOCK = re.compile(r"(.+?)([ T])\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?")
_ZONE = re.compile(r"(.*\d:\d{2}(?::\d{2}(?:\.\d+)?)?)(Z|[+-]\d{2}:?\d{2})")
_DATES = (
    (r"\d{4}-\d{1,2}-\d{1,2}", "%Y-%m-%d"),
    (r"\d{4}/\d{1,2}/\d{1,2}", "%Y/%m/%d"),
    (r"\d{4}\.\d{1,2}\.\d{1,2}", "%Y.%m.%d"),
    (r"[12]\d{7}", "%Y%m%d"),
    (r"\d{4}-\d{1,2}", "%Y-%m"),
    (r"\d{4}/\d{1,2}", "%Y/%m"),
    (r"[12]\d{3}", "%Y"),
    (r"\d{4} ?[A-Za-z]{3}", "%Y %b"),
    (r"[A-Za-z]{3} \d{4}", "%b %Y"),
    (r"[A-Za-z]{3}-\d{4}", "%b-%Y"),
    (r"[A-Za-z]{4,} \d{4}", "%B %Y"),
    (r"\d{1,2}/\d{4}", "%m/%Y"),
    (r"\d{1,2}\.\d{1,2}\.\d{4}", "%d.%m.%Y"),
    (r"\d{1,2} [A-Za-z]{3} \d{4}", "%d %b %Y"),
    (r"\d{1,2}-[A-Za-z]{3}-\d{4}", "%d-%b-%Y"),
    (r"[A-Za-z]{3} \d{1,2}, \d{4}", "%b %d, %Y"),
    (r"[A-Za-z]{4,} \d{1,2}, \d{4}", "%B %d, %Y"),
    (r"\d{1,2}/\d{1,2}/\d{4}", "%d/%m/%Y"),
    (r"\d{1,2}-\d{1,2}-\d{4}", "%d-%m-%Y"),
    (r"\d{1,2}/\d{1,2}/\d{2}", "%d/%m/%y"),
)
_AMERICAN = {"%d/%m/%Y": "%m/%d/%Y", "%d-%m-%Y": "%m-%d-%Y", "%d/%m/%y": "%m/%d/%y"}
_RANGES = {
    "year": (1, 10_000),
    "quarter": (1, 5),
    "month": (1, 13),
    "day": (1, 32),
    "hour": (0, 24),
    "minute": (0, 60),
    "second": (0, 60),
}
_LOOKED_AT = 200


@dataclass(frozen=True)
class Stamped:
    """The stamps of all rows.

    Attributes:
        stamps: ``(R,)``; NaT where there is none.
        format: ``strptime`` format, with ``%q`` for the quarter; empty for typed columns and several ones.
        refused: Rows without a stamp, and why.
    """

    stamps: Stamps
    format: str
    refused: dict[int, str] = field(default_factory=dict[int, str])


def read_stamps(table: Table, columns: Sequence[str]) -> Stamped:
    """Read the time of every row.

    Args:
        table: Where.
        columns: One column, or several whose names are of ``PARTS``.

    Raises:
        DataError: No row holds a date that can be understood, or days and months cannot be told apart.

    >>> read_stamps(Table("x", pd.DataFrame({"ds": ["31/01/2016", "01/02/2016", "soon"]})), ("ds",)).refused
    {2: "ds is 'soon', no date of the form 31/01/2016"}
    """
    if len(columns) > 1:
        return _from_parts(table, columns)
    name = columns[0]
    column = table.frame[name]
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        naive = column.dt.tz_localize(None)
        stamps = naive.to_numpy("datetime64[s]")
        fine = naive.to_numpy()
        return _refusing(name, fine, stamps, fine, "")
    codes, uniques = pd.factorize(table.texts(name))
    texts = np.asarray(uniques, dtype=object)
    return _spread(_from_texts(table.name, name, texts), codes)


def _from_texts(where: str, name: str, texts: NDArray[np.object_]) -> Stamped:
    """Stamps of different texts."""
    bare, zone, refused = _without_zone(texts)
    sample = [text for text in bare if text][:_LOOKED_AT]
    clock = _clock_format(sample)
    date = _date_format(where, name, [_CLOCK.sub(r"\1", text) for text in sample])
    shown = date + clock
    if date in _AMERICAN:
        shown = _told_apart(where, name, bare, shown, date)
    stamps, fine = _parse(bare, shown)
    if clock:
        # Some programs leave midnight away.
        missing = np.isnat(stamps)
        stamps[missing] = _parse(bare[missing], shown.removesuffix(clock))[0]
        fine = np.where(missing, stamps.astype(fine.dtype), fine)
    found = _refusing(name, texts, stamps, fine, shown + zone)
    example = next((str(text) for text, stamp in zip(texts, stamps, strict=True) if not np.isnat(stamp)), "")
    if not example:
        raise _no_dates(where, name, sample)
    reasons = {
        place: reason if "second" in reason else f"{reason} of the form {example}"
        for place, reason in found.refused.items()
    }
    return Stamped(found.stamps, found.format, reasons | refused)


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
        refused[int(place)] = f"{name} is {str(values[place])!r}; stamps stand on whole seconds"
    return Stamped(stamps, shown, refused)


def _spread(found: Stamped, codes: NDArray[np.int64]) -> Stamped:
    """From different texts to the rows where they stand."""
    rows = np.flatnonzero(np.isin(codes, list(found.refused))) if found.refused else ()
    return Stamped(
        found.stamps[codes], found.format, {int(row): found.refused[int(codes[row])] for row in rows}
    )


def _parse(texts: NDArray[np.object_], shown: str) -> tuple[Stamps, Stamps]:
    """Stamps in whole seconds, and as they stand."""
    if shown == "%Y":
        years = [text if re.fullmatch(r"\d{4}", text) else "NaT" for text in texts]
        fine = np.array(years, dtype="datetime64[Y]").astype("datetime64[s]")
        return fine, fine
    if "%q" in shown:
        matches = [QUARTER.fullmatch(text) for text in texts]
        months = [f"{one[1]}-{int(one[3]) * 3 - 2:02}" if one else "NaT" for one in matches]
        fine = np.array(months, dtype="datetime64[M]").astype("datetime64[s]")
        return fine, fine
    found = pd.to_datetime(pd.Series(texts, dtype=object), format=shown, errors="coerce")
    return found.to_numpy("datetime64[s]"), found.to_numpy("datetime64[ns]")


def _without_zone(texts: NDArray[np.object_]) -> tuple[NDArray[np.object_], str, dict[int, str]]:
    """Texts without a time zone that all of them name, that zone, and those that name another."""
    matches = [_ZONE.fullmatch(text) for text in texts]
    first = next((match[2] for match in matches if match), "")
    bare = np.empty(len(texts), dtype=object)
    bare[:] = [match[1] if match else text for match, text in zip(matches, texts, strict=True)]
    refused = {
        place: f"the time {texts[place]} is of another zone than {first}; write all in UTC"
        for place, match in enumerate(matches)
        if match and match[2] != first
    }
    return bare, first, refused


def _clock_format(sample: list[str]) -> str:
    """The format of the time of day, with what stands before it; empty where there is none."""
    match = next((match for text in sample if (match := _CLOCK.fullmatch(text))), None)
    if match is None:
        return ""
    return match[2] + "%H:%M" + (":%S" if match[3] else "") + (".%f" if match[4] else "")


def _date_format(where: str, name: str, days: list[str]) -> str:
    counts = {shown: sum(bool(re.fullmatch(pattern, day)) for day in days) for pattern, shown in _DATES}
    quarters = [match for day in days if (match := QUARTER.fullmatch(day))]
    if quarters:
        counts[f"%Y{quarters[0][2]}Q%q"] = len(quarters)
    best = max(counts, key=lambda shown: counts[shown])
    if not counts[best]:
        raise _no_dates(where, name, days)
    return "%Y%b" if best == "%Y %b" and " " not in days[0] else best


def _told_apart(where: str, name: str, texts: NDArray[np.object_], shown: str, date: str) -> str:
    """Whether 01/02/2016 is in January or February: what all dates allow, or else most."""
    other = shown.replace(date, _AMERICAN[date])
    ours, theirs = ((~np.isnat(_parse(texts, one)[0])).sum() for one in (shown, other))
    if ours == theirs:
        raise DataError(
            "days and months cannot be told apart",
            where=f"{where}, column {name}",
            expected="dates such as 2016-02-01",
            got=str(texts[0]),
            hint="write dates as year-month-day",
        )
    return shown if ours > theirs else other


def _no_dates(where: str, name: str, texts: list[str]) -> DataError:
    first = texts[0] if texts else "only empty cells"
    hint = "name the column of time: --set forecast.time=COLUMN"
    if re.fullmatch(r"\d{9,19}(\.0)?", first):
        hint = "numbers of seconds are not read: write dates such as 2016-07-01 00:00"
    elif re.fullmatch(r"\d{1,6}([-/.]\d{1,6})?", first):
        hint = "this is no date of a calendar; to count rows as they stand: --set forecast.frequency=rows"
    return DataError(
        "the column of time holds no dates that can be understood",
        where=f"{where}, column {name}",
        expected="dates such as 2016-07-01, 2016-07 or 2016-07-01 13:00",
        got=", ".join(texts[:3]) or first,
        hint=hint,
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
            hint="join them to one column otherwise",
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
