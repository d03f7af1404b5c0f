"""Training, validation and test data from what the user named: three paths, or one split by a seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

from tidegate.config.tables import DataSpec
from tidegate.data.divide import Parts, choose, parse_split
from tidegate.data.finding import note, settle
from tidegate.data.format import Listing, Role
from tidegate.data.images.decode import Geometry
from tidegate.data.images.image_set import ImageSet
from tidegate.data.leaks import shared_images
from tidegate.data.listing import find_format, read_listing
from tidegate.data.sample import Sample
from tidegate.errors import BadFilesError, ConfigError, EmptyDataError, Finding, SplitError

VALID_SHARE = 0.1
"""Of the training data, when the user names no validation data."""


@dataclass(frozen=True)
class Splits:
    """The samples of each part."""

    train: list[Sample]
    valid: list[Sample]
    test: list[Sample] | None


@dataclass(frozen=True)
class SplitRecord:
    """How the parts came about, for ``split.json``.

    Args:
        how: In words.
        seed: Of the split, if it was made here.
        counts: Samples in each part, and ``bad`` and ``unused`` ones.
        valid: Names of the validation samples, if they were chosen here.
        test: Names of the test samples, if they were chosen here.
        notes: What a person should know of the data: bad files left out, images in two parts, orphans.
    """

    how: str
    seed: int | None
    counts: dict[str, int]
    valid: list[str] | None = None
    test: list[str] | None = None
    notes: list[Finding] = field(default_factory=list[Finding])

    def to_json(self) -> dict[str, object]:
        """Plain values."""
        return {**asdict(self), "notes": [str(found) for found in self.notes]}


def make_splits(data: DataSpec, task: str, seed: int) -> tuple[Splits, SplitRecord]:
    """Read and split.

    Without ``data.valid``, a tenth of the training data is held out, class by class for ``classify``; data
    sets that bring their own validation part (the built-in ones) give it. The same seed and files give the
    same split in any process. With ``data.skip_bad`` files that cannot be used are left out, and the record
    says which.

    Raises:
        ConfigError: Keys of ``data`` contradict each other, or name no training data.
        SplitError: There are too few samples, or the numbers do not add up.
        BadFilesError: Files cannot be used and ``data.skip_bad`` is off. Images are then opened too, so that
            all bad files of all parts are listed at once.
        DataError: A path cannot be read.

    >>> splits, record = make_splits(DataSpec(train="digit-lines"), "transcribe", seed=0)
    >>> len(splits.train), len(splits.valid), record.how
    (1500, 250, "digit-lines' own parts")
    """
    refuse_contradictions(data)
    seed = seed if data.split_seed is None else data.split_seed
    reader = _Reader(data, task)
    try:
        if data.source is not None:
            splits, record = _split_source(reader, data.source, data.split or "", seed)
        else:
            splits, record = _split_train(reader, seed)
    except SplitError:
        # Too few samples, it may be, because most are bad: those are the news then.
        reader.settle(reader.found)
        raise
    test = splits.test or []
    reader.settle([*splits.train, *splits.valid, *test])
    reader.notes.extend(shared_images(splits.train, splits.valid, "valid"))
    reader.notes.extend(shared_images(splits.train, test, "test"))
    return splits, record


class _Reader:
    """Reads paths, and gathers what is bad and what is notable."""

    def __init__(self, data: DataSpec, task: str) -> None:
        self.data = data
        self.task = task
        self.paths: list[str] = []
        self.found: list[Sample] = []
        self.bad: list[Finding] = []
        self.notes: list[Finding] = []

    def read(self, path: str, role: Role) -> list[Sample]:
        listing: Listing = read_listing(self.task, path, role, self.data.format)
        self.paths.append(path)
        self.bad.extend(listing.bad)
        self.notes.extend(listing.notes)
        if not listing.samples:
            if listing.bad:
                raise BadFilesError(listing.bad, where=path, total=len(listing.bad))
            raise EmptyDataError("no samples", where=path)
        self.found.extend(listing.samples)
        return listing.samples

    def settle(self, samples: list[Sample]) -> None:
        """Refuse what is bad, or note that it was left out."""
        total = len(samples) + len(self.bad)
        if self.bad and not self.data.skip_bad:
            # The run ends here anyway; opening all images now spares the user a second round.
            images = ImageSet(samples, Geometry(rows=16, columns=16, ink="none"), cache_bytes=0)
            self.bad.extend(images.check())
        where = ", ".join(dict.fromkeys(self.paths))
        self.notes.extend(settle(self.bad, total=total, where=where, skip_bad=self.data.skip_bad))

    def own_parts(self, path: str) -> tuple[Role, ...]:
        return find_format(self.task, path, self.data.format).own_parts if "@" not in path else ()


def refuse_contradictions(data: DataSpec) -> None:
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
    if data.source is not None and data.split is None:
        raise ConfigError(
            "data.source needs data.split", where="data.split", expected="A/B/C, such as 0.8/0.1/0.1"
        )
    if data.source is None and data.train is None:
        raise ConfigError(
            "no training data",
            where="data.train",
            hint="pass --train PATH, or --data PATH --split A/B/C, or a built-in name (tidegate datasets)",
        )
    if data.train is not None and data.split is not None and data.valid is not None:
        raise ConfigError("data.split would split data.train, but data.valid is given", where="data.split")


def _split_source(reader: _Reader, path: str, text: str, seed: int) -> tuple[Splits, SplitRecord]:
    samples = reader.read(path, "all")
    parts = parse_split(text, len(samples))
    test, rest = choose(samples, parts.test, seed, stratify=reader.task == "classify")
    valid, rest = choose(rest, parts.valid, seed, stratify=reader.task == "classify")
    train, unused = choose(rest, parts.train, seed, stratify=reader.task == "classify")
    _note_unused(reader, parts, unused)
    record = SplitRecord(
        how=f"{path} split {text}",
        seed=seed,
        counts=_counts(reader, train, valid, test, len(unused)),
        valid=_names(valid),
        test=_names(test),
        notes=reader.notes,
    )
    return Splits(train, valid, test or None), record


def _split_train(reader: _Reader, seed: int) -> tuple[Splits, SplitRecord]:
    data = reader.data
    assert data.train is not None
    own = reader.own_parts(data.train)
    samples = reader.read(data.train, "train")
    unused: list[Sample] = []
    chosen = False
    if data.valid is not None:
        train, valid, how = samples, reader.read(data.valid, "valid"), "paths named by the user"
    elif "valid" in own and data.split is None:
        train, valid, how = samples, reader.read(data.train, "valid"), f"{data.train}' own parts"
    else:
        train, valid, unused, how = _hold_out(reader, samples, seed)
        chosen = True
    test = _test_part(reader, own)
    record = SplitRecord(
        how=how,
        seed=seed if chosen else None,
        counts=_counts(reader, train, valid, test, len(unused)),
        valid=_names(valid) if chosen else None,
        notes=reader.notes,
    )
    return Splits(train, valid, test), record


def _hold_out(
    reader: _Reader, samples: list[Sample], seed: int
) -> tuple[list[Sample], list[Sample], list[Sample], str]:
    data = reader.data
    stratify = reader.task == "classify"
    if data.split is None:
        if len(samples) < 2:
            raise SplitError(
                "too few samples to hold one out for validation",
                where=str(data.train),
                expected="2 or more",
                got=str(len(samples)),
                hint="pass --valid PATH",
            )
        valid, train = choose(samples, max(1, round(VALID_SHARE * len(samples))), seed, stratify=stratify)
        return train, valid, [], f"a tenth of {data.train} held out for validation"
    parts = parse_split(data.split, len(samples))
    if parts.test:
        raise ConfigError(
            "data.split of data.train has two parts: training and validation",
            where="data.split",
            got=data.split,
            hint="use --data PATH --split A/B/C to make a test part too",
        )
    valid, rest = choose(samples, parts.valid, seed, stratify=stratify)
    train, unused = choose(rest, parts.train, seed, stratify=stratify)
    _note_unused(reader, parts, unused)
    return train, valid, unused, f"{data.train} split {data.split}"


def _test_part(reader: _Reader, own: Sequence[Role]) -> list[Sample] | None:
    data = reader.data
    if data.test is not None:
        return reader.read(data.test, "test")
    if "test" in own and data.train is not None:
        return reader.read(data.train, "test")
    return None


def _note_unused(reader: _Reader, parts: Parts, unused: list[Sample]) -> None:
    if unused:
        total = parts.train + parts.valid + parts.test + len(unused)
        what = f"{len(unused)} of {total} samples are in no part of the split {parts.text}"
        reader.notes.append(note("unused", what))


def _counts(
    reader: _Reader, train: list[Sample], valid: list[Sample], test: list[Sample] | None, unused: int
) -> dict[str, int]:
    return {
        "train": len(train),
        "valid": len(valid),
        "test": len(test or []),
        "bad": len(reader.bad),
        "unused": unused,
    }


def _names(samples: list[Sample]) -> list[str]:
    return [sample.name for sample in samples]
