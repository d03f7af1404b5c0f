"""Piano rolls from MATLAB files, as Boulanger-Lewandowski, Bengio and Vincent (2012) made them known.

A file holds three cell arrays, ``traindata``, ``validdata`` and ``testdata``, of pieces ``(T, 88)``: 1 where a key of the
piano sounds in a frame.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.io import loadmat
from scipy.io.matlab import MatReadError

from tidegate.data.finding import settle
from tidegate.errors import DataError, EmptyDataError, Finding
from tidegate_music.settings import KEYS

PORTIONS = {"train": "traindata", "valid": "validdata", "test": "testdata"}
Roll = NDArray[np.uint8]
TONES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
LOWEST = 21
"""The number of the first key in MIDI, where C4 is 60."""


@dataclass(frozen=True)
class Rolls:
    """The pieces of a file.

    Attributes:
        portions: Of ``train``, ``valid`` and ``test``, each a list of pieces ``(T, 88)``, T 2 or more.
        notes: What a person should know about them.
    """

    portions: Mapping[str, list[Roll]]
    notes: list[Finding]


def read_rolls(path: str, *, skip_bad: bool = False) -> Rolls:
    """Read a file, and check every piece.

    Args:
        path: The MATLAB file.
        skip_bad: Leave out pieces that cannot be used, and say so in a note.

    Raises:
        DataError: There is no such file, it is none of MATLAB's, or it lacks one of the three arrays.
        BadFilesError: Pieces cannot be used, and ``skip_bad`` is off.
        EmptyDataError: Nothing is left of a portion.
    """
    found = _arrays(path)
    portions = dict[str, list[Roll]]()
    bad = list[Finding]()
    for portion, name in PORTIONS.items():
        portions[portion] = []
        for number, piece in enumerate(np.asarray(found[name], dtype=object).ravel(), start=1):
            reason = wrong_with(piece)
            if reason is None:
                portions[portion].append(np.ascontiguousarray(piece, np.uint8))
            else:
                bad.append(Finding("error", "bad-piece", f"{name}, piece {number}", reason))
    total = len(bad) + sum(map(len, portions.values()))
    notes = settle(bad, total=total, where=path, skip_bad=skip_bad)
    for portion, pieces in portions.items():
        if not pieces:
            raise EmptyDataError("a portion holds no pieces", where=path, got=PORTIONS[portion])
    return Rolls(portions, notes)


def wrong_with(piece: Any) -> str | None:
    """Why a piece cannot be used, or ``None``.

    >>> wrong_with(np.zeros((5, 88)))
    >>> wrong_with(np.zeros((1, 88)))
    '1 frame, where 2 are needed: the first is read, the second predicted'
    >>> wrong_with(np.zeros((5, 12)))
    'of shape (5, 12), where (frames, 88) is expected'
    """
    array = np.asarray(piece)
    if array.dtype.kind not in "uifb":
        return "holds no numbers"
    if array.ndim != 2 or array.shape[1] != KEYS:
        return f"of shape {array.shape}, where (frames, {KEYS}) is expected"
    if len(array) < 2:
        frames = "1 frame" if len(array) == 1 else "no frames"
        return f"{frames}, where 2 are needed: the first is read, the second predicted"
    if not np.isin(array, (0, 1)).all():
        return "holds other values than 0 and 1"
    return None


def _arrays(path: str) -> Mapping[str, Any]:
    if not Path(path).is_file():
        raise DataError(
            "there is no such file",
            where=path,
            hint="give data.source, a MATLAB file of piano rolls such as JSB_Chorales.mat",
        )
    try:
        found = loadmat(path)
    except (MatReadError, ValueError, TypeError, NotImplementedError, EOFError, OSError, IndexError) as error:
        raise DataError(
            "the file cannot be read", where=path, expected="a MATLAB file, version 5", got=str(error)
        ) from error
    missing = [name for name in PORTIONS.values() if name not in found]
    if missing:
        raise DataError(
            "the file lacks a portion",
            where=path,
            expected=", ".join(PORTIONS.values()),
            got=", ".join(sorted(name for name in found if not name.startswith("__"))) or "nothing",
        )
    return found


def notes_of(frame: NDArray[Any]) -> str:
    """The names of the keys that sound in a frame ``(88,)``, the lowest first.

    >>> frame = np.zeros(88)
    >>> frame[[39, 43, 46]] = 1
    >>> notes_of(frame)
    'C4 E4 G4'
    """
    numbers = (np.flatnonzero(frame) + LOWEST).tolist()
    return " ".join(f"{TONES[number % 12]}{number // 12 - 1}" for number in numbers)
