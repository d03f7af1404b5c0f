"""Evidence as a reader sees it: samples with their differences marked, confusions, errors by length."""

from __future__ import annotations

import base64
import binascii
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from tidegate.report.difference import difference, visible
from tidegate.report.measures import measure
from tidegate.report.numbers import count
from tidegate.report.read import Json

_PNG = b"\x89PNG\r\n\x1a\n"
MATRIX_CLASSES = 40


@dataclass(frozen=True)
class Shown:
    """One sample: its picture as a data URI (or nothing), the two texts with marks, and what was wrong."""

    name: str
    image: str | None
    reference: Markup
    answer: Markup
    right: bool
    told: str


@dataclass(frozen=True)
class Bar:
    """One row of a table with bars: ``share`` is the bar's length between 0 and 1."""

    label: str
    note: str
    value: str
    share: float


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


def shown(example: Json, task: str) -> Shown:
    """One entry of evidence.json, ready for the page."""
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


def confusion_bars(confusions: Sequence[Json], task: str, most: int = 20) -> list[Bar]:
    """The most frequent confusions, longest bar first."""
    rows = sorted(confusions, key=lambda row: -int(row["count"]))[:most]
    largest = max((int(row["count"]) for row in rows), default=1)
    return [
        Bar(
            label=f"{_symbol(str(row['reference']))} → {_symbol(str(row['predicted']))}",
            note=_change(str(row["reference"]), str(row["predicted"]), task),
            value=count(int(row["count"])),
            share=int(row["count"]) / largest,
        )
        for row in rows
    ]


def length_bars(groups: Sequence[Json], primary: str) -> list[Bar]:
    """The error of short and long samples."""
    figure = measure(primary)
    largest = max((float(group["value"]) for group in groups), default=0.0) or 1.0
    return [
        Bar(
            label=str(group["length"]),
            note=f"{count(group['samples'])} {'sample' if group['samples'] == 1 else 'samples'}",
            value=figure.text(float(group["value"])),
            share=float(group["value"]) / largest,
        )
        for group in groups
    ]


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


def _symbol(text: str) -> str:
    return visible(text) or "∅"


def _change(reference: str, predicted: str, task: str) -> str:
    if task == "classify":
        return f"{reference} taken for {predicted}"
    if not predicted:
        return f"missed {_named(reference)}"
    if not reference:
        return f"added {_named(predicted)}"
    return f"{_named(reference)} read as {_named(predicted)}"


def _named(text: str) -> str:
    """What a character is called, where it cannot be told by its looks; a class keeps its name."""
    if len(text) != 1 or (text.isascii() and text.isalnum()):
        return text
    return unicodedata.name(text, text).lower()
