"""Which column, or which key, holds the text and which the answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tidegate.data.tables.names import column_named, column_usual, plain_name
from tidegate.errors import DataError

TEXTS = (
    "text",
    "sentence",
    "review",
    "content",
    "message",
    "utterance",
    "comment",
    "tweet",
    "question",
    "body",
)
LABELS = (
    "label",
    "labels",
    "class",
    "category",
    "target",
    "sentiment",
    "topic",
    "intent",
    "polarity",
    "rating",
    "score",
    "value",
)


@dataclass(frozen=True)
class TextColumns:
    """What to look for.

    Attributes:
        text: The text's column; ``None``: look.
        label: The answer's.
        separator: Between several labels.
        classes: Whether answers must be classes, so that a number with decimals is none.
    """

    text: str | None = None
    label: str | None = None
    separator: str | None = None
    classes: bool = False

    def find(self, names: Sequence[str], where: str, *, labelled: bool) -> tuple[str, str | None]:
        """The columns of the text and of the answer among those that there are.

        Args:
            names: That there are.
            where: The file, for errors.
            labelled: Whether the answer must be there; else it may be ``None``.

        Raises:
            DataError: One is not there, or cannot be told.

        >>> TextColumns().find(["id", "Text", "class"], "a.csv", labelled=True)
        ('Text', 'class')
        """
        text = _find(self.text, TEXTS, names, where, "text")
        if not labelled and (self.label is None or column_named(names, self.label) is None):
            return text, None
        others = [name for name in names if name != text]
        if self.label is None and len(others) == 1:
            return text, others[0]
        return text, _find(self.label, LABELS, others, where, "label")


def _find(wanted: str | None, usual: Sequence[str], names: Sequence[str], where: str, key: str) -> str:
    if wanted is not None:
        found = column_named(names, wanted)
        if found is not None:
            return found
        raise DataError(
            f"there is no {wanted}", where=where, expected=f"one of: {', '.join(names)}", got=wanted
        )
    known = [name for name in names if plain_name(name) in usual]
    first = column_usual(known, usual)
    if first is not None and (len(known) == 1 or plain_name(first) == usual[0]):
        return first
    raise DataError(
        f"it cannot be told which column holds the {key}",
        where=where,
        expected=f"one of: {', '.join(usual)}",
        got=", ".join(names),
        hint=f'name it: document.{key} = "…"',
    )
