"""Tables of signals: columns of numbers, and what each is called for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tidegate.data.signals.raw_record import first_unreadable
from tidegate.data.tables.cells import is_missing
from tidegate.data.tables.delimited import Broken
from tidegate.data.tables.loose import is_number, read_measurements
from tidegate.data.tables.names import column_named, column_usual
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
_KNOWN = frozenset((*LABEL_NAMES, *TIME_NAMES, *SERIES_NAMES, "file", "filename", "path", "name"))


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
    broken: list[Broken] = field(default_factory=list[Broken])
    notes: list[Finding] = field(default_factory=list[Finding])

    def find(self, name: str | None, aliases: tuple[str, ...] = ()) -> int | None:
        """The column of a name; or, without a name, of the first of the aliases that there is."""
        found = column_usual(self.names, aliases) if name is None else column_named(self.names, name)
        return None if found is None else self.names.index(found)

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
            numbers = sum(map(is_number, self.columns[column]))
        else:
            return "numbers"
        if numbers == len(self.columns[column]):
            return "numbers"
        given = sum(1 for cell in self.columns[column] if not is_missing(cell))
        real = numbers - (len(self.columns[column]) - given)
        return "mistakes" if 2 * real >= given else "text"

    def times(self, column: int) -> NDArray[np.float64] | None:
        """A column of times as numbers: those that stand there, or seconds of dates as ISO 8601 writes them; or None."""
        return times_of(self.columns[column])


def times_of(cells: Sequence[str]) -> NDArray[np.float64] | None:
    """Times as numbers: those that stand there, or seconds of dates as ISO 8601 writes them; None where some are neither.

    >>> times_of(["0.5", "2"]), times_of(["1970-01-01 00:00:01"]), times_of(["noon"])
    (array([0.5, 2. ]), array([1.]), None)
    """
    try:
        times = np.array(cells, dtype=np.float64)
    except ValueError:
        try:
            stamps = np.array([cell.removesuffix("Z") for cell in cells], dtype="datetime64[us]")
        except ValueError:
            return None
        times = np.where(np.isnat(stamps), np.nan, stamps.astype(np.int64) / 1e6)
    return times if np.isfinite(times).all() else None


def read_csv_table(text: str, where: str = "table") -> CsvTable:
    """Read a table of signals.

    Args:
        text: Without a byte order mark.
        where: The file, for errors.

    >>> sheet = read_csv_table("# time,a,kind\\n0,1.5,up\\n250,3,up\\n")
    >>> sheet.names, sheet.columns[1:], sheet.lines
    (('time', 'a', 'kind'), [['1.5', '3'], ['up', 'up']], [2, 3])
    """
    found = read_measurements(text, where, _KNOWN)
    return CsvTable(
        tuple(found.names),
        [column.tolist() for column in found.columns],
        found.numbers.tolist(),
        found.headed,
        found.broken,
        found.notes,
    )
