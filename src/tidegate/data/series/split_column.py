"""Parts that a column of a table names: rows of training first, then those of validation, then those of the test."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tidegate.data.series.rows import Rows
from tidegate.data.tables.roles import parts_of, role_of
from tidegate.data.tables.table import Table
from tidegate.errors import DataError

_ORDER = ("train", "valid", "test")


def split_of_column(table: Table, rows: Rows, taken: set[str]) -> str:
    """What ``data.split`` would say for the parts that a column called split names; empty where there is none.

    Args:
        table: What was read.
        rows: Its rows, series by series in order of time.
        taken: Columns that are used for something else.

    Raises:
        DataError: The parts are not the last rows of all series, or differ in length.
    """
    for name in table.names:
        if name in taken or role_of(name) != "split":
            continue
        cells = table.texts(name)
        parts = parts_of([str(cell) for cell in np.unique(cells)])
        if parts is None or len(set(parts.values())) < 2:
            continue
        places = np.array([_ORDER.index(parts[str(cell)]) for cell in cells[rows.places]])
        counts = {_counts(one) for one in np.split(places, rows.starts[1:])}
        if len(counts) == 1 and (found := counts.pop()) is not None:
            valid, test = found
            return f"rest/{valid}/{test}" if test else f"rest/{valid}"
        raise DataError(
            f"the parts in the column {name!r} are not the last rows of every series, alike in number",
            where=table.name,
            expected="rows of training first, then as many of validation and of the test for all series",
            hint="say the numbers of rows: --split rest/24/24, which leaves the column aside",
        )
    return ""


def _counts(places: NDArray[np.int64]) -> tuple[int, int] | None:
    """Rows of validation and test of a series; ``None``: they are not its last ones, or there is no validation."""
    valid, test = (int((places == part).sum()) for part in (1, 2))
    return (valid, test) if valid and bool((np.diff(places) >= 0).all()) else None
