"""A file of sentences, kept whole: what a reader found in it, and the same file again with other tags."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from tidegate.data.text_lines import TextLines, why_not_utf8
from tidegate.data.words.sentence import Sentence
from tidegate.errors import Finding

Separator = Literal["space", "tab"]
_CELL = re.compile(r"[^ \t]+")
SHOWN_LINES = 5
"""Bad lines of one sentence that are told; the rest are counted."""


@dataclass(frozen=True)
class TagPlace:
    """Where a line has its tag.

    Args:
        separator: What stands between columns: one tab, or a run of spaces and tabs.
        column: From 0; none: a column is added at the end.
    """

    separator: Separator
    column: int | None

    def put(self, line: str, tag: str) -> str:
        r"""The line with this tag; everything else in it stays.

        >>> TagPlace("space", 1).put("the  DT B-NP\r", "NN")
        'the  NN B-NP\r'
        >>> TagPlace("tab", None).put("the\tDT", "B-NP")
        'the\tDT\tB-NP'
        """
        if self.column is None:
            text = line.rstrip("\r") if self.separator == "tab" else line.rstrip(" \t\r")
            return text + ("\t" if self.separator == "tab" else " ") + tag + line[len(text) :]
        if self.separator == "tab":
            text = line.rstrip("\r")
            cells = text.split("\t")
            cells[self.column] = tag
            return "\t".join(cells) + line[len(text) :]
        cells = list(_CELL.finditer(line.rstrip("\r")))
        return line[: cells[self.column].start()] + tag + line[cells[self.column].end() :]


@dataclass(frozen=True)
class Document:
    """One file.

    Args:
        name: What errors call it.
        sentences: Those that can be used, in the order of the file.
        bad: One entry a sentence that cannot be used: its first bad line, and what is wrong with each.
        text: Every line.
        place: Where tags stand; none for plain text, which has no place for them.
    """

    name: str
    sentences: list[Sentence]
    bad: list[Finding]
    text: TextLines = field(repr=False)
    place: TagPlace | None

    @property
    def total(self) -> int:
        """Sentences, those that cannot be used among them."""
        return len(self.sentences) + len(self.bad)

    def render(self, tags: Sequence[Sequence[str]]) -> str:
        r"""The file with these tags, and everything else in it byte for byte as it was.

        Sentences that cannot be used stay as they are. Plain text becomes lines of ``word<TAB>tag`` with a blank line
        after each sentence. Write it with ``errors="surrogateescape"`` where bad lines may be in it.

        Args:
            tags: For each of ``sentences``, one a word.

        Raises:
            ValueError: The numbers do not fit.

        >>> document = read_plain("in.txt", "two words\n")
        >>> document.render([["NUM", "NOUN"]])
        'two\tNUM\nwords\tNOUN\n\n'
        """
        if len(tags) != len(self.sentences):
            raise ValueError(f"tags of {len(self.sentences)} sentences expected, got {len(tags)}")
        for sentence, row in zip(self.sentences, tags, strict=True):
            if len(row) != len(sentence):
                raise ValueError(f"{sentence.name}: {len(sentence)} tags expected, got {len(row)}")
        if self.place is None:
            return "".join(_column_lines(one, row) for one, row in zip(self.sentences, tags, strict=True))
        lines = list(self.text.lines)
        for sentence, row in zip(self.sentences, tags, strict=True):
            for number, tag in zip(sentence.lines, row, strict=True):
                lines[number - 1] = self.place.put(lines[number - 1], tag)
        return self.text.mark + "\n".join(lines)


def _column_lines(sentence: Sentence, tags: Sequence[str]) -> str:
    return "".join(f"{word}\t{tag}\n" for word, tag in zip(sentence.words, tags, strict=True)) + "\n"


def read_plain(name: str, text: str) -> Document:
    r"""Plain text: one sentence a line, words separated by white space; no tags.

    Args:
        name: What errors and sentences are called by.
        text: Any number of lines; blank ones are left out.

    >>> [one.words for one in read_plain("in.txt", "A b.\n\nC\n").sentences]
    [('A', 'b.'), ('C',)]
    """
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    lines = text[len(mark) :].split("\n")
    gathered = SentenceGathering(name)
    for number, line in enumerate(lines, start=1):
        reason = why_not_utf8(line)
        if reason is not None:
            gathered.refuse(number, reason)
        for word in line.split() if reason is None else ():
            gathered.word(number, word)
        gathered.close()
    return Document(name, gathered.sentences, gathered.bad, TextLines(mark, lines), None)


class SentenceGathering:
    """Gathers words into sentences, and what is wrong with a sentence into one entry."""

    def __init__(self, name: str) -> None:
        self.sentences: list[Sentence] = []
        self.bad: list[Finding] = []
        self._name = name
        self._document = 0
        self._clear()

    def _clear(self) -> None:
        self._words: list[str] = []
        self._tags: list[str] = []
        self._features: list[tuple[str, ...]] = []
        self._lines: list[int] = []
        self._problems: list[tuple[int, str]] = []

    @property
    def open(self) -> bool:
        """Whether a sentence has begun."""
        return bool(self._words or self._problems)

    def word(self, line: int, word: str, tag: str | None = None, features: tuple[str, ...] = ()) -> None:
        """Add a word to the sentence."""
        self._words.append(word)
        self._lines.append(line)
        if tag is not None:
            self._tags.append(tag)
        if features:
            self._features.append(features)

    def refuse(self, line: int, reason: str) -> None:
        """Say that the sentence cannot be used."""
        self._problems.append((line, reason))

    def begin_document(self) -> None:
        """End the sentence and the document; another one begins."""
        self.close()
        self._document += 1

    def close(self) -> None:
        """End the sentence, if one has begun."""
        if self._problems:
            self.bad.append(self._bad_sentence())
        elif self._words:
            self.sentences.append(
                Sentence(
                    f"{self._name}:{self._lines[0]}",
                    tuple(self._words),
                    tuple(self._tags),
                    tuple(self._features),
                    tuple(self._lines),
                    self._document,
                )
            )
        else:
            return
        self._clear()

    def _bad_sentence(self) -> Finding:
        (line, reason), *others = self._problems
        shown = [f"line {number}: {text}" for number, text in others[: SHOWN_LINES - 1]]
        left = len(others) - len(shown)
        more = [f"{left} more bad lines in the same sentence"] if left else []
        return Finding("error", "bad-line", f"{self._name}:{line}", "; ".join([reason, *shown, *more]))
