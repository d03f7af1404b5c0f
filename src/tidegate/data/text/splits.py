"""Training, validation and test text from what the user named. Text is split in order: what comes later is not known
earlier, and a passage never stands in two parts.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from tidegate.config.tables import DataSpec
from tidegate.data.divide import parse_split
from tidegate.data.finding import note, settle, warning
from tidegate.data.format import Role
from tidegate.data.images.splits import SplitRecord
from tidegate.data.text.documents import Text, TextFiles, find_texts, read_texts
from tidegate.errors import ConfigError, DataError, EmptyDataError, Finding, SplitError

HELD_OUT = "0.9/0.1"
"""Training and validation text, when the user names no validation text."""


@dataclass(frozen=True)
class TextSplits:
    """The documents of each part; one that a cut goes through stands in two, each with its own piece."""

    train: list[Text]
    valid: list[Text]
    test: list[Text] | None


def make_text_splits(data: DataSpec) -> tuple[TextSplits, SplitRecord]:
    """Read and split.

    ``data.source`` is cut by ``data.split``, or parted as its own file names say. ``data.train`` without
    ``data.valid`` gives its own validation part, or else its last tenth. Nothing is drawn by chance.

    Args:
        data: Its paths, ``split``, ``format`` and ``skip_bad``.

    Returns:
        The documents, and the record, whose counts are characters (``bad``: files).

    Raises:
        ConfigError: Keys of ``data`` contradict each other, or name no training data.
        SplitError: The split cannot be made of a text of this length.
        DataError: A path cannot be read; a file is empty or not UTF-8, and ``data.skip_bad`` is off.

    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = (Path(folder) / "input.txt").write_text("0123456789" * 2, encoding="utf-8")
    ...     splits, record = make_text_splits(DataSpec(source=folder, split="0.8/0.1/0.1"))
    >>> splits.valid, record.counts
    ([Text(name='input.txt', text='67')], {'train': 16, 'valid': 2, 'test': 2, 'bad': 0, 'unused': 0})
    """
    _refuse_contradictions(data)
    reader = _Reader(data)
    try:
        splits, how, unused = _split(reader)
    except SplitError:
        # Too little text, it may be, because most files are bad: those are the news then.
        reader.settle()
        raise
    reader.settle()
    test = splits.test or []
    notes = [
        *reader.notes,
        *_shared(splits.train, splits.valid, "valid"),
        *_shared(splits.train, test, "test"),
    ]
    sizes = {"train": _length(splits.train), "valid": _length(splits.valid), "test": _length(test)}
    counts = {**sizes, "bad": len(reader.bad), "unused": unused}
    if unused:
        notes.append(
            note(
                "unused", f"the last {unused:,} of {unused + sum(sizes.values()):,} characters are in no part"
            )
        )
    return splits, SplitRecord(how=how, seed=None, counts=counts, notes=notes)


def cut_points(split: str, length: int) -> list[int]:
    """Where parts end, in characters from the start; fractions are rounded down, so that 0.9/0.1 cuts at ``int(0.9·n)``.

    Args:
        split: ``A/B`` or ``A/B/C``, counts of characters or fractions.
        length: Characters in all.

    Raises:
        SplitError: It cannot be read, asks for more than there is, or leaves a part empty.

    >>> cut_points("0.9/0.1", 1_115_394), cut_points("5/2/1", 10)
    ([1003854, 1115394], [5, 7, 8])
    """
    parts = parse_split(split, length)
    if "." not in split:
        sizes = [parts.train, parts.valid, parts.test][: split.count("/") + 1]
        return [sum(sizes[: number + 1]) for number in range(len(sizes))]
    # Exact fractions: 0.29 of 100 is 29, where floating point says 28.999….
    shares = [Fraction(word.strip()) for word in split.split("/")]
    ends = [math.floor(sum(shares[: number + 1]) * length) for number in range(len(shares))]
    for share, start, end in zip(shares, [0, *ends], ends, strict=False):
        if share > 0 and start == end:
            raise SplitError(
                "a part of the split would be empty",
                where="data.split",
                expected="at least one character in each part",
                got=f"{split} of {length} characters",
            )
    return ends


class _Reader:
    """Reads paths, and gathers what is bad and what is notable."""

    def __init__(self, data: DataSpec) -> None:
        self.data = data
        self.paths: list[str] = []
        self.bad: list[Finding] = []
        self.notes: list[Finding] = []
        self.good = 0

    def find(self, path: str) -> TextFiles:
        files = find_texts(path)
        self.notes.extend(files.notes)
        return files

    def read(self, files: TextFiles, role: Role) -> list[Text]:
        listing = read_texts(files, role)
        path = str(files.source.path)
        if files.source.is_file and listing.bad:
            # One file that the user named: no list, and nothing to leave out.
            raise _refused(path, listing.bad[0].what)
        self.paths.append(path)
        self.bad.extend(listing.bad)
        self.notes.extend(listing.notes)
        self.good += len(listing.texts)
        if not listing.texts:
            settle(listing.bad, total=len(listing.bad), where=path, skip_bad=False)
        return listing.texts

    def settle(self) -> None:
        """Refuse what is bad, or note that it was left out."""
        where = ", ".join(dict.fromkeys(self.paths))
        total = self.good + len(self.bad)
        self.notes.extend(settle(self.bad, total=total, where=where, skip_bad=self.data.skip_bad))


def _refused(path: str, reason: str) -> DataError:
    kind = EmptyDataError if reason.startswith(("is empty", "holds nothing")) else DataError
    return kind(f"the file {reason}", where=path, expected="plain text in UTF-8")


def _refuse_contradictions(data: DataSpec) -> None:
    if data.format not in ("auto", "text"):
        raise ConfigError(
            f"no format {data.format!r} for text",
            where="data.format",
            expected="auto, text",
            got=data.format,
        )
    others = [name for name in ("train", "valid", "test") if getattr(data, name) is not None]
    if data.source is not None and others:
        raise ConfigError(
            "data.source stands alone",
            where=f"data.source, data.{others[0]}",
            expected="either source and split, or train with valid and test",
        )
    if data.source is None and data.train is None:
        raise ConfigError(
            "no training data",
            where="data.train",
            hint="pass --train PATH, or --data PATH --split 0.9/0.1",
        )
    if data.train is not None and data.split is not None and data.valid is not None:
        raise ConfigError("data.split would split data.train, but data.valid is given", where="data.split")


def _split(reader: _Reader) -> tuple[TextSplits, str, int]:
    """The parts, how they came about, and characters that are in none."""
    data = reader.data
    path = data.train or data.source or ""
    files = reader.find(path)
    if data.source is not None and data.split is not None:
        train, valid, test, unused = _cut_parts(reader.read(files, "all"), data.split)
        return TextSplits(train, valid, test or None), f"{path} split {data.split} in order", unused
    if data.source is not None and not files.parts:
        raise ConfigError(
            "data.source needs data.split",
            where="data.split",
            expected="A/B or A/B/C, such as 0.9/0.1, or a folder whose file names say train, valid and test",
        )
    train, test = reader.read(files, "train"), _test_part(reader, files)
    if data.valid is not None:
        valid = reader.read(reader.find(data.valid), "valid")
        return TextSplits(train, valid, test), "paths named by the user", 0
    if data.split is None and "valid" in files.parts:
        return TextSplits(train, reader.read(files, "valid"), test), f"{path}: its own parts", 0
    split = data.split or HELD_OUT
    if split.count("/") > 1:
        raise ConfigError(
            "data.split of data.train has two parts: training and validation",
            where="data.split",
            got=split,
            hint="use --data PATH --split A/B/C to make a test part too",
        )
    train, valid, _, unused = _cut_parts(train, split)
    return TextSplits(train, valid, test), f"{path} split {split} in order", unused


def _test_part(reader: _Reader, files: TextFiles) -> list[Text] | None:
    if reader.data.test is not None:
        return reader.read(reader.find(reader.data.test), "test")
    return reader.read(files, "test") if "test" in files.parts else None


def _cut_parts(texts: Sequence[Text], split: str) -> tuple[list[Text], list[Text], list[Text], int]:
    """Training, validation and test text (or none), and how many characters are left over."""
    length = _length(texts)
    ends = cut_points(split, length)
    train, valid, test = _cut(texts, [*ends, ends[-1]][:3])
    return train, valid, test, length - ends[-1]


def _cut(texts: Sequence[Text], ends: Sequence[int]) -> list[list[Text]]:
    """The documents between each end and the one before it, in characters of all of them."""
    parts: list[list[Text]] = []
    for start, end in zip([0, *ends], ends, strict=False):
        at = 0
        part: list[Text] = []
        for one in texts:
            piece = one.text[max(0, start - at) : max(0, end - at)]
            part.extend([Text(one.name, piece)] if piece else [])
            at += len(one.text)
        parts.append(part)
    return parts


def _length(texts: Sequence[Text]) -> int:
    return sum(len(one.text) for one in texts)


def _shared(train: Sequence[Text], other: Sequence[Text], part: str) -> list[Finding]:
    """A note on documents of another part that training sees word for word."""
    seen = {one.text: one.name for one in train}
    return [
        warning("leak", f"{one.name} says the same as {seen[one.text]} in train", part)
        for one in other
        if one.text in seen
    ]
