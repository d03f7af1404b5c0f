"""Training, validation and test sentences from what the user named: three paths, or one split by a seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from tidegate.config.tables import DataSpec
from tidegate.data.divide import choose, parse_split
from tidegate.data.finding import note, settle, warning
from tidegate.data.format import Role
from tidegate.data.images.splits import (
    VALID_SHARE,
    SplitRecord,
    refuse_contradictions,
)
from tidegate.data.place import find_place
from tidegate.data.sample import Sample
from tidegate.data.words.files import own_parts, part_less, read_documents
from tidegate.data.words.reader import Reader
from tidegate.data.words.sentence import Sentence
from tidegate.errors import BadFilesError, ConfigError, DataError, Finding, SplitError

SHOWN = 3


@dataclass(frozen=True)
class SentenceSplits:
    """The sentences of each part."""

    train: list[Sentence]
    valid: list[Sentence]
    test: list[Sentence] | None


def make_sentence_splits(data: DataSpec, reader: Reader, seed: int) -> tuple[SentenceSplits, SplitRecord]:
    """Read and split.

    Without ``data.valid``, a tenth of the training data is held out; folders with files of their own for validation
    and testing give them. With ``data.order`` ``random`` a seed chooses what is held out; with ``kept`` it is the end of
    the data: validation last, or before the test part. With ``data.skip_bad`` sentences that cannot be used are left
    out, and the record says which.

    Args:
        data: Paths and split.
        reader: Of one file (``sentence_reader``).
        seed: Of the choice, where ``data.split_seed`` does not say another.

    Raises:
        ConfigError: Keys of ``data`` contradict each other, or name no training data.
        SplitError: There are too few sentences, or the numbers do not add up.
        BadFilesError: Sentences have bad lines and ``data.skip_bad`` is off; those of all parts are listed at once.
        DataError: A path or file cannot be read, or sentences have no tags.
    """
    refuse_contradictions(data)
    seed = seed if data.split_seed is None else data.split_seed
    reading = _Reading(data, reader, seed)
    try:
        splits, record = _split_source(reading) if data.source is not None else _split_train(reading)
    except SplitError:
        # Too few sentences, it may be, because most are bad: those are the news then.
        reading.settle()
        raise
    reading.settle()
    for part in (splits.train, splits.valid, splits.test or []):
        _refuse_untagged(part)
    reading.notes.extend(shared_sentences(splits.train, splits.valid, "valid"))
    reading.notes.extend(shared_sentences(splits.train, splits.test or [], "test"))
    return splits, record


def shared_sentences(train: Sequence[Sentence], other: Sequence[Sentence], part: str) -> list[Finding]:
    """A note if sentences of ``other`` are, word for word, in the training data; otherwise nothing.

    >>> train = [Sentence("a.txt:1", ("yes", "."))]
    >>> print(*shared_sentences(train, [Sentence("b.txt:9", ("yes", ".")), Sentence("b.txt:12", ("no",))], "test"))
    1 of 2 sentences of test is in train too, word for word: b.txt:9 = a.txt:1
    """
    seen: dict[tuple[str, ...], str] = {}
    for sentence in train:
        seen.setdefault(sentence.words, sentence.name)
    pairs = [(one.name, seen[one.words]) for one in other if one.words in seen]
    if not pairs:
        return []
    shown = ", ".join(f"{name} = {twin}" for name, twin in pairs[:SHOWN])
    more = ", …" if len(pairs) > SHOWN else ""
    verb = "is" if len(pairs) == 1 else "are"
    what = (
        f"{len(pairs)} of {len(other)} sentences of {part} {verb} in train too, word for word: {shown}{more}"
    )
    return [warning("leak", what)]


class _Reading:
    """Reads paths, and gathers what is bad and what is notable."""

    def __init__(self, data: DataSpec, reader: Reader, seed: int) -> None:
        self.data = data
        self.seed = seed
        self.kept = data.order == "kept"
        self.bad: list[Finding] = []
        self.notes: list[Finding] = []
        self._reader = reader
        self._paths: list[str] = []
        self._total = 0

    def read(self, path: str, role: Role) -> list[Sentence]:
        documents = read_documents(path, role, self._reader)
        sentences = [sentence for document in documents for sentence in document.sentences]
        bad = [entry for document in documents for entry in document.bad]
        self._paths.append(path)
        self.bad.extend(bad)
        self._total += len(sentences) + len(bad)
        if not sentences:
            raise BadFilesError(bad, where=path, total=len(bad))
        return sentences

    def settle(self) -> None:
        """Refuse what is bad, or note that it was left out."""
        where = ", ".join(dict.fromkeys(self._paths))
        self.notes.extend(settle(self.bad, total=self._total, where=where, skip_bad=self.data.skip_bad))

    def take(self, sentences: list[Sentence], count: int) -> tuple[list[Sentence], list[Sentence]]:
        """Hold out: the last ones, or those that the seed chooses; and the rest."""
        if self.kept:
            cut = len(sentences) - count
            return sentences[cut:], sentences[:cut]
        chosen, rest = choose(cast("Sequence[Sample]", sentences), count, self.seed, stratify=False)
        return cast("list[Sentence]", chosen), cast("list[Sentence]", rest)

    def first(self, sentences: list[Sentence], count: int) -> tuple[list[Sentence], list[Sentence]]:
        """For training: the first ones, or those that the seed chooses; and the rest."""
        return (sentences[:count], sentences[count:]) if self.kept else self.take(sentences, count)

    def note_unused(self, unused: list[Sentence], total: int, text: str) -> None:
        if unused:
            what = f"{len(unused)} of {total} sentences are in no part of the split {text}"
            self.notes.append(note("unused", what))

    def record(self, how: str, splits: SentenceSplits, unused: int = 0, *, chosen: str = "") -> SplitRecord:
        """The record; ``chosen`` names the parts that were made here."""
        ends = ", the last ones of the data" if self.kept and chosen else ""
        return SplitRecord(
            how=how + ends,
            seed=self.seed if chosen and not self.kept else None,
            counts={
                "train": len(splits.train),
                "valid": len(splits.valid),
                "test": len(splits.test or []),
                "bad": len(self.bad),
                "unused": unused,
            },
            valid=[one.name for one in splits.valid] if "valid" in chosen else None,
            test=[one.name for one in splits.test or []] if "test" in chosen else None,
            notes=self.notes,
        )


def _split_source(reading: _Reading) -> tuple[SentenceSplits, SplitRecord]:
    path, text = reading.data.source or "", reading.data.split or ""
    sentences = reading.read(path, "all")
    parts = parse_split(text, len(sentences))
    test, rest = reading.take(sentences, parts.test)
    valid, rest = reading.take(rest, parts.valid)
    train, unused = reading.first(rest, parts.train)
    reading.note_unused(unused, len(sentences), text)
    splits = SentenceSplits(train, valid, test or None)
    return splits, reading.record(f"{path} split {text}", splits, len(unused), chosen="valid, test")


def _split_train(reading: _Reading) -> tuple[SentenceSplits, SplitRecord]:
    data = reading.data
    path = data.train or ""
    source = find_place(path).source
    own = own_parts(source)
    reading.notes.extend(
        note("no-part", f"{name} is in no part, by its name", path) for name in part_less(source)
    )
    sentences = reading.read(path, "train")
    test = None
    if data.test is not None or "test" in own:
        test = reading.read(data.test or path, "test")
    if data.valid is not None:
        splits = SentenceSplits(sentences, reading.read(data.valid, "valid"), test)
        return splits, reading.record("paths named by the user", splits)
    if "valid" in own and data.split is None:
        splits = SentenceSplits(sentences, reading.read(path, "valid"), test)
        return splits, reading.record(f"{path}: its own parts", splits)
    train, valid, unused, how = _hold_out(reading, sentences)
    splits = SentenceSplits(train, valid, test)
    return splits, reading.record(how, splits, len(unused), chosen="valid")


def _hold_out(
    reading: _Reading, sentences: list[Sentence]
) -> tuple[list[Sentence], list[Sentence], list[Sentence], str]:
    data = reading.data
    if data.split is None:
        if len(sentences) < 2:
            raise SplitError(
                "too few sentences to hold one out for validation",
                where=str(data.train),
                expected="2 or more",
                got=str(len(sentences)),
                hint="pass --valid PATH",
            )
        valid, train = reading.take(sentences, max(1, round(VALID_SHARE * len(sentences))))
        return train, valid, [], f"a tenth of {data.train} held out for validation"
    parts = parse_split(data.split, len(sentences))
    if parts.test:
        raise ConfigError(
            "data.split of data.train has two parts: training and validation",
            where="data.split",
            got=data.split,
            hint="use --data PATH --split A/B/C to make a test part too",
        )
    valid, rest = reading.take(sentences, parts.valid)
    train, unused = reading.first(rest, parts.train)
    reading.note_unused(unused, len(sentences), data.split)
    return train, valid, unused, f"{data.train} split {data.split}"


def _refuse_untagged(sentences: Sequence[Sentence]) -> None:
    untagged = [one for one in sentences if not one.tags]
    if untagged:
        raise DataError(
            "sentences without tags",
            where=untagged[0].file,
            expected="a tag for every word",
            got=f"{len(untagged)} of {len(sentences)} sentences have none, the first at {untagged[0].name}",
            hint="choose the column that holds the tags",
        )
