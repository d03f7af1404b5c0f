"""What a report shows of a split besides figures: samples, the worst mistakes, what is taken for what."""

from __future__ import annotations

import base64
from collections.abc import Sequence

from tidegate.tasks.contract import Answer, Json
from tidegate.tasks.metrics import confusions, edits
from tidegate.tasks.per_sample import by_sample
from tidegate.tasks.split import Pictured

SHOWN = 12
SHOWN_CONFUSIONS = 40


def transcription_analysis(split: Pictured, answers: Sequence[Answer]) -> Json:
    """Samples spread over the split, the lines with most errors, confusions, and error by length."""
    texts = [answer.text for answer in answers]
    counts = [edits(reference, text) for reference, text in zip(split.references, texts, strict=True)]
    errors = [count / max(1, len(ref)) for count, ref in zip(counts, split.references, strict=True)]
    found = confusions(split.references, texts)
    common = sorted(found.items(), key=lambda item: (-item[1], item[0]))[:SHOWN_CONFUSIONS]
    return {
        "samples": [_shown(split, answers, i, errors[i], counts[i]) for i in _spread(len(split))],
        "worst": [_shown(split, answers, i, errors[i], counts[i]) for i in _worst(errors)],
        "confusions": [{"reference": ref, "predicted": out, "count": n} for (ref, out), n in common],
        "errors_by_length": _errors_by_length([len(reference) for reference in split.references], counts),
        "by_sample": by_sample(
            "cer",
            counts,
            [len(reference) for reference in split.references],
            length=[len(reference) for reference in split.references],
            texts=_texts(split, texts),
        ),
    }


def classification_analysis(split: Pictured, answers: Sequence[Answer], classes: Sequence[str]) -> Json:
    """Samples spread over the split, the most confident mistakes, and the confusion matrix."""
    errors = [float(a.text != ref) for a, ref in zip(answers, split.references, strict=True)]
    weights = [error * answer.confidence for error, answer in zip(errors, answers, strict=True)]
    number = {name: i for i, name in enumerate(classes)}
    matrix = [[0] * len(classes) for _ in classes]
    for answer, reference in zip(answers, split.references, strict=True):
        matrix[number[reference]][number[answer.text]] += 1
    pairs = [
        {"reference": classes[i], "predicted": classes[j], "count": count}
        for i, row in enumerate(matrix)
        for j, count in enumerate(row)
        if i != j and count
    ]
    return {
        "samples": [_shown(split, answers, i, errors[i], None) for i in _spread(len(split))],
        "worst": [_shown(split, answers, i, errors[i], None) for i in _worst(weights)],
        "confusions": sorted(pairs, key=lambda pair: -int(pair["count"]))[:SHOWN_CONFUSIONS],
        "classes": list(classes),
        "matrix": matrix,
        "by_sample": by_sample(
            "accuracy",
            [1 - error for error in errors],
            [1] * len(errors),
            texts=_texts(split, [answer.text for answer in answers]),
        ),
    }


def _texts(split: Pictured, answers: Sequence[str]) -> dict[str, Sequence[str]]:
    return {"names": split.names, "references": split.references, "answers": answers}


def _shown(split: Pictured, answers: Sequence[Answer], index: int, error: float, count: int | None) -> Json:
    return {
        "name": split.names[index],
        "reference": split.references[index],
        "predicted": answers[index].text,
        "confidence": answers[index].confidence,
        "error": error,
        "edits": count,
        "image": base64.b64encode(split.picture(index)).decode("ascii"),
    }


def _spread(count: int) -> list[int]:
    """Evenly spaced places, so that what is shown was not picked by its result."""
    return [count * i // SHOWN for i in range(SHOWN)] if count > SHOWN else list(range(count))


def _worst(errors: Sequence[float]) -> list[int]:
    order = sorted(range(len(errors)), key=lambda i: (-errors[i], i))
    return [i for i in order[:SHOWN] if errors[i] > 0]


def _errors_by_length(lengths: Sequence[int], counts: Sequence[int]) -> list[Json]:
    """Error rate of about five groups of samples, from short to long."""
    if not lengths:
        return []
    step = max(1, -(-max(lengths) // 5))
    rows: list[Json] = []
    for low in range(1, max(lengths) + 1, step):
        inside = [i for i, length in enumerate(lengths) if low <= length < low + step]
        if inside:
            total = sum(lengths[i] for i in inside)
            value = sum(counts[i] for i in inside) / max(1, total)
            rows.append({"length": f"{low}–{low + step - 1}", "samples": len(inside), "value": value})
    return rows
