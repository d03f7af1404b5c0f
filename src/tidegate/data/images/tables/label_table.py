"""Tables of images with answers: CSV, TSV, Excel, JSON lines, Label Studio's JSON; a header names the columns or not."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, cast

from tidegate.data.finding import note
from tidegate.data.images.listing import Listing
from tidegate.data.images.sample import Sample
from tidegate.data.images.tables.places import ImagePlaces
from tidegate.data.source import Source, is_image
from tidegate.data.tables.cells import is_missing, no_label, table_text
from tidegate.data.tables.delimited import read_cells
from tidegate.data.tables.names import column_usual
from tidegate.errors import DataError, EmptyDataError

SUFFIXES = (".csv", ".tsv", ".jsonl", ".ndjson", ".json")
PATH_NAMES = ("path", "file", "filename", "file_name", "image", "image_path", "img", "image_id", "id")
LABEL_NAMES = ("label", "class", "target", "category", "choice")
TEXT_NAMES = ("text", "words", "transcription", "transcript", "ground_truth", "gt", "sentence", *LABEL_NAMES)
DEEPEST = 6
"""Levels of an annotation in Label Studio's JSON, at most."""


class Row(NamedTuple):
    """One row: where it stands, the image that it names, and the answer; ``broken`` says why it has none."""

    place: str
    image: str
    answer: str
    broken: str = ""


def matches(source: Source) -> bool:
    """One file that ends like a table."""
    return source.is_file and source.path.suffix.lower() in SUFFIXES


def read(source: Source, names: Sequence[str], answer: Callable[[str], str], *, missing: bool) -> Listing:
    """List the rows of a table.

    Args:
        source: The file.
        names: What the column of answers may be called.
        answer: Brings an answer to its normal form.
        missing: Whether what stands for a missing value in tables (NA, none) is none here either.

    Raises:
        EmptyDataError: The table has no rows.
        DataError: It cannot be read, or its header names no images and answers.
    """
    listing = Listing()
    places = ImagePlaces(source.path.parent)
    for row in _rows(source, names, listing):
        found, image = answer(row.answer), row.image.strip()
        if row.broken:
            listing.refuse("broken-row", row.place, row.broken)
        elif not image:
            if found:
                listing.refuse("no-path", row.place, "has no path")
        elif not found or (missing and is_missing(found)):
            what = no_label(found, row.place) if missing else f"has an empty text ({row.place})"
            listing.refuse("no-label", image, what)
        elif (path := places.find(image)) is None:
            listing.refuse("missing-file", image, f"no such file ({row.place})")
        else:
            listing.samples.append(Sample(image, found, path=path))
            listing.texts.extend([row.answer] if row.answer != found else [])
    if not listing.samples and not listing.bad:
        raise EmptyDataError(
            "the table is empty", where=str(source.path), expected="rows of an image and its answer"
        )
    listing.notes.extend(places.notes(str(source.path)))
    return listing


def _rows(source: Source, names: Sequence[str], listing: Listing) -> Iterator[Row]:
    suffix = source.path.suffix.lower()
    if suffix in (".jsonl", ".ndjson"):
        return _json_lines(source, names)
    if suffix == ".json":
        return _json(source, names)
    return _cells(source, names, listing)


def _cells(source: Source, names: Sequence[str], listing: Listing) -> Iterator[Row]:
    table = read_cells(table_text(source.path), str(source.path))
    if not table.columns:
        raise EmptyDataError("the table is empty", where=str(source.path), expected="rows of path,label")
    head = table.row(0)
    path, label = column_usual(head, PATH_NAMES), column_usual(head, names)
    if path is not None and label is not None:
        path_at, label_at, first = head.index(path), head.index(label), 1
        unused = [name for name in head if name not in (path, label)]
        if unused:
            what = f"{path} is the image, {label} its answer; not used: {', '.join(unused)}"
            listing.notes.append(note("columns", what, str(source.path)))
    elif len(head) >= 2 and is_image(head[0].strip()):
        path_at, label_at, first = 0, 1, 0
    else:
        raise DataError(
            "the header names no images and answers",
            where=f"{source.path}:1",
            expected=f"a column {'|'.join(PATH_NAMES)} and a column {'|'.join(names)}, or no header",
            got=",".join(head),
            hint="name the columns so",
        )
    if len(table.numbers) + len(table.broken) == first:
        raise EmptyDataError("the table has a header and no rows", where=str(source.path))
    rows = {int(number): table.row(place) for place, number in enumerate(table.numbers) if place >= first}
    rows |= {broken.number: broken.cells for broken in table.broken}
    for number, cells in sorted(rows.items()):
        place = f"{source.path.name}:{number}"
        if len(cells) == len(head):
            yield Row(place, cells[path_at], cells[label_at])
        else:
            yield Row(place, "", "", f"has {len(cells)} cells; {len(head)} were expected")


def _json_lines(source: Source, names: Sequence[str]) -> Iterator[Row]:
    for number, line in enumerate(table_text(source.path).split("\n"), start=1):
        if not line.strip():
            continue
        place = f"{source.path.name}:{number}"
        try:
            found = cast(object, json.loads(line))
        except (ValueError, RecursionError) as error:
            yield Row(place, "", "", f"is no JSON: {error}")
            continue
        yield _object(found, names, place)


def _json(source: Source, names: Sequence[str]) -> Iterator[Row]:
    try:
        found = cast(object, json.loads(table_text(source.path)))
    except (ValueError, RecursionError) as error:
        raise DataError("the file is no JSON", where=str(source.path), got=str(error)) from error
    if not isinstance(found, list):
        raise DataError(
            "the file is no list of images with answers",
            where=str(source.path),
            expected='[{"image": "x.png", "text": "…"}, …], as Label Studio exports it',
            got=type(found).__name__,
        )
    for number, item in enumerate(cast(list[object], found), start=1):
        yield _object(item, names, f"{source.path.name}, item {number}")


def _object(found: object, names: Sequence[str], place: str) -> Row:
    if not isinstance(found, dict):
        return Row(place, "", "", f"is no object but {type(found).__name__}")
    row = cast(dict[str, Any], found)
    data: Any = row.get("data", row)
    data = cast(dict[str, Any], data) if isinstance(data, dict) else row
    path, label = column_usual(list(data), ("ocr", *PATH_NAMES)), column_usual(list(data), names)
    answer: object = data[label] if label is not None else _annotated(row)
    if path is None or answer is None:
        return Row(
            place, "", "", f"has no {'image' if path is None else 'answer'}, but {', '.join(row)[:80]}"
        )
    if not isinstance(answer, str | int):
        return Row(place, "", "", f"its answer is no text but {json.dumps(answer)[:40]}")
    return Row(place, str(data[path]), str(answer))


def _annotated(row: dict[str, Any]) -> str | None:
    """The one answer among Label Studio's annotations of a whole image."""
    found: list[str] = []

    def look(value: Any, depth: int) -> None:
        if depth > DEEPEST:
            return
        if isinstance(value, dict):
            for key, inner in cast(dict[str, Any], value).items():
                if key in ("text", "choices"):
                    texts = cast(list[Any], inner) if isinstance(inner, list) else [inner]
                    found.extend(text for text in texts if isinstance(text, str))
                else:
                    look(inner, depth + 1)
        elif isinstance(value, list):
            for inner in cast(list[Any], value):
                look(inner, depth + 1)

    look(row.get("annotations") or row.get("completions") or [], 0)
    distinct = list(dict.fromkeys(found))
    return distinct[0] if len(distinct) == 1 else None
