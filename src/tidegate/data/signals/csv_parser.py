"""Tables of numbers as text, by rules that files from many hands need.

Cells stand between tabs, semicolons, commas or blanks, and each line is looked at for itself; several numbers in one cell
before as many empty ones are spread over those. Lines that start with ``#`` are remarks, and the last of them that has as
many cells as the data names the columns. With semicolons, ``1,5`` is 1.5.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tidegate.data.finding import note
from tidegate.data.signals.raw_record import first_unreadable
from tidegate.data.tables.cells import is_missing
from tidegate.errors import Finding

LABEL_NAMES = ("label", "class", "target", "labels", "class_label", "activity")
TIME_NAMES = ("time", "timestamp", "datetime", "date", "ds", "t", "step", "seconds", "ms")
SERIES_NAMES = (
    "id",
    "series",
    "series_id",
    "sequence",
    "sequence_id",
    "unique_id",
    "sample",
    "sample_id",
    "case",
    "case_id",
)
INDEX_NAMES = ("", "index", "idx", "row", "unnamed: 0")
_KNOWN = frozenset((*LABEL_NAMES, *TIME_NAMES, *SERIES_NAMES, "file", "filename", "path", "name"))

_PECULIAR = ('"', "#", ";", " ")
"""Marks that need a look at each line: quotes, remarks, other separators."""


@dataclass
class CsvTable:
    """A table, column by column.

    Attributes:
        names: Of the columns; their numbers where there is no head.
        columns: Cells, without blanks around them, ``(columns, rows)``.
        lines: Of each row in the file, from 1.
        headed: Whether the file names its columns.
        broken: Lines with the wrong number of cells: line, cells, reason.
        notes: What was unusual.
    """

    names: tuple[str, ...]
    columns: list[list[str]]
    lines: list[int]
    headed: bool
    broken: list[tuple[int, list[str], str]] = field(default_factory=list[tuple[int, list[str], str]])
    notes: list[Finding] = field(default_factory=list[Finding])

    def find(self, name: str | None, aliases: tuple[str, ...] = ()) -> int | None:
        """The column of a name, in any case if no other; or, without a name, the first of the aliases that there is."""
        wanted = aliases if name is None else (name,)
        if name is not None and name in self.names:
            return self.names.index(name)
        lowered = [one.lower() for one in self.names]
        return next((lowered.index(one.lower()) for one in wanted if one.lower() in lowered), None)

    def mistakes(self, column: int) -> tuple[int, str] | None:
        """The line and the text of the first cell that is no number, in a column of which most are; or None."""
        cells = self.columns[column]
        at = first_unreadable(cells) if self.kind(column) == "mistakes" else -1
        return None if at < 0 else (self.lines[at], cells[at])

    def kind(self, column: int) -> str:
        """``numbers`` (or missing ones), ``text``, or ``mistakes``: numbers with a few cells that are none."""
        try:
            np.array(self.columns[column], dtype=np.float64)
        except ValueError:
            numbers = sum(map(_is_number, self.columns[column]))
        else:
            return "numbers"
        if numbers == len(self.columns[column]):
            return "numbers"
        given = sum(1 for cell in self.columns[column] if not is_missing(cell))
        real = numbers - (len(self.columns[column]) - given)
        return "mistakes" if 2 * real >= given else "text"

    def times(self, column: int) -> NDArray[np.float64] | None:
        """A column of times as numbers: those that stand there, or seconds of dates as ISO 8601 writes them; or None."""
        cells = self.columns[column]
        try:
            times = np.array(cells, dtype=np.float64)
        except ValueError:
            try:
                stamps = np.array([cell.removesuffix("Z") for cell in cells], dtype="datetime64[us]")
            except ValueError:
                return None
            times = np.where(np.isnat(stamps), np.nan, stamps.astype(np.int64) / 1e6)
        return times if np.isfinite(times).all() else None


def read_csv_table(text: str) -> CsvTable:
    """Read a table.

    >>> sheet = read_csv_table(",# Columns: time,a,b,kind\\n0,0,1.5,2,up\\n1,250 3 4 ,,,up\\n")
    >>> sheet.names, sheet.columns[2:], sheet.lines
    (('', 'time', 'a', 'b', 'kind'), [['1.5', '3'], ['2', '4'], ['up', 'up']], [2, 3])
    """
    return read_plain_table(text) or read_any_table(text)


def read_plain_table(text: str) -> CsvTable | None:
    """Read a table without peculiarities, many times as fast as ``read_any_table``; None where there are some."""
    lines = text.splitlines()
    separator = "" if not lines else "\t" if "\t" in lines[0] else ","
    width = lines[0].count(separator) if separator and len(lines) > 1 else 0
    if width < 1 or any(mark in text for mark in _PECULIAR) or (separator == "," and "\t" in text):
        return None
    # A line of nothing but tabs has the right count, and is blank.
    if any(line.count(separator) != width or not line.strip() for line in lines):
        return None
    width += 1
    first, rest = lines[0].split(separator), separator.join(lines[1:]).split(separator)
    headed = _is_head([first, rest[:width]])
    notes: list[Finding] = []
    if headed:
        _tell_apart(first, notes)
        columns = [rest[column::width] for column in range(width)]
    else:
        columns = [[first[column], *rest[column::width]] for column in range(width)]
    numbers = list(range(1 + headed, len(lines) + 1))
    return CsvTable(tuple(first if headed else map(str, range(width))), columns, numbers, headed, notes=notes)


def read_any_table(text: str) -> CsvTable:
    """Read a table line by line."""
    remarks: list[list[str]] = []
    rows: list[tuple[int, list[str]]] = []
    commas = 0
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        cells = _split(line)
        first = next((cell for cell in cells if cell), "")
        if first.startswith("#") and not is_missing(first):
            remarks.append(_unmarked(cells))
            continue
        if ";" in line and any("," in cell for cell in cells):
            commas += 1
            cells = [
                cell.replace(",", ".") if re.fullmatch(r"[-+]?\d+,\d+", cell) else cell for cell in cells
            ]
        rows.append((number, cells))
    width = Counter(len(cells) for _, cells in rows).most_common(1)[0][0] if rows else 0
    head = next((cells for cells in reversed(remarks) if len(cells) == width), None)
    if head is None and rows and _is_head([cells for _, cells in rows[:2]]):
        head = rows.pop(0)[1]
        width = Counter(len(cells) for _, cells in rows).most_common(1)[0][0] if rows else len(head)
    notes: list[Finding] = []
    if head is not None:
        head = _fit_head(head, rows, width)
        width = len(head)
        _tell_apart(head, notes)
    sheet = CsvTable(
        tuple(head or map(str, range(width))), [[] for _ in range(width)], [], head is not None, notes=notes
    )
    _fill(sheet, rows, width)
    if commas:
        sheet.notes.append(note("decimal-commas", "commas between semicolons are decimal points"))
    return sheet


def _fill(sheet: CsvTable, rows: list[tuple[int, list[str]]], width: int) -> None:
    fitted: list[list[str]] = []
    spread = 0
    for number, cells in rows:
        new = _fit(cells, width)
        if new is None:
            sheet.broken.append(
                (number, cells, f"line {number} has {len(cells)} cells; {width} were expected")
            )
            continue
        spread += new != cells and len(new) > len([cell for cell in cells if cell])
        fitted.append(new)
        sheet.lines.append(number)
    sheet.columns = [list(column) for column in zip(*fitted, strict=True)] if fitted else sheet.columns
    if spread:
        sheet.notes.append(note("blanks", "cells are separated by blanks within lines of commas"))


def _split(line: str) -> list[str]:
    separator = next((one for one in ("\t", ";", ",") if one in line), None)
    if separator is None:
        return line.split()
    cells = next(csv.reader([line], delimiter=separator)) if '"' in line else line.split(separator)
    return [cell.strip() for cell in cells]


def _unmarked(cells: list[str]) -> list[str]:
    """A remark's cells without its mark and a word such as ``Columns:``."""
    at = next(index for index, cell in enumerate(cells) if cell)
    cells[at] = re.sub(r"^\w+:\s*", "", cells[at].lstrip("# \t"))
    return cells


def _is_head(rows: list[list[str]]) -> bool:
    first, second = rows[0], rows[1] if len(rows) > 1 else []
    if any(_is_number(cell) and not is_missing(cell) for cell in first):
        return False
    if any(cell.lower() in _KNOWN for cell in first) or not second:
        return True
    return any(_is_number(below) and below for below in second)


def _fit_head(head: list[str], rows: list[tuple[int, list[str]]], width: int) -> list[str]:
    """A head beside rows of another number of cells: lines end with a separator, or rows begin with names, as R's."""
    while len(head) > width and not head[-1]:
        head = head[:-1]
    if len(head) == width - 1 and any(cells[-1] for _, cells in rows if len(cells) == width):
        return ["", *head]
    return [*head, *[""] * (width - len(head))]


def _tell_apart(head: list[str], notes: list[Finding]) -> None:
    seen: Counter[str] = Counter()
    for at, name in enumerate(head):
        seen[name] += 1
        if name and seen[name] > 1:
            head[at] = f"{name}.{seen[name]}"
            notes.append(note("same-name", f"several columns are called {name!r}; one is now {head[at]!r}"))


def _fit(cells: list[str], width: int) -> list[str] | None:
    """Cells brought to the number that there should be, or None."""
    if len(cells) == width and not any(" " in cell for cell in cells):
        return cells
    new: list[str] = []
    skip = 0
    for index, cell in enumerate(cells):
        words = cell.split()
        if skip and not cell:
            skip -= 1
            continue
        skip = 0
        if len(words) > 1 and all(_is_number(word) for word in words):
            new.extend(words)
            empty = [not one for one in cells[index + 1 : index + len(words)]]
            skip = len(words) - 1 if all(empty) else 0
        else:
            new.append(cell)
    while len(new) > width and not new[-1]:
        new.pop()
    return new if len(new) == width else None


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return is_missing(cell)
    return True
