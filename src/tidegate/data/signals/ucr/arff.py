"""``.arff`` files of the UCR and UEA archives: a sequence a row, its class last.

One channel is an attribute for each step; several are one relational attribute, whose rows are channels.
"""

from __future__ import annotations

import re

import numpy as np

from tidegate.data.parts import Role
from tidegate.data.signals.parts import data_files, read_text, with_suffix
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

SUFFIXES = (".arff",)
_QUOTED = re.compile(r"""^\s*(['"])(.*)\1\s*,\s*(.*)$""")


def matches(source: Source) -> bool:
    """A file that ends in ``.arff``, or a folder or archive with such."""
    return not source.builtin and bool(with_suffix(source, SUFFIXES))


def read(place: Place, role: Role, _options: ReadOptions) -> RawRecords:
    """Read the files of one part.

    Raises:
        DataError: There is no ``@data``.
        EmptyDataError: There is no such file.
    """
    records = RawRecords()
    for name in data_files(place, role, SUFFIXES):
        lines = read_text(place.source, name).splitlines()
        start = next((at for at, line in enumerate(lines) if line.strip().lower() == "@data"), None)
        if start is None:
            raise DataError("no @data", where=name, expected="@attribute lines, @data, a sequence a row")
        for number, line in enumerate(lines[start + 1 :], start=start + 2):
            if line.strip() and not line.lstrip().startswith("%"):
                _read_line(line, f"{name}:{number}", records)
    return records


def _read_line(line: str, name: str, records: RawRecords) -> None:
    quoted = _QUOTED.match(line)
    if quoted is None:
        *cells, label = line.split(",")
        channels = [cells]
    else:
        channels = [row.split(",") for row in quoted[2].split("\\n")]
        label = quoted[3]
    label = label.strip().strip("'\"")
    lengths = {len(cells) for cells in channels}
    if len(lengths) > 1:
        records.refuse("bad-line", name, f"its channels have {min(lengths)} to {max(lengths)} values")
        return
    try:
        values = np.stack([to_numbers([cell.strip() for cell in cells]) for cells in channels], axis=1)
    except ValueError:
        wrong = next(cell for cells in channels for cell in cells if first_unreadable([cell.strip()]) == 0)
        records.refuse("bad-value", name, f"{wrong.strip()[:40]!r} is no number")
        return
    # What is missing at the end of all channels is padding.
    known = np.flatnonzero(~np.isnan(values).all(axis=1))
    length = int(known[-1]) + 1 if len(known) else 0
    records.found.append(RawRecord(name, values[:length], "" if is_missing(label) else plain_label(label)))
