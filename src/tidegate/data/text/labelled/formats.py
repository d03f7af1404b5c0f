"""LABELLED_TEXTS: the formats of texts with answers. A path says which of them it is."""

from __future__ import annotations

from tidegate.data.format import Format, Formats
from tidegate.data.source import TABLE_SUFFIXES, Source
from tidegate.data.text.labelled.json_lines import SUFFIXES as JSON_SUFFIXES
from tidegate.data.text.labelled.reader import TEXT_SUFFIXES, text_files


def _first_ends(source: Source, suffixes: tuple[str, ...]) -> bool:
    return any(name.lower().endswith(suffixes) for name in text_files(source)[:1])


LABELLED_TEXTS = Formats(
    "texts with answers",
    (
        Format(
            "table",
            "texts: x.csv, x.tsv (also .gz) or x.parquet with a column of the text and one of the answer",
            lambda source: _first_ends(source, TABLE_SUFFIXES),
        ),
        Format(
            "json-lines",
            "texts: x.jsonl (also .gz), an object a line with a key of the text and one of the answer",
            lambda source: _first_ends(source, JSON_SUFFIXES),
        ),
        Format(
            "text-folder",
            "texts: ROOT/CLASS/x.txt (also .gz), a folder or a .tar.gz/.zip of it",
            lambda source: _first_ends(source, TEXT_SUFFIXES),
        ),
    ),
)
