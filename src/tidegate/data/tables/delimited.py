"""From the text of a table to its cells: what separates them, which row names the columns, which records do not fit.

All kinds of data read their tables here. Small tables are cut record by record. A large one is cut by pandas, several
times as fast, if all of its records have as many cells.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tidegate.data.finding import note
from tidegate.errors import DataError, Finding

SMALL = 1 << 16
"""Characters up to which a table is small."""
STRAY = "quotation marks are read as they stand, since they do not enclose whole cells"


class Broken(NamedTuple):
    """A record with another number of cells: its number, the cells, and what is wrong."""

    number: int
    cells: list[str]
    reason: str


@dataclass(frozen=True)
class Cells:
    """A table as text.

    Attributes:
        names: Of the columns; their numbers from 0 where no record names them.
        columns: Of each column its cells ``(R,)``.
        numbers: Of the records ``(R,)``, from 1, blank ones counted.
        headed: Whether a record names the columns.
        word: What the numbers count, ``line`` or ``record``: a line break within a cell makes them differ.
        separator: What stands between cells.
        broken: Records with another number of cells.
        notes: What was unusual.
    """

    names: list[str]
    columns: list[NDArray[np.object_]]
    numbers: NDArray[np.int64]
    headed: bool = False
    word: str = "line"
    separator: str = ","
    broken: list[Broken] = field(default_factory=list[Broken])
    notes: list[Finding] = field(default_factory=list[Finding])

    def row(self, place: int) -> list[str]:
        """The cells of one record."""
        return [column[place] for column in self.columns]

    def with_header(self) -> Cells:
        """The same table, whose first record names its columns."""
        names = [name.strip() for name in self.row(0)]
        return Cells(
            names,
            [column[1:] for column in self.columns],
            self.numbers[1:],
            True,
            self.word,
            self.separator,
            self.broken,
            self.notes,
        )


def read_cells(text: str, where: str, *, separator: str | None = None) -> Cells:
    """Cut a table into cells, of which the first record has as many as all should have.

    Cells may stand in quotation marks. Blank lines are left out; empty cells too many at the end of a record are cut off.

    Args:
        text: Without a byte order mark.
        where: The file, for errors.
        separator: Between cells; ``None``: the one that the first record has most of.

    Raises:
        DataError: A cell is too long, or has marks that end nowhere.

    >>> found = read_cells("a;b\\n1,5;2\\n\\n3;4;5\\n", "a.csv").with_header()
    >>> found.names, [column.tolist() for column in found.columns], found.numbers.tolist(), found.broken[0].reason
    (['a', 'b'], [['1,5'], ['2']], [2], 'line 4 has 3 cells; 2 were expected')
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        return Cells([], [], np.zeros(0, np.int64))
    separator = separator or separator_of(text.lstrip("\n").partition("\n")[0])
    stray = separator == "\t" and _has_stray_quotes(text)
    large = _cut_large(text, separator, quoted=not stray) if len(text) > SMALL else None
    columns, numbers, broken = large or _cut(text, separator, where, quoted=not stray)
    last = max(int(numbers[-1]) if len(numbers) else 0, broken[-1][0] if broken else 0)
    word = "line" if text.rstrip().count("\n") + 1 == last else "record"
    return Cells(
        [str(number) for number in range(len(columns))],
        columns,
        numbers,
        False,
        word,
        separator,
        [
            Broken(number, cells, f"{word} {number} has {len(cells)} cells; {len(columns)} were expected")
            for number, cells in broken
        ],
        [note("stray-quotes", STRAY, where)] if stray else [],
    )


def separator_of(line: str) -> str:
    """What stands between the cells of a line: of what it has most, outside of quotation marks.

    >>> separator_of('ds;"y, in m"'), separator_of("ds")
    (';', ',')
    """
    bare = re.sub(r'"[^"]*"', "", line)
    return max("\t;,", key=lambda one: (bare.count(one), one == ","))


Cut = tuple[list[NDArray[np.object_]], NDArray[np.int64], list[tuple[int, list[str]]]]
"""Columns, numbers of records, and the records that do not fit."""


def _cut(text: str, separator: str, where: str, *, quoted: bool) -> Cut:
    quoting = csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=separator, quoting=quoting, skipinitialspace=True
    )
    fitting: list[list[str]] = []
    numbers: list[int] = []
    broken: list[tuple[int, list[str]]] = []
    try:
        for number, cells in enumerate(reader, start=1):
            if not cells or (len(cells) == 1 and not cells[0].strip()):
                continue
            width = len(fitting[0]) if fitting else len(cells)
            while len(cells) > width and not cells[-1].strip():
                cells.pop()
            if len(cells) == width:
                fitting.append(cells)
                numbers.append(number)
            else:
                broken.append((number, cells))
    except csv.Error as error:
        raise DataError(
            "the table cannot be read", where=f"{where}, line {reader.line_num}", got=str(error)
        ) from error
    return [column_of(cells) for cells in zip(*fitting, strict=True)], np.array(numbers, np.int64), broken


def column_of(cells: Sequence[str]) -> NDArray[np.object_]:
    """Cells as an array of objects."""
    column = np.empty(len(cells), dtype=object)
    column[:] = cells
    return column


def _cut_large(text: str, separator: str, *, quoted: bool) -> Cut | None:
    """The same by pandas, or ``None`` where records may differ in their number of cells, which it would not say."""
    import pandas as pd  # for large tables only: small ones should not wait for it

    quoted = quoted and '"' in text
    try:
        frame = pd.read_csv(
            io.StringIO(text),
            sep=separator,
            dtype=str,
            header=None,
            na_filter=False,
            skip_blank_lines=False,
            skipinitialspace=True,
            quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE,
        )
    except (pd.errors.ParserError, ValueError):
        return None
    numbers = np.arange(1, len(frame) + 1)
    columns = [frame[name].to_numpy(dtype=object) for name in frame]
    # Lines of separators are no blank ones, so that the cells of a record do not tell.
    if text.startswith(("\n", " ")) or "\n\n" in text or "\n " in text:
        if quoted:
            return None
        filled = np.array([bool(line.strip(" ")) for line in text.split("\n")[: len(frame)]])
        columns, numbers = [column[filled] for column in columns], numbers[filled]
    between = _outside_marks(text, separator) if quoted else text.count(separator)
    return (columns, numbers, []) if between == len(numbers) * (len(columns) - 1) else None


def _outside_marks(text: str, separator: str) -> int:
    """How many separators stand outside of quotation marks."""
    letters = np.frombuffer(text.encode(), np.uint8)
    inside = np.bitwise_xor.accumulate((letters == ord('"')).view(np.uint8)).view(bool)
    return int(np.count_nonzero((letters == ord(separator)) & ~inside))


def _has_stray_quotes(text: str) -> bool:
    """Whether quotation marks enclose no cells, on lines that have all their cells: they are part of a text then.

    >>> _has_stray_quotes('text\\tlabel\\n"fine" , he said\\t1\\n'), _has_stray_quotes('text\\tlabel\\n"one"\\t1\\n')
    (True, False)
    """
    if '"' not in text:
        return False
    try:
        for _ in csv.reader(io.StringIO(text), delimiter="\t", strict=True):
            pass
    except csv.Error:
        return len({line.count("\t") for line in text.split("\n") if line}) == 1
    return False
