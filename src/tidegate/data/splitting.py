"""Training, validation and test data from what the user named: three paths, a format's own parts, or one split by a seed.

All kinds of data go through ``split``. A kind says in a ``PartReader`` what it reads, what it calls one sample, and by
which rule it is divided: parts that the data bring themselves, by chance, class by class, in whole groups, the last ones
of the data, or in order, as texts and every one of several series are.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Generic

from tidegate.config.tables import MEMORY, DataSpec
from tidegate.data.division.grouping import shared_groups
from tidegate.data.division.part_digest import PartDigest, part_digest
from tidegate.data.finding import note, warning
from tidegate.data.part_reader import Cut, PartReader, U
from tidegate.data.parts import Role
from tidegate.errors import ConfigError, Finding, SplitError
from tidegate.results.split import SplitKind

SHOWN = 3
"""Pairs that a warning about leaks names."""


@dataclass(frozen=True)
class Splits(Generic[U]):
    """The units of each part."""

    train: list[U]
    valid: list[U]
    test: list[U] | None


@dataclass(frozen=True)
class SplitRecord:
    """How the parts came about, for ``split.json``.

    Args:
        how: In words.
        kind: Of the part that is measured: whether the data bring it, or how it was made here.
        draw: The number of this split among those that are made anew; 0 is the usual one.
        seed: Of the split, if it was made here.
        counts: Samples in each part, and ``bad`` and ``unused`` ones.
        valid: Names of the validation samples, if they were chosen here.
        test: Names of the test samples, if they were chosen here.
        notes: What a person should know of the data: bad files left out, images in two parts, orphans.
        digests: Of the content of each part.
    """

    how: str
    kind: SplitKind
    seed: int | None
    counts: dict[str, int]
    valid: list[str] | None = None
    test: list[str] | None = None
    notes: list[Finding] = field(default_factory=list[Finding])
    draw: int = 0
    digests: dict[str, PartDigest] = field(default_factory=dict[str, PartDigest])

    def to_json(self) -> dict[str, object]:
        """Plain values."""
        return {**asdict(self), "notes": [str(found) for found in self.notes]}


def split(reader: PartReader[U], *, needs_split: bool = True) -> tuple[Splits[U], SplitRecord]:
    """Read what ``data`` names, and divide what comes in one piece.

    The same seed and files give the same split in any process. With ``data.skip_bad`` what cannot be used is left out,
    and the record says so.

    Args:
        reader: Of one kind of data.
        needs_split: Whether ``data.source`` cannot bring parts of its own.

    Raises:
        ConfigError: Keys of ``data`` contradict each other, or name no training data.
        SplitError: There is too little, or the numbers do not add up.
        BadFilesError: Something cannot be used and ``data.skip_bad`` is off; that of all parts is listed at once.
        DataError: A path cannot be read.
    """
    data = reader.data
    refuse_contradictions(data, needs_split=needs_split)
    try:
        how, made, cut, test = _parts(reader)
        whole = reader.size(cut.train)
        train = cut.train if data.train_share is None else reader.thin(cut.train, data.train_share)
    except SplitError:
        # Too little, it may be, because most is bad: that is the news then.
        reader.settle()
        raise
    measured = "valid" if test is None else "test"
    anew: SplitKind = "one" if data.resample is None else "time" if reader.in_order else "resampled"
    splits = Splits(train, cut.valid, test)
    parts = {"train": splits.train, "valid": splits.valid, "test": splits.test or []}
    sizes = {name: reader.size(units) for name, units in parts.items()}
    notes = list(reader.notes)
    if cut.unused:
        total = whole + sizes["valid"] + sizes["test"] + cut.unused
        notes.append(note("unused", reader.why_unused(cut.unused, total)))
    notes.extend(reader.settle())
    for name in ("valid", "test"):
        notes.extend(reader.leaks(splits.train, parts[name], name))
        if data.group is not None:
            notes.extend(shared_groups(splits.train, parts[name], name))
    record = SplitRecord(
        how=how
        + (reader.manner if made else "")
        + (f", draw {reader.draw}" if reader.draw else "")
        + (f", {sizes['train']:,} of {whole:,} for training" if sizes["train"] < whole else ""),
        kind=anew if measured in made else "official",
        draw=reader.draw,
        seed=reader.seed if made and not reader.in_order else None,
        counts={**sizes, "bad": len(reader.bad), "unused": cut.unused + cut.later + whole - sizes["train"]},
        valid=reader.names(parts["valid"]) if "valid" in made else None,
        test=reader.names(parts["test"]) if "test" in made else None,
        notes=notes,
        digests={name: part_digest(map(reader.content, units)) for name, units in parts.items() if units},
    )
    return splits, record


def _parts(reader: PartReader[U]) -> tuple[str, tuple[Role, ...], Cut[U], list[U] | None]:
    """How the parts came about, which were made here, the parts, and the test part, if there is one."""
    data = reader.data
    anew = data.resample or 0
    if data.source is not None and data.split is not None:
        reader.draw_anew(anew)
        cut = reader.divide(reader.read(data.source, "all"), data.split)
        return f"{data.source} split {data.split}", ("valid", "test"), cut, cut.test or None
    path = data.train or data.source or ""
    own = () if path == MEMORY else reader.own_parts(path)
    if data.train is None and not own:
        raise _without_split(
            "A/B or A/B/C, such as 0.9/0.1, or data whose file names say train, valid and test"
        )
    brings_test = data.test is not None or "test" in own
    brings_valid = data.valid is not None or ("valid" in own and data.split is None)
    if data.pool or not (brings_test or brings_valid):
        reader.draw_anew(anew)
    train = reader.read(path, "train")
    made: tuple[Role, ...] = ()
    if data.valid is not None:
        what = "parts" if data.memory else "paths"
        cut, how = Cut(train, reader.read(data.valid, "valid"), []), f"{what} named by the user"
    elif brings_valid:
        cut, how = Cut(train, reader.read(path, "valid"), []), f"{path}: its own parts"
    else:
        made = ("valid",)
        cut, how = _split_train(reader, train)
    test = reader.read(data.test or path, "test") if brings_test else None
    if data.pool and data.resample is not None and (brings_test or brings_valid):
        made = ("valid",) if test is None else ("valid", "test")
        cut, how = _pooled(reader, cut, test), f"{how}, thrown together and drawn anew in the same sizes"
        test = None if test is None else cut.test
    return how, made, cut, test


def _pooled(reader: PartReader[U], cut: Cut[U], test: Sequence[U] | None) -> Cut[U]:
    parts = (cut.train, cut.valid, *([] if test is None else [test]))
    return reader.divide(
        [unit for part in parts for unit in part], "/".join(str(reader.size(part)) for part in parts)
    )


def _split_train(reader: PartReader[U], train: Sequence[U]) -> tuple[Cut[U], str]:
    text = reader.data.split
    if text is None:
        return reader.hold_out(train)
    cut = reader.divide(train, text)
    if cut.test:
        raise ConfigError(
            "data.split of data.train has two parts: training and validation",
            where="data.split",
            got=text,
            hint="use --data PATH --split A/B/C to make a test part too",
        )
    return cut, f"{reader.data.train} split {text}"


def refuse_contradictions(data: DataSpec, *, needs_split: bool = True) -> None:
    """Refuse keys of ``data`` that exclude each other, or name no training data.

    Raises:
        ConfigError: They do.
    """
    others = [name for name in ("train", "valid", "test") if getattr(data, name) is not None]
    if data.source is not None and others:
        raise ConfigError(
            "data.source stands alone",
            where=f"data.source, data.{others[0]}",
            expected="either source and split, or train with valid and test",
        )
    if data.source is not None and data.split is None and needs_split:
        raise _without_split("A/B/C, such as 0.8/0.1/0.1")
    if data.source is None and data.train is None:
        raise ConfigError(
            "no training data",
            where="data.train",
            hint="pass --train PATH, or --data PATH --split A/B/C, or a built-in name (tidegate datasets)",
        )
    if data.train is not None and data.split is not None and data.valid is not None:
        raise ConfigError("data.split would split data.train, but data.valid is given", where="data.split")


def _without_split(expected: str) -> ConfigError:
    return ConfigError("data.source needs data.split", where="data.split", expected=expected)


def shared(
    train: Sequence[U], other: Sequence[U], key: Callable[[U], Hashable | None], *, of: str, alike: str
) -> list[Finding]:
    """A warning if units of another part are in the training data too; otherwise nothing.

    Args:
        train: The training data.
        other: The other part.
        key: Equal for units that are the same; None: like no other.
        of: What the warning calls the other ones.
        alike: In what they are the same.
    """
    seen: dict[Hashable | None, str] = {}
    for unit in train:
        seen.setdefault(key(unit), unit.name)
    seen.pop(None, None)
    pairs = [(unit.name, seen[same]) for unit in other if (same := key(unit)) in seen]
    if not pairs:
        return []
    shown = ", ".join(f"{name} = {twin}" for name, twin in pairs[:SHOWN]) + (", …" if pairs[SHOWN:] else "")
    verb = "is" if len(pairs) == 1 else "are"
    hint = "leave them out of one of the two: what is measured on them is memory"
    return [
        warning("leak", f"{len(pairs)} of {len(other)} {of} {verb} in train too, {alike}: {shown}", hint=hint)
    ]
