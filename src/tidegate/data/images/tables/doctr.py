"""docTR's recognition data: ``labels.json`` (``{"x.png": "text"}``), images in ``images/`` beside it."""

from __future__ import annotations

import json
from typing import cast

from tidegate.border import reason
from tidegate.data.finding import note
from tidegate.data.images.listing import Listing
from tidegate.data.images.normal_form import normalise
from tidegate.data.images.sample import sample_of
from tidegate.data.parts import Role
from tidegate.data.source import Folder, Source
from tidegate.errors import DataError, EmptyDataError

LABELS = "labels.json"


def matches(source: Source) -> bool:
    """A ``.json`` file, or a folder or archive with ``labels.json``."""
    if not source.is_file:
        return LABELS in source.known
    # A list is another program's.
    return source.path.suffix.lower() == ".json" and not source.head().lstrip().startswith(b"[")


def read(source: Source, role: Role) -> Listing:
    """List the entries of the label file.

    Raises:
        EmptyDataError: It has no entries.
        DataError: It is missing, or no JSON object in UTF-8.
    """
    del role
    labels_name = source.path.name if source.is_file else LABELS
    folder = Folder(source.path.parent) if source.is_file else source
    labels = _labels(folder, labels_name)
    if not labels:
        raise EmptyDataError("no entries", where=str(folder.path / labels_name), expected='{"x.png": "text"}')
    listing = Listing()
    used: set[str] = set()
    for name, text in labels.items():
        image = next((path for path in (f"images/{name}", name) if path in folder.known), None)
        if image is None:
            listing.refuse("missing-file", name, "no such file in images/")
            continue
        used.add(image)
        if not isinstance(text, str):
            listing.refuse("bad-text", name, f"its text is no string but {json.dumps(text)[:40]}")
        elif not normalise(text):
            listing.refuse("no-label", name, "has an empty text")
        else:
            listing.samples.append(sample_of(folder, image, normalise(text)))
    unused = [name for name in folder.images if name.startswith("images/") and name not in used]
    if unused:
        listing.notes.append(
            note(
                "unused", f"{len(unused)} images stand in no line of {labels_name}, for instance {unused[0]}"
            )
        )
    return listing


def _labels(folder: Source, name: str) -> dict[str, object]:
    where = str(folder.path / name)
    try:
        labels = cast(object, json.loads(folder.read(name).decode("utf-8-sig")))
    except (KeyError, OSError) as error:
        raise DataError("no label file", where=where, expected='{"x.png": "text"}') from error
    except UnicodeDecodeError as error:
        raise DataError("the label file is not UTF-8", where=where, got=str(error)) from error
    except json.JSONDecodeError as error:
        raise DataError(
            "the label file is no JSON",
            where=f"{where}:{error.lineno}:{error.colno}",
            expected='{"x.png": "text"}',
            got=error.msg,
            hint="mend the file at this line and column",
        ) from error
    except (ValueError, RecursionError) as error:  # numbers of thousands of digits, and nesting of thousands
        raise DataError("the label file cannot be read", where=where, got=reason(error)) from error
    if not isinstance(labels, dict):
        raise DataError(
            "the label file is no JSON object",
            where=where,
            expected='{"x.png": "text"}',
            got=type(labels).__name__,
        )
    return cast(dict[str, object], labels)
