"""What a model says of inputs: a row for each, and all of them together, the same for every task."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Generic, TypeVar, overload

from tidegate.errors import Finding

if TYPE_CHECKING:
    from pandas import DataFrame

DIGITS = 4
"""Decimals of probabilities in JSON."""
SHOWN = 10
"""Rows that the representation of many shows."""


@dataclass(frozen=True, repr=False)
class Prediction:
    """The answer for one input.

    Attributes:
        name: The input: its path, or its place among those that were given.
        answer: A class, a text, a value as text; empty if the input cannot be read.
        confidence: 0 to 1; NaN where nothing is known of that.
        finding: What is wrong with the input, if it cannot be read.

    >>> Prediction("a.png", "cat", 0.98765)
    <Prediction 'a.png': 'cat' (0.988)>
    >>> Prediction("a.png", "cat", 0.98765).to_json()
    {'name': 'a.png', 'answer': 'cat', 'confidence': 0.9877}
    """

    name: str
    answer: str = ""
    confidence: float = math.nan
    finding: Finding | None = None

    @property
    def error(self) -> str | None:
        """Why the input cannot be read, else ``None``."""
        return None if self.finding is None else self.finding.what

    def to_json(self) -> dict[str, object]:
        """Plain values: ``name``, and ``answer`` with ``confidence`` where there are some, or ``error``."""
        if self.error is not None:
            return {"name": self.name, "error": self.error}
        return {"name": self.name, "answer": self.answer, **known("confidence", self.confidence)}

    def text(self) -> str:
        """One line for a terminal: name, a tab, the answer."""
        return f"{self.name}\t{self.answer}"

    def __repr__(self) -> str:
        kind = type(self).__name__
        if self.error is not None:
            return f"<{kind} {self.name!r}: cannot be read: {self.error}>"
        sure = "" if math.isnan(self.confidence) else f" ({self.confidence:.3f})"
        return f"<{kind} {self.name!r}: {self._shown()}{sure}>"

    def _shown(self) -> str:
        return repr(self.answer)


def known(key: str, value: float) -> dict[str, float]:
    """An entry of JSON for a probability, where it is known.

    >>> known("confidence", 0.123456), known("confidence", float("nan"))
    ({'confidence': 0.1235}, {})
    """
    return {} if math.isnan(value) else {key: round(value, DIGITS)}


Row = TypeVar("Row", bound=Prediction, covariant=True)


class Predictions(Sequence[Row], Generic[Row]):
    """Rows in the order of the inputs, and what to know about them.

    Args:
        rows: One an input, or one for each part that an input holds.
        notes: What a person should know of the inputs.

    >>> empty = Finding("error", "empty-file", "b.png", "the file is empty")
    >>> answers = Predictions([Prediction("a.png", "cat", 0.9), Prediction("b.png", finding=empty)])
    >>> len(answers), answers[0].answer, [one.name for one in answers.bad]
    (2, 'cat', ['b.png'])
    >>> [one["what"] for one in answers.to_json()["findings"]]
    ['the file is empty']
    """

    def __init__(self, rows: Iterable[Row], notes: Iterable[Finding] = ()) -> None:
        self.rows = tuple(rows)
        self.notes = tuple(notes)

    @property
    def good(self) -> list[Row]:
        """The rows that have an answer."""
        return [row for row in self.rows if row.error is None]

    @property
    def bad(self) -> list[Row]:
        """The rows of inputs that cannot be read."""
        return [row for row in self.rows if row.error is not None]

    @property
    def frame(self) -> DataFrame:
        """A table of the rows that have an answer."""
        import pandas as pd

        return pd.DataFrame([row.to_json() for row in self.good])

    def to_json(self) -> dict[str, object]:
        """``predictions``, and ``findings`` about what cannot be read and what else to know: the same for every task."""
        return all_json([self])

    def text(self) -> str:
        """As ``tidegate predict`` prints them."""
        return "".join(f"{row.text()}\n" for row in self.good)

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Row, ...]: ...
    def __getitem__(self, index: int | slice) -> Row | tuple[Row, ...]:
        return self.rows[index]

    def __len__(self) -> int:
        return len(self.rows)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Predictions | list | tuple):
            return self.rows == tuple(other)
        return NotImplemented

    __hash__ = None  # pyright: ignore[reportAssignmentType] - as of a list

    def __repr__(self) -> str:
        count = "1 row" if len(self) == 1 else f"{len(self):,} rows"
        bad = f", {len(self.bad):,} of them cannot be read" if self.bad else ""
        lines = [f"  {row!r}" for row in self.rows[:SHOWN]]
        more = [f"  … and {len(self) - SHOWN:,} more"] if len(self) > SHOWN else []
        return "\n".join([f"<{type(self).__name__}: {count}{bad}>", *lines, *more])


def all_json(parts: Sequence[Predictions[Prediction]]) -> dict[str, object]:
    """One object for all of several answers."""
    rows = list(chain.from_iterable(parts))
    notes = dict.fromkeys(chain.from_iterable(part.notes for part in parts))
    findings = [*(row.finding for row in rows if row.finding is not None), *notes]
    return {
        "predictions": [row.to_json() for row in rows if row.finding is None],
        "findings": [finding.to_json() for finding in findings],
    }


def in_order(answered: Iterable[Row], refused: Mapping[int, Row]) -> list[Row]:
    """Rows with an answer, and among them the others at their places.

    >>> [one.name for one in in_order([Prediction("a"), Prediction("c")], {1: Prediction("b")})]
    ['a', 'b', 'c']
    """
    rows = list(answered)
    for place in sorted(refused):
        rows.insert(place, refused[place])
    return rows


def refused_rows(refused: Mapping[int, Finding]) -> dict[int, Prediction]:
    """Rows without an answer."""
    return {place: Prediction(bad.where, finding=bad) for place, bad in refused.items()}
