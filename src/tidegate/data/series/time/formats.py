"""Forms of dates and times: which one a column has, from text to stamps, and back.

A form is a ``strptime`` format, with ``%q`` for a quarter; or one of ``NUMBERS``, for columns of numbers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tidegate.data.series.frequency import Stamps

Texts = NDArray[np.object_]
UNIX = {"unix-s": 1, "unix-ms": 1000, "unix-us": 1_000_000, "unix-ns": 1_000_000_000}
"""Forms of numbers since 1970, and how many make a second."""
NUMBERS = (*UNIX, "excel", "number")
COUNTED = "row"
"""The form of stamps that are no dates: rows are counted."""
_EXCEL_SECONDS = int(np.datetime64("1899-12-30", "s").astype(np.int64))
DAY = 86_400
_GAP = r"( |T|, |:)"
_FULL = r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{4}|\d{8}"
_CLOCKS = (
    (rf"(?P<date>.+?)(?P<gap>{_GAP})\d{{1,2}}:\d{{2}}:\d{{2}}\.\d+", "%H:%M:%S.%f"),
    (rf"(?P<date>.+?)(?P<gap>{_GAP})\d{{1,2}}:\d{{2}}:\d{{2}}(?P<noon> ?[AaPp][Mm])?", "%H:%M:%S"),
    (rf"(?P<date>.+?)(?P<gap>{_GAP})\d{{1,2}}:\d{{2}}(?P<noon> ?[AaPp][Mm])?", "%H:%M"),
    (rf"(?P<date>.+?)(?P<gap>{_GAP})\d{{1,2}}(?P<noon> ?[AaPp][Mm])", "%H"),
    (rf"(?P<date>\d{{8}})(?P<gap>{_GAP})\d{{6}}", "%H%M%S"),
    (rf"(?P<date>\d{{8}})(?P<gap>{_GAP})\d{{4}}", "%H%M"),
    (rf"(?P<date>{_FULL})(?P<gap>{_GAP})\d{{1,2}}", "%H"),
)
_MONTH = "[A-Za-z]{3}"
_DATES = (
    (r"\d{4}-\d{1,2}-\d{1,2}", "%Y-%m-%d"),
    (r"\d{4}/\d{1,2}/\d{1,2}", "%Y/%m/%d"),
    (r"\d{4}\.\d{1,2}\.\d{1,2}", "%Y.%m.%d"),
    (r"[12]\d{7}", "%Y%m%d"),
    (r"\d{4}-\d{1,2}", "%Y-%m"),
    (r"\d{4}/\d{1,2}", "%Y/%m"),
    (r"\d{4}M\d{1,2}", "%YM%m"),
    (r"\d{4}m\d{1,2}", "%Ym%m"),
    (r"\d{4}-M\d{1,2}", "%Y-M%m"),
    (r"\d{4}:\d{1,2}", "%Y:%m"),
    (r"[12]\d{3}", "%Y"),
    (r"\d{4}-W\d{1,2}", "%G-W%V"),
    (r"\d{4}W\d{1,2}", "%GW%V"),
    (r"\d{4} W\d{1,2}", "%G W%V"),
    (r"\d{4}-W\d{2}-[1-7]", "%G-W%V-%u"),
    (r"\d{4}W\d{3}", "%GW%V%u"),
    (rf"\d{{4}} {_MONTH}", "%Y %b"),
    (rf"\d{{4}}{_MONTH}", "%Y%b"),
    (rf"\d{{4}}-{_MONTH}", "%Y-%b"),
    (rf"{_MONTH} \d{{4}}", "%b %Y"),
    (rf"{_MONTH}-\d{{4}}", "%b-%Y"),
    (rf"{_MONTH}/\d{{4}}", "%b/%Y"),
    (rf"{_MONTH}-\d{{2}}", "%b-%y"),
    (rf"{_MONTH} \d{{2}}", "%b %y"),
    (rf"{_MONTH} '\d{{2}}", "%b '%y"),
    (rf"\d{{2}}-{_MONTH}", "%y-%b"),
    (r"[A-Za-z]{4,} \d{4}", "%B %Y"),
    (r"[A-Za-z]{4,}, \d{4}", "%B, %Y"),
    (r"[A-Za-z]{4,}-\d{4}", "%B-%Y"),
    (r"\d{1,2}/\d{4}", "%m/%Y"),
    (r"\d{1,2}-\d{4}", "%m-%Y"),
    (r"\d{1,2}\.\d{4}", "%m.%Y"),
    (r"\d{1,2}\.\d{1,2}\.\d{4}", "%d.%m.%Y"),
    (r"\d{1,2}\.\d{1,2}\.\d{2}", "%d.%m.%y"),
    (rf"\d{{1,2}} {_MONTH} \d{{4}}", "%d %b %Y"),
    (rf"\d{{1,2}} {_MONTH} \d{{2}}", "%d %b %y"),
    (r"\d{1,2} [A-Za-z]{4,} \d{4}", "%d %B %Y"),
    (rf"\d{{1,2}}-{_MONTH}-\d{{4}}", "%d-%b-%Y"),
    (rf"\d{{1,2}}-{_MONTH}-\d{{2}}", "%d-%b-%y"),
    (rf"\d{{1,2}}/{_MONTH}/\d{{4}}", "%d/%b/%Y"),
    (rf"\d{{1,2}}{_MONTH}\d{{4}}", "%d%b%Y"),
    (rf"{_MONTH} \d{{1,2}}, \d{{4}}", "%b %d, %Y"),
    (r"[A-Za-z]{4,} \d{1,2}, \d{4}", "%B %d, %Y"),
    (r"[A-Za-z]{6,}, [A-Za-z]{3,} \d{1,2}, \d{4}", "%A, %B %d, %Y"),
    (rf"[A-Za-z]{{3}}, \d{{1,2}} {_MONTH} \d{{4}}", "%a, %d %b %Y"),
    (rf"[A-Za-z]{{3}} {_MONTH} \d{{1,2}} \d{{4}}", "%a %b %d %Y"),
    (r"\d{1,2}/\d{1,2}/\d{4}", "%d/%m/%Y"),
    (r"\d{1,2}-\d{1,2}-\d{4}", "%d-%m-%Y"),
    (r"\d{1,2}/\d{1,2}/\d{2}", "%d/%m/%y"),
    (r"\d{1,2}-\d{1,2}-\d{2}", "%d-%m-%y"),
    (r"\d{4}([ :-]?)[Qq][1-4]", "%Y{0}Q%q"),
    (r"[Qq][1-4]([ /:'-]?)\d{4}", "Q%q{0}%Y"),
    (r"[1-4][Qq]([ /:'-]?)\d{4}", "%qQ{0}%Y"),
    (r"[Qq][1-4]([ /:'-])\d{2}", "Q%q{0}%y"),
    (r"[1-4][Qq]([ /:'-]?)\d{2}", "%qQ{0}%y"),
)
OTHER_ORDER = {
    "%d/%m/%Y": "%m/%d/%Y",
    "%d-%m-%Y": "%m-%d-%Y",
    "%d/%m/%y": "%m/%d/%y",
    "%d-%m-%y": "%m-%d-%y",
}
"""Forms of which only data can tell whether the day or the month comes first."""
_SEPT = re.compile(r"\bSept\b", re.I)
_MIDNIGHT = re.compile(r"(.*[ T,]|\d{8}:)24((?::?00(?:\.0+)?){0,2})")
_LOOKED_AT = 200


def date_and_clock(texts: Sequence[str]) -> tuple[str, str]:
    """The form of most texts, as that of the date and that of the time of day with what stands before it.

    Where day and month can stand in either order, the form has the day first. Empty: there is none.

    >>> date_and_clock(["1/31/2016 1:00 PM"]), date_and_clock(["2016-W05"]), date_and_clock(["20160101:0010"])
    (('%d/%m/%Y', ' %I:%M %p'), ('%G-W%V', ''), ('%Y%m%d', ':%H%M'))
    """
    sample = [_SEPT.sub("Sep", text) for text in texts if text][:_LOOKED_AT]
    clock, days = "", sample
    for pattern, form in _CLOCKS:
        matches = [re.fullmatch(pattern, text) for text in sample]
        first = next((match for match in matches if match), None)
        if first is not None:
            noon = first["noon"] if "(?P<noon>" in pattern else None
            form = form.replace("%H", "%I") + noon[:-2] + "%p" if noon else form
            days = [match["date"] if match else text for match, text in zip(matches, sample, strict=True)]
            date = _date(days)
            if date:
                return date, first["gap"] + form
    return _date(sample), clock


def _date(days: Sequence[str]) -> str:
    best, most = "", 0
    for pattern, form in _DATES:
        matches = [match for day in days if (match := re.fullmatch(pattern, day))]
        if len(matches) > most:
            best, most = form.format(matches[0][1]) if "{0}" in form else form, len(matches)
    return best


def parse(texts: Texts, form: str) -> tuple[Stamps, Stamps]:
    """Texts to stamps in whole seconds, and as they stand; NaT where they do not have the form.

    24:00 is the midnight at the end of its day.

    >>> parse(np.array(["2016-01-01 24:00"], dtype=object), "%Y-%m-%d %H:%M")[0].astype(str).tolist()
    ['2016-01-02T00:00:00']
    """
    if "%q" in form:
        return _quarters(texts, form)
    cells = pd.Series(texts, dtype=object)
    late = np.zeros(len(texts), bool)
    if "%b" in form or "%B" in form:
        cells = cells.str.replace(_SEPT, "Sep", regex=True)
    if form == "%Y":
        cells = cells.where(cells.str.fullmatch(r"\d{4}").fillna(False).astype(bool), "")
    if "%V" in form and "%u" not in form:
        cells, form = cells + "-1", form + "-%u"
    if "%H" in form:
        late = cells.str.fullmatch(_MIDNIGHT).fillna(False).to_numpy(dtype=bool)
        if late.any():
            cells = cells.str.replace(_MIDNIGHT, r"\g<1>00\g<2>", regex=True)
    found = pd.to_datetime(cells, format=form, errors="coerce").to_numpy()
    stamps: Stamps = found.astype("datetime64[s]")
    fine: Stamps = found.astype("datetime64[ns]")
    if late.any():
        stamps[late] += np.timedelta64(DAY, "s")
        fine[late] += np.timedelta64(DAY, "s")
    return stamps, fine


def _quarters(texts: Texts, form: str) -> tuple[Stamps, Stamps]:
    pattern = (
        re.escape(form)
        .replace("%q", "(?P<q>[1-4])")
        .replace("%Y", r"(?P<Y>\d{4})")
        .replace("%y", r"(?P<y>\d{2})")
    )
    shape = re.compile(pattern, re.I)
    months: list[str] = []
    for text in texts:
        match = shape.fullmatch(text)
        year = (match["Y"] if "%Y" in form else f"{_century(int(match['y']))}") if match else ""
        months.append(f"{year}-{int(match['q']) * 3 - 2:02}" if match else "NaT")
    fine: Stamps = np.array(months, dtype="datetime64[M]").astype("datetime64[s]")
    return fine, fine


def _century(year: int) -> int:
    return year + (2000 if year < 69 else 1900)


def stamps_of_numbers(
    values: NDArray[np.float64], whole: NDArray[np.int64] | None, form: str
) -> tuple[Stamps, Stamps]:
    """Numbers of a form in ``NUMBERS`` to stamps; a plain number stands at as many seconds after 1970.

    Args:
        values: ``(R,)``; NaN where there is none.
        whole: The same as whole numbers, exactly, where they are.
        form: Such as ``unix-ms``, or ``number/2`` for numbers with up to two decimals.
    """
    if form in UNIX:
        size = UNIX[form]
        exact = whole if whole is not None else np.nan_to_num(np.round(values)).astype(np.int64)
        stamps = (exact // size).astype("datetime64[s]")
        fine = stamps.astype("datetime64[ns]") + (exact % size * (10**9 // size)).astype("timedelta64[ns]")
        return _without(stamps, values), _without(fine, values)
    factor = DAY if form == "excel" else 10 ** digits_of(form)
    scaled = np.nan_to_num(values) * factor
    exact = np.round(scaled) if whole is None or factor != 1 else whole
    stamps = exact.astype(np.int64).astype("datetime64[s]")
    fine = stamps.astype("datetime64[ms]")
    if whole is None:
        # Excel's times of day are rounded fractions.
        off = np.abs(scaled - exact) > (0.5 if form == "excel" else 1e-3)
        fine[off] += np.timedelta64(1, "ms")
    if form == "excel":
        stamps, fine = _moved(stamps, _EXCEL_SECONDS), _moved(fine, _EXCEL_SECONDS)
    return _without(stamps, values), _without(fine, values)


def _moved(stamps: Stamps, seconds: int) -> Stamps:
    return (stamps + np.timedelta64(seconds, "s")).astype(stamps.dtype)


def _without(stamps: Stamps, values: NDArray[np.float64]) -> Stamps:
    return np.where(np.isnan(values), np.datetime64("NaT"), stamps)


def digits_of(form: str) -> int:
    """The decimals of a form of plain numbers.

    >>> digits_of("number"), digits_of("number/2")
    (0, 2)
    """
    return int(form.partition("/")[2] or 0)


def render(stamps: Stamps, form: str) -> list[object]:
    """Stamps as the data write them.

    >>> render(np.array(["2016-04-01"], "datetime64[s]"), "Q%q %Y"), render(np.array([1234], "datetime64[s]"), "number/2")
    (['Q2 2016'], [12.34])
    """
    seconds = stamps.astype("datetime64[s]").astype(np.int64)
    if form in UNIX:
        return (seconds * UNIX[form]).tolist()
    if form == "excel":
        days = (seconds - _EXCEL_SECONDS) / DAY
        return [int(day) if day == int(day) else round(day, 9) for day in days.tolist()]
    if form.startswith("number"):
        digits = digits_of(form)
        return [round(one / 10**digits, digits) for one in seconds.tolist()] if digits else seconds.tolist()
    quarters = (stamps.astype("datetime64[M]").astype(np.int64) % 12) // 3 + 1
    texts: Sequence[str] = pd.DatetimeIndex(stamps).strftime(form.replace("%q", "{quarter}")).tolist()
    return [text.replace("{quarter}", str(one)) for text, one in zip(texts, quarters, strict=True)]


def shown(stamp: np.datetime64, form: str, plain: Callable[[np.datetime64], str]) -> str:
    """A stamp for a person: as a number, where the data have numbers that are no dates."""
    if form.startswith("number"):
        return str(render(np.array([stamp]), form)[0])
    return plain(stamp)
