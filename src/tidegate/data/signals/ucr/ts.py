"""``.ts`` files of the UCR and UEA archives, as sktime and aeon write them.

A head of ``@`` lines, then a sequence a line: ``1.0,2.0:3.0,4.0:label``, channels between colons, ``?`` where a value is
missing; ``(0,1.0),(2,1.5):label`` with a time before each value. Channels and sequences may differ in length from line
to line, not within one.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from tidegate.data.finding import warning
from tidegate.data.parts import Role
from tidegate.data.signals.parts import data_files, read_bytes, with_suffix
from tidegate.data.signals.raw_record import (
    RawRecord,
    RawRecords,
    ReadOptions,
    first_unreadable,
    plain_label,
    to_numbers,
)
from tidegate.data.signals.tables.csv_table import times_of
from tidegate.data.source import Place, Source
from tidegate.data.tables.cells import decode
from tidegate.errors import BadFilesError, DataError

SUFFIXES = (".ts",)


def matches(source: Source) -> bool:
    """A file that ends in ``.ts``, or a folder or archive with such."""
    return not source.builtin and bool(with_suffix(source, SUFFIXES))


def read(place: Place, role: Role, _options: ReadOptions) -> RawRecords:
    """Read the files of one part.

    Raises:
        DataError: A head cannot be understood.
        EmptyDataError: There is no such file.
    """
    records = RawRecords()
    for name in data_files(place, role, SUFFIXES):
        content = read_bytes(place.source, name)
        # Old files of the archives have accents of Latin-1 in their comments, which nobody reads.
        plain = re.sub(rb"(?m)^#.*", lambda comment: b"#" * len(comment[0]), content)
        _read_file(decode(plain, name), name, records)
    return records


@dataclass
class _Head:
    """What stands before ``@data``."""

    line: int = 0
    labelled: bool = False
    valued: bool = False
    classes: list[str] = field(default_factory=list[str])
    dimensions: int | None = None
    equal: bool | None = None


def _read_file(text: str, name: str, records: RawRecords) -> None:
    lines = text.splitlines()
    head = _read_head(lines, name)
    rows = [
        (number, line.strip())
        for number, line in enumerate(lines[head.line :], start=head.line + 1)
        if line.strip() and not line.lstrip().startswith("#")
    ]
    count = head.dimensions or _usual_dimensions(rows, head, name)
    before = len(records.found)
    for number, line in rows:
        record = _read_line(line, f"{name}:{number}", head, count)
        if isinstance(record, RawRecord):
            records.found.append(record)
        else:
            records.refuse("bad-line", f"{name}:{number}", record)
    records.valued = records.valued or head.valued
    lengths = {len(record.values) for record in records.found[before:]}
    if head.equal and len(lengths) > 1:
        what = f"@equalLength is true, yet lengths are {min(lengths)} to {max(lengths)}"
        records.notes.append(warning("unequal-lengths", what, name))
    if not rows:
        raise (
            BadFilesError(records.bad, where=name, total=0)
            if records.bad
            else DataError("no sequence after @data", where=name)
        )


def _read_head(lines: list[str], name: str) -> _Head:
    head = _Head()
    for number, line in enumerate(lines, start=1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        if not words[0].startswith("@"):
            raise _wrong_head(name, number, "a line that starts with @ or #, then @data", line)
        key, rest = words[0][1:].lower(), words[1:]
        if key == "data":
            head.line = number
            return head
        _take(head, key, rest, f"{name}:{number}")
    raise _wrong_head(name, len(lines), "@data before the sequences", "the end of the file")


def _take(head: _Head, key: str, rest: list[str], place: str) -> None:
    on = bool(rest) and rest[0].lower() == "true"
    if key == "classlabel" and on:
        head.labelled, head.classes = True, [plain_label(word) for word in rest[1:]]
    elif key == "targetlabel" and on:
        head.labelled = head.valued = True
    elif key == "univariate" and on:
        head.dimensions = 1
    elif key in ("dimensions", "dimension"):
        if not rest or not rest[0].isdecimal() or int(rest[0]) < 1:
            raise _wrong_head(place, 0, "@dimensions and a whole number of channels", " ".join(rest))
        head.dimensions = int(rest[0])
    elif key == "equallength":
        head.equal = on


def _wrong_head(name: str, number: int, expected: str, got: str) -> DataError:
    where = f"{name}:{number}" if number else name
    return DataError(
        "the head of a .ts file cannot be understood", where=where, expected=expected, got=got[:80]
    )


def _usual_dimensions(rows: list[tuple[int, str]], head: _Head, name: str) -> int:
    counts = Counter(len(_pieces(line)) - head.labelled for _, line in rows)
    count = counts.most_common(1)[0][0] if counts else 1
    if count < 1:
        raise DataError(
            "sequences have no label", where=name, expected="values:label", hint="write @classLabel false"
        )
    return count


def _pieces(line: str) -> list[str]:
    """What stands between colons; dates between parentheses have colons of their own."""
    return re.split(r":(?![^(]*\))", line) if "(" in line else line.split(":")


def _read_line(line: str, name: str, head: _Head, count: int) -> RawRecord | str:
    """A sequence, or the reason why it cannot be read."""
    pieces = _pieces(line)
    if len(pieces) != count + head.labelled:
        label = " and a label" if head.labelled else ""
        return f"has {len(pieces)} parts between colons; {count} channels{label} were expected"
    target = plain_label(pieces.pop()) if head.labelled else ""
    if head.classes and not _is_class(target, head.classes):
        return f"its class {target!r} is not one of @classLabel ({', '.join(head.classes[:12])})"
    stamped = [_stamped(piece) for piece in pieces] if "(" in line else []
    if None in stamped:
        return "has something else than (time,value) between commas"
    times = [one[0] for one in stamped if one]
    if times != times[:1] * len(times):
        return "its channels have values at different times"
    if stamped:
        channels = [one[1] for one in stamped if one]
    else:
        channels = [piece.split(",") if piece.strip() else [] for piece in pieces]
    lengths = [len(words) for words in channels]
    if len(set(lengths)) > 1:
        other = next(index for index, length in enumerate(lengths) if length != lengths[0])
        return f"channel {other + 1} has {lengths[other]} values, channel 1 has {lengths[0]}"
    try:
        values = np.stack([to_numbers(words) for words in channels], axis=1)  # (T, C)
    except ValueError:
        return _unreadable(channels)
    if not times:
        return RawRecord(name, values, target)
    clock = times_of(times[0])
    if clock is None:
        return "has times that are neither numbers nor dates"
    order = np.argsort(clock, kind="stable")
    return RawRecord(name, values[order], target, times=clock[order])


_STAMPED = re.compile(r"\(([^()]*),([^(),]*)\)")


def _stamped(piece: str) -> tuple[list[str], list[str]] | None:
    """The times and the values of ``(time,value),(time,value)``; None where there is something else."""
    pairs = _STAMPED.findall(piece)
    if _STAMPED.sub("", piece).strip(" ,\t"):
        return None
    return [time.strip() for time, _ in pairs], [value for _, value in pairs]


def _is_class(target: str, words: list[str]) -> bool:
    """Whether a label is a word of ``@classLabel``, or some that follow each other there, as its blanks divide it."""
    label = target.split()
    return any(words[start : start + len(label)] == label for start in range(len(words) - len(label) + 1))


def _unreadable(channels: list[list[str]]) -> str:
    for number, words in enumerate(channels, start=1):
        at = first_unreadable(words)
        if at >= 0:
            return f"step {at + 1} of channel {number} is {words[at].strip()[:40]!r}, no number"
    return "has values that are no numbers"
