"""Rows of numbers from lines of text, such as stdin: CSV with or without a head, as they come."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from tidegate.data.tables.cells import is_missing
from tidegate.errors import DataError


class Rows:
    """Reads lines into rows. What cannot be read is named and left out.

    Args:
        channels: Names of the columns; a head may have them in another order, and others beside them. A single column
            may be called anything.
        holes: Whether values may be missing.
        complain: Told of each line that cannot be read.
    """

    def __init__(self, channels: Sequence[str], *, holes: bool, complain: Callable[[str], None]) -> None:
        self._channels, self._holes, self._complain = channels, holes, complain
        self._columns: list[int] | None = None
        self.failed = 0
        """Rows that could not be read."""

    def read(self, lines: Iterable[str]) -> Iterator[list[float]]:
        """The numbers of each line, in the order of the channels.

        Raises:
            DataError: There is a head, and a channel is not in it.
        """
        first = True
        for number, line in enumerate(lines, start=1):
            if not line.strip() or line.lstrip().startswith("#"):
                continue
            cells = _cells(line)
            if first and self._is_head(cells):
                self._columns = self._find(cells, number)
                first = False
                continue
            first = False
            row = self._row(cells)
            if isinstance(row, str):
                self.failed += 1
                self._complain(f"line {number}: {row}")
            else:
                yield row

    def _is_head(self, cells: Sequence[str]) -> bool:
        return len(cells) >= len(self._channels) and all(_number(cell) is None for cell in cells)

    def _find(self, head: Sequence[str], line: int) -> list[int]:
        if len(head) == len(self._channels) == 1:
            return [0]
        missing = [name for name in self._channels if name not in head]
        if missing:
            raise DataError(
                "channels of the model are not in the head of the stream",
                where=f"line {line}",
                expected=", ".join(self._channels),
                got=", ".join(head),
            )
        return [head.index(name) for name in self._channels]

    def _row(self, cells: Sequence[str]) -> list[float] | str:
        wanted = self._columns or range(len(self._channels))
        expected = max(wanted) + 1
        if len(cells) < expected or (self._columns is None and len(cells) > expected):
            return f"{expected} numbers expected, got {len(cells)}: {' '.join(cells)[:60]!r}"
        numbers = [_number(cells[column]) for column in wanted]
        for column, value in zip(wanted, numbers, strict=True):
            if value is None:
                return f"{cells[column]!r} is no number"
            if not self._holes and not math.isfinite(value):
                return f"{cells[column]!r} is no value that the model can take"
        return [value for value in numbers if value is not None]


def _cells(line: str) -> list[str]:
    """Between commas, semicolons or tabs, else between blanks.

    >>> _cells("1, 2\\n"), _cells("1  2"), _cells("1;;2")
    (['1', '2'], ['1', '2'], ['1', '', '2'])
    """
    separator = next((mark for mark in ",;\t" if mark in line), None)
    return [
        cell.strip().strip('"')
        for cell in (re.split(r"\s+", line.strip()) if separator is None else line.split(separator))
    ]


def _number(cell: str) -> float | None:
    if is_missing(cell):
        return math.nan
    try:
        return float(cell)
    except ValueError:
        return None
