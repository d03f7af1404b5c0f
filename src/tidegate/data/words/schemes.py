"""Tag schemes: how the tags of words say where a span begins and ends.

``iob2`` marks the first word of every span with B and the rest with I; ``iob1`` (Ramshaw and Marcus 1995) uses B only
where a span follows another one of the same label; ``bioes`` marks last words (E) and single ones (S) too, under other
letters in BILOU, BMES and BMEWO. In ``none`` a tag says nothing of its neighbours: parts of speech, for example.

Spans are read as the conlleval script (Tjong Kim Sang and Buchholz 2000) reads them, whatever the tags are. What a scheme
forbids, ``tidegate.data.words.scheme_rules`` tells.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

Name = Literal["iob1", "iob2", "bioes", "none"]
OUTSIDE = "O"
_PLAIN_LETTERS = {"B": "B", "I": "I", "M": "I", "E": "E", "L": "E", "S": "S", "U": "S", "W": "S", "O": "O"}
"""Letters of all schemes, as conlleval's rules have them."""


class Span(NamedTuple):
    """Words ``start`` to ``end``, which is not part of it, and what they are."""

    start: int
    end: int
    label: str


def split_tag(tag: str) -> tuple[str, str]:
    """A tag's letter and label; ``O`` and letters alone have the label ``""``.

    A tag that is neither ``LETTER-LABEL`` nor a letter alone has the letter ``""``.

    >>> split_tag("B-PER"), split_tag("O"), split_tag("PRP$")
    (('B', 'PER'), ('O', ''), ('', 'PRP$'))
    """
    if tag[:1] in _PLAIN_LETTERS and (len(tag) == 1 or tag[1] == "-"):
        return tag[0], tag[2:]
    return "", tag


@dataclass(frozen=True)
class Scheme:
    """One way to write spans as tags.

    Args:
        name: Which.
        inside: The letter of words inside a span: I, or M.
        end: Of the last word of several: E, or L. Used by ``bioes`` only, as the next.
        single: Of a span of one word: S, U or W.

    >>> Scheme("iob2").to_spans(["B-PER", "I-PER", "O", "I-LOC"])
    [Span(start=0, end=2, label='PER'), Span(start=3, end=4, label='LOC')]
    >>> Scheme("bioes").from_spans([Span(0, 2, "PER")], 3)
    ['B-PER', 'E-PER', 'O']
    """

    name: Name
    inside: str = "I"
    end: str = "E"
    single: str = "S"

    @property
    def letters(self) -> tuple[str, ...]:
        """The letters that mark words of a span."""
        if self.name == "none":
            return ()
        return ("B", self.inside, self.end, self.single) if self.name == "bioes" else ("B", "I")

    def to_spans(self, tags: Sequence[str]) -> list[Span]:
        """The spans that tags mark, read as conlleval does: what breaks the scheme ends one span and begins another.

        For ``none``, every word whose tag is not ``O`` is a span of its own.
        """
        if self.name == "none":
            return [Span(index, index + 1, tag) for index, tag in enumerate(tags) if tag != OUTSIDE]
        spans: list[Span] = []
        start, letter, label = 0, OUTSIDE, ""
        for index, tag in enumerate([*tags, OUTSIDE]):
            next_letter, next_label = split_tag(tag)
            next_letter = _PLAIN_LETTERS.get(next_letter, "I")
            goes_on = letter in "BI" and next_letter in "IE" and label == next_label
            if not goes_on:
                if letter != OUTSIDE:
                    spans.append(Span(start, index, label))
                start = index
            letter, label = next_letter, next_label
        return spans

    def from_spans(self, spans: Iterable[Span], length: int) -> list[str]:
        """Tags of a sentence of ``length`` words with these spans.

        Raises:
            ValueError: Spans overlap, are empty, or are not in the sentence; or, for ``none``, have several words.
        """
        tags = [OUTSIDE] * length
        before = Span(0, 0, "")
        for span in sorted(spans):
            if not before.end <= span.start < span.end <= length:
                raise ValueError(f"{span} is not in a sentence of {length} words, or overlaps {before}")
            tags[span.start : span.end] = self._written(span, before)
            before = span
        return tags

    def _written(self, span: Span, before: Span) -> list[str]:
        size = span.end - span.start
        if self.name == "none":
            if size > 1:
                raise ValueError(f"{span}: no scheme, so that a span has one word")
            return [span.label]
        letters = ["B", *[self.inside if self.name == "bioes" else "I"] * (size - 1)]
        if self.name == "bioes":
            letters[-1] = self.end if size > 1 else self.single
        elif self.name == "iob1" and not (
            before.end == span.start and before.label == span.label and span.start
        ):
            letters[0] = "I"
        return [f"{letter}-{span.label}" if span.label else letter for letter in letters]

    def repair(self, tags: Sequence[str]) -> list[str]:
        """The nearest tags that keep to the scheme: those of the same spans.

        >>> Scheme("iob2").repair(["O", "I-PER", "I-PER"])
        ['O', 'B-PER', 'I-PER']
        """
        return list(tags) if self.name == "none" else self.from_spans(self.to_spans(tags), len(tags))

    def inventory(self, labels: Iterable[str]) -> list[str]:
        """All tags of the labels: what a model must be able to say.

        >>> Scheme("bioes", "M").inventory(["NP"])
        ['O', 'B-NP', 'M-NP', 'E-NP', 'S-NP']
        """
        if self.name == "none":
            return list(labels)
        tags = [f"{letter}-{label}" if label else letter for label in labels for letter in self.letters]
        return [OUTSIDE, *tags]


def convert(tags: Sequence[str], source: Scheme, target: Scheme) -> list[str]:
    """The same spans in another scheme.

    Raises:
        ValueError: One of them is ``none``, and the other is not.

    >>> convert(["B-PER", "I-PER", "O"], Scheme("iob2"), Scheme("bioes"))
    ['B-PER', 'E-PER', 'O']
    """
    if (source.name == "none") != (target.name == "none"):
        raise ValueError(f"tags of scheme {source.name} cannot be written in scheme {target.name}")
    return list(tags) if source.name == "none" else target.from_spans(source.to_spans(tags), len(tags))
