"""What can be wrong with stamps and values of time series: found over all rows at once, told by series and row."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from tidegate.config.tasks.forecast import Fill
from tidegate.data.series.frequency import Frequency
from tidegate.data.series.frequency_inference import describe_step
from tidegate.data.series.panel import Layout
from tidegate.data.series.problems import Problems
from tidegate.data.series.rows import Rows
from tidegate.errors import DataError

Flags = NDArray[np.bool_]
TO_FILL = "--fill forward, linear, zero or mask puts something there"
AS_THEY_STAND = f"{TO_FILL}; --set forecast.frequency=rows takes rows as they stand"

ZONE = "clocks change on such nights: --set forecast.zone=Europe/Berlin, or whose clocks these are, counts in UTC"


def check_grid(
    rows: Rows, frequency: Frequency, fill: Fill, problems: Problems, naming: Callable[[], tuple[str, ...]]
) -> None:
    """Report stamps that stand twice, those off the grid, and gaps unless they are to be filled.

    Args:
        rows: Of all series.
        frequency: Their step.
        fill: Whether gaps are to be filled.
        problems: Where to report.
        naming: The columns that would name series without a stamp that stands twice, if there are some.

    Raises:
        DataError: Most stamps are off the grid, so that the frequency that was named is wrong.
    """
    same = np.diff(rows.codes, prepend=-1) == 0
    steps = np.diff(rows.stamps.astype(np.int64), prepend=0)
    twice = same & (steps == 0)
    hint = _clocks(rows, twice)
    if not hint and twice.any() and (names := naming()):
        shown = ", ".join(f'"{name}"' for name in names)
        hint = f"no stamp stands twice where {' and '.join(names)} name the series: --set 'forecast.series=[{shown}]'"
    _report(rows, twice, problems, lambda at: _twice(rows, at, problems), hint)
    if frequency.unit == "row":
        return
    off = _off_grid(rows, frequency)
    _refuse_wrong(rows, frequency, off, steps[same], problems.table.name)
    strange = set(rows.codes[off].tolist())
    _report(
        rows,
        off,
        problems,
        lambda at: f"{problems.stamp(rows.stamps[at])} is no step of {frequency} from the rest of the series",
    )
    if fill == "none":
        missing = np.diff(frequency.numbers(rows.stamps), prepend=0) - 1
        gaps = same & (missing > 0)
        # The gaps of a series with stamps off the grid are no news.
        gaps &= ~np.isin(rows.codes, list(strange))
        hint = TO_FILL if frequency.unit == "number" else AS_THEY_STAND
        hint = "; ".join(filter(None, (hint, _clocks(rows, gaps))))
        _report(rows, gaps, problems, lambda at: _gap(rows, at, int(missing[at]), problems), hint)


def check_values(rows: Rows, layout: Layout, future: Flags, fill: Fill, problems: Problems) -> None:
    """Report missing values: of the past unless they are to be filled, and of known covariates in the future always.

    Args:
        rows: From the first target of each series on.
        layout: Names of the columns.
        future: Rows behind the last target ``(R,)``.
        fill: What is to stand for missing values.
        problems: Where to report.
    """
    # What could not be read is missing too, and no news.
    unread = np.isin(rows.places, list(problems.places))[:, None]
    if fill == "none":
        past = ~future[:, None] & ~unread
        for names, values in (
            (layout.targets, rows.targets),
            (layout.known, rows.known),
            (layout.observed, rows.observed),
        ):
            _missing(rows, names, np.isnan(values) & past, "is missing", problems, TO_FILL)
    ahead = np.isnan(rows.known) & future[:, None] & ~unread
    _missing(rows, layout.known, ahead, "is missing in the future, where it must be known", problems)


def check_targets(rows: Rows, positive: bool, names: tuple[str, ...], problems: Problems) -> None:
    """Report series without any value, and values that have no logarithm where one is taken.

    Args:
        rows: All of them.
        positive: Whether targets must be above 0.
        names: Of the targets.
        problems: Where to report.
    """
    there = np.add.reduceat(rows.at_target.astype(np.int64), rows.starts) if len(rows) else np.zeros(0)
    for start in rows.starts[there == 0]:
        code = int(rows.codes[start])
        if code not in problems.series:
            problems.add(code, int(rows.places[start]), f"no value of {', '.join(names)} in the series")
    if positive:
        low = rows.targets <= 0
        _missing(rows, names, low, "is not above 0, and has no logarithm (--transform log)", problems)


def _report(
    rows: Rows, wrong: Flags, problems: Problems, reason: Callable[[int], str], hint: str = ""
) -> None:
    for at in np.flatnonzero(wrong).tolist():
        problems.add(int(rows.codes[at]), int(rows.places[at]), lambda at=at: reason(at), hint)


def _twice(rows: Rows, at: int, problems: Problems) -> str:
    other = problems.table.row(int(rows.places[at - 1]))
    return f"the stamp {problems.stamp(rows.stamps[at])} stands twice in the series, see {other}"


def _gap(rows: Rows, at: int, missing: int, problems: Problems) -> str:
    count = "a row is" if missing == 1 else f"{missing:,} rows are"
    return (
        f"{count} missing between {problems.stamp(rows.stamps[at - 1])} and {problems.stamp(rows.stamps[at])}"
    )


def _clocks(rows: Rows, wrong: Flags) -> str:
    """What to do where hours are missing or stand twice on nights when clocks change: on Sundays of spring and autumn."""
    stamps = rows.stamps[wrong]
    if not len(stamps):
        return ""
    dates = stamps.astype("datetime64[D]")
    months = stamps.astype("datetime64[M]").astype(np.int64) % 12 + 1
    hours = (stamps - dates).astype(np.int64) // 3600
    nights = (
        ((dates.astype(np.int64) + 3) % 7 == 6)
        & np.isin(months, (3, 4, 9, 10, 11))
        & (hours <= 4)
        & (hours > 0)
    )
    return ZONE if nights.any() else ""


def _off_grid(rows: Rows, frequency: Frequency) -> Flags:
    """Rows that stand elsewhere between two places of the grid than most rows of their series."""
    phases = frequency.phases(rows.stamps)
    starts = rows.starts
    sizes = np.diff(np.append(starts, len(rows)))
    off = phases != np.repeat(phases[starts], sizes)
    for code in np.unique(rows.codes[off]):
        # The first row may be the strange one.
        at = np.flatnonzero(rows.codes == code)
        values, counts = np.unique(phases[at], return_counts=True)
        off[at] = phases[at] != values[np.argmax(counts)]
    if frequency.unit == "calendar":
        off |= phases != 0
    if frequency.unit == "business":
        off |= ~np.is_busday(rows.stamps.astype("datetime64[D]"))
    return off


def _refuse_wrong(rows: Rows, frequency: Frequency, off: Flags, steps: NDArray[np.int64], where: str) -> None:
    if 2 * off.sum() <= len(rows) or not len(steps):
        return
    sizes, counts = np.unique(steps, return_counts=True)
    raise DataError(
        f"the rows are not {frequency} apart",
        where=f"forecast.frequency, {where}",
        got=f"most are {describe_step(int(sizes[np.argmax(counts)]))} apart",
        hint="leave forecast.frequency out, so that it is looked up, or take rows as they stand: "
        "--set forecast.frequency=rows",
    )


def _missing(
    rows: Rows, names: tuple[str, ...], holes: Flags, what: str, problems: Problems, hint: str = ""
) -> None:
    previous = ""
    for name, column in zip(names, holes.T, strict=True):
        # A category is missing in all its columns at once.
        bare, before, previous = name.split("=")[0], previous, name.split("=")[0]
        if column.any() and bare != before:
            _report(rows, column, problems, lambda _, bare=bare: f"{bare} {what}", hint)
