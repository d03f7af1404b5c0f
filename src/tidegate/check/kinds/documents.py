"""The doctor of texts with classes, labels or values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tidegate.check.contract import Checks, Found, Shown, Subject, found
from tidegate.check.doubles import contradictions, near_leaks
from tidegate.check.kinds.vocabulary import check_words
from tidegate.check.labels import check_labels, plain
from tidegate.check.numbers import sentinels
from tidegate.config.compile import compile_run
from tidegate.config.run import RunSpec
from tidegate.config.tasks.document import DocumentSettings
from tidegate.data.source import find_place, holds_images
from tidegate.data.text.labelled.columns import TextColumns
from tidegate.data.text.labelled.reader import columns_known, own_parts
from tidegate.data.text.labelled.splits import make_text_splits
from tidegate.data.text.labelled.targets import Kind, kind_of, value_of
from tidegate.data.text.labelled.text import Text
from tidegate.data.text.labelled.words import how_written, tokens_of
from tidegate.tasks.document.settings import columns_of

GIVEN_AWAY = 0.9
"""Share of texts that hold the name of their own class, from which it is in the text."""


@dataclass(frozen=True)
class Documents(Subject[Text]):
    """Texts with answers.

    Attributes:
        kind: What they are answered with.
    """

    kind: Kind = "class"


def read(spec: RunSpec) -> Documents:
    """Texts and answers, as training reads them."""
    splits, record, several = make_text_splits(spec.data, columns_of(spec), spec.seed)
    parts: Mapping[str, Sequence[Text]] = {"train": splits.train, "valid": splits.valid}
    parts = parts if splits.test is None else {**parts, "test": splits.test}
    labels = {label for text in splits.train for label in text.labels or ()}
    return Documents(
        spec,
        parts,
        record.notes,
        architecture=compile_run(spec),
        columns=25,
        symbols=len(labels),
        answers=len(splits.train),
        kind=kind_of(splits.train, spec.settings(DocumentSettings).target, several=several),
    )


def show(text: Text) -> Shown:
    """An answer and the beginning of the text."""
    return Shown(text.name, f"{text.target} ← {text.text[:300]}")


def answers(subject: Documents) -> Iterator[Found]:
    """Classes or values that cannot be learnt."""
    if subject.kind == "class":
        yield from check_labels(subject.parts, shuffled=subject.spec.data.shuffle, show=show)
    elif subject.kind == "value":
        values = np.array([value_of(text.target) for text in subject.train])
        if len(values) > 1 and values.min() == values.max():
            yield found(
                "error",
                "constant-label",
                "train",
                f"all {len(values):,} texts have the value {values[0]:g}: there is nothing to estimate",
                "check which column holds the values",
            )
        for value, count in sentinels(values).items():
            yield found(
                "warning",
                "sentinel",
                "train",
                f"{count:,} texts have the value {value:g}, far outside all others: it seems to stand for no value",
                "leave these texts out",
                [text for text in subject.train if value_of(text.target) == value],
                show,
            )


def given_away(subject: Documents) -> Iterator[Found]:
    """Texts that hold the name of their class."""
    if subject.kind != "class" or len(subject.train) < 20:
        return
    names = Counter(text.target for text in subject.train)
    texts = [(f" {plain(text.text)} ", text) for text in subject.train[:2000]]
    told = [text for held, text in texts if len(text.target) > 2 and f" {plain(text.target)} " in held]
    others = sum(
        any(len(name) > 2 and name != text.target and f" {plain(name)} " in held for name in names)
        for held, text in texts[:200]
    )
    if len(told) > GIVEN_AWAY * len(texts) and others < 0.5 * min(200, len(texts)):
        yield found(
            "warning",
            "label-in-text",
            "train",
            f"{len(told):,} of {len(texts):,} texts hold the name of their own class: what is measured is whether "
            "it is found",
            "take the label out of the texts; check which column holds the text",
            told,
            show,
        )


def sizes(subject: Documents) -> Iterator[Found]:
    """Texts of which hardly anything is read."""
    longest = subject.spec.settings(DocumentSettings).longest
    cut = how_written(text.text for text in subject.train)
    long = [text for text in subject.train if len(tokens_of(text.text, cut, longest + 1)) > longest]
    if long:
        yield found(
            "warning" if len(long) > 0.5 * len(subject.train) else "note",
            "long-text",
            "train",
            f"{len(long):,} of {len(subject.train):,} texts have more than {longest} {cut}, of which the first "
            "are read",
            f"--set document.longest={4 * longest} reads more of them, in more time",
            long,
        )


def words(subject: Documents) -> Iterator[Found]:
    """Words that training, or the vectors, do not have."""
    cut = how_written(text.text for text in subject.train)
    settings = subject.spec.settings(DocumentSettings)
    parts = {
        name: [tokens_of(text.text, cut, settings.longest) for text in part]
        for name, part in subject.parts.items()
    }
    yield from check_words(parts, settings, subject.spec.table_name)


def doubles(subject: Documents) -> Iterator[Found]:
    """Texts that stand there twice: with another answer, or in two parts but for marks and digits."""

    def near(text: Text) -> str | None:
        letters = "".join(letter for letter in plain(text.text) if letter.isalpha())
        return letters if len(letters) >= 30 else None

    def exact(text: Text) -> str:
        return " ".join(text.text.lower().split())

    yield from contradictions(subject.train, exact, show)
    yield from near_leaks(
        subject.train, subject.others, exact, near, alike="marks, digits and spaces", show=show
    )


def unlikeness(path: str) -> float | None:
    """Tables and JSON lines with a column of texts and one of answers are its data; a folder a class may be."""
    if holds_images(find_place(path).source):
        return None
    names = columns_known(path)
    if names is None:
        return -1.0 if own_parts(path) else 0.0
    TextColumns().find(names, path, labelled=True)
    return -1.0


CHECKS = Checks(read, (answers, given_away, sizes, words, doubles), unlikeness)
