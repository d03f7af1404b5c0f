"""Text of any origin as a page can show it: nothing in it acts on the page, and nothing in it is unseen."""

from __future__ import annotations

import unicodedata

LONGEST_WORD = 80
_PICTURES = {code: chr(0x2400 + code) for code in range(32) if chr(code) not in "\t\n"} | {0x7F: "␡"}
# They turn the direction of all that follows, or hide what they stand in: shown by number instead.
_TURNING = (*range(0x202A, 0x202F), *range(0x2066, 0x206A))
_SHOWN = _PICTURES | {code: f"⟨U+{code:04X}⟩" for code in (*range(0x80, 0xA0), *_TURNING)}
# A space inside a marked piece would be invisible.
_VISIBLE = str.maketrans({" ": "␣", "\u00a0": "⍽", "\t": "⇥", "\n": "↵"})
_NAMES = {" ": "space", "\n": "line break", "\t": "tab", "\u00a0": "no-break space", "\u3000": "wide space"}


def printable(text: str) -> str:
    """A text whose control characters can be seen; white space, tabs and line breaks stay as they are.

    >>> printable("a\\x00b\\u202ec")
    'a␀b⟨U+202E⟩c'
    """
    return text.translate(_SHOWN)


def visible(text: str) -> str:
    """A text whose white space can be seen.

    >>> visible("a b")
    'a␣b'
    """
    return text.translate(_VISIBLE)


def clipped(text: str, longest: int = LONGEST_WORD) -> str:
    """The beginning of a text that is too long for its place, with its length told.

    >>> clipped("tides of the moon", 5)
    'tides… (17 characters)'
    """
    return text if len(text) <= longest else f"{text[:longest]}… ({len(text)} characters)"


def named(text: str) -> str:
    """What a character is called, where it cannot be told by its looks; anything longer keeps its own name.

    >>> named(","), named("\\n"), named("e"), named("the")
    ('comma', 'line break', 'e', 'the')
    """
    if len(text) != 1 or (text.isascii() and text.isalnum()):
        return text
    name = _NAMES.get(text) or unicodedata.name(text, text).lower()
    # Ideographs are named by their number.
    return text if name.startswith("cjk ") else name


def gap(before: str, after: str) -> str:
    """What stands between two words: a space, but nothing between characters of a script that is written without.

    >>> gap("the", "tide"), gap("潮", "汐")
    (' ', '')
    """
    wide = all(side and unicodedata.east_asian_width(side) in "WF" for side in (before[-1:], after[:1]))
    return "" if wide else " "
