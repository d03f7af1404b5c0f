"""tuning.json: the settings that a study tried."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from tidegate.results.record import Record

TrialStatus = Literal["started", "done", "pruned", "failed"]


@dataclass(frozen=True)
class Trial(Record):
    """One trial of one arm.

    Attributes:
        number: from 0
        settings: by dotted key; none for trial 0, which is the configuration as it stands
        value: the primary metric on validation, of the weights that were kept; null so far, or after a failure
        status: `started`, `done`, `pruned` or `failed`
    """

    number: int
    settings: Mapping[str, Any]
    value: float | None
    status: TrialStatus


@dataclass(frozen=True)
class ArmTrials(Record):
    """The trials of one arm.

    Attributes:
        trials: in their order
        chosen: number of the best one; null so far
    """

    trials: tuple[Trial, ...]
    chosen: int | None = None


@dataclass(frozen=True)
class Tuning(Record):
    """What every arm tried.

    Attributes:
        arms: trials by the name of the arm
    """

    arms: Mapping[str, ArmTrials]
