"""What a report shows of texts: samples, the most confident mistakes, the words that matter, confusions."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from tidegate.data.text.labelled.targets import Kind, value_of
from tidegate.results.analysis.document import DocumentAnalysis, Probability, TextSample
from tidegate.results.analysis.samples import Confusion, LengthGroup
from tidegate.results.analysis.signal import Estimate
from tidegate.results.analysis.tag import Label
from tidegate.results.samples import Samples
from tidegate.tasks.document.answers import DocumentAnswer
from tidegate.tasks.document.important_words import MOST_WORDS
from tidegate.tasks.document.split import DocumentSplit
from tidegate.tasks.error_analysis import spread
from tidegate.tasks.per_sample import by_sample

SHOWN = 12
SHOWN_CONFUSIONS = 40
SHOWN_PAIRS = 500
SHOWN_PROBABILITIES = 5
GROUPS = 5

Weights = Callable[[int], Sequence[float]]
"""From a place in the split to what each word of the text adds to the answer."""


def document_analysis(
    split: DocumentSplit,
    said: Sequence[DocumentAnswer],
    kind: Kind,
    classes: Sequence[str],
    weights: Weights,
) -> tuple[DocumentAnalysis, Samples]:
    """Texts spread over the split, the worst, what is taken for what, metrics by class and length.

    Args:
        split: With answers.
        said: One for each text.
        kind: What texts are answered with.
        classes: Those of training.
        weights: Of the words of a text; asked for those that are shown.
    """
    errors = _errors(split, said, kind)
    # Of classes the most confident mistakes, of values the largest errors.
    blame = [
        error * (1 if kind == "value" else one.confidence) for error, one in zip(errors, said, strict=True)
    ]
    worst = sorted(range(len(said)), key=lambda i: (-blame[i], i))[:SHOWN]

    def shown(index: int) -> TextSample:
        return _shown(split, said[index], index, errors[index], classes, weights)

    names = [*classes, *sorted(set(split.references) - set(classes))] if kind == "class" else []
    matrix = _matrix(split, said, names)
    analysis = DocumentAnalysis(
        samples=tuple(shown(i) for i in spread(len(said), SHOWN)),
        worst=tuple(shown(i) for i in worst if blame[i] > 0),
        confusions=_confusions(matrix, names),
        classes=tuple(names),
        matrix=tuple(map(tuple, matrix.tolist())),
        labels=() if kind == "value" else _labels(split, said, classes),
        scatter=_scatter(split, said) if kind == "value" else None,
        errors_by_length=_errors_by_length(split.sizes(), errors),
    )
    return analysis, _by_sample(split, said, errors, kind)


def _scatter(split: DocumentSplit, said: Sequence[DocumentAnswer]) -> tuple[Estimate, ...]:
    places = spread(len(said), SHOWN_PAIRS)
    return tuple(Estimate(value_of(split.references[i]), said[i].value) for i in places)


def _errors(split: DocumentSplit, said: Sequence[DocumentAnswer], kind: Kind) -> list[float]:
    if kind == "value":
        return [
            abs(one.value - value_of(reference))
            for one, reference in zip(said, split.references, strict=True)
        ]
    return [
        float(set(one.labels) != set(text.labels or ())) for one, text in zip(said, split.texts, strict=True)
    ]


def _by_sample(
    split: DocumentSplit,
    said: Sequence[DocumentAnswer],
    errors: Sequence[float],
    kind: Kind,
) -> Samples:
    texts = {
        "names": split.names,
        "references": split.references,
        "answers": [one.text for one in said],
    }
    sizes = list(split.sizes())
    if kind == "labels":
        pairs = [
            (set(one.labels), set(text.labels or ())) for one, text in zip(said, split.texts, strict=True)
        ]
        hits = [2 * len(given & there) for given, there in pairs]
        return by_sample(
            "micro_f1",
            hits,
            [len(a) + len(b) for a, b in pairs],
            length=sizes,
            texts=texts,
        )
    ones = [1] * len(errors)
    if kind == "value":
        return by_sample(
            "rmse",
            [error**2 for error in errors],
            ones,
            root=True,
            length=sizes,
            texts=texts,
        )
    return by_sample("accuracy", [1 - error for error in errors], ones, length=sizes, texts=texts)


def _shown(
    split: DocumentSplit,
    one: DocumentAnswer,
    index: int,
    error: float,
    classes: Sequence[str],
    weights: Weights,
) -> TextSample:
    words = split.sentences[index].words
    ranked = sorted(zip(classes, one.probabilities, strict=False), key=lambda pair: -pair[1])
    return TextSample(
        name=split.names[index],
        reference=split.references[index],
        predicted=one.text,
        confidence=round(one.confidence, 4) if math.isfinite(one.confidence) else None,
        error=error,
        words=words[:MOST_WORDS],
        weights=tuple(round(weight, 4) for weight in weights(index)),
        length=len(words),
        probabilities=tuple(Probability(name, round(p, 4)) for name, p in ranked[:SHOWN_PROBABILITIES]),
    )


def _matrix(split: DocumentSplit, said: Sequence[DocumentAnswer], names: Sequence[str]) -> NDArray[np.int64]:
    number = {name: i for i, name in enumerate(names)}
    matrix = np.zeros((len(names), len(names)), np.int64)
    for reference, answer in zip(split.references, said, strict=True) if names else ():
        matrix[number[reference], number[answer.text]] += 1
    return matrix


def _confusions(matrix: NDArray[np.int64], names: Sequence[str]) -> tuple[Confusion, ...]:
    wrong = [(i, j) for i, j in np.argwhere(matrix).tolist() if i != j]
    wrong.sort(key=lambda pair: -int(matrix[pair]))
    return tuple(Confusion(names[i], names[j], int(matrix[i, j])) for i, j in wrong[:SHOWN_CONFUSIONS])


def _labels(
    split: DocumentSplit, said: Sequence[DocumentAnswer], classes: Sequence[str]
) -> tuple[Label, ...]:
    """Precision, recall and F1 of each class or label, the most frequent first."""
    true = [set(text.labels or ()) for text in split.texts]
    given = [set(one.labels) for one in said]
    names = [
        *classes,
        *sorted({label for labels in true for label in labels} - set(classes)),
    ]
    rows: list[Label] = []
    for name in names:
        there, told = (
            sum(name in one for one in true),
            sum(name in one for one in given),
        )
        both = sum(name in a and name in b for a, b in zip(true, given, strict=True))
        f1 = 2 * both / max(1, there + told)
        rows.append(Label(name, there, both / max(1, told), both / max(1, there), f1))
    return tuple(sorted(rows, key=lambda row: (-row.count, row.label)))


def _errors_by_length(lengths: Sequence[int], errors: Sequence[float]) -> tuple[LengthGroup, ...]:
    """The mean error of a few groups of texts, as many in each, from short to long."""
    if len(set(lengths)) < 2:
        return ()
    order = sorted(range(len(lengths)), key=lambda i: lengths[i])
    bounds = sorted({lengths[order[len(order) * group // GROUPS]] for group in range(1, GROUPS)})
    edges = [
        min(lengths),
        *(bound for bound in bounds if bound > min(lengths)),
        max(lengths) + 1,
    ]
    rows: list[LengthGroup] = []
    for low, high in pairwise(edges):
        inside = [error for length, error in zip(lengths, errors, strict=True) if low <= length < high]
        if inside:
            name = f"{low}–{high - 1}" if high - 1 > low else str(low)
            rows.append(LengthGroup(name, len(inside), sum(inside) / len(inside)))
    return tuple(rows)
