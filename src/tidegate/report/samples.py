"""Samples as a reader sees them, with their mistakes marked; and which classes were taken for which."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from tidegate.report.tasks.signal_chart import Drawn

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


def correctness(right: bool, confidence: float | None, wrong: str = "wrong") -> str:
    """Whether an answer is right, and how sure it was.

    >>> correctness(True, 0.934).replace("\\u202f", " "), correctness(False, None)
    ('right · confidence 93 %', 'wrong')
    """
    verdict = "right" if right else wrong
    return verdict if confidence is None else f"{verdict} · confidence {confidence * 100:.0f}\u202f%"


def image_uri(encoded: str | None) -> str | None:
    """A data URI of a base64 PNG; ``None`` for anything else, since a page must not load what a file names."""
    if not encoded:
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
