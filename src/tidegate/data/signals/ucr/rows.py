"""Files with a sequence a row: its label first or last, its values between tabs, commas, semicolons or blanks.

So are the ``.tsv`` and ``.txt`` of the UCR archive, and many a ``.csv`` of others. Rows may differ in length; ``NaN`` and
empty cells at the end are padding, which is taken off.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tidegate.data.finding import note
from tidegate.data.parts import Role
from tidegate.data.signals.parts import data_files, head_of, parts_by_name, read_text, with_suffix
from tidegate.data.signals.raw_record import (
    RawRecord,
    RawRecords,
    ReadOptions,
    first_unreadable,
    plain_label,
    to_numbers,
)
from tidegate.data.signals.tables.csv_table import LABEL_NAMES, SERIES_NAMES
from tidegate.data.source import Place, Source
from tidegate.data.tables.cells import is_missing
from tidegate.data.tables.names import column_named, column_usual
from tidegate.errors import ConfigError, DataError

SUFFIXES = (".tsv", ".txt", ".csv")
"""A folder's files of the first of these endings that there is are read."""
FEWEST = 16
"""Columns of a ``.csv`` that is taken for rows of sequences without being named so; tables of channels have fewer."""
_NUMBERED = re.compile(r"(?:t|time|step|x|v|value|att|f|feature|)[ _.]?\d+", re.IGNORECASE)


@dataclass(frozen=True)
class _Sheet:
    """The cells of each line with its number, and the names of columns where there are some."""

    lines: list[tuple[int, list[str]]]
    names: list[str]

    def last(self, name: str) -> bool:
        """Whether a column is the last one."""
        return self.names[-1:] == [name]


def matches(source: Source) -> bool:
    """One file, or those of parts, whose rows are a label and values: by its look, since a row may be a step too."""
    names = [] if source.builtin else _names(source)
    if not names:
        return False
    try:
        sheet = _sheet(head_of(source, names[0]))
    except DataError:
        return False
    width = len(sheet.lines[0][1]) if sheet.lines else 0
    if names[0].lower().endswith(".tsv"):
        first = sheet.lines[0][1] if sheet.lines else []
        last = width > 2 and first_unreadable(first[:-1]) < 0
        return not sheet.names and width > 1 and (last or first_unreadable(first[1:]) < 0)
    if not source.is_file and not parts_by_name(names):
        return False
    if sheet.names:
        numbered = sum(1 for name in sheet.names if _NUMBERED.fullmatch(name))
        return len(sheet.names) >= FEWEST and numbered >= len(sheet.names) - 2
    inner = first_unreadable(sheet.lines[0][1][1:-1]) if width > 2 else 0
    return inner < 0 and (width >= FEWEST or names[0].lower().endswith(".txt"))


def own_parts(source: Source) -> tuple[Role, ...]:
    """The parts that the names of its files tell."""
    return () if source.is_file else parts_by_name(_names(source))


def read(place: Place, role: Role, options: ReadOptions) -> RawRecords:
    """Read the files of one part.

    Raises:
        EmptyDataError: There is no such file.
        DataError: A file has a single column, or its first and its last may both be labels.
        ConfigError: There is no column of labels or groups that is called so.
    """
    records = RawRecords(channels=("0",))
    padded = 0
    suffixes = SUFFIXES if place.source.is_file else (_ending(place.source),)
    for name in data_files(place, role, suffixes):
        sheet = _sheet(read_text(place.source, name))
        if not any(len(cells) > 1 for _, cells in sheet.lines):
            raise DataError(
                "no row has a label and values",
                where=name,
                expected="a sequence a row: label and values between tabs, commas or blanks",
                got=" ".join(sheet.lines[0][1])[:80] if sheet.lines else "an empty file",
            )
        at = _columns(sheet, name, options)
        for number, cells in sheet.lines:
            padded += _read_line(cells, f"{name}:{number}", at, records)
    if padded:
        records.notes.append(
            note("padding", f"{padded} series end in NaN, which is taken for padding: they are shorter")
        )
    return records


def _ending(source: Source) -> str:
    return next((one for one in SUFFIXES if with_suffix(source, (one,))), SUFFIXES[0])


def _names(source: Source) -> list[str]:
    return with_suffix(source, SUFFIXES if source.is_file else (_ending(source),))


def _sheet(text: str) -> _Sheet:
    lines = [(number, line) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]
    separator = next((one for one in "\t;," if lines and one in lines[0][1]), None)
    found = [(number, _cells(line, separator)) for number, line in lines]
    words = sum(1 for cell in found[0][1] if first_unreadable([cell]) == 0) if found else 0
    # Of a row of values only the label is a word.
    headed = len(found) > 1 and (words > 1 or (words == len(found[0][1])))
    numbered = len(found) > 1 and _counts(found[0][1])
    names = found.pop(0)[1] if headed or numbered else []
    return _Sheet(found, names)


def _counts(cells: Sequence[str]) -> bool:
    """Whether a first row only numbers the columns, but for one with a name: ``0,1,2,…,label``."""
    numbers = [int(cell) for cell in cells if cell.isdecimal()]
    return len(numbers) >= max(3, len(cells) - 1) and numbers == list(
        range(numbers[0], numbers[0] + len(numbers))
    )


def _cells(line: str, separator: str | None) -> list[str]:
    if separator is None:
        return line.split()
    cells = [cell.strip().strip('"') for cell in line.split(separator)]
    return [cell.replace(",", ".") for cell in cells] if separator == ";" else cells


@dataclass(frozen=True)
class _Columns:
    """Places in a row; -1: the last, None: there is none."""

    label: int | None
    group: int | None
    name: int | None


def _columns(sheet: _Sheet, where: str, options: ReadOptions) -> _Columns:
    group = _named(sheet, options.group_column, "data.group", where) if options.needs_groups else None
    identity = column_usual(sheet.names, SERIES_NAMES)
    return _Columns(
        _label(sheet, where, options), group, None if identity is None else sheet.names.index(identity)
    )


def _named(sheet: _Sheet, wanted: str | None, key: str, where: str) -> int:
    width = max(len(cells) for _, cells in sheet.lines)
    names = sheet.names or [str(place) for place in range(width)]
    found = column_named(names, wanted or "")
    if found is None:
        raise ConfigError(
            f"no column {wanted!r} in {where}",
            where=key,
            expected=f"{names[0]} to {names[-1]}",
            got=str(wanted),
        )
    return -1 if names[-1:] == [found] else names.index(found)


def _label(sheet: _Sheet, where: str, options: ReadOptions) -> int | None:
    """Where the label stands: as the user says, by its name, or at the end of rows that looks like classes."""
    if options.signal.label is not None:
        return _named(sheet, options.signal.label, "signal.label", where)
    usual = column_usual(sheet.names, LABEL_NAMES)
    others = [name for name in sheet.names if not _NUMBERED.fullmatch(name) and name not in SERIES_NAMES]
    if usual is not None or len(others) == 1:
        return _named(sheet, usual or others[0], "signal.label", where)
    if where.lower().endswith((".tsv", ".txt")) and not sheet.names:
        # The archive's convention; only a last column of classes beside a first one of values tells otherwise.
        return -1 if _like_classes(sheet, -1) and not _like_classes(sheet, 0) else 0
    ends = [place for place in (0, -1) if _like_classes(sheet, place)]
    if len(ends) < 2:
        return ends[0] if ends else None
    if not options.labelled:
        return None
    (_, cells), width = sheet.lines[0], len(sheet.lines[0][1])
    names = sheet.names or ["0", str(width - 1)]
    raise DataError(
        "the first or the last column may be the label",
        where=where,
        expected="one column of classes beside values with decimals",
        got=f"first: {cells[0]!r} and values {', '.join(cells[1:4])}, …; or last: {cells[-1]!r} and values "
        f"{', '.join(cells[:3])}, …",
        hint=f"say which: --set signal.label={names[0]} or --set signal.label={names[-1]}",
    )


def _like_classes(sheet: _Sheet, place: int) -> bool:
    """Whether the cells at one end of rows are words, or few different whole numbers."""
    cells = [cells[place] for _, cells in sheet.lines if len(cells) > 1]
    try:
        numbers = to_numbers(cells)
    except ValueError:
        return True
    return (
        not np.isnan(numbers).any()
        and bool((numbers % 1 == 0).all())
        and len(set(cells)) <= max(2, len(cells) // 2)
    )


def _read_line(cells: list[str], name: str, at: _Columns, records: RawRecords) -> bool:
    """Read one series; whether it was padded."""
    places = {place % len(cells) for place in (at.label, at.group, at.name) if place is not None}
    words = [cell for place, cell in enumerate(cells) if place not in places]
    try:
        values = to_numbers(words)
    except ValueError:
        wrong = first_unreadable(words)
        records.refuse("bad-value", name, f"step {wrong + 1} is {words[wrong].strip()[:40]!r}, no number")
        return False
    known = np.flatnonzero(~np.isnan(values))
    length = int(known[-1]) + 1 if len(known) else 0
    label = "" if at.label is None else cells[at.label]
    group = "" if at.group is None else cells[at.group]
    records.found.append(
        RawRecord(name, values[:length, None], "" if is_missing(label) else plain_label(label), group)
    )
    return length < len(values)
