"""Text in normal form: one spelling for what looks the same, so that errors counted are errors made.

NFC joins letters and their accents (Unicode Standard Annex 15). White space at both ends goes, and each run
of it inside (tabs, no-break spaces, several spaces) becomes one space: an image does not tell them apart.
Presentation forms of Hebrew and Arabic letters (U+FB1D to U+FEFC) become the letters; characters that nobody sees go.
"""

from __future__ import annotations

import re
import unicodedata

from tidegate.data.encoding import to_utf8
from tidegate.data.text_lines import TextError
from tidegate.errors import DataError

_FORMS = re.compile("[\ufb1d-\ufdff\ufe70-\ufefc]")
# Soft hyphen, zero width space, marks of direction, word joiner and invisible operators, isolates, byte order mark.
# Joiners (U+200C, U+200D) change how letters are drawn, and stay.
_INVISIBLE = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")


def normalise(text: str) -> str:
    r"""The text in normal form.

    >>> normalise(" Cafe\u0301\t\u00a0au  lait\n")
    'Café au lait'
    >>> normalise("\ufeff\ufef3\ufeee\ufee1\u200f")
    '\u064a\u0648\u0645'
    """
    if not text.isascii():
        text = _FORMS.sub(_letters, _INVISIBLE.sub("", text))
    return " ".join(unicodedata.normalize("NFC", text).split())


def invisible(text: str) -> list[str]:
    r"""The characters of a text that nobody sees, and that ``normalise`` drops.

    >>> invisible("ti\u00adde\u200b")
    ['\xad', '\u200b']
    """
    return [] if text.isascii() else _INVISIBLE.findall(text)


def class_label(text: str) -> str:
    r"""The name of a class: in NFC, without white space at its ends and characters that nobody sees.

    >>> class_label(" cafe\u0301 ")
    'café'
    """
    return text.strip() if text.isascii() else unicodedata.normalize("NFC", _INVISIBLE.sub("", text)).strip()


def _letters(form: re.Match[str]) -> str:
    return unicodedata.normalize("NFKC", form[0])


def read_line(content: bytes, name: str = "a transcription") -> str:
    r"""The one line of text that a transcription file holds, in normal form. A byte order mark is left out.

    Raises:
        TextError: It is not UTF-8, empty, or has several lines.

    >>> read_line("Zeile\r\n".encode())
    'Zeile'
    """
    try:
        content = to_utf8(content, name)
        text = content.decode("utf-8-sig")
    except DataError as error:
        raise TextError(f"cannot be decoded: {error.what}: {error.got}; {error.hint}") from error
    except UnicodeDecodeError as error:
        byte = content[error.start]
        hint = "try --set data.encoding=cp1252"
        raise TextError(f"is not UTF-8 (byte 0x{byte:02x} at position {error.start}); {hint}") from error
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines:
        raise TextError("is empty")
    if len(lines) > 1:
        raise TextError(f"holds {len(lines)} lines of text; one was expected")
    return normalise(lines[0])
