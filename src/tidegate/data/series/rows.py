"""The rows of a table as arrays, series by series in order of time, before anything is filled or refused."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tidegate.config.tasks.forecast import ForecastSpec
from tidegate.data.finding import note, warning
from tidegate.data.series.columns import Columns
from tidegate.data.series.covariates import Covariates, Refuse, read_covariates, read_numbers
from tidegate.data.series.frequency import Stamps
from tidegate.data.series.panel import Layout, Values
from tidegate.data.series.problems import Problems
from tidegate.data.series.time.formats import COUNTED
from tidegate.data.series.time.zones import NO_ZONE, Zone, localised
from tidegate.data.series.timestamps import Stamped, TimeForm, read_stamps
from tidegate.data.tables.table import Table
from tidegate.errors import DataError, Finding

Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Rows:
    """Rows of all series, each in one piece and rising in time.

    Attributes:
        places: Of each in the table ``(R,)``.
        codes: Of its series ``(R,)``.
        stamps: ``(R,)``.
        targets: ``(R, C)``; NaN where one is missing or refused.
        known: ``(R, K)``.
        observed: ``(R, P)``.
        static: ``(R, S)``.
    """

    places: Numbers
    codes: Numbers
    stamps: Stamps
    targets: Values
    known: Values
    observed: Values
    static: Values

    def __len__(self) -> int:
        """Rows."""
        return len(self.codes)

    def take(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> Rows:
        """Some of them, or another order."""
        return Rows(
            self.places[rows],
            self.codes[rows],
            self.stamps[rows],
            self.targets[rows],
            self.known[rows],
            self.observed[rows],
            self.static[rows],
        )

    @property
    def starts(self) -> Numbers:
        """Where each series starts."""
        return np.flatnonzero(np.diff(self.codes, prepend=-1))

    @property
    def at_target(self) -> NDArray[np.bool_]:
        """Rows that have a target ``(R,)``."""
        return np.any(~np.isnan(self.targets), axis=1)


@dataclass(frozen=True)
class ReadRows:
    """What a table holds.

    Attributes:
        rows: Those of series that have all their stamps.
        layout: How it was laid out.
        problems: What is wrong so far.
        words: Which of the known, and which of the observed covariates are of categories.
        notes: What a person should know.
    """

    rows: Rows
    layout: Layout
    problems: Problems
    words: tuple[NDArray[np.bool_], NDArray[np.bool_]]
    notes: list[Finding]


def read_rows(
    table: Table,
    columns: Columns,
    like: Layout | None,
    spec: ForecastSpec,
    *,
    as_they_stand: bool,
    counted: bool,
) -> ReadRows:
    """Read all columns that matter.

    Args:
        table: Where they stand.
        columns: The part of each.
        like: What training had: its categories, and the form of its time.
        spec: What the user says of the time.
        as_they_stand: Count rows whose time is no date.
        counted: Count rows, whatever their time is.

    Raises:
        DataError: The time cannot be understood, or a covariate has too many words.
    """
    codes, names = _series(table, columns.series)
    problems = Problems(table, names)

    def refuse(place: int, reason: str) -> None:
        problems.add(int(codes[place]), place, reason)

    for place in np.flatnonzero(codes == names.index("")) if columns.series and "" in names else ():
        refuse(int(place), "no name of a series")
    stamped, notes = (
        (_counted(codes), list[Finding]())
        if counted
        else _stamps(table, columns.time, codes, _time_form(spec, like), as_they_stand=as_they_stand)
    )
    if spec.zone and not stamped.zone.name and stamped.format != COUNTED:
        trained = NO_ZONE if like is None else Zone(like.zone, like.offset)
        stamps, zone = localised(stamped.stamps, codes, spec.zone, trained)
        stamped = replace(stamped, stamps=stamps, zone=zone)
    problems.form = stamped.format
    for place, reason in stamped.refused.items():
        refuse(place, reason)
    units: dict[str, str] = {}
    targets = [read_numbers(table, name, refuse, units) for name in columns.targets]
    categories = None if like is None else like.categories
    known, observed, static = (
        read_covariates(table, part, categories, refuse)
        for part in (columns.known, columns.observed, columns.static)
    )
    places = np.arange(len(table))
    matrix = np.stack(targets, axis=1)
    rows = Rows(places, codes, stamped.stamps, matrix, known.values, observed.values, static.values)
    _check_static(rows, static, refuse)
    timeless = np.unique(codes[list(stamped.refused)]) if stamped.refused else np.zeros(0, np.int64)
    rows, unsorted = _in_order(rows.take(~np.isin(codes, timeless)))
    notes.extend(_unsorted_note(table, names, unsorted))
    layout = Layout(
        columns.time or (like.time if like is not None else (COUNTED,)),
        stamped.format,
        columns.series,
        columns.targets,
        known.names,
        observed.names,
        static.names,
        stamped.zone.name,
        stamped.zone.offset,
        stamped.kind,
        (table.marks.decimal, table.marks.thousands),
        units | known.units | observed.units | static.units,
        {**known.categories, **observed.categories, **static.categories},
    )
    return ReadRows(rows, layout, problems, (known.words, observed.words), notes)


def join_key(parts: list[str]) -> str:
    """The name of a series that several columns name. A slash within a part gets a backslash.

    >>> join_key(["NSW", "Food/drink"]), split_key(join_key(["NSW", "Food/drink"]), 2)
    ('NSW/Food\\\\/drink', ['NSW', 'Food/drink'])
    """
    if len(parts) == 1:
        return parts[0]
    return "/".join(part.replace("\\", "\\\\").replace("/", "\\/") for part in parts)


def split_key(name: str, count: int) -> list[str]:
    """What ``join_key`` joined."""
    if count == 1:
        return [name]
    parts, escaped = [""], False
    for letter in name:
        if not escaped and letter == "/":
            parts.append("")
        elif escaped or letter != "\\":
            parts[-1] += letter
        escaped = letter == "\\" and not escaped
    return parts


def _series(table: Table, columns: tuple[str, ...]) -> tuple[Numbers, list[str]]:
    """The series of each row, and their names in the order of the data."""
    if not columns:
        return np.zeros(len(table), np.int64), [""]
    texts = [table.texts(name) for name in columns]
    if len(texts) == 1:
        joined = texts[0]
    else:
        pairs, first = pd.factorize(pd.MultiIndex.from_arrays(texts))
        names = ["" if "" in key else join_key([str(part) for part in key]) for key in first]
        joined = np.array(names, dtype=object)[pairs]
    codes, names = pd.factorize(joined)
    return codes.astype(np.int64), [str(name) for name in names]


def _time_form(spec: ForecastSpec, like: Layout | None) -> TimeForm:
    """What the user says, or what training found."""
    if like is None:
        return TimeForm(spec.time_format or "")
    return TimeForm("", like.time_format, Zone(like.zone, like.offset))


def _stamps(
    table: Table, columns: tuple[str, ...], codes: Numbers, how: TimeForm, *, as_they_stand: bool
) -> tuple[Stamped, list[Finding]]:
    try:
        return read_stamps(table, columns, how), []
    except DataError:
        if not as_they_stand:
            raise
        what = f"the column {', '.join(columns)} holds no dates: rows are counted in the order of the file"
        return _counted(codes), [warning("no-dates", what)]


def _counted(codes: Numbers) -> Stamped:
    """The second after 1970 that is the row's number within its series, from 0."""
    order = np.argsort(codes, kind="stable")
    starts = np.flatnonzero(np.diff(codes[order], prepend=-1))
    sizes = np.diff(np.append(starts, len(codes)))
    numbers = np.empty(len(codes), np.int64)
    numbers[order] = np.arange(len(codes)) - np.repeat(starts, sizes)
    return Stamped(numbers.astype("datetime64[s]"), COUNTED)


def _check_static(rows: Rows, static: Covariates, refuse: Refuse) -> None:
    """Static columns have one value in each series."""
    _, first, codes = np.unique(rows.codes, return_index=True, return_inverse=True)
    strange: dict[str, NDArray[np.bool_]] = {}
    for name, values, word in zip(static.names, static.values.T, static.words, strict=True):
        bare = name.split("=")[0] if word else name
        strange[bare] = strange.get(bare, np.False_) | (values != values[first][codes])
    for name, rows_of_name in strange.items():
        for place in np.flatnonzero(rows_of_name):
            refuse(int(place), f"the static {name} is missing or differs from the first row of the series")


def _in_order(rows: Rows) -> tuple[Rows, list[tuple[int, int]]]:
    """Rows by series and time; and the series, with a row, whose rows were not in order."""
    grouped = rows.take(np.argsort(rows.codes, kind="stable"))
    back = (np.diff(grouped.stamps.astype(np.int64)) < 0) & (np.diff(grouped.codes) == 0)
    if not back.any():
        return grouped, []
    found = {int(grouped.codes[at]): int(grouped.places[at + 1]) for at in np.flatnonzero(back)[::-1]}
    return grouped.take(np.lexsort((grouped.stamps, grouped.codes))), sorted(found.items())


def _unsorted_note(table: Table, names: list[str], unsorted: list[tuple[int, int]]) -> list[Finding]:
    if not unsorted:
        return []
    series, place = unsorted[0]
    which = f"series {names[series]}, " if names[series] else ""
    return [
        note(
            "unsorted",
            f"rows of {len(unsorted):,} of {len(names):,} series were not in order of time, and were sorted "
            f"(first: {which}{table.row(place)})",
        )
    ]
