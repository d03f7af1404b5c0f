"""CLASSES and LINES: the formats of images. A new one is a file with ``matches`` and ``read``, and a record here."""

from __future__ import annotations

from collections.abc import Sequence

from tidegate.data.images import class_folder, digit_lines, digits, idx, line_folder
from tidegate.data.images.listing import ImageFormat, ImageFormats
from tidegate.data.images.memory import classes_in_memory, lines_in_memory
from tidegate.data.images.sample import Sample
from tidegate.data.images.tables import class_table, doctr, line_table


def _classes(samples: Sequence[Sample]) -> str:
    return f"{len(samples):,} images, {len({sample.target for sample in samples}):,} classes"


def _lines(samples: Sequence[Sample]) -> str:
    return f"{len(samples):,} lines, {len(set().union(*(sample.target for sample in samples))):,} characters"


CLASSES = ImageFormats(
    "images with classes",
    (
        ImageFormat(
            "digits",
            "built in: 5,000 handwritten digits of MNIST, 28×28 (path: digits)",
            digits.matches,
            digits.read,
            own_parts=("train", "valid", "test"),
        ),
        ImageFormat(
            "idx",
            "MNIST's files: train-images-idx3-ubyte[.gz], train-labels-idx1-ubyte[.gz], t10k-…",
            idx.matches,
            idx.read,
        ),
        ImageFormat(
            "image-table",
            "table.csv with the columns path,label (or .tsv, .jsonl, Label Studio's .json)",
            class_table.matches,
            class_table.read,
        ),
        ImageFormat(
            "image-folder",
            "ROOT/CLASS/x.png, a folder or a .tar.gz/.zip of it",
            class_folder.matches,
            class_folder.read,
        ),
    ),
    in_memory=classes_in_memory,
    describe=_classes,
    classes=True,
)
"""Images, each of a class."""

LINES = ImageFormats(
    "images of lines with texts",
    (
        ImageFormat(
            "digit-lines",
            "built in: lines of 3–12 handwritten digits (path: digit-lines)",
            digit_lines.matches,
            digit_lines.read,
            own_parts=("train", "valid", "test"),
        ),
        ImageFormat("doctr", 'labels.json {"x.png": "text"} beside images/', doctr.matches, doctr.read),
        ImageFormat(
            "line-table",
            "table.tsv with path<TAB>text on each line; .csv, .jsonl, Label Studio's .json",
            line_table.matches,
            line_table.read,
        ),
        ImageFormat(
            "line-folder",
            "x.png and x.gt.txt (or x.txt) beside it, a folder or a .tar.gz/.zip of it",
            line_folder.matches,
            line_folder.read,
        ),
    ),
    in_memory=lines_in_memory,
    describe=_lines,
    classes=False,
)
"""Images of lines of text, each with what stands there."""
