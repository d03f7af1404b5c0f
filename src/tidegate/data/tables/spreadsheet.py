"""Tables of Excel and LibreOffice: .xlsx, .xls, .xlsb and .ods, by python-calamine."""

from __future__ import annotations

import datetime
import zipfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tidegate.errors import DataError, EmptyDataError

SUFFIXES = (".xlsx", ".xls", ".xlsb", ".ods")
LARGEST = 2_000_000_000
"""Bytes that a workbook may unpack to."""
_LOOKED_AT = 200


def read_sheet(path: Path, sheet: str | None = None) -> tuple[str, list[list[Any]]]:
    """The name of a sheet, and its rows from the header on, as Python's numbers, dates and texts; empty cells are ``""``.

    Rows above the header that have fewer cells than the table, such as a title, are left out.

    Args:
        path: The workbook.
        sheet: Its name; none: the only one that holds something.

    Raises:
        DataError: It cannot be read, or there are several sheets and none is named.
        EmptyDataError: The sheet is empty.
    """
    from python_calamine import CalamineError, CalamineWorkbook  # for these files only

    where = str(path)
    _check_size(path)
    try:
        with CalamineWorkbook.from_path(where) as book:
            found = {name: book.get_sheet_by_name(name).to_python() for name in _names(book, sheet, where)}
    except (CalamineError, OSError, ValueError, OverflowError) as error:
        raise DataError(
            "the workbook cannot be read", where=where, got=str(error) or type(error).__name__
        ) from error
    filled = {name: rows for name, rows in found.items() if rows}
    if not filled:
        raise EmptyDataError("the workbook is empty", where=where, got=", ".join(found))
    if len(filled) > 1:
        first = next(iter(filled))
        raise DataError(
            "the workbook has several sheets",
            where=where,
            expected="the name of one",
            got=", ".join(filled),
            hint=f"--set 'data.sheet={first}'",
        )
    name, rows = next(iter(filled.items()))
    return name, _table(rows)


def sheet_texts(path: Path, sheet: str | None = None) -> list[list[str]]:
    """The rows of a sheet as texts: ``2`` and not ``2.0``, dates as 2016-07-01."""
    return [[cell_text(cell) for cell in row] for row in read_sheet(path, sheet)[1]]


def cell_text(cell: Any) -> str:
    """What a cell shows.

    >>> [cell_text(cell) for cell in (2.0, 2.5, datetime.datetime(2016, 7, 1), True, " a")]
    ['2', '2.5', '2016-07-01', 'true', ' a']
    """
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, datetime.datetime):
        return cell.isoformat(sep=" ").removesuffix(" 00:00:00")
    return str(cell)


def _names(book: Any, sheet: str | None, where: str) -> Sequence[str]:
    names: list[str] = list(book.sheet_names)
    if sheet is None:
        return names
    if sheet not in names:
        raise DataError("no such sheet", where=where, expected=", ".join(names), got=sheet)
    return [sheet]


def _table(rows: list[list[Any]]) -> list[list[Any]]:
    """Rows that hold something, from the first one on that is as wide as most."""
    filled = [row for row in rows if any(cell != "" for cell in row)]
    widths = [sum(cell != "" for cell in row) for row in filled[:_LOOKED_AT]]
    usual = Counter(widths).most_common(1)[0][0]
    start = next(at for at, width in enumerate(widths) if 2 * width > usual)
    kept = filled[start:]
    columns = [
        at for at in range(max(map(len, kept))) if any(at < len(row) and row[at] != "" for row in kept)
    ]
    return [[row[at] if at < len(row) else "" for at in columns] for row in kept]


def _check_size(path: Path) -> None:
    """Refuse archives that unpack to more than memory holds."""
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(member.file_size for member in archive.infolist())
    except (zipfile.BadZipFile, OSError, ValueError):
        return  # .xls is none; what is damaged, the reader refuses
    if size > LARGEST:
        raise DataError(
            "the workbook is too large",
            where=str(path),
            expected=f"at most {LARGEST:,} bytes unpacked",
            got=f"{size:,}",
        )
