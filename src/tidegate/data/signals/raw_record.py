"""Sequences as a reader of files found them: not yet checked, with holes where a value is missing.

Every reader of signals gives ``RawRecords``; ``checks.finish`` makes a ``SignalSet`` of them by the same rules for all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tidegate.config.tasks.signal import SignalSpec
from tidegate.data.division.grouping import group_column
from tidegate.data.parts import Role
from tidegate.data.source import Place
from tidegate.data.tables.cells import is_missing
from tidegate.errors import Finding

MASK = "missing"
"""Name of the channel that ``signal.missing = "mask"`` adds."""


@dataclass(frozen=True)
class RawRecord:
    """One sequence.

    Attributes:
        name: Where it is from.
        values: ``(T, C)`` float32; NaN where one is missing. T may be 0.
        target: Its answer as the data write it; empty where there is none.
        group: Who or what it is of.
        lines: ``(T,)`` line of the file that each step is from, for messages.
        times: ``(T,)`` of each step, rising, where the data tell them.
    """

    name: str
    values: NDArray[np.float32]
    target: str = ""
    group: str = ""
    lines: NDArray[np.int64] | None = None
    times: NDArray[np.float64] | None = None


@dataclass
class RawRecords:
    """What a reader found: sequences, what cannot be read, and what else to know (as in ``SignalSet``).

    ``clock`` is the column that tells times, ``timed`` whether those are seconds.
    """

    found: list[RawRecord] = field(default_factory=list[RawRecord])
    channels: tuple[str, ...] = ()
    rate: float | None = None
    sound_rate: int | None = None
    valued: bool = False
    clock: str = ""
    timed: bool = False
    bad: list[Finding] = field(default_factory=list[Finding])
    notes: list[Finding] = field(default_factory=list[Finding])

    def refuse(self, code: str, where: str, what: str) -> None:
        """Put a sequence on the list of those that cannot be used."""
        self.bad.append(Finding("error", code, where, what))


@dataclass(frozen=True)
class ReadOptions:
    """How signals should be read.

    Attributes:
        signal: The user's keys.
        channels: Those that training had, which later data must have; none: any.
        sound_rate: Samples a second that training had.
        labelled: Whether a sequence without an answer is of no use.
        group: ``data.group``.
        step: From one value to the next, as training had it.
    """

    signal: SignalSpec
    channels: tuple[str, ...] = ()
    sound_rate: int | None = None
    labelled: bool = True
    group: str | None = None
    step: float | None = None

    @property
    def group_column(self) -> str | None:
        """The column that says whom a sequence is of."""
        return group_column(self.group)

    @property
    def needs_groups(self) -> bool:
        """Whether there must be such a column: in training only, since nothing is split later."""
        return self.group_column is not None and not self.channels

    @property
    def columns(self) -> tuple[str, ...]:
        """Channels that the data must have: those of training without what was added, or the user's; none: any."""
        masked = self.signal.missing == "mask" and self.channels[-1:] == (MASK,)
        return (self.channels[:-1] if masked else self.channels) or tuple(self.signal.channels)


SignalReader = Callable[[Place, Role, ReadOptions], RawRecords]
"""Reads one part of what is behind a path."""


def to_numbers(words: list[str]) -> NDArray[np.float32]:
    """Text to float32 ``(T,)``; NaN where a value is missing, infinite where it is too large.

    Raises:
        ValueError: One is no number.

    >>> to_numbers(["1.5", "?", " -2e3"]).tolist()
    [1.5, nan, -2000.0]
    """
    try:
        numbers = np.array(words, dtype=np.float64)
    except ValueError:
        filled = ["nan" if is_missing(word) else word for word in words]
        numbers = np.array(filled, dtype=np.float64)
    with np.errstate(over="ignore"):
        return numbers.astype(np.float32)


def first_unreadable(words: list[str]) -> int:
    """Where the first word stands that is no number; -1: all are numbers, or missing.

    >>> first_unreadable(["1", "?", "1.2.3"])
    2
    """
    for index, word in enumerate(words):
        try:
            to_numbers([word])
        except ValueError:
            return index
    return -1


def plain_label(text: str) -> str:
    """A label without blanks around it; a whole number without its decimals.

    >>> plain_label(" 1.0000000e+00"), plain_label("2.5"), plain_label("walking"), plain_label("007")
    ('1', '2.5', 'walking', '007')
    """
    text = text.strip()
    if "." not in text:
        return text
    try:
        value = float(text)
    except ValueError:
        return text
    return str(int(value)) if value.is_integer() and abs(value) < 2**53 else text
