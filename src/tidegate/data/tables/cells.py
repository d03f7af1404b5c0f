"""What the cells of a table say, whichever reader cut it up: bytes as text, and what stands for no value."""

from __future__ import annotations

from pathlib import Path

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
        content = unpack(str(path), path.read_bytes())
    except OSError as error:
        raise DataError("the file cannot be read", where=str(path), got=str(error)) from error
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise DataError(
            "the file is not UTF-8",
            where=f"{path}, line {line}",
            got=f"byte 0x{content[error.start]:02x} at position {error.start}",
            hint="save the table as UTF-8",
        ) from error
