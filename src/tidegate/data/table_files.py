"""Which file behind a path is a table. Apart from the reader, since pandas takes a moment to import."""

from __future__ import annotations

from pathlib import Path

from tidegate.data.source import Source

TABLE_SUFFIXES = (".csv", ".csv.gz", ".tsv", ".tsv.gz", ".parquet")


def table_file(source: Source) -> Path | None:
    """The one file of a source that ends like a table: itself, or the only one in a folder.

    >>> str(table_file(Source(Path("sales.csv.gz")))), table_file(Source(Path("sales.txt")))
    ('sales.csv.gz', None)
    """
    if source.builtin:
        return None
    if source.is_file:
        return source.path if source.path.name.lower().endswith(TABLE_SUFFIXES) else None
    names = [name for name in source.names if name.lower().endswith(TABLE_SUFFIXES)]
    found = source.path / names[0] if len(names) == 1 else None
    # A member of an archive is no file.
    return found if found is not None and found.is_file() else None
