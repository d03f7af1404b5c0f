"""Time series that a caller holds: pandas frames and series, or arrays, whose rows are counted as they have no dates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from tidegate.data.memory import InMemory, described, is_array, is_column, is_table, plain_array
from tidegate.errors import DataError, EmptyDataError

if TYPE_CHECKING:
    import pandas as pd

    from tidegate.data.tables.table import Table

EXPECTED = (
    "a pandas frame, long (unique_id, ds, y) or with a column for each target; a pandas series; an array (T,) or "
    "(T, targets); or a list of series or arrays of any lengths"
)
TIME, SERIES = "ds", "unique_id"


def table_in_memory(held: InMemory) -> tuple[Table, bool]:
    """The table that a file of the series would give, and whether its rows are counted.

    Raises:
        DataError: It is nothing of the kind.
        EmptyDataError: There is no row.

    >>> table, counted = table_in_memory(InMemory([np.arange(3), np.arange(2)]))
    >>> table.names, len(table), counted
    (['unique_id', 'ds', 'y'], 5, True)
    """
    from tidegate.data.tables.table import table_of_frame  # it imports pandas

    value: Any = held.value
    if is_table(value):
        return table_of_frame(value, held.name), False
    several = isinstance(value, list | tuple) and not _is_numbers(cast(Sequence[Any], value))
    every = list(cast(Sequence[Any], value)) if several else [value]
    if not every:
        raise EmptyDataError(
            "there are no series", where=held.name, expected=EXPECTED, got="an empty sequence"
        )
    if all(is_column(one) and _has_dates(one) for one in every):
        return table_of_frame(_dated(every, several=several), held.name), False
    arrays = [_array(held, one) for one in every]
    widths = {array.shape[1] for array in arrays}
    if len(widths) > 1:
        raise DataError(
            "the arrays have different numbers of columns",
            where=held.name,
            expected="the same targets for all series",
            got=", ".join(str(array.shape) for array in arrays[:8]),
        )
    width = widths.pop()
    targets = ["y"] if width == 1 else [f"y{number}" for number in range(1, width + 1)]
    names = [str(number) for number in range(1, len(arrays) + 1)] if several else [None]
    return table_of_frame(counted_frame(arrays, names, targets), held.name), True


def counted_frame(
    arrays: Sequence[NDArray[np.float64]], names: Sequence[str | None], targets: Sequence[str]
) -> pd.DataFrame:
    """A long table of series without dates, of which each has its rows counted.

    Args:
        arrays: ``(T, C)`` each.
        names: Of the series; None: a single one without a name.
        targets: Names of the columns.
    """
    import pandas as pd

    parts: list[pd.DataFrame] = []
    for array, name in zip(arrays, names, strict=True):
        part = pd.DataFrame(array, columns=pd.Index(targets))
        part.insert(0, TIME, np.arange(len(array)))
        if name is not None:
            part.insert(0, SERIES, name)
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def _dated(every: Sequence[Any], *, several: bool) -> pd.DataFrame:
    """A long table of pandas series whose index holds dates."""
    import pandas as pd

    parts: list[pd.DataFrame] = []
    for number, one in enumerate(every, start=1):
        stamps = one.index.to_timestamp() if hasattr(one.index, "to_timestamp") else one.index
        part = pd.DataFrame({TIME: stamps, "y": one.to_numpy()})
        if several:
            part.insert(0, SERIES, str(number if one.name is None else one.name))
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def _has_dates(column: Any) -> bool:
    return type(column.index).__name__ in ("DatetimeIndex", "PeriodIndex")


def _is_numbers(value: Sequence[Any]) -> bool:
    return bool(value) and all(isinstance(one, int | float | np.number) for one in value)


def _array(held: InMemory, one: Any) -> NDArray[np.float64]:
    if not (is_array(one) or isinstance(one, list | tuple)):
        raise held.unfit(one, EXPECTED)
    try:
        array = plain_array(one).astype(np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(
            "the series hold something that is no number", where=held.name, got=f"{described(one)}: {error}"
        ) from error
    if array.ndim not in (1, 2):
        raise held.unfit(one, EXPECTED)
    return array[:, None] if array.ndim == 1 else array
