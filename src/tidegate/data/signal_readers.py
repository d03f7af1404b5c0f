"""READERS: how each format of signals is read. ``formats.FORMATS`` says how it is known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tidegate.data.format import Role
from tidegate.data.listing import find_format
from tidegate.data.signals import csv_folder as signal_files
from tidegate.data.signals import long_table as signal_table
from tidegate.data.signals import npz as signal_npz
from tidegate.data.signals import ucr_ts as signal_ts
from tidegate.data.signals import ucr_tsv as signal_tsv
from tidegate.data.signals import wav as signal_wav
from tidegate.data.signals.parts import parts_by_name, with_suffix
from tidegate.data.signals.raw_record import SignalReader
from tidegate.data.source import Source


@dataclass(frozen=True)
class FormatReader:
    """How a format is read, and which parts a path of it brings."""

    read: SignalReader
    own_parts: Callable[[Source], tuple[Role, ...]]


def _named_parts(suffixes: tuple[str, ...]) -> Callable[[Source], tuple[Role, ...]]:
    return lambda source: () if source.is_file else parts_by_name(with_suffix(source, suffixes))


READERS: dict[str, FormatReader] = {
    "ts": FormatReader(signal_ts.read, _named_parts(signal_ts.SUFFIXES)),
    "tsv": FormatReader(signal_tsv.read, _named_parts(signal_tsv.SUFFIXES)),
    "npz": FormatReader(signal_npz.read, signal_npz.own_parts),
    "wav": FormatReader(signal_wav.read, signal_wav.own_parts),
    "signal-table": FormatReader(signal_table.read, signal_table.own_parts),
    "signal-files": FormatReader(signal_files.read, signal_files.own_parts),
}


def find_reader(path: str, format_name: str = "auto", series: str | None = None) -> tuple[str, FormatReader]:
    """The format behind a path, and its reader.

    Args:
        path: As the user wrote it.
        format_name: A key of ``FORMATS``, or ``auto``.
        series: The column of a table that names sequences, where the user says: then a CSV is such a table.

    Raises:
        DataError: The path is not there, or no format fits it.
        ConfigError: No such format, or none of signals.
    """
    name = find_format("signal", path, format_name).name
    if format_name == "auto" and name == "signal-files" and series is not None:
        name = "signal-table"
    return name, READERS[name]
