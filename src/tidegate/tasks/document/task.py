"""``document``: a text → its class, labels, or a value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from tidegate.config.compile import compile_model, compile_run
from tidegate.config.run import RunSpec
from tidegate.config.word_features import word_features
from tidegate.data.finding import note
from tidegate.data.text.labelled.memory import EXPECTED
from tidegate.data.text.labelled.splits import make_text_splits
from tidegate.data.text.labelled.targets import classes_of, kind_of, rare_classes, unknown_labels, value_of
from tidegate.data.text.labelled.text import Text
from tidegate.data.text.labelled.words import how_written
from tidegate.errors import Finding
from tidegate.network.vgsl import parse
from tidegate.tasks.contract import Json, Prepared, Task
from tidegate.tasks.description import Description
from tidegate.tasks.document.baselines import document_baselines
from tidegate.tasks.document.describe import describe
from tidegate.tasks.document.problem import Answers, DocumentProblem
from tidegate.tasks.document.settings import columns_of, table_of
from tidegate.tasks.document.split import Cutting
from tidegate.tasks.showing import Showing
from tidegate.tasks.words.pretrained import embedding_weights, vectors_for
from tidegate.tasks.words.vocabulary import WordVocabulary, learn_words

Parts = Mapping[str, Sequence[Text]]
PRIMARY = {"class": ("accuracy", False), "labels": ("micro_f1", False), "value": ("rmse", True)}


def _settled(spec: RunSpec, train: Sequence[Text], *, several: bool) -> tuple[RunSpec, list[Finding]]:
    """The specification with what the data decided written in, so that config.toml is complete."""
    table, notes = table_of(spec), list[Finding]()
    kind = kind_of(train, table.target, several=several)
    cut = how_written(text.text for text in train) if table.tokens == "auto" else table.tokens
    if table.tokens == "auto" and cut == "characters":
        what = 'texts are written without spaces, and read character by character (document.tokens = "words" changes it)'
        notes.append(note("characters", what))
    if table.target == "auto" and kind == "value":
        what = 'answers are numbers, and the model estimates values (document.target = "class" changes it)'
        notes.append(note("values", what))
    return spec.with_settings(target=kind, tokens=cut), notes


def _problem(spec: RunSpec, parts: Parts) -> tuple[DocumentProblem, list[Finding]]:
    table = table_of(spec)
    assert table.tokens != "auto"
    cutting = Cutting(table.tokens, table.longest)
    sentences = {name: [cutting.sentence(text) for text in texts] for name, texts in parts.items()}
    everyone = [sentence for part in sentences.values() for sentence in part]
    vectors, normal = vectors_for(everyone, table, "document", skip_bad=spec.data.skip_bad)
    vocabulary = learn_words(sentences["train"], table, normal)
    answers = _answers(spec, parts["train"])
    architecture = compile_model(
        spec.model,
        "document",
        rows=1,
        channels=word_features(table, "document"),
        kind="softmax" if answers.kind == "class" else "linear",
    )
    weights = None if vectors is None else embedding_weights(vocabulary, vectors, spec.seed)
    problem = DocumentProblem(vocabulary, answers, cutting, architecture, spec, weights)
    cut_off = sum(len(sentence) == table.longest for sentence in everyone)
    notes = list(vectors.notes) if vectors is not None else []
    if cut_off:
        many = f"{table.longest} {table.tokens} or more"
        what = f"{cut_off} texts have {many}, of which the first are read (document.longest)"
        notes.append(note("long-text", what))
    return problem, notes


def _answers(spec: RunSpec, train: Sequence[Text]) -> Answers:
    table = table_of(spec)
    kind = kind_of(train, table.target, several=table.target == "labels")
    if kind == "value":
        values = np.array([value_of(text.target) for text in train])
        return Answers(kind, mean=float(values.mean()), deviation=float(values.std()) or 1.0)
    classes = classes_of(train, str(spec.data.train or spec.data.source))
    answers = Answers(kind, classes)
    return answers if table.threshold is None else replace(answers, threshold=table.threshold)


def _label_notes(problem: DocumentProblem, parts: Parts) -> list[Finding]:
    if problem.answers.kind == "value":
        return []
    classes = problem.answers.classes
    notes = rare_classes(parts["train"], classes)
    for name, texts in parts.items():
        notes += unknown_labels(texts, classes, f"the {name} data")
    return notes


class _Documents(Task):
    name = "document"
    primary = "accuracy"
    lower_is_better = False
    shares_data = True
    in_memory = EXPECTED
    # A sentence of a review, whose answer is one of two.
    showing = Showing(
        columns=25,
        symbols=2,
        example="a text of {columns} words with {channels} features each",
        counted="{symbols} classes",
        beside="what makes a word's features (embeddings, characters) comes on top of these parameters",
    )

    def prepare(self, spec: RunSpec) -> Prepared:
        """Read the texts that a specification names; words and classes are those of the training part."""
        compile_run(spec)  # Before the data are read: they may take longer than a mistake is worth.
        splits, record, several = make_text_splits(spec.data, columns_of(spec), spec.seed)
        spec, notes = _settled(spec, splits.train, several=several)
        parts = {
            "train": splits.train,
            "valid": splits.valid,
            **({"test": splits.test} if splits.test else {}),
        }
        problem, more = _problem(spec, parts)
        kind = problem.answers.kind
        notes = [*record.notes, *notes, *more, *_label_notes(problem, parts)]
        numbered = {name: problem.split_of(texts) for name, texts in parts.items()}
        primary, lower = PRIMARY[kind]
        chooses = kind == "labels" and table_of(spec).threshold is None
        return Prepared(
            spec,
            problem,
            numbered,
            record.to_json(),
            notes,
            partial(document_baselines, parts, kind, problem.answers.classes, problem.cutting.cut),
            primary,
            (lambda network: problem.with_threshold(network, numbered["valid"])) if chooses else None,
            lower,
        )

    def restore(self, data: Json, spec: RunSpec) -> DocumentProblem:
        """Make the problem again from model.json."""
        return DocumentProblem(
            WordVocabulary.from_values(data["vocabulary"], "vocabulary"),
            Answers.from_values(data["answers"], "answers"),
            Cutting(**data["cutting"]),
            parse(data["architecture"]),
            spec,
        )

    def describe(self, spec: RunSpec, path: str) -> Description:
        """Texts, words and answers."""
        return describe(spec, path)


DOCUMENT = _Documents()
