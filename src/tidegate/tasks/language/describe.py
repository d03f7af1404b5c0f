"""What a person wants to know of text before training on it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from tidegate.data.text.documents import find_texts, read_texts
from tidegate.errors import EmptyDataError
from tidegate.tasks.description import Description, rare


def describe(path: str) -> Description:
    """Documents, lines and characters."""
    files = find_texts(path)
    listing = read_texts(files, "train" if files.parts else "all")
    if not listing.texts:
        raise EmptyDataError(
            "no text that can be used",
            where=path,
            got="; ".join(f"{one.where} {one.what}" for one in listing.bad),
        )
    parts = [f"parts of its own: {', '.join(files.parts)}"] if files.parts else []
    lines = [*describe_text([one.text for one in listing.texts]), *parts]
    return Description(lines, listing.bad, [*files.notes, *listing.notes])


def describe_text(texts: Sequence[str]) -> list[str]:
    """Documents, lines, characters, and rare ones.

    Args:
        texts: Documents of the training part.

    >>> describe_text(["to be or\\n", "not to be\\n"])[:2]
    ['2 documents, 2 lines, 19 characters, 8 different', 'longest line: 9 characters']
    """
    characters = Counter[str]()
    for text in texts:
        characters.update(text)
    lines = [line for text in texts for line in text.splitlines()]
    documents = "1 document" if len(texts) == 1 else f"{len(texts):,} documents"
    return [
        f"{documents}, {len(lines):,} lines, {characters.total():,} characters, {len(characters):,} different",
        f"longest line: {max(map(len, lines)):,} characters",
        *rare(characters),
    ]
