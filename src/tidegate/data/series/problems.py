"""What is wrong with each series of a table, gathered so that a person sees all of it at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

import numpy as np

from tidegate.data.series.panel import show_stamp
from tidegate.data.series.time.formats import shown
from tidegate.data.tables.table import Table
from tidegate.errors import Finding

SHOWN = 5
"""Rows of a series whose faults are told one by one."""


class Problems:
    """Faults by series.

    Args:
        table: Where the rows stand.
        names: Of the series.

    Attributes:
        places: Rows that have a fault.
        form: Of the column of time.
    """

    def __init__(self, table: Table, names: list[str]) -> None:
        self.table = table
        self.names = names
        self.places: set[int] = set()
        self.form = ""
        self._shown: dict[int, list[tuple[int, str]]] = defaultdict(list)
        self._counts: dict[int, int] = defaultdict(int)
        self._hint: dict[int, dict[str, None]] = defaultdict(dict)

    def stamp(self, stamp: np.datetime64) -> str:
        """A stamp as a person reads it."""
        return shown(stamp, self.form, show_stamp)

    @property
    def series(self) -> set[int]:
        """Those that have a fault."""
        return set(self._counts)

    def add(self, series: int, place: int, reason: str | Callable[[], str], hint: str = "") -> None:
        """Note a fault of one row.

        Args:
            series: Its number.
            place: Of the row in the table.
            reason: What is wrong; a function is asked only where the fault is shown.
            hint: What to do; told once for a series.
        """
        self._counts[series] += 1
        self.places.add(place)
        if hint:
            self._hint[series][hint] = None
        if len(self._shown[series]) < SHOWN:
            self._shown[series].append((place, reason if isinstance(reason, str) else reason()))

    def findings(self) -> list[Finding]:
        """One entry for each series that cannot be used, in the order of the series."""
        return [
            Finding("error", "bad-rows", self._name(series), self._reason(series))
            for series in sorted(self._counts)
        ]

    def _name(self, series: int) -> str:
        name = self.names[series]
        return f"{self.table.name}: series {name}" if name else self.table.name

    def _reason(self, series: int) -> str:
        rows: dict[str, list[str]] = defaultdict(list)
        for place, reason in sorted(self._shown[series]):
            rows[reason].append(self.table.row(place))
        lines = [f"{_and(places)}: {reason}" for reason, places in rows.items()]
        more = self._counts[series] - len(self._shown[series])
        return "; ".join([*lines, *([f"and {more:,} more"] if more else []), *self._hint[series]])


def _and(places: list[str]) -> str:
    """``line 3``, or ``lines 3, 4``."""
    first, *others = places
    if not others:
        return first
    word, number = first.split(" ")
    return f"{word}s {', '.join([number, *(other.split(' ')[1] for other in others)])}"
