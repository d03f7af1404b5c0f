"""Tables of measurements, by rules that files from many hands need.

Cells stand between tabs, semicolons, commas or blanks, and each line is looked at for itself; several numbers in one cell
before as many empty ones are spread over those. Lines that start with ``#`` are remarks, and the last of them that has as
many cells as the data names the columns. With semicolons, ``1,5`` is 1.5.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np

from tidegate.data.finding import note
from tidegate.data.tables.cells import is_missing
from tidegate.data.tables.delimited import Broken, Cells, column_of, read_cells
from tidegate.errors import Finding

Rows = list[tuple[int, list[str]]]

_PECULIAR = ('"', "#", ";", " ")
"""Marks that need a look at each line: quotes, remarks, other separators."""


def read_measurements(text: str, where: str, known: Collection[str] = ()) -> Cells:
    """Read a table of measurements.

    Args:
        text: Without a byte order mark.
        where: The file, for errors.
        known: Names by which a first row of words is known for a header, in lower case.

    >>> found = read_measurements(",# Columns: time,a,b,kind\\n0,0,1.5,2,up\\n1,250 3 4 ,,,up\\n", "a.csv")
    >>> found.names, [column.tolist() for column in found.columns[2:]], found.numbers.tolist()
    (['', 'time', 'a', 'b', 'kind'], [['1.5', '3'], ['2', '4'], ['up', 'up']], [2, 3])
    """
    return read_plain(text, where, known) or read_lines_apart(text, known)


def read_plain(text: str, where: str, known: Collection[str] = ()) -> Cells | None:
    """Read a table without peculiarities, many times as fast as ``read_lines_apart``; ``None`` where there are some."""
    first = text.partition("\n")[0]
    separator = "\t" if "\t" in first else ","
    if separator not in first or any(mark in text for mark in _PECULIAR):
        return None
    # Other line ends than these, and blank lines of tabs, are told apart by looking at each line.
    if (separator == "," and "\t" in text) or any(mark in text for mark in _OTHER_ENDS):
        return None
    cells = read_cells(text, where, separator=separator)
    even = text.count(separator) == len(cells.numbers) * (len(cells.columns) - 1)
    if not even or cells.broken or len(cells.numbers) < 2 or (separator == "\t" and _has_blank(cells)):
        return None
    if not _is_head([cells.row(0), cells.row(1)], known):
        return cells
    cells = cells.with_header()
    return replace(cells, notes=_tell_apart(cells.names))


_OTHER_ENDS = ("\v", "\f", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029")


def _has_blank(cells: Cells) -> bool:
    return bool(np.logical_and.reduce([column == "" for column in cells.columns]).any())


def read_lines_apart(text: str, known: Collection[str] = ()) -> Cells:
    """Read a table line by line, each by itself."""
    remarks: list[list[str]] = []
    rows: Rows = []
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
    width = _usual_width(rows)
    head = next((cells for cells in reversed(remarks) if len(cells) == width), None)
    if head is None and rows and _is_head([cells for _, cells in rows[:2]], known):
        head = rows.pop(0)[1]
        width = _usual_width(rows) if rows else len(head)
    notes: list[Finding] = []
    if head is not None:
        head = _fit_head(head, rows, width)
        width = len(head)
        notes += _tell_apart(head)
    found = _fitted(rows, width)
    return replace(
        found,
        names=head or found.names,
        headed=head is not None,
        notes=[
            *notes,
            *found.notes,
            *([note("decimal-commas", "commas between semicolons are decimal points")] if commas else []),
        ],
    )


def _usual_width(rows: Rows) -> int:
    return Counter(len(cells) for _, cells in rows).most_common(1)[0][0] if rows else 0


def _fitted(rows: Rows, width: int) -> Cells:
    numbers: list[int] = []
    fitted: list[list[str]] = []
    broken: list[Broken] = []
    spread = 0
    for number, cells in rows:
        new = _fit(cells, width)
        if new is None:
            reason = f"line {number} has {len(cells)} cells; {width} were expected"
            broken.append(Broken(number, cells, reason))
            continue
        spread += new != cells and len(new) > len([cell for cell in cells if cell])
        fitted.append(new)
        numbers.append(number)
    columns = zip(*fitted, strict=True) if fitted else [()] * width
    return Cells(
        [str(number) for number in range(width)],
        [column_of(column) for column in columns],
        np.array(numbers, np.int64),
        broken=broken,
        notes=[note("blanks", "cells are separated by blanks within lines of commas")] if spread else [],
    )


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


def _is_head(rows: Sequence[Sequence[str]], known: Collection[str]) -> bool:
    first, second = rows[0], rows[1] if len(rows) > 1 else []
    if any(is_number(cell) and not is_missing(cell) for cell in first):
        return False
    if any(cell.lower() in known for cell in first) or not second:
        return True
    return any(is_number(below) and below for below in second)


def _fit_head(head: list[str], rows: Rows, width: int) -> list[str]:
    """A head beside rows of another number of cells: lines end with a separator, or rows begin with names, as R's."""
    while len(head) > width and not head[-1]:
        head = head[:-1]
    if len(head) == width - 1 and any(cells[-1] for _, cells in rows if len(cells) == width):
        return ["", *head]
    return [*head, *[""] * (width - len(head))]


def _tell_apart(head: list[str]) -> list[Finding]:
    """Give columns of one name another each, and say so."""
    notes: list[Finding] = []
    seen: Counter[str] = Counter()
    for at, name in enumerate(head):
        seen[name] += 1
        if name and seen[name] > 1:
            head[at] = f"{name}.{seen[name]}"
            notes.append(note("same-name", f"several columns are called {name!r}; one is now {head[at]!r}"))
    return notes


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
        if len(words) > 1 and all(is_number(word) for word in words):
            new.extend(words)
            empty = [not one for one in cells[index + 1 : index + len(words)]]
            skip = len(words) - 1 if all(empty) else 0
        else:
            new.append(cell)
    while len(new) > width and not new[-1]:
        new.pop()
    return new if len(new) == width else None


def is_number(cell: str) -> bool:
    """Whether a cell is a number, or says that there is none."""
    try:
        float(cell)
    except ValueError:
        return is_missing(cell)
    return True
