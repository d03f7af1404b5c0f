"""The tagged sentences of a run, read as its specification says, and the scheme of their tags. No torch here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tidegate.config.run import RunSpec
from tidegate.config.tasks.tag import TagSpec
from tidegate.data.finding import note
from tidegate.data.splitting import SplitRecord, Splits
from tidegate.data.words.columns import looks_like_positions
from tidegate.data.words.document import Document
from tidegate.data.words.scheme_detection import detect_scheme, find_scheme
from tidegate.data.words.schemes import Scheme
from tidegate.data.words.sentence import Sentence
from tidegate.data.words.splits import make_sentence_splits
from tidegate.errors import ConfigError
from tidegate.tasks.tag.reading import TagReading

SINGLE = 0.99
"""Share of words of one character from which a model is one of characters."""


def read_tagged(spec: RunSpec) -> tuple[TagReading, Splits[Sentence], SplitRecord]:
    """The sentences of all parts; characters with positions are recognised where the specification does not say."""
    reading = TagReading.of(spec)
    places: list[int] = []

    def read(name: str, content: bytes) -> Document:
        document = reading.reader()(name, content)
        if document.place is not None and document.place.column is not None:
            places.append(document.place.column + 1)
        return document

    if spec.data.memory:
        _check_columns(spec.settings(TagSpec))
    splits, record = make_sentence_splits(spec.data, read, spec.seed)
    unsaid = spec.settings(TagSpec).positions is None and not spec.data.memory
    if unsaid and looks_like_positions(splits.train):
        reading = replace(reading, positions=True)
        splits, record = make_sentence_splits(spec.data, read, spec.seed)
        what = (
            "words are single characters with their positions, which became a column of their own "
            "(tag.positions = false reads them as they stand)"
        )
        record = replace(record, notes=[*record.notes, note("positions", what)])
    lengths = [len(word) for sentence in splits.train for word in sentence.words]
    # Real files of characters have a broken emoji here and there, which is two.
    single = lengths.count(1) >= SINGLE * len(lengths)
    return replace(reading, single=single, place=places[0] if places else None), splits, record


def _check_columns(table: TagSpec) -> None:
    """Refuse what only files can have.

    Raises:
        ConfigError: Sentences in memory should have further columns, or words with positions.
    """
    if table.feature_columns or table.positions:
        raise ConfigError(
            "sentences in memory have words and tags, and no other columns",
            where="tag.feature_columns" if table.feature_columns else "tag.positions",
            expected="sentences in files, or this key left out",
            got=str(table.feature_columns or table.positions),
        )


def scheme_of(spec: RunSpec, sentences: Sequence[Sentence]) -> Scheme:
    """The scheme that a specification names, or that the tags of the training sentences are written in."""
    named = spec.settings(TagSpec).scheme
    if named == "auto":
        return find_scheme(sentences)
    detected = detect_scheme(sentence.tags for sentence in sentences).scheme
    # The letters are the file's own, BILOU say, where it is of the scheme that was named.
    same = detected is not None and detected.name == named
    return detected if same and detected is not None else Scheme(named)
