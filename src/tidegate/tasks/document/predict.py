"""Answers for texts: what comes in, and the rows that go out."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from tidegate.data.memory import is_array, is_table
from tidegate.data.tables.table import table_of_frame
from tidegate.data.text.labelled.columns import TextColumns
from tidegate.data.text.labelled.inputs import read_unlabelled, texts_of_lines
from tidegate.data.text.labelled.tables import texts_of_table
from tidegate.data.text.labelled.text import Text, Texts
from tidegate.errors import DataError, Finding
from tidegate.tasks.document.answers import DocumentAnswer
from tidegate.tasks.prediction.inputs import as_list, one_line, unfit
from tidegate.tasks.prediction.rows import DIGITS, Prediction

EXPECTED = "texts, a table of texts, or files as pathlib.Path"


@dataclass(frozen=True, repr=False)
class DocumentPrediction(Prediction):
    """The answer for one text.

    Attributes:
        labels: Those that were given; one class.
        probabilities: Of each class, most probable first; none of a value.
        value: In the data's units; NaN otherwise.
    """

    labels: tuple[str, ...] = ()
    probabilities: dict[str, float] = field(default_factory=dict[str, float])
    value: float = math.nan

    def to_json(self) -> dict[str, object]:
        """Class or labels with probabilities, or value."""
        plain = super().to_json()
        if self.error is not None:
            return plain
        if not self.probabilities:
            return {**plain, "value": self.value}
        probabilities = {name: round(one, DIGITS) for name, one in self.probabilities.items()}
        return {**plain, "labels": list(self.labels), "probabilities": probabilities}


def document_prediction(name: str, answer: DocumentAnswer, classes: Sequence[str]) -> DocumentPrediction:
    """What the network said of a text."""
    ranked = sorted(zip(classes, answer.probabilities, strict=False), key=lambda pair: -pair[1])
    return DocumentPrediction(
        name,
        answer.text,
        answer.confidence,
        labels=answer.labels,
        probabilities=dict(ranked),
        value=answer.value,
    )


def read_inputs(inputs: Any, columns: TextColumns) -> tuple[list[Text], dict[int, Finding], list[Finding]]:
    """The texts of a call's inputs.

    Args:
        inputs: A string is a text; a ``Path`` a file, plain with a text on each line, a table, or JSON lines; bytes are
            the content of a plain one; a data frame is a table; or a sequence of these.
        columns: Which column of a table holds texts.

    Returns:
        Those that can be answered, in order; the others by their place among all; notes.

    Raises:
        DataError: An input is of another kind.
    """
    texts: list[Text] = []
    refused: dict[int, Finding] = {}
    notes: list[Finding] = []
    listed = inputs.tolist() if is_array(inputs) and inputs.shape else as_list(inputs, expected=EXPECTED)
    for number, one in enumerate(listed, start=1):
        found = _opened(one, f"text {number}", columns)
        notes += found.notes
        texts += found.texts
        for bad in found.bad:
            refused[len(texts) + len(refused)] = bad
    return texts, refused, notes


def _opened(one: Any, name: str, columns: TextColumns) -> Texts:
    if isinstance(one, str):
        found = Texts()
        found.add(name, one, None)
        if _names_a_file(one):
            what = f"{one!r} was read as a text; for the file of that name give Path({one!r})"
            found.notes.append(Finding("note", "names-a-file", name, what))
        return found
    if isinstance(one, bytes):
        return texts_of_lines("stdin", one)
    try:
        if isinstance(one, Path):
            return read_unlabelled(one, columns)
        if is_table(one):
            return texts_of_table(table_of_frame(one, name), columns, labelled=False)
    except DataError as error:
        found = Texts()
        found.refuse("unreadable", error.where or name, one_line(error))
        return found
    raise unfit(one, name, EXPECTED)


def _names_a_file(text: str) -> bool:
    return len(text) < 1000 and "\0" not in text and "\n" not in text and Path(text).is_file()


def files_of(arguments: Iterable[str], stdin: BinaryIO) -> Iterator[Path | bytes]:
    """The files that a command line names; ``-`` is one on ``stdin``."""
    for text in arguments:
        yield stdin.read() if text == "-" else Path(text)
