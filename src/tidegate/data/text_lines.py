"""From the bytes of a text file to its lines: unpacked, decoded, with nothing lost that output must give back."""

from __future__ import annotations

from dataclasses import dataclass

from tidegate.border import gunzip
from tidegate.data.encoding import to_utf8
from tidegate.errors import DataError, EmptyDataError

_GZIP = b"\x1f\x8b"
_MARK = "\ufeff"
_OTHER_ENCODINGS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16", b"PK\x03\x04": "a zip archive"}


class TextError(ValueError):
    """Why bytes are no text that can be used; its message completes ``x.txt …``."""


@dataclass(frozen=True)
class TextLines:
    r"""The lines of one file.

    Bytes that are not UTF-8 stand in the lines as lone surrogates (Python's ``surrogateescape``), so that ``text``
    encoded in the same way is the file again, byte for byte.

    Args:
        mark: The byte order mark, or nothing.
        lines: Without their ``\n``; a ``\r`` at the end stays. The last one is empty if the file ends with ``\n``.
    """

    mark: str
    lines: list[str]


def unpack(name: str, content: bytes) -> bytes:
    """The bytes of a text file in UTF-8, unpacked if gzip packed them (whatever its name says).

    Raises:
        DataError: The packed file is damaged or cut off, or its encoding is another than was named.

    >>> import gzip
    >>> unpack("a.txt.gz", gzip.compress(b"word"))
    b'word'
    """
    if not content.startswith(_GZIP):
        return to_utf8(content, name)
    return to_utf8(gunzip(content, name), name)


def read_lines(name: str, content: bytes) -> TextLines:
    r"""The lines of a text file, packed by gzip or not.

    Raises:
        EmptyDataError: Nothing but white space is in it.
        DataError: It is damaged, or no text at all (binary). Single lines that are not UTF-8 raise nothing:
            ``why_not_utf8`` tells of them.

    >>> read_lines("a.txt", "Wörter\r\nmehr\n".encode()).lines
    ['Wörter\r', 'mehr', '']
    """
    content = unpack(name, content)
    if not content.removeprefix(_MARK.encode()).strip():
        raise EmptyDataError("the file is empty", where=name, got=f"{len(content)} bytes without a word")
    for start, encoding in _OTHER_ENCODINGS.items():
        if content.startswith(start):
            raise _no_text(name, encoding)
    if b"\x00" in content:
        position = content.index(b"\x00")
        line = content.count(b"\n", 0, position) + 1
        raise _no_text(name, f"byte 0x00 at position {position}, line {line}")
    text = content.decode("utf-8", "surrogateescape")
    mark = _MARK if text.startswith(_MARK) else ""
    return TextLines(mark, text[len(mark) :].split("\n"))


def _no_text(name: str, got: str) -> DataError:
    return DataError(
        "the file is no UTF-8 text",
        where=name,
        expected="UTF-8",
        got=got,
        hint="save or convert it as UTF-8, or name its encoding, such as --set data.encoding=cp1252",
    )


def why_not_utf8(line: str) -> str | None:
    r"""What is wrong with a line of ``TextLines``, if its bytes are not UTF-8.

    >>> why_not_utf8(read_lines("a.txt", b"caf\xe9 O\n").lines[0])
    'is not UTF-8 (byte 0xe9 at position 3 of the line)'
    """
    if line.isascii():
        return None
    try:
        line.encode()
    except UnicodeEncodeError as error:
        position = len(line[: error.start].encode())
        byte = ord(line[error.start]) - 0xDC00
        return f"is not UTF-8 (byte 0x{byte:02x} at position {position} of the line)"
    return None
