"""What stands where a time series has no value."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tidegate.config.tasks.forecast import Fill
from tidegate.data.finding import note
from tidegate.data.series.panel import Values
from tidegate.errors import Finding


def fill_values(values: Values, how: Fill, words: NDArray[np.bool_] | None = None) -> Values:
    """Fill the holes of each column.

    Args:
        values: ``(T, N)``; NaN where there is none.
        how: ``forward`` repeats the last value, and the first one before it; ``linear`` draws a line between
            neighbours, so that it looks ahead; ``zero``; ``mask`` and ``none`` leave holes.
        words: Columns of categories ``(N,)``, between whose values there is no line: ``linear`` is ``forward`` there.

    Returns:
        ``(T, N)``; a column without any value keeps its holes under ``forward`` and ``linear``.

    >>> fill_values(np.array([[np.nan], [1.0], [np.nan], [3.0]]), "linear")[:, 0].tolist()
    [1.0, 1.0, 2.0, 3.0]
    >>> fill_values(np.array([[np.nan], [1.0], [np.nan], [3.0]]), "forward")[:, 0].tolist()
    [1.0, 1.0, 1.0, 3.0]
    """
    holes = np.isnan(values)
    if how in ("none", "mask") or not holes.any():
        return values
    if how == "zero":
        return np.where(holes, 0.0, values)
    filled = values.copy()
    for column in np.flatnonzero(holes.any(axis=0) & ~holes.all(axis=0)):
        places = np.flatnonzero(~holes[:, column])
        there = values[places, column]
        steps = np.arange(len(values))
        if how == "linear" and not (words is not None and words[column]):
            filled[:, column] = np.interp(steps, places, there)
        else:
            last = np.searchsorted(places, steps, side="right") - 1
            filled[:, column] = there[np.maximum(last, 0)]
    return filled


def longest_run(holes: NDArray[np.bool_]) -> int:
    """The most holes one after the other in a column of ``(T, N)``.

    >>> longest_run(np.array([[True], [True], [False], [True]]))
    2
    """
    count = longest = np.zeros(holes.shape[1:], np.int64)
    for row in holes:
        count = np.where(row, count + 1, 0)
        longest = np.maximum(longest, count)
    return int(longest.max(initial=0))


@dataclass
class Filled:
    """Counts what was filled in, for one note."""

    how: Fill
    values: int = 0
    series: int = 0
    longest: int = 0
    rows: int = 0
    first: str = ""
    covariates: int = 0

    def add(self, name: str, holes: NDArray[np.bool_], rows: int, first: str) -> None:
        """Count one series: its holes ``(T, N)``, rows that were put in, and the stamp of the first hole."""
        if not holes.any():
            return
        self.values += int(holes.sum())
        self.series += 1
        self.rows += rows
        self.longest = max(self.longest, longest_run(holes))
        self.first = self.first or (f"{first} of series {name}" if name else first)

    def notes(self, total: int) -> list[Finding]:
        """What was filled in; nothing, if nothing was."""
        what = f"{self.covariates:,} missing values of covariates are treated likewise"
        covariates = [note("filled", what)] if self.covariates else []
        if not self.values:
            return covariates
        how = {
            "mask": "are masked",
            "zero": "are filled with 0",
            "forward": "repeat the last one",
            "linear": "are on a line between their neighbours, which looks ahead",
            "none": "are missing",
        }[self.how]
        added = f", {self.rows:,} rows of them put in" if self.rows else ""
        return [
            note(
                "filled",
                f"{self.values:,} missing values of targets in {self.series:,} of {total:,} series {how}{added}; "
                f"the longest gap has {self.longest:,}, the first is at {self.first}",
            ),
            *covariates,
        ]
