"""SENTENCES: the formats of tagged words."""

from __future__ import annotations

from collections import Counter

from tidegate.data.format import Format, Formats
from tidegate.data.source import Source
from tidegate.data.text_lines import unpack
from tidegate.data.words.files import sentence_files
from tidegate.data.words.reader import is_conllu
from tidegate.errors import DataError

LOOKED_AT = 3
"""Files of a folder that are opened to tell columns from plain text."""
HEAD = 1 << 16
"""Bytes of each that are looked at."""
ALIKE = 0.9
"""Share of lines with the same number of columns that makes a file one of columns."""


def _is_conllu(source: Source) -> bool:
    return not source.builtin and any(is_conllu(name) for name in sentence_files(source))


def _is_columns(source: Source) -> bool:
    if source.builtin or source.images or _is_conllu(source):
        return False
    return any(_in_columns(source, name) for name in sentence_files(source)[:LOOKED_AT])


def _in_columns(source: Source, name: str) -> bool:
    """Whether most lines of a file have the same columns, two or more, and blank lines stand between them."""
    try:
        lines = unpack(name, source.read(name))[:HEAD].decode("utf-8", "replace").splitlines()
    except (OSError, DataError):
        return False
    words = [line for line in lines if line.strip() and not line.startswith(("# ", "-DOCSTART-"))]
    counts = Counter(len(line.split("\t") if "\t" in line else line.split()) for line in words)
    blank = any(not line.strip() for line in lines)
    return blank and any(count > 1 and alike >= ALIKE * len(words) for count, alike in counts.items())


SENTENCES = Formats(
    "tagged sentences",
    (
        Format(
            "conllu",
            "CoNLL-U: x.conllu, ten columns separated by tabs (also .gz; a folder with train, dev and test)",
            _is_conllu,
        ),
        Format(
            "columns",
            "a word a line with its tag in the last column, a blank line between sentences (also .gz)",
            _is_columns,
        ),
    ),
)
