"""speed.json, and what results.json says of it: how long one sample takes, measured after all runs, alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tidegate.results.record import Record

FASTER = 1.2
"""By so much at least an arm has to be faster, at the lower end of the interval, before that is a reason to use it."""
QUIET = 0.2
"""Where other work kept the machine busier than this, as a share of all cores, speeds are told and not acted upon."""


@dataclass(frozen=True)
class SpeedRounds(Record):
    """speed.json: the arms in rotation, round by round.

    Attributes:
        arms: median milliseconds for one sample in each round, by the name of the arm
        folders: of the run whose model was measured, by the name of the arm
        samples: timed in each round
        load: share of all cores that other work took meanwhile; null where the system does not say
    """

    arms: Mapping[str, tuple[float, ...]]
    folders: Mapping[str, str]
    samples: int
    load: float | None


@dataclass(frozen=True)
class ArmSpeed(Record):
    """How fast one arm answers.

    Attributes:
        arm: its name
        milliseconds: for one sample alone: median over rounds
        factor: how many times as fast as the best arm: median over rounds of the ratio within each
        low: lower end of its 95 % interval, rounds drawn anew
        high: upper end
    """

    arm: str
    milliseconds: float
    factor: float
    low: float
    high: float

    @property
    def faster(self) -> bool:
        """Whether it is faster by so much that it matters, with confidence."""
        return self.low >= FASTER


@dataclass(frozen=True)
class StudySpeeds(Record):
    """How fast the arms answer, side by side.

    Attributes:
        against: the best arm, or the first one
        rounds: in each of which every arm was timed
        samples: timed in each round
        load: share of all cores that other work took meanwhile; null where the system does not say
        arms: in the order of the study
    """

    against: str
    rounds: int
    samples: int
    load: float | None
    arms: tuple[ArmSpeed, ...]

    @property
    def quiet(self) -> bool:
        """Whether the machine was quiet enough to act upon them."""
        return self.load is not None and self.load <= QUIET

    def faster(self, arm: str) -> bool:
        """Whether an arm is a reason faster than the best one, measured quietly."""
        return self.quiet and any(each.arm == arm and each.faster for each in self.arms)
