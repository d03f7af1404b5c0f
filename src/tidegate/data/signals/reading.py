"""From a path, as a user writes it, to signals that are known to be good, and a list of the others."""

from __future__ import annotations

from dataclasses import replace

from tidegate.data.division.grouping import with_groups
from tidegate.data.finding import passed_over
from tidegate.data.memory import InMemory, Reference
from tidegate.data.parts import Role
from tidegate.data.signals.checks import finish
from tidegate.data.signals.description import read_as_signals
from tidegate.data.signals.formats import SIGNALS, find_signal_format
from tidegate.data.signals.memory import records_in_memory
from tidegate.data.signals.oddities import find_constant_channels, find_doubles
from tidegate.data.signals.raw_record import RawRecords, ReadOptions
from tidegate.data.signals.signal_set import SignalSet
from tidegate.data.source import find_place
from tidegate.errors import ConfigError, DataError, EmptyDataError


def read_signals(
    where: Reference, role: Role, options: ReadOptions, *, format_name: str = "auto"
) -> SignalSet:
    """Read the signals behind a path, or in memory.

    Args:
        where: File, folder or archive, with ``@LIST.txt`` or without.
        role: The part wanted, of data that bring their own; ``all``: every part.
        options: What is to be read, and what training had.
        format_name: Of one of the formats, or ``auto``.

    Returns:
        Signals; those that cannot be used are in ``bad`` (not raised: the caller wants all of them at once).

    Raises:
        DataError: The path is not there, or nothing can be read from it.
        ConfigError: No such format, or columns or patterns that are not there.
    """
    records, name, part = _records(where, role, options, format_name)
    if options.columns and records.channels and len(records.channels) != len(options.columns):
        raise DataError(
            "the channels differ from those of training"
            if options.channels
            else "the channels are not those asked for",
            where=str(where),
            expected=f"{len(options.columns)}: {', '.join(options.columns[:12])}",
            got=f"{len(records.channels)}: {', '.join(records.channels[:12])}",
        )
    found = finish(records, options, name)
    if found.signals and not found.channels:
        raise DataError(
            "no column is a channel",
            where=str(where),
            expected="a column of numbers that vary, beside names, times and labels",
            hint="check path and task; a column that counts or never varies is one where signal.channels names it",
        )
    found = replace(found, signals=with_groups(found.signals, options.group))
    if options.columns and options.channels:
        found = replace(found, channels=options.channels)
    notes = [read_as_signals(where, found, options.signal, part), *found.notes]
    if options.labelled:
        notes += find_doubles(found.signals)
    if not options.channels:
        notes += find_constant_channels(found)
    return replace(found, notes=notes)


def _records(
    where: Reference, role: Role, options: ReadOptions, format_name: str
) -> tuple[RawRecords, str, str]:
    """What a reader found, the format, and the part where there are several; in memory there is neither."""
    if isinstance(where, InMemory):
        return records_in_memory(where, options), "in memory", ""
    place = find_place(where)
    layout = find_signal_format(place.source, format_name, options.signal.series, len(options.columns))
    if place.chosen is not None and not layout.choosable:
        choosable = [format_.name for format_ in SIGNALS if format_.choosable]
        raise ConfigError(
            f"a list cannot choose from the format {layout.name}",
            where=where,
            expected=f"one of {', '.join(choosable)}",
        )
    parts = () if place.chosen is not None else layout.own_parts(place.source)
    if parts and role not in (*parts, "all"):
        raise EmptyDataError(f"no {role} part", where=where, got=f"parts {' and '.join(parts)}")
    records = layout.read(place, role if parts else "all", options)
    if not place.source.is_file:
        others = [name for name in place.source.names if not name.lower().endswith(layout.suffixes)]
        records.notes += passed_over(others, where)
    return records, layout.name, role if parts and role != "all" else ""
