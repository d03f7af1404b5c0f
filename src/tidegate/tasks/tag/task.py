"""``tag``: the words of a sentence → a tag for each, by a network over the sentence and softmax or a CRF."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from tidegate.config.compile import compile_run
from tidegate.config.run import RunSpec
from tidegate.config.tasks.tag import TagSpec
from tidegate.data.finding import warning
from tidegate.data.splitting import Splits
from tidegate.data.words.memory import EXPECTED
from tidegate.data.words.scheme_rules import scheme_problems
from tidegate.data.words.schemes import Scheme
from tidegate.data.words.sentence import Sentence
from tidegate.errors import Finding
from tidegate.network.vgsl import parse
from tidegate.tasks.contract import Json, Prepared, Task
from tidegate.tasks.description import Description
from tidegate.tasks.showing import Showing
from tidegate.tasks.tag.baselines import tag_baselines
from tidegate.tasks.tag.describe import describe
from tidegate.tasks.tag.parts import read_tagged, scheme_of
from tidegate.tasks.tag.problem import Tag, unseen_tags
from tidegate.tasks.tag.reading import TagReading
from tidegate.tasks.tag.vocabulary import TagVocabulary, learn_vocabulary
from tidegate.tasks.words.pretrained import embedding_weights, vectors_for


def _settled(spec: RunSpec, reading: TagReading) -> RunSpec:
    """The specification with what the data decided written in, so that config.toml is complete."""
    return spec.with_settings(positions=reading.positions)


def _problem(spec: RunSpec, reading: TagReading, splits: Splits[Sentence]) -> tuple[Tag, list[Finding]]:
    scheme = scheme_of(spec, splits.train)
    learnt = _learnt(spec, scheme)
    everyone = [*splits.train, *splits.valid, *(splits.test or [])]
    vectors, normal = vectors_for(everyone, spec.settings(TagSpec), "tag", skip_bad=spec.data.skip_bad)
    vocabulary = learn_vocabulary(
        splits.train, _tags(splits.train, scheme, learnt), spec.settings(TagSpec), normal
    )
    weights = None if vectors is None else embedding_weights(vocabulary.words, vectors, spec.seed)
    problem = Tag(vocabulary, scheme, learnt, reading, compile_run(spec), spec, weights)
    return problem, [] if vectors is None else vectors.notes


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
        reading, splits, record = read_tagged(spec)
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
