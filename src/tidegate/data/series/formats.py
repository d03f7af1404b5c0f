"""SERIES: the format of time series."""

from __future__ import annotations

from tidegate.data.format import Format, Formats
from tidegate.data.source import Source, table_file


def _is_table(source: Source) -> bool:
    return table_file(source) is not None


SERIES = Formats(
    "time series",
    (
        Format(
            "series",
            "time series: x.csv, x.tsv (also .gz), x.parquet or x.xlsx, long (unique_id, ds, y) or a column a target",
            _is_table,
        ),
    ),
)
