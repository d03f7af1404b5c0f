"""Signals as the task sees them: sequences of one or more channels, each with an answer and perhaps a group.

What reads files makes a ``SignalSet``; nothing behind it knows of files or missing values.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tidegate.errors import Finding


@dataclass(frozen=True)
class Signal:
    """One sequence.

    Attributes:
        name: Where it is from, as errors and reports call it: file and line, file, or table and id.
        values: ``(T, C)`` float32, finite; T at least 1.
        target: Its class, or its value as the data write it; empty where there is none.
        group: Who or what it is of; empty where that was not asked for.
        source: The name of the sequence that it is a window of; its own name where it is whole.
        start: Its first step within the source.
    """

    name: str
    values: NDArray[np.float32]
    target: str = ""
    group: str = ""
    source: str = ""
    start: int = 0

    def __len__(self) -> int:
        """Steps."""
        return len(self.values)


@dataclass(frozen=True)
class SignalSet:
    """Sequences of the same channels.

    Attributes:
        signals: In the order of the data.
        channels: Their names; 0, 1, … where the data give none.
        rate: Samples (or frames) a second, where the data say so.
        bad: Sequences that cannot be used.
        notes: What a person should know.
        step: From one value to the next by the data's own times, in their unit, where all sequences have the same.
        sound_rate: Samples a second of the sound that the features are of; sound read later must have it too.
        valued: Whether the data themselves say that answers are values.
        format: The format that was read, by its name.
    """

    signals: Sequence[Signal]
    channels: tuple[str, ...]
    rate: float | None = None
    bad: Sequence[Finding] = field(default_factory=list[Finding])
    notes: Sequence[Finding] = ()
    sound_rate: int | None = None
    step: float | None = None
    valued: bool = False
    format: str = ""

    def __len__(self) -> int:
        """Sequences that can be used."""
        return len(self.signals)
