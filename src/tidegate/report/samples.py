"""Error analysis as a reader sees it: samples with their mistakes marked, and which classes were taken for which."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from tidegate.data.words.schemes import Scheme
from tidegate.report.read import Json
from tidegate.report.tasks.forecast_windows import number
from tidegate.report.tasks.signal_chart import Drawn, drawn
from tidegate.report.tasks.tagged_sentence import answered, confidence, meant, scheme_of, tagged
from tidegate.report.tasks.text_diff import difference
from tidegate.report.text.escape import clipped, printable
from tidegate.report.text.metrics import measure

_PNG = b"\x89PNG\r\n\x1a\n"
MATRIX_CLASSES = 40


@dataclass(frozen=True)
class Shown:
    """One sample: its picture (a data URI, or a signal) if any, the two texts with marks, and what was wrong.

    ``right`` is ``None`` for a value, which is nearer or farther.
    """

    name: str
    image: str | None
    reference: Markup
    answer: Markup
    right: bool | None
    told: str
    signal: Drawn | None = None


@dataclass(frozen=True)
class Cell:
    """One cell of a confusion matrix; ``share`` is of the row, and decides the colour."""

    count: int
    share: float
    right: bool


@dataclass(frozen=True)
class MatrixRow:
    """The samples of one class, by what they were taken for."""

    name: str
    cells: tuple[Cell, ...]


def shown(example: Json, task: str, scheme: Scheme | None = None, *, as_values: bool = False) -> Shown:
    """One entry of error_analysis.json, ready for the page.

    Args:
        example: The entry.
        task: Of the run.
        scheme: How the tags of ``tag`` mark spans; found in the entry itself if not given.
        as_values: Whether the answers of ``signal`` are values.
    """
    if task == "signal":
        return _shown_signal(example, as_values)
    if task == "tag":
        return _shown_sentence(example, scheme or scheme_of([example]))
    reference, predicted = str(example.get("reference", "")), str(example.get("predicted", ""))
    marked = difference(reference, predicted) if task == "transcribe" else None
    return Shown(
        name=str(example.get("name", "")),
        image=image_uri(example.get("image")),
        reference=marked.reference if marked else Markup.escape(reference),
        answer=marked.answer if marked else Markup.escape(predicted),
        right=reference == predicted,
        told=_told(example, task, reference == predicted),
    )


def shown_all(examples: Sequence[Json], task: str, *, as_values: bool = False) -> list[Shown]:
    """All entries of a list, with one scheme for their tags."""
    scheme = scheme_of(examples) if task == "tag" else None
    return [shown(example, task, scheme, as_values=as_values) for example in examples]


def image_uri(encoded: object) -> str | None:
    """A data URI of a base64 PNG; ``None`` for anything else, since a page must not load what a file names."""
    if not isinstance(encoded, str) or not encoded:
        return None
    try:
        if not base64.b64decode(encoded, validate=True).startswith(_PNG):
            return None
    except binascii.Error:
        return None
    return f"data:image/png;base64,{encoded}"


def matrix_rows(classes: Sequence[str], matrix: Sequence[Sequence[int]]) -> list[MatrixRow]:
    """A confusion matrix, row by row; none when there are more classes than a page can show."""
    if not 0 < len(classes) <= MATRIX_CLASSES:
        return []
    return [
        MatrixRow(
            name=name,
            cells=tuple(Cell(n, n / max(1, sum(row)), right=i == j) for j, n in enumerate(row)),
        )
        for i, (name, row) in enumerate(zip(classes, matrix, strict=True))
    ]


def _shown_sentence(example: Json, scheme: Scheme) -> Shown:
    sentence = tagged(example, scheme)
    length = int(example.get("length") or len(sentence.words))
    wrong = sentence.wrong if example.get("wrong") is None else int(example["wrong"])
    cut = f"first {len(sentence.words)} of {length} words" if length > len(sentence.words) else ""
    tags = "1 word" if length == 1 else f"{length} words"
    told = (f"{wrong} of {tags} wrong" if wrong else f"all of {tags} right", confidence(sentence), cut)
    return Shown(
        name=str(example.get("name", "")),
        image=None,
        reference=meant(sentence),
        answer=answered(sentence),
        right=not wrong,
        told=" · ".join(part for part in told if part),
    )


def _shown_signal(example: Json, as_values: bool) -> Shown:
    name = printable(str(example.get("name", "")))
    picture = drawn(example.get("signal") or {}, clipped(name))
    is_, said = (_answer(example.get(key)) for key in ("reference", "predicted"))
    right = None if as_values else is_ == said
    told = _off(example) if as_values else _told(example, "signal", is_ == said)
    return Shown(
        name=name,
        image=None,
        reference=Markup.escape(is_),
        answer=Markup.escape(said),
        right=right,
        told=told,
        signal=picture,
    )


def _answer(value: object) -> str:
    """A class as it is, a value to five digits."""
    if isinstance(value, float):
        return f"{value:.5g}"
    return clipped(printable(str("" if value is None else value)))


def _off(example: Json) -> str:
    """How far an estimated value is from what is right, in the unit of both."""
    is_, said = (_value(example.get(key)) for key in ("reference", "predicted"))
    return "" if is_ is None or said is None else f"{abs(said - is_):.3g} off"


def _value(told: object) -> float | None:
    """A value that is a number, or written as one."""
    try:
        return number(float(told)) if isinstance(told, str) else number(told)
    except ValueError:
        return None  # What cannot be read is shown as it is, without a distance.


def _told(example: Json, task: str, right: bool) -> str:
    parts: list[str] = []
    if right:
        parts.append("right")
    elif task == "transcribe" and example.get("edits") is not None:
        edits = int(example["edits"])
        parts.append(f"{edits} {'edit' if edits == 1 else 'edits'}")
        parts.append(f"CER {measure('cer').text(float(example['error']))}")
    else:
        parts.append("wrong")
    if example.get("confidence") is not None:
        parts.append(f"confidence {float(example['confidence']) * 100:.0f}\u202f%")
    return " · ".join(parts)
