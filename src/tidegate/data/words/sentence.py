"""One sentence: words, and their tags where somebody has tagged them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sentence:
    """The words between two blank lines.

    Args:
        name: The file and the line of the first word: ``train.txt:12``.
        words: At least one.
        tags: One a word, as they stand in the file; empty where the file has none.
        features: One tuple a word, with the values of the feature columns that were asked for; empty where there are
            none.
        lines: The number of each word's line, from 1.
        document: Which one of the file's documents it is of, where the file says where they begin.

    >>> Sentence("a.txt:1", ("the", "pound"), ("B-NP", "I-NP"), (), (1, 2)).target
    'B-NP I-NP'
    """

    name: str
    words: tuple[str, ...]
    tags: tuple[str, ...] = ()
    features: tuple[tuple[str, ...], ...] = ()
    lines: tuple[int, ...] = ()
    document: int = 0
    group: str = ""

    @property
    def target(self) -> str:
        """The tags, joined by spaces: what reports show."""
        return " ".join(self.tags)

    def __len__(self) -> int:
        """Words."""
        return len(self.words)

    def line_of(self, position: int) -> str:
        """The file and line of a word, given by its index.

        >>> Sentence("a.txt:1", ("the", "pound"), lines=(1, 2)).line_of(1)
        'a.txt:2'
        """
        if not self.lines:
            return f"{self.name}, word {position + 1}"
        return f"{self.file}:{self.lines[position]}"

    @property
    def file(self) -> str:
        """The file that it is from."""
        return self.name.rpartition(":")[0]
