"""Covariates of a table as numbers: a column of words becomes one column a value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tidegate.data.series.panel import Values
from tidegate.data.tables.marks import looks_like_number
from tidegate.data.tables.table import Table
from tidegate.errors import DataError

MOST_VALUES = 100
"""Different values of a column of words, at most."""
Refuse = Callable[[int, str], None]
"""Told of a row that cannot be used, and why."""


@dataclass(frozen=True)
class Covariates:
    """Some columns of a table.

    Attributes:
        names: ``(N,)``; of a category ``column=value``.
        values: ``(R, N)``; NaN where a value is missing.
        words: Which are of categories ``(N,)``.
        categories: The values of each column of words, sorted.
    """

    names: tuple[str, ...]
    values: Values
    words: NDArray[np.bool_]
    categories: dict[str, tuple[str, ...]]
    units: dict[str, str] = field(default_factory=dict[str, str])


def read_covariates(
    table: Table,
    columns: tuple[str, ...],
    trained: dict[str, tuple[str, ...]] | None,
    refuse: Refuse,
) -> Covariates:
    """Read columns as numbers.

    Args:
        table: Where they stand.
        columns: Their names.
        trained: The categories of training, where there was one: values that it never saw are refused.
        refuse: Called for each row whose value cannot be used.

    Raises:
        DataError: A column of words has too many different ones.

    >>> import pandas as pd
    >>> table = Table("x", pd.DataFrame({"wind": ["N", "S", "N"]}))
    >>> found = read_covariates(table, ("wind",), None, print)
    >>> found.names, found.values[:, 0].tolist()
    (('wind=N', 'wind=S'), [1.0, 0.0, 1.0])
    """
    names: list[str] = []
    blocks: list[Values] = []
    words: list[bool] = []
    categories: dict[str, tuple[str, ...]] = {}
    units: dict[str, str] = {}
    for column in columns:
        known = None if trained is None else trained.get(column)
        if known is None and (trained is not None or table.is_numbers(column)):
            names.append(column)
            words.append(False)
            blocks.append(read_numbers(table, column, refuse, units)[:, None])
            continue
        texts = table.texts(column)
        categories[column] = known if known is not None else _values(table, column, texts)
        names += [f"{column}={value}" for value in categories[column]]
        words += [True] * len(categories[column])
        blocks.append(_one_hot(texts, column, categories[column], refuse))
    values = np.concatenate([np.zeros((len(table), 0)), *blocks], axis=1)
    return Covariates(tuple(names), values, np.array(words, dtype=bool), categories, units)


def read_numbers(table: Table, column: str, refuse: Refuse, units: dict[str, str]) -> Values:
    """A column of numbers ``(R,)``; NaN where one is missing or refused. What stands around them comes into ``units``."""
    found = table.numbers(column)
    if found.unit:
        units[column] = found.unit
    for place, text in found.refused.items():
        infinite = np.isinf(found.values[place])
        refuse(place, f"{column} is {text}, not finite" if infinite else _no_number(table, column, text))
        found.values[place] = np.nan
    return found.values


def _no_number(table: Table, column: str, text: str) -> str:
    what = f"{column} is {text!r}, no number"
    if not looks_like_number(text):
        return what
    marks = str(table.marks) or "decimal points"
    return f"{what} as the others are written, with {marks} (data.decimal and data.thousands say the marks)"


def _values(table: Table, column: str, texts: NDArray[np.object_]) -> tuple[str, ...]:
    values = sorted({str(text) for text in texts} - {""})
    if not values or len(values) > MOST_VALUES:
        raise DataError(
            f"the column {column!r} is no covariate",
            where=table.name,
            expected=f"numbers, or 1 to {MOST_VALUES} different words",
            got=f"{len(values):,} different words, such as {', '.join(values[:3])}"
            if values
            else "only empty cells",
        )
    return tuple(values)


def _one_hot(texts: NDArray[np.object_], column: str, values: tuple[str, ...], refuse: Refuse) -> Values:
    places = {value: place for place, value in enumerate(values)}
    codes = np.array([-1 if text == "" else places.get(text, -2) for text in texts])
    for row in np.flatnonzero(codes == -2):
        refuse(int(row), f"{column} is {texts[row]!r}, which training never saw ({', '.join(values[:10])})")
    found = (codes[:, None] == np.arange(len(values))).astype(np.float64)
    found[codes < 0] = np.nan
    return found
