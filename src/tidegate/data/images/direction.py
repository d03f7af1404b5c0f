"""Right to left: texts in the order in which their letters stand in an image, and back.

A network reads columns from left to right, and CTC needs texts in that order. Files have texts in logical order, in which
they are typed and read. The Unicode Bidirectional Algorithm (Unicode Standard Annex 9) makes one of the other.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Literal

from tidegate.data.finding import note, warning
from tidegate.errors import Finding

Direction = Literal["ltr", "rtl", "visual"]
"""Of the line as a whole; ``visual``: texts stand in display order as they are stored."""
_RIGHT_TO_LEFT = ("R", "AL")
_ENDS = frozenset("םןץףךةى")
"""Letters that end a word in Hebrew and Arabic."""
_LEVEL = re.compile(r"Level\(\s*(\d+)")


def is_right_to_left(text: str) -> bool:
    """Whether some of a text runs from right to left.

    >>> is_right_to_left("tide 12"), is_right_to_left("tide שלום")
    (False, True)
    """
    return not text.isascii() and any(unicodedata.bidirectional(letter) in _RIGHT_TO_LEFT for letter in text)


def find_direction(texts: Iterable[str]) -> Direction:
    """The direction of the lines of a data set, by what most of their letters are.

    Texts whose words begin with the letters that end words are in display order already.

    >>> find_direction(["שלום abc", "עולם"]), find_direction(["םולש", "םלוע"]), find_direction(["tide"])
    ('rtl', 'visual', 'ltr')
    """
    right = left = first = last = 0
    for text in texts:
        if not is_right_to_left(text):
            left += sum(map(str.isalpha, text))
            continue
        classes = [unicodedata.bidirectional(letter) for letter in text]
        right += sum(one in _RIGHT_TO_LEFT for one in classes)
        left += classes.count("L")
        words = [word for word in re.findall(r"[^\W\d_]+", text) if len(word) > 1]
        first += sum(word[0] in _ENDS for word in words)
        last += sum(word[-1] in _ENDS for word in words)
    if first > 2 * last:
        return "visual"
    return "rtl" if right > left else "ltr"


def to_display(text: str, direction: Direction) -> str:
    """A text in the order in which it is drawn, from left to right; brackets are those that are drawn.

    Marks stay behind their letter.

    >>> to_display("ab (שלום) 12", "rtl")
    '12 (םולש) ab'
    """
    if direction == "visual" or not is_right_to_left(text):
        return text
    return _display(text, direction)


def to_logical(text: str, direction: Direction) -> str:
    """What ``to_display`` made a text from. Where several texts are drawn alike, one of them.

    >>> to_logical("12 (םולש) ab", "rtl")
    'ab (שלום) 12'
    """
    if direction == "visual" or not is_right_to_left(text):
        return text
    # A line that is laid out twice is mostly as before; where it is not, numbers stand between words.
    candidates = (_display(text, direction), _turned(text))
    return next((found for found in candidates if _display(found, direction) == text), candidates[0])


@lru_cache(maxsize=200_000)
def _display(text: str, direction: Direction) -> str:
    from bidi.mirror import MIRRORED

    clusters, levels = _clusters(text), _levels(text, direction)
    placed: list[tuple[str, int]] = []
    at = 0
    for cluster in clusters:
        level = levels[at]
        placed.append((MIRRORED.get(cluster, cluster) if level % 2 else cluster, level))
        at += len(cluster)
    for level in range(max(levels), 0, -1):
        start = 0
        while start < len(placed):
            end = start
            while end < len(placed) and placed[end][1] >= level:
                end += 1
            placed[start:end] = placed[start:end][::-1]
            start = end + 1
    return "".join(cluster for cluster, _ in placed)


def _clusters(text: str) -> list[str]:
    """Letters, each with the marks on it."""
    found: list[str] = []
    for letter in text:
        if found and unicodedata.category(letter).startswith("M"):
            found[-1] += letter
        else:
            found.append(letter)
    return found


def _levels(text: str, direction: Direction) -> list[int]:
    """The embedding level of each letter: odd ones run to the left."""
    from bidi import get_display

    shown = str(get_display(text, base_dir="R" if direction == "rtl" else "L", debug=True))
    # One level for each byte of UTF-8; the text before them is quoted, so that it holds no such line.
    of_bytes = [
        int(level)
        for level in _LEVEL.findall(shown[shown.rindex("    levels: [") : shown.rindex("    paragraphs: [")])
    ]
    levels: list[int] = []
    at = 0
    for letter in text:
        levels.append(of_bytes[at])
        at += len(letter.encode())
    return levels


def _turned(text: str) -> str:
    """The letters from right to left, and numbers and what else runs to the right turned back, word by word."""
    from bidi.mirror import MIRRORED

    words: list[str] = []
    for word in text.split(" ")[::-1]:
        clusters = _clusters(word)
        turned = is_right_to_left(word) or not any(letter.isalnum() for letter in word)
        words.append("".join(MIRRORED.get(one, one) for one in clusters[::-1]) if turned else word)
    return " ".join(words)


def drawn_alike(reference: str, answer: str, direction: Direction) -> str:
    """The answer; the reference instead, where both are drawn in the same way: an image does not tell them apart.

    >>> drawn_alike("שלום 12 ab", "שלום ab 12", "rtl")
    'שלום 12 ab'
    """
    alike = is_right_to_left(reference) and to_display(reference, direction) == to_display(answer, direction)
    return reference if alike else answer


def direction_findings(texts: Sequence[str], wanted: str, direction: Direction) -> list[Finding]:
    """What was decided of texts that run from right to left."""
    count = sum(map(is_right_to_left, texts))
    if not count:
        return []
    if direction == "visual":
        what = f"{count:,} texts run from right to left, and are learnt in the order in which they are stored"
        if wanted == "visual":
            return [note("direction", what)]
        why = "their words begin with letters that end words, as in display order"
        return [warning("display-order", f"{what}: {why}; data.direction = rtl if they are in reading order")]
    base = "right to left" if direction == "rtl" else "left to right"
    what = f"{count:,} of {len(texts):,} texts run from right to left: learnt in the order in which they are drawn"
    return [note("direction", f"{what} (lines from {base}; data.direction), and answered in reading order")]
