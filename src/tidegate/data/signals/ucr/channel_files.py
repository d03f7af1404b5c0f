"""A file for each channel, a sequence a row, as UCI HAR has them: ``train/Inertial Signals/body_acc_x_train.txt``.

Labels stand in ``y_train.txt`` beside the folder, a number a row, subjects in ``subject_train.txt``, and the names of
classes in ``activity_labels.txt``.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath

import numpy as np
from numpy.typing import NDArray

from tidegate.data.parts import ORDER, Role, part_of
from tidegate.data.signals.parts import read_text
from tidegate.data.signals.raw_record import RawRecord, RawRecords, ReadOptions
from tidegate.data.source import Place, Source
from tidegate.errors import ConfigError, DataError, EmptyDataError

FOLDER = "inertial signals"
SUFFIXES = (".txt",)


def matches(source: Source) -> bool:
    """A folder or archive with folders called ``Inertial Signals``."""
    return not source.builtin and not source.is_file and bool(_channel_files(source))


def own_parts(source: Source) -> tuple[Role, ...]:
    """Those that names of files tell."""
    found = {part_of(name) for name in _channel_files(source)}
    parts: tuple[Role, ...] = tuple(role for role in ORDER if role in found)
    return parts if "train" in parts and len(parts) > 1 else ()


def read(place: Place, role: Role, options: ReadOptions) -> RawRecords:
    """Read the windows of one part.

    Raises:
        DataError: Files of one part differ in their rows, or a cell is no number.
        ConfigError: Groups are asked for that no file tells.
        EmptyDataError: The part has no files.
    """
    source = place.source
    files = _channel_files(source)
    parts = sorted({part_of(name) or "train" for name in files}, key=ORDER.index)
    wanted = [one for one in parts if role in ("all", one)]
    if not wanted:
        raise EmptyDataError(f"no {role} part", where=place.text)
    records = RawRecords()
    for one in wanted:
        _read_part(
            source, one, [name for name in files if (part_of(name) or "train") == one], options, records
        )
    return records


def _channel_files(source: Source) -> list[str]:
    names = [name for name in source.names if name.lower().endswith(SUFFIXES)]
    return [name for name in names if PurePosixPath(name).parent.name.lower() == FOLDER]


def _channel(name: str) -> str:
    return re.sub(r"_(train|test|valid)$", "", PurePosixPath(name).stem)


def _read_part(
    source: Source, part: str, files: list[str], options: ReadOptions, records: RawRecords
) -> None:
    tables = {_channel(name): _numbers(source, name) for name in files}
    shapes = {table.shape for table in tables.values()}
    if len(shapes) > 1:
        raise DataError(
            "files of channels differ in their rows",
            where=str(PurePosixPath(files[0]).parent),
            expected="as many rows and values in each",
            got=", ".join(f"{name} {table.shape}" for name, table in list(tables.items())[:6]),
        )
    records.channels = tuple(tables)
    values = np.stack(list(tables.values()), axis=2)  # (N, T, C)
    labels = _column(source, files[0], "y", part, len(values))
    names = _class_names(source)
    groups = [""] * len(values)
    if options.group_column is not None:
        groups = _column(source, files[0], options.group_column, part, len(values))
        if options.needs_groups and not any(groups):
            raise ConfigError(
                f"no file {options.group_column}_{part}.txt tells groups",
                where="data.group",
                expected="the beginning of a file's name, such as subject",
            )
    records.found.extend(
        RawRecord(f"{part}[{index}]", one, names.get(label, label), group)
        for index, (one, label, group) in enumerate(zip(values, labels, groups, strict=True))
    )


def _numbers(source: Source, name: str) -> NDArray[np.float32]:
    rows = [line.split() for line in read_text(source, name).splitlines() if line.strip()]
    try:
        return np.array(rows, np.float32).reshape(len(rows), -1)
    except ValueError as error:
        raise DataError("rows of numbers of one length were expected", where=name, got=str(error)) from error


def _column(source: Source, beside: str, name: str, part: str, count: int) -> list[str]:
    """The lines of ``NAME_PART.txt`` beside the folder of channels; empty ones where there is no such file."""
    folder = PurePosixPath(beside).parent.parent
    file = (folder / f"{name}_{part}.txt").as_posix()
    if file not in source.known:
        return [""] * count
    cells = read_text(source, file).split()
    if len(cells) != count:
        raise DataError("not as many rows as sequences", where=file, expected=str(count), got=str(len(cells)))
    return cells


def _class_names(source: Source) -> dict[str, str]:
    name = next((name for name in source.names if PurePosixPath(name).name == "activity_labels.txt"), None)
    lines = read_text(source, name).splitlines() if name is not None else []
    pairs = (line.split(maxsplit=1) for line in lines)
    return {pair[0]: pair[1].strip() for pair in pairs if len(pair) == 2}
