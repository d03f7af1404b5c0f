"""FORMATS: every layout of data that can be read. A new one is a file with ``matches`` and ``read``, and a
line here.

The order matters: ``auto`` takes the first that serves the task and matches.
"""

from __future__ import annotations

from collections import Counter
from pathlib import PurePosixPath

from tidegate.data.format import Format
from tidegate.data.images import class_folder as image_folder
from tidegate.data.images import class_table as image_table
from tidegate.data.images import digit_lines, digits, doctr, idx, line_folder, line_table
from tidegate.data.signals import csv_folder as signal_files
from tidegate.data.signals import long_table as signal_table
from tidegate.data.signals import npz as signal_npz
from tidegate.data.signals import ucr_ts as signal_ts
from tidegate.data.signals import ucr_tsv as signal_tsv
from tidegate.data.signals import wav as signal_wav
from tidegate.data.source import Source, table_file
from tidegate.data.text.documents import ABOUT, SUFFIXES
from tidegate.data.text_lines import unpack
from tidegate.data.words.files import sentence_files
from tidegate.data.words.reader import is_conllu
from tidegate.errors import DataError

LOOKED_AT = 3
"""Files of a folder that are opened to tell columns from plain text."""
HEAD = 1 << 16
"""Bytes of each that are looked at."""
ALIKE = 0.9
"""Share of lines with the same number of columns that makes a file one of columns."""


def _is_conllu(source: Source) -> bool:
    return not source.builtin and any(is_conllu(name) for name in sentence_files(source))


def _is_columns(source: Source) -> bool:
    if source.builtin or source.images or _is_conllu(source):
        return False
    return any(_in_columns(source, name) for name in sentence_files(source)[:LOOKED_AT])


def _is_text(source: Source) -> bool:
    if source.builtin or source.images or _is_conllu(source) or _is_columns(source):
        return False
    names = [source.path.name] if source.is_file else source.names
    texts = [PurePosixPath(name) for name in names if name.lower().removesuffix(".gz").endswith(SUFFIXES)]
    return any(path.name.split(".")[0] not in ABOUT for path in texts)


def _is_series(source: Source) -> bool:
    return table_file(source) is not None


def _in_columns(source: Source, name: str) -> bool:
    """Whether most lines of a file have the same columns, two or more, and blank lines stand between them."""
    try:
        lines = unpack(name, source.read(name))[:HEAD].decode("utf-8", "replace").splitlines()
    except (OSError, DataError):
        return False
    words = [line for line in lines if line.strip() and not line.startswith(("# ", "-DOCSTART-"))]
    counts = Counter(len(line.split("\t") if "\t" in line else line.split()) for line in words)
    blank = any(not line.strip() for line in lines)
    return blank and any(count > 1 and alike >= ALIKE * len(words) for count, alike in counts.items())


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
    Format(
        name="conllu",
        tasks=("tag",),
        summary="CoNLL-U: x.conllu, ten columns separated by tabs (also .gz; a folder with train, dev and test)",
        looks_like=_is_conllu,
    ),
    Format(
        name="columns",
        tasks=("tag",),
        summary="a word a line with its tag in the last column, a blank line between sentences (also .gz)",
        looks_like=_is_columns,
    ),
    Format(
        name="text",
        tasks=("language",),
        summary="plain text in UTF-8: x.txt, x.tokens or x.raw (also .gz), or a folder of such files",
        looks_like=_is_text,
    ),
    Format(
        name="series",
        tasks=("forecast",),
        summary="time series: x.csv, x.tsv (also .gz) or x.parquet, long (unique_id, ds, y) or a column a target",
        looks_like=_is_series,
    ),
    Format(
        name="ts",
        tasks=("signal",),
        summary="archives of UCR and UEA: NAME_TRAIN.ts and NAME_TEST.ts, or one .ts",
        looks_like=signal_ts.matches,
    ),
    Format(
        name="npz",
        tasks=("signal",),
        summary="arrays x (N, T) or (N, T, C), or values and lengths, with y; or x_train, y_train, x_test, …",
        looks_like=signal_npz.matches,
    ),
    Format(
        name="wav",
        tasks=("signal",),
        summary="sound: ROOT/CLASS/x.wav, or CLASS_….wav, a folder or a .tar.gz/.zip of it",
        looks_like=signal_wav.matches,
    ),
    Format(
        name="tsv",
        tasks=("signal",),
        summary="archive of UCR: NAME_TRAIN.tsv and NAME_TEST.tsv, a label and its values on each line",
        looks_like=signal_tsv.matches,
    ),
    Format(
        name="signal-table",
        tasks=("signal",),
        summary="table.csv with a row for each step: id, time, channels, label",
        looks_like=signal_table.matches,
    ),
    Format(
        name="signal-files",
        tasks=("signal",),
        summary="a CSV for each sequence: ROOT/CLASS/x.csv, or x_1.csv and a table of labels, in a folder or archive",
        looks_like=signal_files.matches,
    ),
)

FORMATS: dict[str, Format] = {format_.name: format_ for format_ in _ALL}


def formats_of(task: str) -> list[Format]:
    """The formats that can feed a task, in the order in which ``auto`` tries them.

    >>> [one.name for one in formats_of("transcribe")]
    ['digit-lines', 'doctr', 'line-table', 'line-folder']
    """
    return [one for one in FORMATS.values() if task in one.tasks]
