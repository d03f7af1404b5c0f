"""From a text to its words or characters."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Literal

Cut = Literal["words", "characters"]

_WORD = re.compile(r"\w+(?:['’.\-]\w+)*|['’]\w+|[^\w\s]")
# Han, kana, Thai, Lao, Khmer, Burmese: scripts that put no spaces between words.
_UNSPACED = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]"
)
LOOKED_AT = 1000
"""Texts that are looked at to tell how they are written."""


def tokens_of(text: str, cut: Cut, longest: int | None = None) -> tuple[str, ...]:
    """The words of a text, marks apart; or its characters, with one space where there is white space.

    Args:
        text: Any.
        cut: Which of them.
        longest: As many at most, the first ones.

    Returns:
        None of a text without any.

    >>> tokens_of("It's the U.S. coast-line (not 3.5 m).", "words")
    ("It's", 'the', 'U.S', '.', 'coast-line', '(', 'not', '3.5', 'm', ')', '.')
    >>> tokens_of("潮 退了", "characters")
    ('潮', ' ', '退', '了')
    """
    every = _words(text) if cut == "words" else iter(" ".join(text.split()))
    if longest is None:
        return tuple(every)
    return tuple(token for _, token in zip(range(longest), every, strict=False))


def how_written(texts: Iterable[str]) -> Cut:
    """``characters`` where most letters are of scripts without spaces between words.

    >>> how_written(["潮水退了。", "OK"]), how_written(["The tide is out."])
    ('characters', 'words')
    """
    letters = unspaced = 0
    for _, text in zip(range(LOOKED_AT), texts, strict=False):
        letters += sum(character.isalpha() for character in text)
        unspaced += len(_UNSPACED.findall(text))
    return "characters" if 2 * unspaced > letters else "words"


def _words(text: str) -> Iterator[str]:
    return (match.group() for match in _WORD.finditer(text))
