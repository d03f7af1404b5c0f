"""What trials of a study may try of one key: a range of numbers, or one of several values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Value = bool | int | float | str


@dataclass(frozen=True)
class Range:
    """Numbers from ``low`` to ``high``; on a logarithmic scale, or in steps; whole ones if both ends are."""

    low: float
    high: float
    log: bool = False
    step: float | None = None

    @property
    def whole(self) -> bool:
        """Whether only whole numbers are tried."""
        return isinstance(self.low, int) and isinstance(self.high, int)


@dataclass(frozen=True)
class Choices:
    """One of several values."""

    values: tuple[Value, ...]


Space = Mapping[str, Range | Choices]
DROPOUT = Range(0.0, 0.5)
