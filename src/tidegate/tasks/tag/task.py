"""``tag``: the words of a sentence → a tag for each, by a network over the sentence and softmax or a CRF."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from tidegate.config.compile import compile_run
from tidegate.config.run import RunSpec
from tidegate.config.tasks.tag import TagSpec
from tidegate.data.finding import note, warning
from tidegate.data.splitting import SplitRecord, Splits
from tidegate.data.words.columns import looks_like_positions
from tidegate.data.words.document import Document
from tidegate.data.words.memory import EXPECTED
from tidegate.data.words.scheme_detection import detect_scheme, find_scheme
from tidegate.data.words.scheme_rules import scheme_problems
from tidegate.data.words.schemes import Scheme
from tidegate.data.words.sentence import Sentence
from tidegate.data.words.splits import make_sentence_splits
from tidegate.errors import ConfigError, Finding
from tidegate.network.vgsl import parse
from tidegate.tasks.contract import Json, Prepared, Task
from tidegate.tasks.description import Description
from tidegate.tasks.showing import Showing
from tidegate.tasks.tag.baselines import tag_baselines
from tidegate.tasks.tag.describe import describe
from tidegate.tasks.tag.problem import Tag, unseen_tags
from tidegate.tasks.tag.reading import TagReading
from tidegate.tasks.tag.vocabulary import TagVocabulary, learn_vocabulary
from tidegate.tasks.words.pretrained import embedding_weights, vectors_for

SINGLE = 0.99
"""Share of words of one character from which a model is one of characters."""


def _read(spec: RunSpec) -> tuple[TagReading, Splits[Sentence], SplitRecord]:
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


def _settled(spec: RunSpec, reading: TagReading) -> RunSpec:
    """The specification with what the data decided written in, so that config.toml is complete."""
    return spec.with_settings(positions=reading.positions)


def _problem(spec: RunSpec, reading: TagReading, splits: Splits[Sentence]) -> tuple[Tag, list[Finding]]:
    scheme = _scheme(spec, splits.train)
    learnt = _learnt(spec, scheme)
    everyone = [*splits.train, *splits.valid, *(splits.test or [])]
    vectors, normal = vectors_for(everyone, spec.settings(TagSpec), "tag", skip_bad=spec.data.skip_bad)
    vocabulary = learn_vocabulary(
        splits.train, _tags(splits.train, scheme, learnt), spec.settings(TagSpec), normal
    )
    weights = None if vectors is None else embedding_weights(vocabulary.words, vectors, spec.seed)
    problem = Tag(vocabulary, scheme, learnt, reading, compile_run(spec), spec, weights)
    return problem, [] if vectors is None else vectors.notes


def _scheme(spec: RunSpec, sentences: Sequence[Sentence]) -> Scheme:
    named = spec.settings(TagSpec).scheme
    if named == "auto":
        return find_scheme(sentences)
    detected = detect_scheme(sentence.tags for sentence in sentences).scheme
    # The letters are the file's own, BILOU say, where it is of the scheme that was named.
    same = detected is not None and detected.name == named
    return detected if same and detected is not None else Scheme(named)


def _learnt(spec: RunSpec, scheme: Scheme) -> Scheme:
    learnt = spec.settings(TagSpec).learnt_scheme
    if scheme.name == "none" or learnt in ("same", scheme.name):
        return scheme
    return Scheme(learnt)


def _tags(sentences: Sequence[Sentence], scheme: Scheme, learnt: Scheme) -> list[str]:
    """All tags that the model can give: those of every label of training."""
    if scheme.name == "none":
        return sorted({tag for sentence in sentences for tag in sentence.tags})
    labels = {span.label for sentence in sentences for span in scheme.to_spans(sentence.tags)}
    return learnt.inventory(sorted(labels))


def _slips(part: str, sentences: Sequence[Sentence], scheme: Scheme) -> list[Finding]:
    """A note on tags that break the scheme; they are read as conlleval reads them."""
    slips = scheme_problems(sentences, scheme)
    if not slips:
        return []
    first = str(slips[0])
    count = "1 tag breaks" if len(slips) == 1 else f"{len(slips):,} tags break"
    what = f"{count} the scheme {scheme.name}, and are read as conlleval does; the first is {first}"
    return [warning("broken-scheme", what, part)]


class _Tag(Task):
    name = "tag"
    primary = "f1"
    lower_is_better = False
    shares_data = True
    in_memory = EXPECTED
    outputs = ("crf",)
    # Tags where nothing says: as many as there are parts of speech, or a few kinds of entities; words of a sentence as
    # newspapers mostly have them.
    showing = Showing(
        columns=25,
        symbols=20,
        example="a sentence of {columns} words with {channels} features each",
        counted="{symbols} tags",
        beside="what makes a word's features (embeddings, characters) comes on top of these parameters",
    )

    def prepare(self, spec: RunSpec) -> Prepared:
        """Read the sentences that a specification names; vocabulary and scheme are those of the training part."""
        compile_run(spec)  # Before the data are read: they may take longer than a mistake is worth.
        reading, splits, record = _read(spec)
        spec = _settled(spec, reading)
        problem, vector_notes = _problem(spec, reading, splits)
        parts = {
            "train": splits.train,
            "valid": splits.valid,
            **({"test": splits.test} if splits.test else {}),
        }
        notes = [*record.notes, *vector_notes]
        for name, sentences in parts.items():
            notes += _slips(name, sentences, problem.scheme)
            notes += unseen_tags(f"the {name} data", problem, sentences)
        numbered = {name: problem.split_of(sentences) for name, sentences in parts.items()}
        test = splits.test or splits.valid
        primary = "accuracy" if problem.scheme.name == "none" else None
        baselines = partial(tag_baselines, splits.train, test, problem.scheme)
        return Prepared(spec, problem, numbered, record.to_json(), notes, baselines, primary)

    def restore(self, data: Json, spec: RunSpec) -> Tag:
        """Make the problem again from model.json."""
        return Tag(
            TagVocabulary.from_values(data["vocabulary"], "vocabulary"),
            Scheme(**data["scheme"]),
            Scheme(**data["learnt"]),
            TagReading.from_values(data["reading"], "reading"),
            parse(data["architecture"]),
            spec,
        )

    def describe(self, spec: RunSpec, path: str) -> Description:
        """Sentences, words, tags and their scheme."""
        return describe(spec, path)


TAG = _Tag()
