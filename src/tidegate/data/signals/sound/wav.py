"""Sound files, each one sequence: a folder or archive of WAV, with log-mel energies or the samples as channels.

Plain WAV (PCM of 8, 16, 24 or 32 bits) is decoded here; soundfile, of the extra ``audio``, decodes what else it can.
"""

from __future__ import annotations

from collections import Counter
from math import gcd

import numpy as np
from numpy.typing import NDArray

from tidegate.data.finding import note
from tidegate.data.parts import Role
from tidegate.data.signals.labels import Files, Told, file_groups, file_labels
from tidegate.data.signals.parts import (
    chosen_names,
    folder_part,
    parts_by_folder,
    read_bytes,
    read_text,
    with_suffix,
)
from tidegate.data.signals.raw_record import RawRecord, RawRecords, ReadOptions
from tidegate.data.signals.sound.decode import Sound, decode_sound
from tidegate.data.signals.sound.log_mel import frame_sizes, log_mel
from tidegate.data.signals.tables.csv_table import read_csv_table
from tidegate.data.signals.tables.label_table import label_tables
from tidegate.data.source import Place, Source
from tidegate.errors import DataError, EmptyDataError

SUFFIXES = (
    *(".wav", ".wave", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".aif", ".aiff", ".aifc", ".au", ".snd"),
    *(".caf", ".w64", ".rf64", ".voc", ".sph"),
)
"""What soundfile can read; but for plain WAV its extra is needed."""
TABLES = (".csv", ".tsv")


def matches(source: Source) -> bool:
    """A sound file, or a folder or archive with such."""
    return not source.builtin and bool(with_suffix(source, SUFFIXES))


def own_parts(source: Source) -> tuple[Role, ...]:
    """The parts that the top folders are."""
    return () if source.is_file else parts_by_folder(with_suffix(source, SUFFIXES))


def read(place: Place, role: Role, options: ReadOptions) -> RawRecords:
    """Read the sound of one part.

    Raises:
        EmptyDataError: There is no sound file.
        DataError: Rates are mixed, and ``signal.rate`` names none.
        ConfigError: Patterns or columns for labels and groups are wrong.
    """
    source = place.source
    files, names = _find(place, role)
    labels, groups = file_labels(files, options), file_groups(files, options)
    records = RawRecords(
        notes=[note("labels", told.how) for told in (labels, groups) if told.found and not source.is_file]
    )
    sounds: dict[str, Sound] = {}
    for name in names:
        sound = decode_sound(read_bytes(source, name))
        if isinstance(sound, Sound):
            sounds[name] = sound
        else:
            records.refuse("bad-sound", name, sound)
    if sounds:
        _take_all(sounds, (labels, groups), options, records)
    return records


def _find(place: Place, role: Role) -> tuple[Files, list[str]]:
    """All files with what stands beside them, and the names of the part."""
    source = place.source
    every = with_suffix(source, SUFFIXES)
    if not every:
        raise EmptyDataError(
            "no sound files",
            where=place.text,
            expected="files such as *.wav, *.flac or *.mp3",
            got=f"{len(source.names)} others",
        )
    tables = [] if source.is_file else with_suffix(source, TABLES)
    sheets = {name: read_csv_table(read_text(source, name), name) for name in tables}
    parts = own_parts(source)
    files = Files(every, bool(parts), label_tables(sheets, every))
    mine = [name for name in every if role == "all" or role not in parts or folder_part(name) == role]
    return files, chosen_names(place, mine)


def _take_all(
    sounds: dict[str, Sound], told: tuple[Told, Told], options: ReadOptions, records: RawRecords
) -> None:
    rate = _one_rate(sounds, options)
    other = Counter(sound.rate for sound in sounds.values() if sound.rate != rate)
    for found, count in other.items():
        what = f"{count} files were brought from {found} to {rate} samples a second"
        records.notes.append(note("resampled", what))
    mixed = Counter(sound.samples.shape[1] for sound in sounds.values() if sound.samples.shape[1] > 1)
    for channels, count in mixed.items():
        records.notes.append(note("mixed", f"{count} files of {channels} channels were mixed to one"))
    spec = options.signal
    raw = spec.features == "raw"
    for name, sound in sounds.items():
        samples = _resample(sound.samples.mean(axis=1, dtype=np.float32), sound.rate, rate)
        values = (
            samples[:, None]
            if raw
            else log_mel(samples, rate, mels=spec.mels, frame=spec.frame, hop=spec.hop)
        )
        records.found.append(
            RawRecord(name, values, told[0].found.get(name, ""), told[1].found.get(name, ""))
        )
    records.sound_rate = rate
    records.rate = float(rate) if raw else rate / frame_sizes(rate, spec.frame, spec.hop)[1]
    records.channels = ("sound",) if raw else tuple(f"mel{band}" for band in range(spec.mels))


def _one_rate(sounds: dict[str, Sound], options: ReadOptions) -> int:
    if options.signal.rate is not None:
        return options.signal.rate
    first: dict[int, str] = {}
    for name, sound in sounds.items():
        first.setdefault(sound.rate, name)
    counts = Counter(sound.rate for sound in sounds.values())
    wanted = options.sound_rate
    if len(counts) == 1 and wanted in (None, *counts):
        return next(iter(counts))
    lines = [f"{rate} samples a second: {counts[rate]} files, such as {name}" for rate, name in first.items()]
    raise DataError(
        "sound of mixed rates" if len(counts) > 1 else "sound of another rate than that of training",
        expected=f"{wanted} samples a second" if wanted else "one rate",
        got="\n".join(lines),
        hint=f"--set signal.rate={wanted or min(counts)} brings all to one rate",
    )


def _resample(samples: NDArray[np.float32], rate: int, wanted: int) -> NDArray[np.float32]:
    if rate == wanted:
        return samples
    # Here, since it takes half a second, and few need it.
    from scipy.signal import resample_poly

    divisor = gcd(rate, wanted)
    return np.asarray(resample_poly(samples, wanted // divisor, rate // divisor), dtype=np.float32)
