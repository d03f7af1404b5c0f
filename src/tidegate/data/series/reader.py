"""From a table to the series of a panel: everything checked, gaps filled as asked, nothing lost without a word."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tidegate.config.tables import DataSpec
from tidegate.config.tasks.forecast import Fill, ForecastSpec
from tidegate.data.finding import note, settle, warning
from tidegate.data.memory import InMemory, Reference
from tidegate.data.series.checks import check_grid, check_targets, check_values
from tidegate.data.series.columns import choose_columns, naming_columns
from tidegate.data.series.description import read_line
from tidegate.data.series.fill import Filled, fill_values
from tidegate.data.series.frequency import Frequency
from tidegate.data.series.frequency_inference import describe_step, infer_frequency, infer_number_step
from tidegate.data.series.memory import table_in_memory
from tidegate.data.series.panel import Layout, Panel, Series, Values, show_stamp
from tidegate.data.series.rows import ReadRows, Rows, read_rows
from tidegate.data.series.split_column import split_of_column
from tidegate.data.series.time.formats import COUNTED, digits_of
from tidegate.data.tables.marks import Marks
from tidegate.data.tables.table import AS_WRITTEN, Table, read_table, table_of_frame
from tidegate.errors import ConfigError, Finding

Flags = NDArray[np.bool_]
_NAMED = 3
_EVEN = 0.9
"""Share of steps that must be alike for dates of forecasts to follow from rows as they stand."""
"""Series that a note names."""


def read_panel(
    where: Reference,
    spec: ForecastSpec,
    *,
    skip_bad: bool,
    like: Layout | None = None,
    data: DataSpec = AS_WRITTEN,
) -> Panel:
    """Read a table of time series: CSV (also with semicolons or tabs, also .gz) or Parquet, or one in memory.

    A long table has a column that names the series; a wide one has a column of time and one for each target. Rows
    before the first target of a series are left out; rows behind the last one are its future, which gives known
    covariates.

    Args:
        where: The file, a folder that holds one, or series in memory.
        spec: Columns, frequency, and what fills gaps.
        skip_bad: Leave out series that cannot be used, and say so in the notes.
        like: How the table of training was laid out: the same columns are wanted, and no other words in columns of
            categories. Further columns are ignored.
        data: How cells are read: encoding, and the marks of numbers.

    Raises:
        BadFilesError: Series cannot be used, and ``skip_bad`` is off or none is left; it has all of them.
        DataError: The file, its columns, its stamps or its frequency cannot be understood.
        ConfigError: The configuration names a column that is not there.
        MissingExtraError: The file is Parquet, and pyarrow is not installed.

    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = (Path(folder) / "a.csv").write_text("ds,y\\n2016-01,1\\n2016-02,3\\n2016-03,\\n", encoding="utf-8")
    ...     panel = read_panel(f"{folder}/a.csv", ForecastSpec(), skip_bad=False)
    >>> str(panel.frequency), len(panel.series[0]), panel.series[0].future
    ('1mo', 2, 1)
    """
    if not isinstance(where, InMemory):
        return _panel(read_table(where, data), spec, skip_bad, like, data)
    table, counted = table_in_memory(where)
    return _panel(table, spec, skip_bad, like, data, counted=counted)


def panel_from_frame(
    frame: pd.DataFrame,
    name: str,
    spec: ForecastSpec,
    *,
    skip_bad: bool = False,
    like: Layout | None = None,
    data: DataSpec = AS_WRITTEN,
) -> Panel:
    """The panel of a data frame; ``name`` is what errors call it. Otherwise as ``read_panel``.

    Raises:
        BadFilesError: Series cannot be used, and ``skip_bad`` is off or none is left.
        DataError: The columns, the stamps or the frequency cannot be understood.
        ConfigError: The configuration names a column that is not there.

    >>> frame = pd.DataFrame({"ds": pd.date_range("2016-01-01", periods=3), "y": [1.0, 2.0, 3.0]})
    >>> panel_from_frame(frame, "sales", ForecastSpec()).series[0].targets[:, 0].tolist()
    [1.0, 2.0, 3.0]
    """
    return _panel(table_of_frame(frame, name), spec, skip_bad, like, data)


def _panel(
    table: Table,
    spec: ForecastSpec,
    skip_bad: bool,
    like: Layout | None,
    data: DataSpec,
    *,
    counted: bool = False,
) -> Panel:
    columns = choose_columns(table, spec, like)
    trained = None if like is None else Marks(*like.marks)
    table = table.decided(data, apart_from={*columns.time, *columns.series}, trained=trained)
    given = Frequency.parse(spec.frequency) if spec.frequency else None
    as_they_stand = given is not None and given.unit == "row"
    if counted and given is not None and not as_they_stand:
        raise ConfigError(
            "rows of arrays have no dates",
            where="forecast.frequency",
            expected="rows, or a pandas frame with a column of time",
            got=spec.frequency,
        )
    counted = counted if like is None else like.time_format == COUNTED
    counted = counted or not columns.time or spec.time_format == COUNTED
    read = read_rows(table, columns, like, spec, as_they_stand=as_they_stand, counted=counted)
    problems, notes = read.problems, [*table.notes, *columns.notes, *read.notes]
    check_targets(read.rows, spec.transform == "log", read.layout.targets, problems)
    rows, cut = _from_first_target(read.rows, problems.names)
    notes.extend(cut)
    if not len(rows):
        settle(problems.findings(), total=len(problems.names), where=table.name, skip_bad=False)
    frequency = _frequency(rows, given, read.layout)
    notes.extend(_made_up(rows, frequency))
    check_grid(rows, frequency, spec.fill, problems, lambda: naming_columns(table, columns))
    future = _future(rows)
    check_values(rows, read.layout, future, spec.fill, problems)
    series, more = _all_series(replace(read, rows=rows), future, frequency, spec.fill)
    notes.extend(more)
    bad = problems.findings()
    total = len(problems.names)
    notes.extend(settle(bad, total=total, where=table.name, skip_bad=skip_bad and len(bad) < total))
    notes.extend(_constant(series, read.layout.targets))
    split = ""
    if like is None and data.split is None:
        used = {
            *columns.time,
            *columns.series,
            *columns.targets,
            *columns.known,
            *columns.observed,
            *columns.static,
        }
        split = split_of_column(table, rows, used)
    if split:
        notes.append(note("split-column", f"a column names the parts: the split is {split}"))
    panel = Panel(series, frequency, read.layout, notes, split)
    return replace(panel, notes=[read_line(table, panel), *notes])


def _frequency(rows: Rows, given: Frequency | None, layout: Layout) -> Frequency:
    if layout.time_format == COUNTED:
        return Frequency("row", 0)
    if layout.time_format.startswith("number"):
        return _number_step(rows, given, layout)
    if given is None:
        return infer_frequency(rows.stamps, rows.codes)
    return given.fitted(rows.stamps)


def _made_up(rows: Rows, frequency: Frequency) -> list[Finding]:
    """A warning where forecasts get dates that follow from nothing in the data."""
    if frequency.unit != "row" or frequency.own is not None or not frequency.count:
        return []
    steps = np.diff(rows.stamps.astype(np.int64))[np.diff(rows.codes) == 0]
    if not len(steps) or float((steps == frequency.count).mean()) >= _EVEN:
        return []
    step = describe_step(frequency.count)
    what = f"the rows follow no calendar: dates of forecasts are made up, {step} apart as most rows"
    return [warning("made-up-dates", what)]


def _number_step(rows: Rows, given: Frequency | None, layout: Layout) -> Frequency:
    """Of a column of numbers, which count by themselves: ``rows`` says nothing new of them."""
    digits = digits_of(layout.time_format)
    if given is None or given.unit == "row":
        return infer_number_step(rows.stamps, rows.codes, digits)
    if given.unit != "number" or given.anchor > digits:
        raise ConfigError(
            "the column of time holds numbers",
            where="forecast.frequency",
            expected="the number that they rise by, such as 1",
            got=str(given),
        )
    return replace(given, count=given.count * 10 ** (digits - given.anchor), anchor=digits)


def _from_first_target(rows: Rows, names: list[str]) -> tuple[Rows, list[Finding]]:
    """Rows from the first target of each series on; series without any are gone."""
    if not len(rows):
        return rows, []
    begun = rows.at_target
    starts = rows.starts
    sizes = np.diff(np.append(starts, len(rows)))
    first = np.minimum.reduceat(np.where(begun, np.arange(len(rows)), len(rows)), starts)
    kept = np.arange(len(rows)) >= np.repeat(first, sizes)
    late = np.flatnonzero((first > starts) & (first < len(rows)))
    if not len(late):
        return rows.take(kept), []
    lost = int((first - starts)[late].sum())
    name = names[int(rows.codes[starts[late[0]]])]
    which = f" (first: series {name})" if name else ""
    what = f"{lost:,} rows of {len(late):,} series before their first value of a target are not used{which}"
    return rows.take(kept), [note("unused", what)]


def _future(rows: Rows) -> Flags:
    """Rows behind the last target of their series."""
    starts = rows.starts
    sizes = np.diff(np.append(starts, len(rows)))
    last = np.maximum.reduceat(np.where(rows.at_target, np.arange(len(rows)), -1), starts)
    return np.arange(len(rows)) > np.repeat(last, sizes)


def _all_series(
    read: ReadRows, future: Flags, frequency: Frequency, fill: Fill
) -> tuple[list[Series], list[Finding]]:
    """The series that have no fault, and notes on them; faults that only show here are reported too."""
    rows, problems = read.rows, read.problems
    filled = Filled(fill)
    found: list[Series] = []
    ends = [*rows.starts[1:].tolist(), len(rows)]
    ahead: list[int] = []
    for start, end in zip(rows.starts.tolist(), ends, strict=True):
        code = int(rows.codes[start])
        if code in problems.series:
            continue
        one = _series(rows.take(np.arange(start, end)), int(future[start:end].sum()), read, frequency, filled)
        hollow = _hollow(one, read.layout) if fill in ("forward", "linear") else None
        if hollow:
            problems.add(
                code, int(rows.places[start]), f"no value of {hollow} in the series, so nothing fills it"
            )
            continue
        found.append(one)
        ahead.append(one.future)
    notes = filled.notes(len(problems.names))
    if any(ahead):
        some = sum(1 for count in ahead if count)
        what = f"rows without a target at the end of {some:,} series, up to {max(ahead):,}, are the future"
        notes.append(note("future", what))
    return found, notes


def _series(part: Rows, future: int, read: ReadRows, frequency: Frequency, filled: Filled) -> Series:
    """One series on its whole grid."""
    name = read.problems.names[int(part.codes[0])]
    static = part.static[0]
    stamps, targets, known, observed = part.stamps, part.targets, part.known, part.observed
    if frequency.unit != "row" and filled.how != "none":
        numbers = frequency.numbers(stamps)
        places = numbers - numbers[0]
        count = int(places[-1]) + 1
        if count > len(stamps):
            future = count - 1 - int(places[len(stamps) - future - 1])
            stamps = frequency.steps(stamps[0], count)
            targets, known, observed = (_spread(one, places, count) for one in (targets, known, observed))
    past = len(stamps) - future
    given = ~np.isnan(targets)
    holes = ~given[:past]
    if holes.any():
        first = show_stamp(stamps[int(np.argmax(holes.any(axis=1)))])
        filled.add(name, holes, len(stamps) - len(part), first)
    filled.covariates += int(np.isnan(known).sum() + np.isnan(observed[:past]).sum())
    targets = np.concatenate([fill_values(targets[:past], filled.how), targets[past:]])
    observed = np.concatenate(
        [fill_values(observed[:past], filled.how, read.words[1]), np.full_like(observed[past:], np.nan)]
    )
    known = fill_values(known, filled.how, read.words[0])
    return Series(name, stamps, targets, given, known, observed, static, future)


def _spread(values: Values, places: NDArray[np.int64], count: int) -> Values:
    """Values at their places on the grid, NaN between them."""
    spread = np.full((count, values.shape[1]), np.nan)
    spread[places] = values
    return spread


def _hollow(one: Series, layout: Layout) -> str | None:
    """A column without any value in the series, which nothing can be filled from."""
    past = len(one)
    for names, values in (
        (layout.targets, one.targets),
        (layout.known, one.known),
        (layout.observed, one.observed),
    ):
        for name, empty in zip(names, np.atleast_1d(np.isnan(values[:past]).all(axis=0)), strict=True):
            if empty:
                return name
    return None


def _constant(series: list[Series], names: tuple[str, ...]) -> list[Finding]:
    """A note on series that never change; they are scaled by 1."""
    found = [
        f"{name} of series {one.name}" if one.name else name
        for one in series
        for column, name in enumerate(names)
        if len(one) > 1 and _same(one.targets[one.given[:, column], column])
    ]
    if not found:
        return []
    more = f" and {len(found) - _NAMED:,} more" if len(found) > _NAMED else ""
    return [note("constant", f"the same value at all times: {', '.join(found[:_NAMED])}{more}")]


def _same(values: Values) -> bool:
    """Whether all values are equal to rounding."""
    return bool(np.ptp(values) <= 1e-12 * np.abs(values).max(initial=0))
