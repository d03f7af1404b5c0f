"""SIGNALS: the formats of sequences. A new one is a file that gives ``RawRecords``, and a record here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tidegate.data.format import Format, Formats
from tidegate.data.parts import Role
from tidegate.data.signals import npz
from tidegate.data.signals.parts import parts_by_name, with_suffix
from tidegate.data.signals.raw_record import SignalReader
from tidegate.data.signals.sound import wav
from tidegate.data.signals.tables import csv_folder, long_table
from tidegate.data.signals.ucr import arff, channel_files, rows, ts
from tidegate.data.source import Source


@dataclass(frozen=True)
class SignalFormat(Format):
    """One way to lay out sequences.

    Args:
        read: Reads one part.
        suffixes: Of files that it reads; others in a folder are counted in a note.
        own_parts: Which parts a source brings itself.
        choosable: Whether its sequences have names that a list can choose by.
    """

    read: SignalReader
    own_parts: Callable[[Source], tuple[Role, ...]]
    suffixes: tuple[str, ...]
    choosable: bool = False


def _named_parts(suffixes: tuple[str, ...]) -> Callable[[Source], tuple[Role, ...]]:
    return lambda source: () if source.is_file else parts_by_name(with_suffix(source, suffixes))


ROWS = SignalFormat(
    "rows",
    "a sequence a row, its label first or last: .tsv and .txt of UCR, .csv with 16 columns or more",
    rows.matches,
    rows.read,
    rows.own_parts,
    rows.SUFFIXES,
)
LONG_TABLE = SignalFormat(
    "signal-table",
    "table.csv with a row for each step: id, time, channels, label",
    long_table.matches,
    long_table.read,
    long_table.own_parts,
    long_table.SUFFIXES,
    choosable=True,
)
CSV_FOLDER = SignalFormat(
    "signal-files",
    "a CSV for each sequence: ROOT/CLASS/x.csv, or x_1.csv and a table of labels, in a folder or archive",
    csv_folder.matches,
    csv_folder.read,
    csv_folder.own_parts,
    csv_folder.SUFFIXES,
    choosable=True,
)
SIGNALS = Formats(
    "sequences",
    (
        SignalFormat(
            "ts",
            "archives of UCR and UEA: NAME_TRAIN.ts and NAME_TEST.ts, or one .ts",
            ts.matches,
            ts.read,
            _named_parts(ts.SUFFIXES),
            ts.SUFFIXES,
        ),
        SignalFormat(
            "npz",
            "arrays x (N, T) or (N, T, C), or values and lengths, with y; or x_train, y_train, x_test, …",
            npz.matches,
            npz.read,
            npz.own_parts,
            npz.SUFFIXES,
        ),
        SignalFormat(
            "wav",
            "sound: ROOT/CLASS/x.wav, or CLASS_….wav, a folder or a .tar.gz/.zip of it",
            wav.matches,
            wav.read,
            wav.own_parts,
            (*wav.SUFFIXES, *wav.TABLES),
            choosable=True,
        ),
        SignalFormat(
            "arff",
            "archives of UCR and UEA: NAME_TRAIN.arff and NAME_TEST.arff, a sequence a row, its class last",
            arff.matches,
            arff.read,
            _named_parts(arff.SUFFIXES),
            arff.SUFFIXES,
        ),
        SignalFormat(
            "channel-files",
            "a file for each channel, a sequence a row, as UCI HAR: train/Inertial Signals/*.txt beside y_train.txt",
            channel_files.matches,
            channel_files.read,
            channel_files.own_parts,
            channel_files.SUFFIXES,
        ),
        ROWS,
        LONG_TABLE,
        CSV_FOLDER,
    ),
)


def find_signal_format(
    source: Source, name: str = "auto", series: str | None = None, channels: int = 0
) -> SignalFormat:
    """The format of some data.

    Args:
        source: The data.
        name: Of a format, or ``auto``.
        series: The column of a table that names sequences, where the user says: then a CSV is such a table.
        channels: How many there must be; several are never in rows of sequences.

    Raises:
        EmptyDataError: No format fits the data.
        ConfigError: No such format.
    """
    found = SIGNALS.find(source, name)
    if name != "auto" or found not in (ROWS, CSV_FOLDER):
        return found
    if series is not None:
        return LONG_TABLE
    return CSV_FOLDER if channels > 1 and CSV_FOLDER.looks_like(source) else found
