"""A path as a user writes it: a folder, a file, an archive, or the name of a built-in data set.

``PATH@LIST.txt`` takes only the samples that the list names, one a line: with or without extension, with or without
folders. That is how folds are given.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tidegate.data.source import Source, open_source
from tidegate.errors import DataError


@dataclass(frozen=True)
class Place:
    """A user's path, taken apart: the source, and the list that chooses from it."""

    text: str
    source: Source
    chosen: Path | None = None


def find_place(text: str) -> Place:
    """Take a user's path apart.

    Raises:
        DataError: The path or its list is not there.

    >>> find_place("digit-lines").chosen is None
    True
    """
    if "@" not in text or Path(text).exists():
        return Place(text, open_source(text))
    before, list_name = text.rsplit("@", 1)
    source = open_source(before)
    # Relative to where the command runs, as every path, or else to the data.
    candidates = (Path(list_name), Path(before) / list_name)
    chosen = next((path for path in candidates if path.is_file()), None)
    if chosen is None:
        raise DataError(
            "no such list",
            where=text,
            expected=f"a text file {list_name} with one name a line",
            hint="PATH@LIST.txt takes the samples that LIST.txt names",
        )
    return Place(text, source, chosen)
