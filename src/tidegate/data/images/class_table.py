"""Image tables: a CSV file ``path,label``, paths relative to the file, with a header or without."""

from __future__ import annotations

from tidegate.data.images.listing import Listing
from tidegate.data.images.sample import sample_of
from tidegate.data.parts import Role
from tidegate.data.source import Source, is_image
from tidegate.data.tables.cells import is_missing, no_label, table_text
from tidegate.data.tables.delimited import read_cells
from tidegate.data.tables.names import column_usual
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
    table = read_cells(table_text(source.path), str(source.path))
    if not table.columns:
        raise EmptyDataError("the table is empty", where=str(source.path), expected="rows of path,label")
    path_at, label_at, first = _columns(source, table.row(0))
    if len(table.numbers) + len(table.broken) == first:
        raise EmptyDataError("the table has a header and no rows", where=str(source.path))
    rows = {int(number): table.row(place) for place, number in enumerate(table.numbers) if place >= first}
    rows |= {broken.number: broken.cells for broken in table.broken}
    listing = Listing()
    for number, cells in sorted(rows.items()):
        place = f"{source.path.name}:{number}"
        if len(cells) == len(table.columns):
            _read_row(source, listing, place, cells[path_at].strip(), cells[label_at].strip())
        else:
            listing.refuse("broken-row", place, f"has {len(cells)} cells; {len(table.columns)} were expected")
    return listing


def _columns(source: Source, head: list[str]) -> tuple[int, int, int]:
    """Where path and label stand, and the index of the first row of data."""
    path, label = column_usual(head, PATH_NAMES), column_usual(head, LABEL_NAMES)
    if path is not None and label is not None:
        return head.index(path), head.index(label), 1
    if len(head) >= 2 and is_image(head[0].strip()):
        return 0, 1, 0
    raise DataError(
        "the header names no path and label",
        where=f"{source.path}:1",
        expected=f"a column {'|'.join(PATH_NAMES)} and a column {'|'.join(LABEL_NAMES)}, or no header",
        got=",".join(head),
    )


def _read_row(source: Source, listing: Listing, place: str, name: str, label: str) -> None:
    if not name and not label:
        return
    if not name:
        listing.refuse("no-path", place, "has no path")
    elif is_missing(label):
        listing.refuse("no-label", name, no_label(label, place))
    elif not (source.path.parent / name).is_file():
        listing.refuse("missing-file", name, f"no such file ({place})")
    else:
        listing.samples.append(sample_of(source, name, label))
