"""What the cells of a table say, whichever reader cut it up: bytes as text, and what stands for no value."""

from __future__ import annotations

from pathlib import Path

from tidegate.data.encoding import to_utf8
from tidegate.data.text_lines import unpack
from tidegate.errors import DataError

MISSING = frozenset(("", "-", "?", ".", "na", "n/a", "#n/a", "<na>", "nan", "-nan", "null", "none", "nat"))
"""What stands for a missing value or label, in any case."""


def is_missing(cell: str) -> bool:
    """Whether a cell says that there is no value.

    >>> is_missing(" N/A "), is_missing("<NA>"), is_missing("-1")
    (True, True, False)
    """
    return cell.strip().lower() in MISSING


def no_label(cell: str, place: str) -> str:
    """Why a row without a label cannot be used.

    >>> no_label("NA", "a.csv:3")
    "has no label: 'NA' stands for a missing one (a.csv:3)"
    """
    cell = cell.strip()
    return (
        f"has no label: {cell!r} stands for a missing one ({place})"
        if cell
        else f"has an empty label ({place})"
    )


def table_text(path: Path) -> str:
    """The text of a table file, packed by gzip or not, without its byte order mark.

    Raises:
        DataError: It cannot be read, or is not UTF-8.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError("the file cannot be read", where=str(path), got=str(error)) from error
    return decode(unpack(str(path), content), str(path))


def decode(content: bytes, where: str) -> str:
    """UTF-8 without its byte order mark.

    Raises:
        DataError: It is not UTF-8.

    >>> decode(b"caf\\xe9,1", "a.csv")
    Traceback (most recent call last):
    tidegate.errors.DataError: the file is not UTF-8
      where:    a.csv, line 1
      got:      byte 0xe9 at position 3
      hint:     save it as UTF-8, or name its encoding, such as --set data.encoding=cp1252
    """
    content = to_utf8(content, where)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # The codec counts from behind the byte order mark that it takes off.
        at = error.start + len(content) - len(error.object)
        raise DataError(
            "the file is not UTF-8",
            where=f"{where}, line {content.count(10, 0, at) + 1}",
            got=f"byte 0x{content[at]:02x} at position {at}",
            hint="save it as UTF-8, or name its encoding, such as --set data.encoding=cp1252",
        ) from error
