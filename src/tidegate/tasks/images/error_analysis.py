"""What a report shows of images: some of them, the worst mistakes, what is taken for what."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from pathlib import PurePosixPath

from tidegate.results.analysis.samples import Sample, SampleAnalysis
from tidegate.results.samples import Samples
from tidegate.tasks.contract import Answer
from tidegate.tasks.error_analysis import (
    by_length,
    confused_classes,
    confusion_matrix,
    most_confused,
    spread,
    worst,
)
from tidegate.tasks.metrics import confusions, edits
from tidegate.tasks.per_sample import Units, by_sample
from tidegate.tasks.split import Pictured


def transcription_analysis(split: Pictured, answers: Sequence[Answer]) -> tuple[SampleAnalysis, Samples]:
    """Samples spread over the split, the lines with most errors, confusions, and error by length.

    Lines of one folder are taken to be of one page or hand: where there are several folders, they vary together.
    """
    texts = [answer.text for answer in answers]
    counts = [edits(reference, text) for reference, text in zip(split.references, texts, strict=True)]
    errors = [count / max(1, len(ref)) for count, ref in zip(counts, split.references, strict=True)]
    lengths = [len(reference) for reference in split.references]
    analysis = SampleAnalysis(
        samples=tuple(_shown(split, answers, i, errors[i], counts[i]) for i in spread(len(split))),
        worst=tuple(_shown(split, answers, i, errors[i], counts[i]) for i in worst(errors)),
        confusions=most_confused(confusions(split.references, texts)),
        errors_by_length=by_length(lengths, counts, lengths),
    )
    pages = Units("page", [str(PurePosixPath(name).parent) for name in split.names])
    units = Units.groups(split.groups, pages)
    return analysis, by_sample(
        "cer", counts, lengths, length=lengths, units=units, texts=_texts(split, texts)
    )


def classification_analysis(
    split: Pictured, answers: Sequence[Answer], classes: Sequence[str]
) -> tuple[SampleAnalysis, Samples]:
    """Samples spread over the split, the most confident mistakes, and the confusion matrix."""
    texts = [answer.text for answer in answers]
    errors = [float(text != reference) for text, reference in zip(texts, split.references, strict=True)]
    weights = [error * answer.confidence for error, answer in zip(errors, answers, strict=True)]
    matrix = confusion_matrix(split.references, texts, classes)
    analysis = SampleAnalysis(
        samples=tuple(_shown(split, answers, i, errors[i], None) for i in spread(len(split))),
        worst=tuple(_shown(split, answers, i, errors[i], None) for i in worst(weights)),
        confusions=confused_classes(matrix, classes),
        classes=tuple(classes),
        matrix=matrix,
    )
    right = [1 - error for error in errors]
    units = Units.groups(split.groups)
    return analysis, by_sample("accuracy", right, [1] * len(errors), units=units, texts=_texts(split, texts))


def _texts(split: Pictured, answers: Sequence[str]) -> dict[str, Sequence[str]]:
    return {"names": split.names, "references": split.references, "answers": answers}


def _shown(split: Pictured, answers: Sequence[Answer], index: int, error: float, count: int | None) -> Sample:
    return Sample(
        name=split.names[index],
        reference=split.references[index],
        predicted=answers[index].text,
        confidence=answers[index].confidence,
        error=error,
        edits=count,
        image=base64.b64encode(split.picture(index)).decode("ascii"),
    )
