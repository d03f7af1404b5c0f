"""Texts without answers, to predict for: a text a line, tables, JSON lines."""

from __future__ import annotations

from pathlib import Path

from tidegate.data.source import TABLE_SUFFIXES
from tidegate.data.text.labelled.columns import TextColumns
from tidegate.data.text.labelled.json_lines import SUFFIXES as JSON_SUFFIXES
from tidegate.data.text.labelled.json_lines import read_json_lines
from tidegate.data.text.labelled.tables import read_text_table
from tidegate.data.text.labelled.text import Texts
from tidegate.data.text_lines import read_lines, why_not_utf8
from tidegate.errors import DataError


def read_unlabelled(path: Path, columns: TextColumns) -> Texts:
    """The texts of a file; answers that stand there are not read.

    Args:
        path: A table, JSON lines, or else plain text with a text on each line.
        columns: Which column or key holds the texts.

    Raises:
        DataError: It cannot be read.
    """
    name = path.name.lower()
    if name.endswith(TABLE_SUFFIXES):
        return read_text_table(str(path), columns, labelled=False)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError("the file cannot be read", where=str(path), got=error.strerror) from error
    if name.endswith(JSON_SUFFIXES):
        return read_json_lines(str(path), content, columns, labelled=False)
    return texts_of_lines(str(path), content)


def texts_of_lines(name: str, content: bytes) -> Texts:
    r"""A text on each line; empty lines are left out.

    Raises:
        DataError: It is no text, or an empty one.

    >>> [text.name for text in texts_of_lines("a.txt", b"ebb\n\nflow\n").texts]
    ['a.txt, line 1', 'a.txt, line 3']
    """
    found = Texts()
    for number, line in enumerate(read_lines(name, content).lines, start=1):
        where = f"{name}, line {number}"
        reason = why_not_utf8(line)
        if reason is not None:
            found.refuse("no-utf8", where, f"the line {reason}")
        elif line.strip():
            found.add(where, line.rstrip("\r"), None)
    return found
