"""Which columns of a table are the time, the series, the targets and the covariates."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from tidegate.config.nearest import did_you_mean
from tidegate.config.tasks.forecast import ForecastSpec
from tidegate.data.finding import note
from tidegate.data.series.panel import Layout
from tidegate.data.series.time.formats import COUNTED, date_and_clock
from tidegate.data.series.timestamps import PARTS
from tidegate.data.tables.names import column_named, plain_name
from tidegate.data.tables.roles import index_column, is_numbering, never_varies, role_of
from tidegate.data.tables.table import Table
from tidegate.errors import ConfigError, DataError, Finding

_TIMES = (
    "ds",
    "timestamp",
    "datetime",
    "date",
    "time",
    "datestamp",
    "period",
    "datum",
    "zeitstempel",
    "zeit",
)
_DATES, _CLOCKS = ("date", "datum", "ds"), ("time", "zeit", "uhrzeit", "hour", "hr", "stunde")
"""Columns that make a stamp together."""
_CLOCK = re.compile(r"\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?( ?[AaPp][Mm])?|[01]?\d|2[0-4]")
_LOOKED_AT = 200
_MOST_NAMING, _LOOKED_FOR = 3, 8
"""Columns that name series together, at most, and how many are tried."""
_TIMES_ALONE = ("month", "quarter", "week", "day", "year", "hour")
"""Names of the time, where no better one is there."""
_SERIES = ("uniqueid", "seriesid", "series", "itemid", "tsid", "seriesname", "id")
_NO_TARGETS = ("id", "group", "split", "weight", "category", "time")
"""What a column of numbers can be called that nobody wants to forecast unless it is named."""
_TARGETS = ("y", "target", "value", "values")


@dataclass(frozen=True)
class Columns:
    """The part of each column; names as the table has them.

    Attributes:
        time: One, or those of a date's parts.
        series: That name the series.
        targets: To forecast.
        known: Covariates known for the future.
        observed: Those of the past only.
        static: Those that do not vary within a series.
        notes: What a person should know.
    """

    time: tuple[str, ...]
    series: tuple[str, ...]
    targets: tuple[str, ...]
    known: tuple[str, ...]
    observed: tuple[str, ...]
    static: tuple[str, ...]
    notes: list[Finding] = field(default_factory=list[Finding])


def choose_columns(table: Table, spec: ForecastSpec, like: Layout | None = None) -> Columns:
    """Find the columns that the configuration names, and those that speak for themselves.

    Args:
        table: With at least a row.
        spec: Its column names. Case, spaces and ``_`` do not count where no column is called exactly so.
        like: What training had: the same columns are wanted again.

    Raises:
        ConfigError: A column that the configuration names is not there, or has two parts.
        DataError: There is no time or no target, or training had columns that are missing.
    """
    find = _Finder(table, trained=like is not None)
    static = find.named(spec.static, "forecast.static")
    known = find.named(spec.known, "forecast.known")
    observed = find.named(spec.observed, "forecast.observed")
    if like is not None:
        times = like.time
        if like.time_format == COUNTED:
            times = tuple(name for name in times if name in table.names)
        time = find.named(times, "time")
        series = find.named(like.series, "series")
        targets = find.named(like.targets, "target")
        return _once(Columns(time, series, targets, known, observed, static))
    counted = spec.frequency is not None and spec.frequency.strip().lower() in ("row", "rows")
    time = (
        find.named(_listed(spec.time), "forecast.time") if spec.time else _time(table, known, counted=counted)
    )
    taken = {*time, *known, *observed, *static}
    series, notes = _series(find, spec, taken)
    given = find.named(spec.target, "forecast.target")
    targets = given or _targets(table, taken | set(series), series)
    columns = _once(Columns(time, series, targets, known, observed, static, notes))
    unused = [name for name in table.names if name not in {*taken, *series, *targets}]
    if unused:
        shown = ", ".join(map(_with_role, unused[:10])) + (", …" if len(unused) > 10 else "")
        what = f"columns that are not used: {shown} (name covariates in forecast.known, observed or static)"
        notes.append(note("unused", what))
    return columns


class _Finder:
    """Looks columns up by name."""

    def __init__(self, table: Table, *, trained: bool) -> None:
        self.table = table
        self.trained = trained
        self.loose = {plain_name(name): name for name in reversed(table.names)}

    def named(self, names: list[str] | tuple[str, ...], key: str) -> tuple[str, ...]:
        return tuple(self._one(name, key) for name in names)

    def _one(self, name: str, key: str) -> str:
        found = column_named(self.table.names, name)
        if found is not None:
            return found
        if self.trained:
            raise DataError(
                f"the column {name!r} of the training data is missing",
                where=self.table.name,
                got=", ".join(self.table.names),
                hint=did_you_mean(name, self.table.names),
            )
        raise ConfigError(
            f"no column {name!r}",
            where=f"{key}, {self.table.name}",
            expected=", ".join(self.table.names),
            got=name,
            hint=did_you_mean(name, self.table.names),
        )


def _listed(names: str | list[str]) -> list[str]:
    return [names] if isinstance(names, str) else names


def _time(table: Table, known: tuple[str, ...], *, counted: bool) -> tuple[str, ...]:
    found = {plain_name(name): name for name in reversed(table.names) if name not in known}
    plain = [word for word in _TIMES if word in found]
    if plain:
        clock = next(
            (found[word] for word in _CLOCKS if word in found and _is_clock(table, found[word])), None
        )
        return (found[plain[0]], clock) if clock and plain[0] in _DATES else (found[plain[0]],)
    typed = [name for name in table.names if np.issubdtype(_kind(table, name), np.datetime64)]
    if typed:
        return (typed[0],)
    if "year" in found and ("month" in found or "quarter" in found):
        return tuple(found[part] for part in PARTS if part in found)
    alone = next((found[word] for word in _TIMES_ALONE if word in found), None)
    index = index_column(table.names)
    if alone is None and index is not None and date_and_clock(table.texts(index).tolist()[:_LOOKED_AT])[0]:
        return (index,)
    if alone is None and counted:
        return ()
    if alone is None:
        raise DataError(
            "no column of time",
            where=table.name,
            expected=f"a column called {', '.join(_TIMES[:5])} or the like",
            got=", ".join(table.names),
            hint="name it: --set forecast.time=COLUMN",
        )
    return (alone,)


def _is_clock(table: Table, name: str) -> bool:
    """Whether a column holds times of day, or hours from 0 to 24."""
    cells = [cell.strip() for cell in table.texts(name)[:_LOOKED_AT] if cell.strip()]
    return bool(cells) and all(_CLOCK.fullmatch(cell) for cell in cells)


def _kind(table: Table, name: str) -> np.dtype[np.generic]:
    kind = table.frame[name].dtype
    return kind if isinstance(kind, np.dtype) else np.dtype(object)


def _series(find: _Finder, spec: ForecastSpec, taken: set[str]) -> tuple[tuple[str, ...], list[Finding]]:
    if spec.series:
        return find.named(_listed(spec.series), "forecast.series"), []
    free = {plain: name for plain, name in find.loose.items() if name not in taken}
    name = next((free[word] for word in _SERIES if word in free), None)
    if name is None:
        return (), []
    if len(find.table) > 1 and find.table.frame[name].nunique() == len(find.table):
        return (), [note("no-series", f"the column {name} differs on every row: it names no series")]
    return (name,), []


def _targets(table: Table, taken: set[str], series: tuple[str, ...]) -> tuple[str, ...]:
    free = [name for name in table.names if name not in taken]
    plain = {plain_name(name): name for name in reversed(free)}
    alias = next((plain[word] for word in _TARGETS if word in plain), None)
    if alias is not None:
        return (alias,)
    numbers = [name for name in free if table.is_numbers(name)]
    index = index_column(table.names)
    found = [
        name
        for name in numbers
        if name != index and not is_numbering(name) and role_of(name) not in _NO_TARGETS
    ]
    found = _varying(table, found, series) or found
    if not found:
        raise DataError(
            "nothing to forecast",
            where=table.name,
            expected="a column y, or columns of numbers",
            got=", ".join(table.names),
            hint="name it: --set forecast.target=COLUMN",
        )
    return tuple(found)


def naming_columns(table: Table, columns: Columns) -> tuple[str, ...]:
    """Columns of words or numbering, up to three, that would name the series so that no stamp stands twice in one.

    Empty where there are none, or none are needed.
    """
    taken = {*columns.time, *columns.series, *columns.known}
    free = [name for name in table.names if name not in taken and name != index_column(table.names)]
    rows = len(table)
    able = [
        name
        for name in free
        if (not table.is_numbers(name) or is_numbering(name) or role_of(name) in ("id", "group", "category"))
        and 1 < table.frame[name].nunique() <= rows // 2
    ]
    fixed = [*columns.time, *columns.series]
    for count in range(1, _MOST_NAMING + 1):
        for names in combinations(able[:_LOOKED_FOR], count):
            if not table.frame.duplicated([*fixed, *names]).any():
                return (*columns.series, *names)
    return ()


def _varying(table: Table, names: list[str], series: tuple[str, ...]) -> list[str]:
    """Without columns of one whole number within each series, where others are left: they name something."""
    if len(names) < 2:
        return names
    codes = (
        table.frame.groupby(list(series), sort=False).ngroup().to_numpy() if series else np.zeros(len(table))
    )
    return [name for name in names if not never_varies(table.numbers(name).values, codes.astype(np.int64))]


def _with_role(name: str) -> str:
    """A column that is not used, and what its name says that it is."""
    role = role_of(name) or ("numbering" if is_numbering(name) else None)
    return name if role is None or role in ("target", "time") else f"{name} ({role})"


def _once(columns: Columns) -> Columns:
    parts = {
        "time": columns.time,
        "series": columns.series,
        "target": columns.targets,
        "known": columns.known,
        "observed": columns.observed,
        "static": columns.static,
    }
    seen: dict[str, str] = {}
    for part, names in parts.items():
        for name in names:
            # A series may be named by columns that are static covariates too.
            if name in seen and {seen[name], part} != {"series", "static"}:
                raise ConfigError(
                    f"the column {name!r} has two parts",
                    where=f"forecast.{seen[name]}, forecast.{part}",
                    expected="each column once",
                )
            seen[name] = part
    return columns
