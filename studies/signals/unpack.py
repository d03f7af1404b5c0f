"""Folders for the splits that archives and data sets name only in words. Each is made once, and found again."""

from __future__ import annotations

import csv
import io
import shutil
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

OFFICIAL_TEST = 5
"""Recordings 0 to 4 of each speaker and digit are test."""
LAST_BUILDING = "3"


def digits(data: Path, out: Path) -> Path:
    """Spoken digits in the official split."""
    return once(out / "fsdd", lambda folder: _digits(data, folder, ""))


def digits_without(data: Path, out: Path, speaker: str) -> Path:
    """Spoken digits: the training part of all speakers but one, and all of that one as test."""
    return once(out / f"fsdd-{speaker}", lambda folder: _digits(data, folder, speaker))


def _digits(data: Path, folder: Path, speaker: str) -> None:
    for name, content in _recordings(data / "fsdd" / "recordings.tar.gz"):
        _digit, who, index = Path(name).stem.split("_")
        early = int(index) < OFFICIAL_TEST
        if not speaker or who == speaker or not early:
            test = who == speaker if speaker else early
            _write(folder / ("test" if test else "train") / name, content)


def _recordings(path: Path) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(path) as archive:
        for member in archive:
            file = archive.extractfile(member)
            if file is not None and member.name.endswith(".wav"):
                yield Path(member.name).name, file.read()


def arem(data: Path, out: Path) -> Path:
    """AReM in the split that comes with it: data sets 1 and 2 of bending, 1 to 3 of the others are test."""
    return once(out / "arem", lambda folder: _arem(data / "arem", folder))


def _arem(source: Path, folder: Path) -> None:
    for path in sorted(source.glob("*/dataset*.csv")):
        label, number = path.parent.name, int(path.stem.removeprefix("dataset"))
        test = number <= (2 if label.startswith("bending") else 3)
        _write(folder / ("test" if test else "train") / label / path.name, path.read_bytes())


def movement_elsewhere(data: Path, out: Path) -> Path:
    """Indoor movement: two buildings to learn from, the third one as test."""
    archive = data / "indoor_movement" / "IndoorMovement.zip"
    return once(out / "indoor", lambda folder: _movement(archive, folder))


def _movement(path: Path, folder: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        table = archive.read("groups/MovementAAL_DatasetGroup.csv").decode()
        building = {line[0].strip(): line[1].strip() for line in csv.reader(io.StringIO(table))}
        for name in archive.namelist():
            sequence = Path(name).stem.removeprefix("MovementAAL_RSS_")
            if sequence in building and name.endswith(".csv"):
                part = "test" if building[sequence] == LAST_BUILDING else "train"
                _write(folder / part / Path(name).name, archive.read(name))
        _write(folder / "MovementAAL_target.csv", archive.read("dataset/MovementAAL_target.csv"))


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def once(folder: Path, make: Callable[[Path], None]) -> Path:
    """A folder that is there whole, or is made now."""
    if not folder.exists():
        half = folder.with_name(folder.name + ".half")
        shutil.rmtree(half, ignore_errors=True)
        make(half)
        half.rename(folder)
    return folder
