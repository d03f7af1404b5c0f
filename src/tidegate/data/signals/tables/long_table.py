"""Long tables: a CSV with a row for each step, and a column that says which sequence it is of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from tidegate.data.finding import note
from tidegate.data.parts import Role, part_of
from tidegate.data.signals.parts import (
    chosen_names,
    data_files,
    head_of,
    parts_by_name,
    read_text,
    with_suffix,
)
from tidegate.data.signals.raw_record import RawRecord, RawRecords, ReadOptions
from tidegate.data.signals.tables.columns import (
    LabelVariesError,
    Taken,
    UnusableError,
    refuse_labels_of_steps,
    take_columns,
)
from tidegate.data.signals.tables.constants import without_constants
from tidegate.data.signals.tables.csv_table import LABEL_NAMES, SERIES_NAMES, CsvTable, read_csv_table
from tidegate.data.source import Place, Source
from tidegate.errors import ConfigError, DataError, EmptyDataError, Finding

SUFFIXES = (".csv", ".tsv")


def matches(source: Source) -> bool:
    """One table with a column that names sequences, or a folder that holds nothing but such ones for its parts."""
    if source.builtin:
        return False
    names = with_suffix(source, SUFFIXES)
    if not names or (not source.is_file and not _all_parts(names)):
        return False
    try:
        head = head_of(source, names[0])
    except DataError:
        return False
    return read_csv_table(head).find(None, SERIES_NAMES) is not None


def own_parts(source: Source) -> tuple[Role, ...]:
    """The parts that the names of its tables tell (``train.csv``, ``test.csv``)."""
    names = [] if source.is_file else with_suffix(source, SUFFIXES)
    return parts_by_name(names) if _all_parts(names) else ()


def _all_parts(names: Sequence[str]) -> bool:
    return bool(parts_by_name(names)) and None not in {part_of(name) for name in names}


def read(place: Place, role: Role, options: ReadOptions) -> RawRecords:
    """Read the tables of one part; sequences stand in the order in which they first appear.

    Raises:
        EmptyDataError: There is no table, or no row.
        DataError: No column says which sequence a row is of.
        ConfigError: A column that the user named is not there.
    """
    records = RawRecords()
    notes: Counter[Finding] = Counter()
    for name in data_files(place, role, SUFFIXES):
        sheet = read_csv_table(read_text(place.source, name), name)
        _read_table(sheet, name, options, records, notes)
    records.notes.extend(_counted(notes))
    without_constants(records, options)
    if place.chosen is not None:
        kept = set(chosen_names(place, [_key(record) for record in records.found]))
        records.found = [record for record in records.found if _key(record) in kept]
    return records


def records_of_table(table: CsvTable, name: str, options: ReadOptions) -> RawRecords:
    """The sequences of one table; ``name`` is what errors call it. Otherwise as ``read``."""
    records = RawRecords()
    notes: Counter[Finding] = Counter()
    _read_table(table, name, options, records, notes)
    records.notes.extend(_counted(notes))
    without_constants(records, options)
    return records


def _counted(notes: Counter[Finding]) -> list[Finding]:
    return [
        replace(found, where=f"{count} sequences") if count > 1 else found for found, count in notes.items()
    ]


def _key(record: RawRecord) -> str:
    """What the table calls a sequence."""
    return record.name.split(": ", 1)[1]


def _read_table(
    sheet: CsvTable, name: str, options: ReadOptions, records: RawRecords, notes: Counter[Finding]
) -> None:
    series = _series_column(sheet, name, options)
    if not sheet.lines and not sheet.broken:
        raise EmptyDataError("the table has no rows", where=name)
    _check_columns(sheet, name, options)
    rest = [
        column for column in range(len(sheet.columns)) if column != series and _counts(sheet, column, options)
    ]
    for column in set(range(len(sheet.columns))) - {series} - set(rest):
        notes[note("text", f"the column {sheet.names[column]!r} is text, and left out", name)] += 1
    broken = _broken(sheet, series, name, records)
    varying: list[str] = []
    rows: dict[str, list[int]] = {key: [] for key in dict.fromkeys(sheet.columns[series])}
    for row, key in enumerate(sheet.columns[series]):
        rows[key].append(row)
    for key, numbers in rows.items():
        label = f"{name}: {key}"
        if not key:
            records.refuse(
                "no-name", f"{name}:{sheet.lines[numbers[0]]}", f"{len(numbers)} rows name no sequence"
            )
        elif key in broken:
            records.refuse("bad-row", label, broken[key])
        else:
            varying += _take(_cut(sheet, rest, numbers), label, options, records, notes)
    refuse_labels_of_steps(records, varying, name, sheet.names[series])
    for key in broken.keys() - rows.keys():
        records.refuse("bad-row", f"{name}: {key}", broken[key])


def _series_column(sheet: CsvTable, name: str, options: ReadOptions) -> int:
    found = sheet.find(options.signal.series, SERIES_NAMES)
    if found is not None:
        return found
    if options.signal.series is not None:
        raise _no_column("signal.series", options.signal.series, sheet, name)
    raise DataError(
        "no column says which sequence a row is of",
        where=name,
        expected=f"a column {', '.join(SERIES_NAMES[:6])} or the like",
        got=", ".join(sheet.names),
        hint="name it: --set signal.series=COLUMN; for files with one sequence each, --format signal-files",
    )


def _check_columns(sheet: CsvTable, name: str, options: ReadOptions) -> None:
    spec = options.signal
    wanted = {
        "signal.time": spec.time,
        "data.group": options.group_column if options.needs_groups else None,
        "signal.label": spec.label if options.labelled else None,
    }
    for key, column in wanted.items():
        if column is not None and sheet.find(column) is None:
            raise _no_column(key, column, sheet, name)
    for column in options.columns:
        if sheet.find(column) is None:
            key = "signal.channels" if column in spec.channels else ""
            raise _no_column(key or "the channels that training had", column, sheet, name)


def _no_column(key: str, column: str, sheet: CsvTable, name: str) -> ConfigError:
    return ConfigError(
        f"no column {column!r} in {name}", where=key, expected=f"one of {', '.join(sheet.names)}"
    )


def _counts(sheet: CsvTable, column: int, options: ReadOptions) -> bool:
    """Whether a column is of use: numbers, or text that the user named or that is called label."""
    spec = options.signal
    named = {
        sheet.find(one) for one in (spec.time, options.group_column, *options.columns) if one is not None
    }
    if column in named or column == sheet.find(spec.label, LABEL_NAMES):
        return True
    return sheet.kind(column) != "text" or sheet.times(column) is not None


def _broken(sheet: CsvTable, series: int, name: str, records: RawRecords) -> dict[str, str]:
    """Sequences with a line of too few or too many cells; lines that do not even name one are refused by themselves."""
    broken: dict[str, str] = {}
    for line, cells, reason in sheet.broken:
        if series < len(cells) and cells[series] in sheet.columns[series]:
            broken.setdefault(cells[series], reason)
        else:
            records.refuse("bad-row", f"{name}:{line}", reason)
    return broken


def _cut(sheet: CsvTable, columns: list[int], rows: list[int]) -> CsvTable:
    """The rows of one sequence, without the columns that are of no use."""
    cells = [sheet.columns[column] for column in columns]
    return CsvTable(
        tuple(sheet.names[column] for column in columns),
        [[column[row] for row in rows] for column in cells],
        [sheet.lines[row] for row in rows],
        sheet.headed,
        notes=sheet.notes,
    )


def _take(
    sheet: CsvTable, name: str, options: ReadOptions, records: RawRecords, notes: Counter[Finding]
) -> list[str]:
    """Read one sequence; the column of its label where that varies."""
    try:
        taken: Taken = take_columns(sheet, options)
    except UnusableError as error:
        records.refuse("bad-table", name, str(error))
        return [error.column] if isinstance(error, LabelVariesError) else []
    notes.update(taken.notes)
    records.channels = records.channels or taken.channels
    if taken.channels != records.channels:
        records.refuse(
            "other-channels",
            name,
            f"has the columns {', '.join(taken.channels)}; others have {', '.join(records.channels)}",
        )
        return []
    records.clock, records.timed = taken.clock, taken.timed
    records.found.append(RawRecord(name, taken.values, taken.label, taken.group, taken.lines, taken.times))
    return []
