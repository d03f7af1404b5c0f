"""Image tables: a CSV file ``path,label``, paths relative to the file, with a header or without."""

from __future__ import annotations

import csv
import io

from tidegate.data.images.listing import Listing
from tidegate.data.images.sample import sample_of
from tidegate.data.parts import Role
from tidegate.data.source import Source, is_image
from tidegate.data.tables.cells import is_missing, no_label, table_text
from tidegate.errors import DataError, EmptyDataError

PATH_NAMES = ("path", "file", "filename", "image")
LABEL_NAMES = ("label", "class", "target")


def matches(source: Source) -> bool:
    """A file that ends in ``.csv``."""
    return source.is_file and source.path.suffix.lower() == ".csv"


def read(source: Source, role: Role) -> Listing:
    """List the rows of the table.

    Raises:
        EmptyDataError: The table has no rows.
        DataError: It cannot be read, or its header names no path and label.
    """
    del role
    rows = _rows(source)
    if not rows:
        raise EmptyDataError("the table is empty", where=str(source.path), expected="rows of path,label")
    path_at, label_at, first = _columns(source, rows[0][1])
    if len(rows) == first:
        raise EmptyDataError("the table has a header and no rows", where=str(source.path))
    listing = Listing()
    for number, cells in rows[first:]:
        _read_row(source, listing, (number, cells), (path_at, label_at))
    return listing


def _rows(source: Source) -> list[tuple[int, list[str]]]:
    text = table_text(source.path)
    # Spreadsheets of half of Europe write semicolons.
    head = text.split("\n", 1)[0]
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=";" if ";" in head and "," not in head else ","
    )
    try:
        return [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise DataError(
            "the table cannot be read", where=f"{source.path}:{reader.line_num}", got=str(error)
        ) from error


def _columns(source: Source, head: list[str]) -> tuple[int, int, int]:
    """Where path and label stand, and the index of the first row of data."""
    names = [cell.strip().lower() for cell in head]
    path_at = next((names.index(name) for name in PATH_NAMES if name in names), None)
    label_at = next((names.index(name) for name in LABEL_NAMES if name in names), None)
    if path_at is not None and label_at is not None:
        return path_at, label_at, 1
    if len(head) >= 2 and is_image(head[0].strip()):
        return 0, 1, 0
    raise DataError(
        "the header names no path and label",
        where=f"{source.path}:1",
        expected=f"a column {'|'.join(PATH_NAMES)} and a column {'|'.join(LABEL_NAMES)}, or no header",
        got=",".join(head),
    )


def _read_row(source: Source, listing: Listing, row: tuple[int, list[str]], columns: tuple[int, int]) -> None:
    number, cells = row
    place = f"{source.path.name}:{number}"
    if len(cells) <= max(columns):
        listing.refuse("broken-row", place, f"has {len(cells)} cells; path and label were expected")
        return
    name, label = cells[columns[0]].strip(), cells[columns[1]].strip()
    if not name:
        listing.refuse("no-path", place, "has no path")
    elif is_missing(label):
        listing.refuse("no-label", name, no_label(label, place))
    elif not (source.path.parent / name).is_file():
        listing.refuse("missing-file", name, f"no such file ({place})")
    else:
        listing.samples.append(sample_of(source, name, label))
