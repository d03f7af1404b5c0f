"""TEXTS: the format of plain text."""

from __future__ import annotations

from pathlib import PurePosixPath

from tidegate.data.format import Format, Formats
from tidegate.data.source import Source
from tidegate.data.text.documents import ABOUT, SUFFIXES


def _is_text(source: Source) -> bool:
    if source.builtin or source.images:
        return False
    names = [source.path.name] if source.is_file else source.names
    texts = [PurePosixPath(name) for name in names if name.lower().removesuffix(".gz").endswith(SUFFIXES)]
    return any(path.name.split(".")[0] not in ABOUT for path in texts)


TEXTS = Formats(
    "plain text",
    (
        Format(
            "text",
            "plain text in UTF-8: x.txt, x.tokens or x.raw (also .gz), or a folder of such files",
            _is_text,
        ),
    ),
)
