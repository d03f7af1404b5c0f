"""How a tagging model reads files: as its training data were laid out, or plain text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tidegate.config.run import RunSpec
from tidegate.config.tasks.tag import TagSpec
from tidegate.data.text_lines import unpack
from tidegate.data.words.document import Document
from tidegate.data.words.formats import SENTENCES
from tidegate.data.words.reader import FormatName, Reader, is_conllu, sentence_reader
from tidegate.errors import ConfigError, DataError
from tidegate.results.record import Record

_HEAD = 1 << 18
ALIKE = 0.9
"""Share of lines with the same number of columns that makes a file one of columns."""


@dataclass(frozen=True)
class TagReading(Record):
    """Columns and layout.

    Attributes:
        format: ``auto`` decides file by file.
        word: Column of the words, from 1, or its name in CoNLL-U.
        tag: Column of the tags; ``auto``: the last one, or UPOS.
        features: Further columns.
        separator: Between columns.
        positions: Whether words are characters with their positions.
        single: Whether the words of training are single characters, so that plain text is cut into characters.
        place: The tags' column in the training files, from 1, where they were columns.
    """

    format: FormatName = "auto"
    word: int = 1
    tag: int | str = "auto"
    features: tuple[int | str, ...] = ()
    separator: Literal["auto", "space", "tab"] = "auto"
    positions: bool = False
    single: bool = False
    place: int | None = None

    @classmethod
    def of(cls, spec: RunSpec) -> TagReading:
        """As a specification asks.

        Raises:
            ConfigError: No such format.
        """
        name = spec.data.format
        SENTENCES.check(name)
        tag = spec.settings(TagSpec)
        word = 1 if tag.word_column in (None, "form") else tag.word_column
        if not isinstance(word, int):
            raise ConfigError(
                "words are in no such column",
                where="tag.word_column",
                expected="a number from 1; CoNLL-U has its own, form",
                got=str(word),
            )
        return cls(
            name,  # pyright: ignore[reportArgumentType] - it is one of them
            word,
            "auto" if tag.tag_column is None else tag.tag_column,
            tuple(tag.feature_columns),
            tag.separator,
            bool(tag.positions),
        )

    def reader(self, *, tags: bool = True) -> Reader:
        """Of one file."""
        return sentence_reader(
            self.format,
            word=self.word,
            tag=self.tag if tags else None,
            features=self.features,
            separator=self.separator,
            position=self.positions,
        )

    def open_input(self, path: Path) -> Document:
        """A file to tag: columns with or without tags, CoNLL-U, or plain text with a sentence a line.

        Raises:
            DataError: It cannot be read.
        """
        try:
            content = path.read_bytes()
        except OSError as error:
            raise DataError("the file cannot be read", where=str(path), got=error.strerror) from error
        return self.read_input(str(path), content)

    def read_input(self, name: str, content: bytes) -> Document:
        """The same of bytes, from a pipe, say."""
        content = unpack(name, content)
        if self.format == "conllu" or is_conllu(name):
            return self.reader()(name, content)
        count = columns_of(content, () if self.place is None else (self.place, self.place - 1))
        if count is None or (count == 1 and self.single and _runs_on(content)):
            return self._plain(name, content)
        # A file without tags has a column less than those of training, where tags mostly are the last one.
        return self.reader(tags=self.place is None or count >= self.place)(name, content)

    def _plain(self, name: str, content: bytes) -> Document:
        if self.single:
            text = content.decode("utf-8", "surrogateescape")
            spaced = "\n".join(" ".join("".join(line.split())) for line in text.split("\n"))
            content = spaced.encode("utf-8", "surrogateescape")
        return sentence_reader("text")(name, content)


def _runs_on(content: bytes) -> bool:
    """Whether most lines hold more than a character and its position: text that is written without spaces."""
    lines = [
        line.strip().rstrip("0123456789") for line in content[:_HEAD].decode("utf-8", "replace").splitlines()
    ]
    long = sum(len(line) > 1 for line in lines)
    return 2 * long > sum(bool(line) for line in lines)


def columns_of(content: bytes, usual: Sequence[int] = ()) -> int | None:
    r"""How many columns a file has; one: a word a line. ``None``: it is text with a sentence a line.

    Args:
        content: Of the file.
        usual: How many columns are no surprise. A file with one of these is one of columns even with many bad lines, so
            that these are told and not taken for sentences.

    >>> columns_of(b"the DT B-NP\ntide NN I-NP\n\n"), columns_of(b"the\ntide\n\nis\n"), columns_of(b"The tide is out .\n")
    (3, 1, None)
    """
    lines = content[:_HEAD].decode("utf-8", "replace").removeprefix("\ufeff").splitlines()
    counts = Counter(
        len(line.split("\t") if "\t" in line.rstrip() else line.split())
        for line in lines
        if line.strip() and not line.startswith(("# ", "-DOCSTART-"))
    )
    if counts.total() < 2:
        return None
    count, alike = counts.most_common(1)[0]
    tabs = any("\t" in line.strip() for line in lines)
    blank = any(not line.strip() for line in lines)
    enough = alike >= ALIKE * counts.total() or (count in usual and 2 * alike > counts.total())
    # Lines that all have as many columns as those of training need no blank line among them to be believed.
    believed = tabs or blank or count == 1 or (count == max(usual, default=0) and alike == counts.total())
    return count if enough and believed else None
