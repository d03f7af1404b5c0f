"""What each column of a table of one sequence is: channel, time, label, group, or nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tidegate.data.finding import note, warning
from tidegate.data.signals.raw_record import RawRecords, ReadOptions, plain_label, to_numbers
from tidegate.data.signals.tables.constants import group_hint
from tidegate.data.signals.tables.csv_table import LABEL_NAMES, TIME_NAMES, CsvTable
from tidegate.data.tables.cells import is_missing
from tidegate.data.tables.roles import index_column, role_of
from tidegate.errors import DataError, Finding

_NO_LABELS = ("group", "split", "id")
_SECONDS = {"seconds": 1.0, "sec": 1.0, "s": 1.0, "ms": 1e-3, "milliseconds": 1e-3}
SURE_TIMES = frozenset(("time", "timestamp", "datetime", "date", "ds"))
"""Names of columns of time that are put in order; other names must rise, or they are channels."""


class UnusableError(Exception):
    """Why a sequence cannot be used; never leaves this room."""


class LabelVariesError(UnusableError):
    """A label at each step, and not one for the sequence; with their column."""

    def __init__(self, what: str, column: str) -> None:
        super().__init__(what)
        self.column = column


@dataclass
class Taken:
    """One sequence, out of its table.

    Attributes:
        channels: Names of the columns.
        values: ``(T, C)``.
        lines: ``(T,)``, of each step.
        label: In a column; empty where there is none.
        group: Likewise.
        times: ``(T,)`` of each step, where a column tells them.
        clock: That column.
        timed: Whether they are seconds.
        notes: What was done.
    """

    channels: tuple[str, ...]
    values: NDArray[np.float32]
    lines: NDArray[np.int64]
    label: str = ""
    group: str = ""
    times: NDArray[np.float64] | None = None
    clock: str = ""
    timed: bool = False
    notes: list[Finding] = field(default_factory=list[Finding])


def take_columns(sheet: CsvTable, options: ReadOptions) -> Taken:
    """Tell the columns of one sequence apart.

    A first column that only counts rows is an index, and dropped. A column of time puts the rows in order, and goes too.
    A column called label, or the only one of text that is the same in all rows, is the label.

    Raises:
        UnusableError: A cell is no number, or a label varies, or a column is not there; with the line.

    >>> from tidegate.data.signals.tables.csv_table import read_csv_table
    >>> from tidegate.config.tasks.signal import SignalSpec
    >>> taken = take_columns(read_csv_table(",time,x,what\\n0,5,1,up\\n1,9,2,up\\n"), ReadOptions(SignalSpec()))
    >>> taken.channels, taken.values.tolist(), taken.label
    (('x',), [[1.0], [2.0]], 'up')
    """
    if sheet.broken:
        raise UnusableError(sheet.broken[0][2])
    notes = list(sheet.notes)
    left = [column for column in range(len(sheet.columns)) if not _is_channel(sheet, column, options)]
    index = _index_column(sheet, left)
    if index is not None:
        left.remove(index)
        notes.append(note("row-numbers", "the first column counts the rows, and is left out"))
    time = time_column(sheet, options, left)
    if time is not None:
        left.remove(time)
        notes.append(note("time", f"the column {sheet.names[time]!r} is the time, and no channel"))
    label, group, rest = _label_and_group(sheet, options, left, notes)
    channels = _channels(sheet, options, rest, notes)
    numbers = [_numbers(sheet, column) for column in channels]
    values = np.stack(numbers, axis=1) if numbers else np.zeros((len(sheet.lines), 0), np.float32)
    taken = Taken(
        tuple(sheet.names[column] for column in channels),
        values,
        np.array(sheet.lines, np.int64),
        label,
        group,
        notes=notes,
    )
    if time is not None:
        _put_in_order(taken, sheet, time)
    return taken


def refuse_labels_of_steps(
    records: RawRecords, varying: Sequence[str], where: str, series: str | None = None
) -> None:
    """Refuse data that label each step, and say what can be learnt from them.

    Args:
        records: With the sequences that cannot be used.
        varying: The column of labels of each of these that has several.
        where: They are from.
        series: The column that names sequences, where there is one.

    Raises:
        DataError: They are half of all sequences or more.
    """
    if not varying or 2 * len(varying) < len(records.found) + len(records.bad):
        return
    columns = [name for name in (series, varying[0]) if name is not None]
    first = next(one for one in records.bad if "its label varies" in one.what)
    raise DataError(
        "labels change within sequences; a network answers a whole sequence",
        where=where,
        expected="one label for all rows of a sequence",
        got=f"{len(varying)} sequences with several, such as {first.where}: {first.what}",
        hint="cut them where the label changes: with pandas "
        f"df[{series or 'id'!r}] = (df[{columns}] != df[{columns}].shift()).any(axis=1).cumsum()",
    )


def time_column(sheet: CsvTable, options: ReadOptions, left: list[int]) -> int | None:
    """The column of time among some: the one that the user names, or one that is called so.

    Raises:
        UnusableError: There is no column of that name.
    """
    if options.signal.time is not None:
        found = sheet.find(options.signal.time)
        if found is None:
            raise UnusableError(f"has no column {options.signal.time!r} (signal.time), only {_listed(sheet)}")
        return found if found in left else None
    for name in TIME_NAMES:
        found = sheet.find(name)
        if not sheet.headed or found is None or found not in left:
            continue
        times = sheet.times(found)
        if name in SURE_TIMES or (times is not None and bool((np.diff(times) >= 0).all())):
            return found
    return None


def constant_cell(sheet: CsvTable, column: int, what: str) -> str:
    """What stands in every row of a column; empty cells do not count.

    Raises:
        UnusableError: It varies.
    """
    seen: dict[str, int] = {}
    for line, cell in zip(sheet.lines, sheet.columns[column], strict=True):
        if not is_missing(cell):
            seen.setdefault(cell, line)
    if len(seen) > 1:
        (first, at), (second, later) = list(seen.items())[:2]
        name = sheet.names[column]
        varies = f"its {what} varies: {first!r} on line {at}, {second!r} on line {later} (column {name!r})"
        raise LabelVariesError(varies, name) if what == "label" else UnusableError(varies)
    return plain_label(next(iter(seen), ""))


def _is_channel(sheet: CsvTable, column: int, options: ReadOptions) -> bool:
    return sheet.names[column] in options.columns


def _listed(sheet: CsvTable) -> str:
    return ", ".join(repr(name) for name in sheet.names[:12]) or "none"


def _index_column(sheet: CsvTable, left: list[int]) -> int | None:
    if not sheet.headed or 0 not in left or len(left) < 2 or index_column(sheet.names) is None:
        return None
    numbers = sheet.times(0)
    return 0 if numbers is not None and bool((numbers % 1 == 0).all()) else None


def _label_and_group(
    sheet: CsvTable, options: ReadOptions, left: list[int], notes: list[Finding]
) -> tuple[str, str, list[int]]:
    """The label and the group, and the columns that are neither."""
    label = group = ""
    spec = options.signal
    rest = list(left)
    if options.group_column is not None and (found := sheet.find(options.group_column)) in rest:
        group = constant_cell(sheet, found, "group")
        rest.remove(found)
    found = sheet.find(spec.label, LABEL_NAMES) if sheet.headed else None
    if found in rest:
        rest.remove(found)
        return constant_cell(sheet, found, "label") if options.labelled else "", group, rest
    texts = [column for column in rest if sheet.kind(column) == "text"]
    constant = [
        column
        for column in texts
        if len(set(sheet.columns[column])) == 1 and role_of(sheet.names[column]) not in _NO_LABELS
    ]
    if spec.label is None and len(constant) == 1:
        label = plain_label(sheet.columns[constant[0]][0])
        what = f"the column {sheet.names[constant[0]]!r} is the same in all rows, and no channel"
        notes.append(note("constant", what))
    for column in texts:
        rest.remove(column)
        if column not in constant[:1] or spec.label is not None:
            notes.append(note("text", f"the column {sheet.names[column]!r} is text, and left out"))
            if role_of(sheet.names[column]) == "group" and options.group is None:
                notes.append(group_hint(sheet.names[column]))
    return label, group, rest


def _channels(sheet: CsvTable, options: ReadOptions, rest: list[int], notes: list[Finding]) -> list[int]:
    if options.columns and not options.signal.channels and not sheet.headed:
        # Numbers are the only names there are; what counts is how many.
        return sorted([*rest, *(c for c in range(len(sheet.columns)) if _is_channel(sheet, c, options))])
    if options.columns:
        found = [sheet.find(name) for name in options.columns]
        if None in found:
            raise UnusableError(
                f"has no column {options.columns[found.index(None)]!r}, only {_listed(sheet)}"
            )
        return [column for column in found if column is not None]
    empty = [column for column in rest if not sheet.names[column] and not any(sheet.columns[column])]
    if empty:
        notes.append(note("empty-columns", "columns without name or value are left out"))
    return [column for column in rest if column not in empty]


def _numbers(sheet: CsvTable, column: int) -> NDArray[np.float32]:
    try:
        return to_numbers(sheet.columns[column])
    except ValueError as error:
        line, cell = sheet.mistakes(column) or (sheet.lines[0], sheet.columns[column][0])
        raise UnusableError(
            f"line {line}: {cell[:40]!r} in column {sheet.names[column]!r} is no number"
        ) from error


def _unit(name: str, dates: bool) -> tuple[float, bool]:
    """What times are multiplied by to be seconds, and whether that is known."""
    if dates:
        return 1.0, True
    scale = _SECONDS.get(re.split(r"[\s_(\[]+", name.lower().rstrip(")]"))[-1])
    return (1.0, False) if scale is None else (scale, True)


def _put_in_order(taken: Taken, sheet: CsvTable, time: int) -> None:
    name = sheet.names[time]
    times = sheet.times(time)
    if times is None:
        at = next((i for i in range(len(sheet.lines)) if _time(sheet.columns[time][i]) is None), 0)
        raise UnusableError(
            f"line {sheet.lines[at]}: {sheet.columns[time][at][:40]!r} in column {name!r} is no time"
        )
    scale, taken.timed = _unit(name, bool(sheet.kind(time) == "text"))
    taken.clock, taken.times = name, times * scale
    if len(np.unique(times)) < len(times):
        taken.notes.append(warning("repeated", f"times stand twice in the column {name!r}"))
    if (np.diff(times) < 0).any():
        order = np.argsort(times, kind="stable")
        taken.values, taken.lines = taken.values[order], taken.lines[order]
        taken.times = taken.times[order]
        taken.notes.append(note("unsorted", f"rows were not in order of {name!r}, and have been sorted"))


def _time(cell: str) -> NDArray[np.float64] | None:
    return CsvTable(("time",), [[cell]], [1], headed=True).times(0)
