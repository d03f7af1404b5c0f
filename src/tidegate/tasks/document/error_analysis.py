"""What a report shows of texts: samples, the most confident mistakes, the words that matter, confusions."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence

from tidegate.data.text.labelled.targets import Kind, value_of
from tidegate.results.analysis.document import DocumentAnalysis, Probability, TextSample
from tidegate.results.analysis.samples import Estimate, Label
from tidegate.results.samples import Samples
from tidegate.tasks.document.answers import DocumentAnswer
from tidegate.tasks.document.important_words import MOST_WORDS
from tidegate.tasks.document.split import DocumentSplit
from tidegate.tasks.error_analysis import (
    by_label,
    by_length,
    confused_classes,
    confusion_matrix,
    estimates,
    spread,
    worst,
)
from tidegate.tasks.per_sample import Units, by_sample

SHOWN_PROBABILITIES = 5

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

    def shown(index: int) -> TextSample:
        return _shown(split, said[index], index, errors[index], classes, weights)

    names = [*classes, *sorted(set(split.references) - set(classes))] if kind == "class" else []
    matrix = confusion_matrix(split.references, [one.text for one in said], names)
    analysis = DocumentAnalysis(
        samples=tuple(shown(i) for i in spread(len(said))),
        worst=tuple(shown(i) for i in worst(blame)),
        confusions=confused_classes(matrix, names),
        classes=tuple(names),
        matrix=matrix,
        labels=() if kind == "value" else _labels(split, said),
        scatter=_scatter(split, said) if kind == "value" else None,
        errors_by_length=by_length(split.sizes(), errors),
    )
    return analysis, _by_sample(split, said, errors, kind)


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
    units = Units.groups([text.group for text in split.texts])
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
            units=units,
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
            units=units,
            texts=texts,
        )
    right = [1 - error for error in errors]
    return by_sample("accuracy", right, ones, length=sizes, units=units, texts=texts)


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


def _scatter(split: DocumentSplit, said: Sequence[DocumentAnswer]) -> tuple[Estimate, ...]:
    return estimates([value_of(reference) for reference in split.references], [one.value for one in said])


def _labels(split: DocumentSplit, said: Sequence[DocumentAnswer]) -> tuple[Label, ...]:
    pairs = [(set(text.labels or ()), set(one.labels)) for text, one in zip(split.texts, said, strict=True)]
    there = Counter(label for true, _ in pairs for label in true)
    given = Counter(label for _, answer in pairs for label in answer)
    return by_label(there, given, Counter(label for true, answer in pairs for label in true & answer))
