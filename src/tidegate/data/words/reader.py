"""The reader for files of sentences that a user asked for, or that a file looks like."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from tidegate.data.text_lines import read_lines, unpack
from tidegate.data.words.columns import Columns, read_columns
from tidegate.data.words.conllu import NAMES, read_conllu
from tidegate.data.words.document import Document, read_plain
from tidegate.errors import ConfigError

FormatName = Literal["auto", "columns", "conllu", "text"]
Reader = Callable[[str, bytes], Document]
"""From a file's name and its bytes to its sentences."""
_HEAD = 1 << 16
"""Characters of a file that are looked at to tell what it is."""


def sentence_reader(
    format_name: FormatName = "auto",
    *,
    word: int = 1,
    tag: str | int | None = "auto",
    features: Sequence[str | int] = (),
    separator: Literal["auto", "space", "tab"] = "auto",
    position: bool = False,
) -> Reader:
    r"""The reader for one format, or for all but plain text.

    Args:
        format_name: ``auto`` tells CoNLL-U and columns apart, file by file.
        word: The column of the words; CoNLL-U has its own.
        tag: The column of the tags: a number from 1, or from the end (-1); in CoNLL-U also a name (``xpos``). ``auto``:
            the last one, and UPOS. None, or ``none``: there are no tags.
        features: More columns to read, written as ``tag`` is.
        separator: Of columns.
        position: Words are characters with their positions (see ``Columns``).

    Raises:
        ConfigError: A column is neither a number nor, with CoNLL-U, a name. Raised when a file is read.

    >>> read = sentence_reader(tag=2)
    >>> read("a.txt", b"the DT B-NP\n").sentences[0].tags
    ('DT',)
    """
    tag = None if tag == "none" else tag

    def read(name: str, content: bytes) -> Document:
        content = unpack(name, content)
        kind = _format_of(name, content) if format_name == "auto" else format_name
        if kind == "text":
            text = read_lines(name, content)
            return read_plain(name, text.mark + "\n".join(text.lines))
        if kind == "conllu":
            chosen = "upos" if tag == "auto" else tag
            return read_conllu(
                name,
                content,
                _parsed(chosen) if chosen is not None else None,
                [_parsed(one) for one in features],
            )
        chosen = -1 if tag == "auto" else tag
        columns = Columns(
            word,
            None if chosen is None else _number(name, chosen),
            tuple(_number(name, one) for one in features),
            separator,
            position,
        )
        return read_columns(name, content, columns)

    return read


def is_conllu(name: str) -> bool:
    """Whether the name ends like a CoNLL-U file's.

    >>> is_conllu("en_ewt-ud-dev.conllu.gz")
    True
    """
    return name.lower().removesuffix(".gz").endswith((".conllu", ".conllup"))


def _format_of(name: str, content: bytes) -> FormatName:
    if is_conllu(name):
        return "conllu"
    for line in content[:_HEAD].splitlines():
        cells = line.split(b"\t")
        if line.strip() and not line.startswith(b"#"):
            begins = cells[0].split(b"-")[0].split(b".")[0] in (b"0", b"1")
            return "conllu" if len(cells) == len(NAMES) and begins else "columns"
    return "columns"


def _parsed(column: str | int) -> str | int:
    return int(column) if isinstance(column, str) and column.strip().lstrip("-").isdecimal() else column


def _number(name: str, column: str | int) -> int:
    parsed = _parsed(column)
    if isinstance(parsed, int):
        return parsed
    raise ConfigError(
        "only CoNLL-U has names for columns",
        where=name,
        expected="a number from 1, or from the end: -1",
        got=parsed,
    )
