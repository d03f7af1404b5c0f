"""The encoding of text in files: every reader's bytes become UTF-8 here, and what they were is said once a file.

UTF-8, UTF-16 and GB18030 (in which Chinese Excel saves) are recognised; anything else only by its name in
``data.encoding``, since one-byte encodings cannot be told apart: each of them decodes anything.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from tidegate.data.finding import note
from tidegate.errors import DataError, Finding

MARK = b"\xef\xbb\xbf"
_UTF_32 = (b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_HEAD = 1 << 16
"""Bytes that are looked at where the whole need not be."""
_HIGH = 0xA1
"""Both bytes of a character of GB 2312, which texts are written in nearly alone, are at least this."""


@dataclass
class Decoding:
    """How files are decoded while it is in effect.

    Attributes:
        encoding: ``auto``, or a name that Python knows.
        found: What files were, by their names, where that was not UTF-8 alone.
    """

    encoding: str = "auto"
    found: dict[str, str] = field(default_factory=dict[str, str])

    def findings(self) -> list[Finding]:
        """A note for each encoding, with the first files."""
        files: dict[str, list[str]] = {}
        for name, encoding in self.found.items():
            files.setdefault(encoding, []).append(name)
        return [
            note("encoding", f"decoded {_count(len(names))} as {encoding}", names[0])
            for encoding, names in files.items()
        ]


_IN_EFFECT: ContextVar[Decoding | None] = ContextVar("decoding", default=None)


@contextmanager
def decoding(encoding: str) -> Generator[Decoding]:
    """Have all text in files decoded so, by whichever reader reads it.

    >>> with decoding("cp1252") as found:
    ...     to_utf8(b"caf\\xe9", "a.txt").decode()
    ...     print(*found.findings())
    'café'
    a.txt: decoded 1 file as cp1252
    """
    now = Decoding(encoding)
    token = _IN_EFFECT.set(now)
    try:
        yield now
    finally:
        _IN_EFFECT.reset(token)


def to_utf8(content: bytes, name: str) -> bytes:
    """The bytes of a text file as UTF-8; those that are none, and of no encoding that is known, stay as they are.

    Line ends of CR alone become LF, and byte order marks inside, where files were joined, go.

    Args:
        content: Of the file, unpacked.
        name: What errors and notes call it.

    Raises:
        DataError: The bytes do not fit the encoding that was named, or two encodings alike.

    >>> to_utf8("潮汐很高，水很深".encode("gb18030"), "a.csv").decode()
    '潮汐很高，水很深'
    >>> to_utf8(b"ebb\\rflow\\r", "a.txt")
    b'ebb\\nflow\\n'
    """
    now = _IN_EFFECT.get() or Decoding()
    encoding = _recognised(content, name) if now.encoding == "auto" else now.encoding
    if encoding and not _is_utf8_already(content, encoding):
        content = _transcoded(content, encoding, name)
        now.found[name] = encoding
    if b"\r" in content and b"\n" not in content:
        content = content.replace(b"\r", b"\n")
    return content if content.isascii() else content.replace(b"\n" + MARK, b"\n")


def _is_utf8_already(content: bytes, encoding: str) -> bool:
    """Whether a named encoding is not needed: of several files some may be UTF-8, and so is what was decoded before.

    Text of one of the others is valid UTF-8 by an unlikely chance only.
    """
    if encoding.lower().replace("_", "-").startswith(("utf-16", "utf-32")):
        return b"\0" not in content and not content.startswith(_UTF_16)
    return not content.isascii() and _decodes(content, "utf-8")


def _count(files: int) -> str:
    return "1 file" if files == 1 else f"{files:,} files"


def _transcoded(content: bytes, encoding: str, name: str) -> bytes:
    try:
        text = content.decode(encoding)
    except UnicodeError as error:
        raise DataError(
            "the file is not in the encoding that was named",
            where=name,
            expected=encoding,
            got=str(error),
            hint="name another, or leave it to the program: --set data.encoding=auto",
        ) from error
    return text.removeprefix("\ufeff").encode("utf-8", "surrogatepass")


def _recognised(content: bytes, name: str) -> str:
    """The encoding; nothing for UTF-8 and for what is not known."""
    if content.startswith(_UTF_32):
        return "utf-32"
    if content.startswith(_UTF_16):
        return "utf-16"
    if b"\0" in content[:_HEAD]:
        return "" if len(content) % 2 else _utf_16_without_mark(content[:_HEAD])
    if content.isascii():
        return ""
    return "" if _decodes(content, "utf-8") else _chinese(content, name)


def _utf_16_without_mark(head: bytes) -> str:
    """Text in UTF-16 has a zero in every other byte wherever it is Latin, white space or a digit."""
    half = len(head) // 2
    low, high = head[1::2].count(0), head[0::2].count(0)
    encoding = "utf-16-le" if high <= low else "utf-16-be"
    text = head.decode(encoding, "ignore")
    readable = all(character.isprintable() or character.isspace() for character in text)
    return (
        encoding
        if readable and max(low, high) >= 0.05 * half and 10 * min(low, high) <= max(low, high)
        else ""
    )


def _chinese(content: bytes, name: str) -> str:
    try:
        content.decode("gb18030")
    except UnicodeDecodeError:
        return ""
    pairs = _pairs(content)
    total = pairs.total()
    plain = sum(count for (lead, trail), count in pairs.items() if lead >= _HIGH and trail >= _HIGH)
    common = sum(count for (lead, _), count in pairs.items() if lead <= 0xA5 or 0xB0 <= lead <= 0xD7)
    if total < 2 or plain < 0.9 * total or common < 0.5 * total:
        return ""  # Accented letters of a one-byte encoding, more likely.
    kana = sum(count for (lead, _), count in pairs.items() if lead in (0xA4, 0xA5))
    hangul = sum(count for (lead, _), count in pairs.items() if 0xB0 <= lead <= 0xC8)
    other = "euc_jp" if kana > 0.2 * total else "euc_kr" if hangul > 0.9 * total else ""
    if other and _decodes(content, other):
        shown = content[:_HEAD].decode("gb18030", "replace"), content[:_HEAD].decode(other, "replace")
        raise DataError(
            "the file can be read in two encodings",
            where=name,
            expected="UTF-8",
            got="\n".join(
                f"{way}: {text.strip()[:30]!r}" for way, text in zip(("gb18030", other), shown, strict=True)
            ),
            hint=f"name the one that reads right: --set data.encoding=gb18030 or --set data.encoding={other}",
        )
    return "gb18030"


def _decodes(content: bytes, encoding: str) -> bool:
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _pairs(content: bytes) -> Counter[tuple[int, int]]:
    """Characters of two bytes at the beginning of a file; ASCII stands between them."""
    found: Counter[tuple[int, int]] = Counter()
    at, head = 0, content[:_HEAD]
    while at < len(head) - 1:
        if head[at] < 0x80:
            at += 1
            continue
        found[head[at], head[at + 1]] += 1
        at += 2
    return found
