"""What a report shows of a split besides figures: samples, the worst mistakes, what is taken for what."""

from __future__ import annotations

import base64
from collections.abc import Sequence

from tidegate.results.analysis.samples import Confusion, LengthGroup, Sample, SampleAnalysis
from tidegate.results.samples import Samples
from tidegate.tasks.contract import Answer
from tidegate.tasks.metrics import confusions, edits
from tidegate.tasks.per_sample import by_sample
from tidegate.tasks.split import Pictured

SHOWN = 12
SHOWN_CONFUSIONS = 40


def transcription_analysis(split: Pictured, answers: Sequence[Answer]) -> tuple[SampleAnalysis, Samples]:
    """Samples spread over the split, the lines with most errors, confusions, and error by length."""
    texts = [answer.text for answer in answers]
    counts = [edits(reference, text) for reference, text in zip(split.references, texts, strict=True)]
    errors = [count / max(1, len(ref)) for count, ref in zip(counts, split.references, strict=True)]
    found = confusions(split.references, texts)
    common = sorted(found.items(), key=lambda item: (-item[1], item[0]))[:SHOWN_CONFUSIONS]
    lengths = [len(reference) for reference in split.references]
    analysis = SampleAnalysis(
        samples=tuple(_shown(split, answers, i, errors[i], counts[i]) for i in spread(len(split), SHOWN)),
        worst=tuple(_shown(split, answers, i, errors[i], counts[i]) for i in _worst(errors)),
        confusions=tuple(Confusion(ref, out, n) for (ref, out), n in common),
        errors_by_length=_errors_by_length(lengths, counts),
    )
    return analysis, by_sample("cer", counts, lengths, length=lengths, texts=_texts(split, texts))


def classification_analysis(
    split: Pictured, answers: Sequence[Answer], classes: Sequence[str]
) -> tuple[SampleAnalysis, Samples]:
    """Samples spread over the split, the most confident mistakes, and the confusion matrix."""
    errors = [float(a.text != ref) for a, ref in zip(answers, split.references, strict=True)]
    weights = [error * answer.confidence for error, answer in zip(errors, answers, strict=True)]
    number = {name: i for i, name in enumerate(classes)}
    matrix = [[0] * len(classes) for _ in classes]
    for answer, reference in zip(answers, split.references, strict=True):
        matrix[number[reference]][number[answer.text]] += 1
    pairs = [
        Confusion(classes[i], classes[j], count)
        for i, row in enumerate(matrix)
        for j, count in enumerate(row)
        if i != j and count
    ]
    analysis = SampleAnalysis(
        samples=tuple(_shown(split, answers, i, errors[i], None) for i in spread(len(split), SHOWN)),
        worst=tuple(_shown(split, answers, i, errors[i], None) for i in _worst(weights)),
        confusions=tuple(sorted(pairs, key=lambda pair: -pair.count)[:SHOWN_CONFUSIONS]),
        classes=tuple(classes),
        matrix=tuple(map(tuple, matrix)),
    )
    texts = _texts(split, [answer.text for answer in answers])
    return analysis, by_sample("accuracy", [1 - error for error in errors], [1] * len(errors), texts=texts)


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


def spread(count: int, shown: int) -> list[int]:
    """Evenly spaced places, so that what is shown was not picked by its result.

    >>> spread(10, 4), spread(3, 4)
    ([0, 2, 5, 7], [0, 1, 2])
    """
    return [count * i // shown for i in range(shown)] if count > shown else list(range(count))


def _worst(errors: Sequence[float]) -> list[int]:
    order = sorted(range(len(errors)), key=lambda i: (-errors[i], i))
    return [i for i in order[:SHOWN] if errors[i] > 0]


def _errors_by_length(lengths: Sequence[int], counts: Sequence[int]) -> tuple[LengthGroup, ...]:
    """Error rate of about five groups of samples, from short to long."""
    if not lengths:
        return ()
    step = max(1, -(-max(lengths) // 5))
    rows: list[LengthGroup] = []
    for low in range(1, max(lengths) + 1, step):
        inside = [i for i, length in enumerate(lengths) if low <= length < low + step]
        if inside:
            total = sum(lengths[i] for i in inside)
            value = sum(counts[i] for i in inside) / max(1, total)
            rows.append(LengthGroup(f"{low}–{low + step - 1}", len(inside), value))
    return tuple(rows)
