"""A folder or archive with a CSV for each sequence; labels from folders, names, or a table beside them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from tidegate.data.finding import note, warning
from tidegate.data.parts import Role
from tidegate.data.signals.labels import Files, file_groups, file_labels
from tidegate.data.signals.parts import (
    chosen_names,
    folder_part,
    head_of,
    parts_by_folder,
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
from tidegate.data.signals.tables.csv_table import SERIES_NAMES, read_csv_table
from tidegate.data.signals.tables.label_table import label_tables
from tidegate.data.source import Place, Source
from tidegate.errors import DataError, EmptyDataError

SUFFIXES = (".csv",)
OTHER_SUFFIXES = (".tsv", ".txt", ".dat")
"""Read where there is no CSV, and the format was named."""
BESIDE = 5
"""Files beside folders of parts, at most, that may be tables of labels and groups."""


def matches(source: Source) -> bool:
    """A folder or archive with CSV files, or a single one that has no column for many sequences."""
    if source.builtin:
        return False
    names = with_suffix(source, SUFFIXES)
    if not source.is_file or not names:
        return bool(names)
    try:
        sheet = read_csv_table(head_of(source, names[0]))
    except DataError:
        return False
    return sheet.find(None, SERIES_NAMES) is None


def own_parts(source: Source) -> tuple[Role, ...]:
    """The parts that the top folders are; a few files beside them may say labels."""
    names = [] if source.is_file else _data_names(source)
    below = [name for name in names if "/" in name]
    return parts_by_folder(below) if len(names) - len(below) <= BESIDE else ()


def read(place: Place, role: Role, options: ReadOptions) -> RawRecords:
    """Read the files of one part.

    Raises:
        EmptyDataError: There is no CSV file.
        ConfigError: Patterns or columns for labels and groups are wrong.
        DataError: A file cannot be read at all, or it is not clear where labels are.
    """
    source = place.source
    every = _data_names(source)
    if not every:
        raise EmptyDataError(
            "no CSV files",
            where=place.text,
            expected="one for each sequence",
            got=f"{len(source.names)} others",
        )
    sheets = {name: read_csv_table(read_text(source, name), name) for name in every}
    tables = [] if source.is_file else label_tables(sheets)
    beside = {table.name for table in tables}
    names = [name for name in every if name not in beside]
    parts = own_parts(source)
    mine = [name for name in names if role == "all" or role not in parts or folder_part(name) == role]
    records = RawRecords()
    taken: dict[str, Taken] = {}
    varying: list[str] = []
    for name in chosen_names(place, mine):
        try:
            if not sheets[name].lines and not sheets[name].broken:
                raise UnusableError("has no steps")
            taken[name] = take_columns(sheets[name], options)
        except UnusableError as error:
            varying += [error.column] if isinstance(error, LabelVariesError) else []
            records.refuse("bad-table", name, str(error))
    refuse_labels_of_steps(records, varying, place.text)
    _tell(records, taken, [name for name in names if parts and folder_part(name) is None])
    _take(records, taken, options)
    without_constants(records, options)
    _name_labels(records, taken, Files(names, bool(parts), tables), options)
    return records


def _data_names(source: Source) -> list[str]:
    if source.is_file:
        return [source.path.name]
    return with_suffix(source, SUFFIXES) or with_suffix(source, OTHER_SUFFIXES)


def _tell(records: RawRecords, taken: Mapping[str, Taken], part_less: list[str]) -> None:
    counts = Counter(found for one in taken.values() for found in dict.fromkeys(one.notes))
    for found, count in counts.items():
        example = next(name for name, one in taken.items() if found in one.notes)
        which = example if count == 1 else f"{count} of {len(taken)} files, such as {example}"
        records.notes.append(replace(found, where=which))
    records.notes.extend(note("no-part", f"{name} is in no part, by its folder") for name in part_less)


def _take(records: RawRecords, taken: Mapping[str, Taken], options: ReadOptions) -> None:
    """Bring columns of the same names into the same order; refuse other names."""
    if not taken:
        return
    usual = Counter(one.channels for one in taken.values()).most_common(1)[0][0]
    if options.columns and len(options.columns) == len(usual):
        usual = options.columns
    records.channels = usual
    for name, one in taken.items():
        values = one.values
        if one.channels != usual and sorted(one.channels) == sorted(usual):
            values = values[:, [one.channels.index(channel) for channel in usual]]
        elif one.channels != usual and (options.signal.channels or not _numbered(one.channels)):
            records.refuse(
                "other-channels",
                name,
                f"has the columns {_listed(one.channels)}; others have {_listed(usual)}",
            )
            continue
        records.found.append(RawRecord(name, values, lines=one.lines, times=one.times))
        records.clock, records.timed = one.clock, one.timed


def _numbered(channels: tuple[str, ...]) -> bool:
    """Whether columns have no names but their numbers; then only how many there are can be checked."""
    return all(channel.isdecimal() for channel in channels)


def _listed(channels: tuple[str, ...]) -> str:
    return ", ".join(channels[:8]) + (f", … {len(channels)} in all" if len(channels) > 8 else "")


def _name_labels(records: RawRecords, taken: Mapping[str, Taken], files: Files, options: ReadOptions) -> None:
    inside = {name: one.label for name, one in taken.items() if one.label}
    groups = {name: one.group for name, one in taken.items() if one.group}
    files = replace(files, labels=inside, groups=groups)
    told, grouped = file_labels(files, options), file_groups(files, options)
    records.notes.extend(note("labels", one.how) for one in (told, grouped) if one.found)
    other = [name for name, label in inside.items() if told.found.get(name, label) != label]
    if other:
        what = f"{len(other)} of {len(taken)} files say another label themselves, such as {other[0]}"
        records.notes.append(warning("other-label", what))
    records.found = [
        replace(record, target=told.found.get(record.name, ""), group=grouped.found.get(record.name, ""))
        for record in records.found
    ]
