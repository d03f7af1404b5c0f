"""How the parts of a run's data came about, as far as a comparison of runs has to know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tidegate.results.record import Record

SplitKind = Literal["official", "one", "resampled", "time"]


@dataclass(frozen=True)
class RunSplit(Record):
    """The split that a run had.

    Attributes:
        kind: of the part that is measured: `official` (the data bring it, and others use it too), `one` (drawn once),
            `resampled` (drawn anew for every seed) or `time` (the origin moves back for every seed)
        number: which of the draws, from 0; runs with the same number have the same parts
        train: samples to learn from
        measured: samples of the test part, or of validation where there is no test part
    """

    kind: SplitKind
    number: int
    train: int
    measured: int
