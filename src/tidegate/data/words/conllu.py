"""CoNLL-U, the format of Universal Dependencies: ten columns, comments, multiword tokens and empty nodes.

https://universaldependencies.org/format.html. Words are the lines whose ID is a number. Multiword tokens (``3-4``) and
empty nodes (``5.1``) are no words of the analysis; they are left out, and given back on output.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from sys import intern

from tidegate.data.text_lines import read_lines, why_not_utf8
from tidegate.data.words.document import Document, SentenceGathering, TagPlace
from tidegate.data.words.sentence import Sentence
from tidegate.errors import ConfigError, EmptyDataError

NAMES = ("id", "form", "lemma", "upos", "xpos", "feats", "head", "deprel", "deps", "misc")
"""The ten columns, in order."""
_FORM = NAMES.index("form")
_NO_WORD = re.compile(r"[0-9]+-[0-9]+|[0-9]+\.[0-9]+")
UNKNOWN = "_"


def column_index(column: str | int) -> int:
    """The place of a column, from 0, by its name in any case or its number from 1 (or from the end: -1).

    Raises:
        ConfigError: There is no such column.

    >>> column_index("UPOS"), column_index(4), column_index(-1)
    (3, 3, 9)
    """
    if isinstance(column, str) and column.lower() in NAMES:
        return NAMES.index(column.lower())
    if isinstance(column, int) and (0 < column <= len(NAMES) or -len(NAMES) <= column < 0):
        return column - 1 if column > 0 else len(NAMES) + column
    raise ConfigError(
        "no such column of CoNLL-U",
        expected=f"one of {', '.join(NAMES)}, or a number from 1 to {len(NAMES)}",
        got=str(column),
    )


def read_conllu(
    name: str, content: bytes, tag: str | int | None = "upos", features: Sequence[str | int] = ()
) -> Document:
    r"""Read a CoNLL-U file.

    A file whose tags are all ``_`` has none: its sentences get no tags.

    Args:
        name: What errors and sentences are called by.
        content: UTF-8, packed by gzip or not.
        tag: The column of the tags, by name or number; none: no tags are read, and output has them in UPOS.
        features: More columns to read.

    Raises:
        EmptyDataError: There is no word in it.
        ConfigError: No such column.
        DataError: It is no text file. Single bad lines are not raised: they are in ``Document.bad``.

    >>> line = "1\tWords\tword\tNOUN\tNNS\tNumber=Plur\t0\troot\t_\t_\n\n"
    >>> document = read_conllu("a.conllu", line.encode(), features=["xpos"])
    >>> document.sentences[0].tags, document.sentences[0].features
    (('NOUN',), (('NNS',),))
    """
    tag_column = None if tag is None else column_index(tag)
    feature_columns = [column_index(one) for one in features]
    text = read_lines(name, content)
    gathered = SentenceGathering(name)
    following = 1
    for number, line in enumerate(text.lines, start=1):
        line = line.rstrip("\r")
        if not line.strip(" \t"):
            gathered.close()
            following = 1
            continue
        if line.startswith("#"):
            if line.startswith("# newdoc"):
                gathered.begin_document()
            continue
        cells = line.split("\t")
        reason = why_not_utf8(line) or _why_bad(line, cells, following)
        if reason is not None:
            gathered.refuse(number, reason)
        elif not _NO_WORD.fullmatch(cells[0]):
            values = tuple([intern(cells[column]) for column in feature_columns])
            gathered.word(
                number, cells[_FORM], None if tag_column is None else intern(cells[tag_column]), values
            )
        if cells[0].isdecimal():
            following = int(cells[0]) + 1
    gathered.close()
    if not gathered.sentences and not gathered.bad:
        raise EmptyDataError("no words in the file", where=name, expected="lines of ten columns")
    sentences = _without_unknown(gathered.sentences)
    place = TagPlace("tab", NAMES.index("upos") if tag_column is None else tag_column)
    return Document(name, sentences, gathered.bad, text, place)


def _why_bad(line: str, cells: list[str], following: int) -> str | None:
    shown = line if len(line) <= 60 else line[:59] + "…"
    if len(cells) != len(NAMES):
        return f"{len(NAMES)} columns separated by tabs expected, got {len(cells)}: {shown!r}"
    if "" in cells:
        return f"the column {NAMES[cells.index('')].upper()} is empty, where _ was expected: {shown!r}"
    if cells[0] == str(following) or _NO_WORD.fullmatch(cells[0]):
        return None
    return f"ID {following} expected, got {cells[0]!r} (a blank line may be missing before it): {shown!r}"


def _without_unknown(sentences: list[Sentence]) -> list[Sentence]:
    if any(tag != UNKNOWN for sentence in sentences for tag in sentence.tags):
        return sentences
    return [replace(one, tags=()) if one.tags else one for one in sentences]
