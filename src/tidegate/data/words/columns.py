"""CoNLL columns: one word a line with its tag and other columns, and a blank line between two sentences.

CoNLL-2000 and 2003, WNUT-17, IOB files of annotation tools, Weibo NER. Lines that are no words (``-DOCSTART-``,
comments) belong to no sentence and are given back on output.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from sys import intern
from typing import Literal

from tidegate.data.text_lines import read_lines, why_not_utf8
from tidegate.data.words.document import Document, SentenceGathering, Separator, TagPlace
from tidegate.data.words.sentence import Sentence
from tidegate.errors import ConfigError, DataError, EmptyDataError

_CELL = re.compile(r"[^ \t]+")
_POSITIONED = re.compile(r"(.+?)([0-9]+)", re.DOTALL)
_NOTE = re.compile(r"# \w[\w.:-]*( id)? = ")
"""``# sent_id = 12`` before a sentence: a comment even where it has as many columns as a word's line."""
POSITIONED_SHARE = 0.95


@dataclass(frozen=True)
class Columns:
    """Which columns to read. They count from 1; negative ones count from the end.

    Args:
        word: Of the words.
        tag: Of the tags; none: there are no tags, and output gets a new last column.
        features: More columns to read.
        separator: ``tab``: one tab, so that words may have spaces in them; ``space``: runs of spaces and tabs;
            ``auto``: tabs where every word's line has one.
        position: The digits at the end of each word are its position (``科0``, ``技1``, as in Weibo NER); they are
            taken off, and become the last feature.
    """

    word: int = 1
    tag: int | None = -1
    features: tuple[int, ...] = ()
    separator: Literal["auto", "space", "tab"] = "auto"
    position: bool = False


@dataclass(frozen=True)
class _Layout:
    """The columns of one file, counted from 0."""

    count: int
    separator: Separator
    word: int
    tag: int | None
    features: tuple[int, ...]
    position: bool


def read_columns(name: str, content: bytes, columns: Columns | None = None) -> Document:
    r"""Read a file of columns.

    White space alone separates sentences. A line that starts with ``-DOCSTART-`` does too. Before a sentence, one that
    starts with ``#`` and a space is a comment, unless it has as many columns as the lines of words (the word may be
    ``#``); inside a sentence it is one only in a file with tabs, and without a tab. How many columns there are, most
    lines decide.

    Args:
        name: What errors and sentences are called by.
        content: UTF-8, with or without a byte order mark, with any line ends, packed by gzip or not.
        columns: What to read; by default words from the first column and tags from the last.

    Raises:
        EmptyDataError: There is no word in it.
        DataError: A column that was asked for is not there, or it is no text file. Single bad lines are not raised:
            they are in ``Document.bad``.
        ConfigError: The columns contradict each other.

    >>> document = read_columns("a.txt", b"the DT B-NP\npound NN I-NP\n\n", Columns(features=(2,)))
    >>> document.sentences[0].words, document.sentences[0].features
    (('the', 'pound'), (('DT',), ('NN',)))
    >>> document.render([["O", "O"]])
    'the DT O\npound NN O\n\n'
    """
    columns = columns or Columns()
    _refuse_zero(columns)
    text = read_lines(name, content)
    lines = [line.rstrip("\r") for line in text.lines]
    layout = _find_layout(name, lines, columns)
    gathered = SentenceGathering(name)
    for number, line in enumerate(lines, start=1):
        _read_line(gathered, number, line, layout)
    gathered.close()
    if not gathered.sentences and not gathered.bad:
        raise EmptyDataError("no words in the file", where=name, expected="a word a line, with its tag")
    place = TagPlace(layout.separator, layout.tag)
    return Document(name, gathered.sentences, gathered.bad, text, place)


def looks_like_positions(sentences: Iterable[Sentence]) -> bool:
    """Whether nearly every word is one character and its position in a word: a number that is 0 or goes on by 1.

    >>> looks_like_positions([Sentence("a", ("科0", "技1", "全0"), lines=(1, 2, 3))])
    True
    >>> looks_like_positions([Sentence("a", ("B2", "is", "free"), lines=(1, 2, 3))])
    False
    """
    total = fitting = 0
    for sentence in sentences:
        before = -1
        for word in sentence.words:
            position = int(word[1:]) if len(word) > 1 and word[1:].isascii() and word[1:].isdigit() else -1
            fitting += position == 0 or (position > 0 and position == before + 1)
            before = position
        total += len(sentence)
    return total > 0 and fitting >= POSITIONED_SHARE * total


def _read_line(gathered: SentenceGathering, number: int, line: str, layout: _Layout) -> None:
    if line.startswith("-DOCSTART-"):
        gathered.begin_document()
        return
    if not line or not line.strip(" \t"):
        gathered.close()
        return
    cells = line.split("\t") if layout.separator == "tab" else _CELL.findall(line)
    if line.startswith("# ") and _is_comment(line, len(cells), layout, inside=gathered.open):
        return
    reason = why_not_utf8(line)
    if reason is None and len(cells) != layout.count:
        reason = f"{_columns(layout.count)} expected, got {len(cells)}: {_shortened(line)!r}"
    if reason is not None:
        gathered.refuse(number, reason)
        return
    _read_word(gathered, number, cells, layout)


def _read_word(gathered: SentenceGathering, number: int, cells: list[str], layout: _Layout) -> None:
    word = cells[layout.word]
    tag = None if layout.tag is None else intern(cells[layout.tag])
    features = tuple([intern(cells[column]) for column in layout.features])
    if not word.strip(" ") or tag == "":
        gathered.refuse(number, f"the {'tag' if tag == '' else 'word'} is empty: {chr(9).join(cells)!r}")
        return
    if layout.position:
        parts = _POSITIONED.fullmatch(word)
        if parts is None:
            gathered.refuse(number, f"a character and its position expected, such as 科0, got {word!r}")
            return
        word = parts[1]
        features = (*features, intern(parts[2]))
    gathered.word(number, word, tag, features)


def _is_comment(line: str, got: int, layout: _Layout, *, inside: bool) -> bool:
    if inside:
        # Rather a word's line with a column missing: to take it for a comment would lose the word, and say nothing.
        return layout.separator == "tab" and got == 1 and layout.count > 1
    return got != layout.count or _NOTE.match(line) is not None


def _find_layout(name: str, lines: Sequence[str], columns: Columns) -> _Layout:
    candidates = [line for line in lines if line and _may_be_word(line)]
    if not candidates:
        # Perhaps all words are "#".
        candidates = [line for line in lines if line.strip(" \t") and not line.startswith("-DOCSTART-")]
    if not candidates:
        raise EmptyDataError("no words in the file", where=name, expected="a word a line, with its tag")
    separator = _find_separator(candidates) if columns.separator == "auto" else columns.separator
    count = _counts(candidates, separator).most_common(1)[0][0]
    tag = None if columns.tag is None else _column(name, columns.tag, count, "tag")
    word = _column(name, columns.word, count, "word")
    if tag == word:
        raise DataError(
            "words and tags would be read from the same column",
            where=name,
            expected="a column of words and a column of tags",
            got=f"{_columns(count)} a line (separator: {separator})",
            hint="choose other columns, or none for tags if the file has none",
        )
    features = tuple(_column(name, one, count, "feature") for one in columns.features)
    return _Layout(count, separator, word, tag, features, columns.position)


def _may_be_word(line: str) -> bool:
    return bool(line.strip(" \t")) and not line.startswith(("-DOCSTART-", "# "))


def _find_separator(candidates: Sequence[str]) -> Separator:
    with_tab = sum("\t" in line for line in candidates)
    if with_tab == len(candidates) and len(_counts(candidates, "tab")) == 1:
        return "tab"
    # Either white space of any kind, or one of the two and some bad lines.
    uniform = with_tab == 0 or len(_counts(candidates, "space")) == 1
    return "space" if uniform or 2 * with_tab < len(candidates) else "tab"


def _counts(candidates: Sequence[str], separator: Separator) -> Counter[int]:
    if separator == "tab":
        return Counter(line.count("\t") + 1 for line in candidates)
    return Counter(len(_CELL.findall(line)) for line in candidates)


def _column(name: str, column: int, count: int, what: str) -> int:
    index = column - 1 if column > 0 else count + column
    if not 0 <= index < count:
        raise DataError(
            f"no column {column} to read {what}s from",
            where=name,
            got=f"{_columns(count)} a line",
            hint="columns count from 1, negative ones from the end",
        )
    return index


def _columns(count: int) -> str:
    return "1 column" if count == 1 else f"{count} columns"


def _refuse_zero(columns: Columns) -> None:
    if 0 in (columns.word, columns.tag, *columns.features):
        raise ConfigError("there is no column 0", expected="columns from 1, or from the end: -1", got="0")


def _shortened(line: str) -> str:
    return line if len(line) <= 60 else line[:59] + "…"
