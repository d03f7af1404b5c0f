"""Time series as the tasks see them: values on a regular grid of time, with their covariates.

What reads a table makes a ``Panel``; nothing behind it knows of files, column types or gaps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from tidegate.data.series.frequency import Frequency, Stamps
from tidegate.data.series.time.formats import shown
from tidegate.errors import Finding

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Series:
    """One series.

    Attributes:
        name: What the data call it; empty where a table holds a single one without a name.
        stamps: Of each step ``(T,)``, rising by one step of the frequency, the steps of the future included.
        targets: What to forecast ``(T, C)``; NaN where it is missing and was not filled, and in the future.
        given: Whether a value of ``targets`` stood in the data ``(T, C)``: what was filled in is never scored.
        known: Covariates that the future has too ``(T, K)``.
        observed: Covariates of the past ``(T, P)``; NaN in the future.
        static: What is the same at every time ``(S,)``.
        future: Steps at the end that have no target: rows that only give covariates.
    """

    name: str
    stamps: Stamps
    targets: Values
    given: NDArray[np.bool_]
    known: Values
    observed: Values
    static: Values
    future: int = 0

    def __len__(self) -> int:
        """Steps whose targets are known, or missing among known ones."""
        return len(self.stamps) - self.future

    def since(self, start: int) -> Series:
        """The same without its first steps."""
        return replace(
            self,
            stamps=self.stamps[start:],
            targets=self.targets[start:],
            given=self.given[start:],
            known=self.known[start:],
            observed=self.observed[start:],
        )


@dataclass(frozen=True)
class Layout:
    """How the table was laid out, so that forecasts come as the same kind of table.

    Attributes:
        time: Columns of the time: one, or year, month, day and the like.
        time_format: ``strptime`` format of that one column, with ``%q`` for a quarter; empty for several, which hold
            numbers, and for a column of the type of dates; ``row`` where rows are counted and the column is no date.
        zone: In which the time is written, such as ``Europe/Berlin`` or ``+01:00``; empty: none is named.
        offset: Seconds east of Greenwich that all stamps of ``zone`` have; none: they stand as the wall shows them.
        time_type: Of a typed column of time, such as ``datetime64[ns]``.
        series: Columns that name the series; none in a wide table. Names of several are joined by ``join_key``.
        targets: Columns to forecast.
        known: Names of the covariates, a category as ``column=value``.
        observed: Likewise.
        static: Likewise.
        marks: Decimal mark and mark between thousands; empty where no number had one.
        units: What stood around the numbers of columns, such as ``%`` or ``K, M``.
        categories: The values of each column of categories, as training had them; others are an error.
    """

    time: tuple[str, ...]
    time_format: str
    series: tuple[str, ...]
    targets: tuple[str, ...]
    known: tuple[str, ...] = ()
    observed: tuple[str, ...] = ()
    static: tuple[str, ...] = ()
    zone: str = ""
    offset: int | None = None
    time_type: str = ""
    marks: tuple[str, str] = ("", "")
    units: dict[str, str] = field(default_factory=dict[str, str])
    categories: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])


def show_stamp(stamp: np.datetime64) -> str:
    """A stamp as short as it can be said.

    >>> show_stamp(np.datetime64("2016-07-01T00:00:00")), show_stamp(np.datetime64("2016-07-01T13:00:00"))
    ('2016-07-01', '2016-07-01 13:00:00')
    """
    return str(stamp).removesuffix("T00:00:00").replace("T", " ")


@dataclass(frozen=True)
class Panel:
    """Series of one frequency with the same targets and covariates.

    Attributes:
        series: In the order of the data.
        frequency: From one step to the next.
        layout: How the table was laid out.
        notes: What a person should know: gaps filled, series left out, rows that were not in order.
        split: The parts that a column of the data names, as ``data.split`` says them; empty: there is none.
    """

    series: Sequence[Series]
    frequency: Frequency
    layout: Layout
    notes: Sequence[Finding] = ()
    split: str = ""

    def shown(self, stamp: np.datetime64) -> str:
        """A stamp as a person reads it."""
        return shown(stamp, self.layout.time_format, show_stamp)
