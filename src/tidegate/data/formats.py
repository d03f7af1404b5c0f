"""FORMATS: every layout of data that can be read. A new one is a file with ``matches`` and ``read``, and a
line here.

The order matters: ``auto`` takes the first that serves the task and matches.
"""

from __future__ import annotations

from tidegate.data import (
    digit_lines,
    digits,
    doctr,
    idx,
    image_folder,
    image_table,
    line_folder,
    line_table,
)
from tidegate.data.format import Format

_ALL = (
    Format(
        name="digits",
        tasks=("classify",),
        summary="built in: 5,000 handwritten digits of MNIST, 28×28 (path: digits)",
        looks_like=digits.matches,
        list_samples=digits.read,
        own_parts=("train", "valid", "test"),
    ),
    Format(
        name="digit-lines",
        tasks=("transcribe",),
        summary="built in: lines of 3–12 handwritten digits (path: digit-lines)",
        looks_like=digit_lines.matches,
        list_samples=digit_lines.read,
        own_parts=("train", "valid", "test"),
    ),
    Format(
        name="idx",
        tasks=("classify",),
        summary="MNIST's files: train-images-idx3-ubyte[.gz], train-labels-idx1-ubyte[.gz], t10k-…",
        looks_like=idx.matches,
        list_samples=idx.read,
    ),
    Format(
        name="image-table",
        tasks=("classify",),
        summary="table.csv with the columns path,label; paths relative to it",
        looks_like=image_table.matches,
        list_samples=image_table.read,
    ),
    Format(
        name="image-folder",
        tasks=("classify",),
        summary="ROOT/CLASS/x.png, a folder or a .tar.gz/.zip of it",
        looks_like=image_folder.matches,
        list_samples=image_folder.read,
    ),
    Format(
        name="doctr",
        tasks=("transcribe",),
        summary='labels.json {"x.png": "text"} beside images/',
        looks_like=doctr.matches,
        list_samples=doctr.read,
    ),
    Format(
        name="line-table",
        tasks=("transcribe",),
        summary="table.tsv with path<TAB>text on each line; paths relative to it",
        looks_like=line_table.matches,
        list_samples=line_table.read,
    ),
    Format(
        name="line-folder",
        tasks=("transcribe",),
        summary="x.png and x.gt.txt (or x.txt) beside it, a folder or a .tar.gz/.zip of it",
        looks_like=line_folder.matches,
        list_samples=line_folder.read,
    ),
)

FORMATS: dict[str, Format] = {format_.name: format_ for format_ in _ALL}


def formats_of(task: str) -> list[Format]:
    """The formats that can feed a task, in the order in which ``auto`` tries them.

    >>> [one.name for one in formats_of("transcribe")]
    ['digit-lines', 'doctr', 'line-table', 'line-folder']
    """
    return [one for one in FORMATS.values() if task in one.tasks]
