"""Line tables: a file of ``path<TAB>text`` lines, paths relative to the file."""

from __future__ import annotations

from tidegate.data.images.listing import Listing
from tidegate.data.images.normal_form import normalise
from tidegate.data.images.sample import Sample
from tidegate.data.images.tables import label_table
from tidegate.data.images.tables.label_table import TEXT_NAMES
from tidegate.data.images.tables.places import ImagePlaces
from tidegate.data.parts import Role
from tidegate.data.source import Source
from tidegate.data.tables.cells import table_text
from tidegate.errors import EmptyDataError

HEADERS = frozenset((("path", "text"), ("file", "text"), ("image", "text"), ("file_name", "text")))


def matches(source: Source) -> bool:
    """A file that ends in ``.txt``, or like a table."""
    return source.is_file and source.path.suffix.lower() in (".txt", *label_table.SUFFIXES)


def read(source: Source, role: Role) -> Listing:
    """List the lines of the table.

    Raises:
        EmptyDataError: The table has no lines.
        DataError: It is not UTF-8.
    """
    del role
    if source.path.suffix.lower() not in (".tsv", ".txt"):
        return label_table.read(source, TEXT_NAMES, normalise, missing=False)
    places = ImagePlaces(source.path.parent)
    # Only newlines end a row: str.splitlines would also cut at form feeds and the like inside a text.
    rows = [row.removesuffix("\r") for row in table_text(source.path).split("\n")]
    listing = Listing()
    for number, row in enumerate(rows, start=1):
        if row.strip() and not (number == 1 and _is_header(row)):
            _read_row(source, places, listing, number, row)
    listing.notes.extend(places.notes(str(source.path)))
    if not listing.samples and not listing.bad:
        raise EmptyDataError("the table is empty", where=str(source.path), expected="lines of path<TAB>text")
    return listing


def _is_header(row: str) -> bool:
    return tuple(cell.strip().lower() for cell in row.split("\t")) in HEADERS


def _read_row(source: Source, places: ImagePlaces, listing: Listing, number: int, row: str) -> None:
    place = f"{source.path.name}:{number}"
    name, tab, text = row.partition("\t")
    name, stored, text = name.strip(), text, normalise(text)
    if not tab:
        listing.refuse("broken-row", place, "has no tab; path<TAB>text was expected")
    elif not name:
        listing.refuse("no-path", place, "has no path")
    elif not text:
        listing.refuse("no-label", name, f"has an empty text ({place})")
    elif (path := places.find(name)) is None:
        listing.refuse("missing-file", name, f"no such file ({place})")
    else:
        listing.samples.append(Sample(name, text, path=path))
        listing.texts.extend([stored] if stored != text else [])
