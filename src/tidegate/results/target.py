"""How long arms take to reach a result that somebody asked for."""

from __future__ import annotations

from dataclasses import dataclass

from tidegate.results.effects import Estimate
from tidegate.results.record import Record


@dataclass(frozen=True)
class TimeToTarget(Record):
    """When one arm reached `target` of the design on validation; a run that never did counts with what is known of it.

    Attributes:
        arm: its name
        n: runs that are done
        reached: how many of them reached it
        median: processor seconds of training until half of the runs have (Kaplan and Meier 1958), with a 95 %
            interval; null where half never did. Other runs on the machine disturb processor time less than time
    """

    arm: str
    n: int
    reached: int
    median: Estimate | None
