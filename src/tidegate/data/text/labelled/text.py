"""One text with its answer, and what a reader finds of them."""

from __future__ import annotations

from dataclasses import dataclass, field

from tidegate.errors import Finding

JOIN = ", "
"""Between the labels of a text, where they are shown."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text and what it is answered with.

    Args:
        name: The file and the place in it: ``reviews.csv, line 12``.
        text: As it stands.
        labels: A class or a value as the only one; any number where a text has several; ``None``: no answer is known.

    >>> Text("a.csv, line 2", "The tide is out.", ("sea", "weather")).target
    'sea, weather'
    """

    name: str
    text: str
    labels: tuple[str, ...] | None = None
    group: str = ""

    @property
    def target(self) -> str:
        """The labels, joined: what reports show."""
        return JOIN.join(self.labels or ())


@dataclass
class Texts:
    """What a reader found: texts that can be used, and what is wrong with others.

    Attributes:
        texts: In the order of the data.
        bad: What cannot be used.
        notes: What a person should know.
        several: Whether some answers are lists of labels.
    """

    texts: list[Text] = field(default_factory=list[Text])
    bad: list[Finding] = field(default_factory=list[Finding])
    notes: list[Finding] = field(default_factory=list[Finding])
    several: bool = False

    def add(self, name: str, text: str, labels: tuple[str, ...] | None) -> None:
        """Take a text, unless it is empty or its answer is missing."""
        if not text.strip():
            self.refuse("empty-text", name, "the text is empty")
        elif labels is not None and "" in labels:
            self.refuse("no-label", name, "the label is missing")
        else:
            self.texts.append(Text(name, text, labels))

    def refuse(self, code: str, where: str, what: str) -> None:
        """Put a text on the list of those that cannot be used."""
        self.bad.append(Finding("error", code, where, what))

    def extend(self, others: Texts) -> None:
        """Take all of other findings too."""
        self.texts += others.texts
        self.bad += others.bad
        self.notes += others.notes
        self.several = self.several or others.several


def split_labels(text: str, separator: str | None) -> tuple[str, ...]:
    """The labels of a cell: one, or with a separator any number, each once.

    >>> split_labels("sea; wind;sea", ";"), split_labels("", ";"), split_labels("a;b", None)
    (('sea', 'wind'), (), ('a;b',))
    """
    if separator is None:
        return (text.strip(),)
    parts = (part.strip() for part in text.split(separator))
    return tuple(dict.fromkeys(part for part in parts if part))
