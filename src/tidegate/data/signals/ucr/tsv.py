"""``.tsv`` files of the UCR archive: a sequence a line, its class first, then its values, all between tabs.

Series of different lengths are filled up at the end with ``NaN`` there; that padding is taken off.
"""

from __future__ import annotations

import numpy as np

from tidegate.data.finding import note
from tidegate.data.parts import Role
from tidegate.data.signals.parts import data_files, read_bytes, read_text, with_suffix
from tidegate.data.signals.raw_record import (
    RawRecord,
    RawRecords,
    ReadOptions,
    first_unreadable,
    plain_label,
    to_numbers,
)
from tidegate.data.source import Place, Source
from tidegate.data.tables.cells import is_missing
from tidegate.errors import DataError

SUFFIXES = (".tsv",)


def matches(source: Source) -> bool:
    """A file that ends in ``.tsv``, or a folder or archive with such, whose first line holds values behind a label."""
    if source.builtin:
        return False
    names = with_suffix(source, SUFFIXES)
    if not names:
        return False
    try:
        line = read_bytes(source, names[0]).partition(b"\n")[0]
    except DataError:
        return False
    first = line.decode("utf-8-sig", "replace").split("\t")
    return len(first) > 1 and first_unreadable(first[1:]) < 0


def read(place: Place, role: Role, _options: ReadOptions) -> RawRecords:
    """Read the files of one part.

    Raises:
        EmptyDataError: There is no such file.
        DataError: A file has no tabs, or no line.
    """
    records = RawRecords(channels=("0",))
    padded = 0
    for name in data_files(place, role, SUFFIXES):
        lines = read_text(place.source, name).splitlines()
        if not any("\t" in line for line in lines):
            raise DataError(
                "the file has no tabs",
                where=name,
                expected="label<TAB>value<TAB>value…",
                got=lines[0][:80] if lines else "",
            )
        for number, line in enumerate(lines, start=1):
            if line.strip():
                padded += _read_line(line, f"{name}:{number}", records)
    if padded:
        what = f"{padded} series end in NaN, which is taken for padding: they are shorter"
        records.notes.append(note("padding", what))
    return records


def _read_line(line: str, name: str, records: RawRecords) -> bool:
    """Read one series; whether it was padded."""
    label, *words = line.split("\t")
    try:
        values = to_numbers(words)
    except ValueError:
        at = first_unreadable(words)
        records.refuse("bad-value", name, f"step {at + 1} is {words[at].strip()[:40]!r}, no number")
        return False
    known = np.flatnonzero(~np.isnan(values))
    length = int(known[-1]) + 1 if len(known) else 0
    records.found.append(
        RawRecord(name, values[:length, None], "" if is_missing(label) else plain_label(label))
    )
    return length < len(values)
