"""tuning.json: the settings that a study tried, what it chose, and what makes the choice doubtful."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from tidegate.results.record import Record

TrialStatus = Literal["started", "done", "pruned", "failed"]

RATE = "optimiser.learning_rate"
FEWEST_RATES = 5
"""So many learning rates have to be tried before a network may be said not to learn."""
FEWEST_DECADES = 3.0
"""So many powers of ten they have to span."""


@dataclass(frozen=True)
class Repeat(Record):
    """One of the two best trials once more, with another seed.

    Attributes:
        value: the primary metric on validation; null after a failure
        loss: on validation
        status: `done` or `failed`
    """

    value: float | None
    loss: float | None
    status: TrialStatus


@dataclass(frozen=True)
class Trial(Record):
    """One trial of one arm.

    Attributes:
        number: from 0
        settings: by dotted key; none for trial 0, which is the configuration as it stands
        value: the primary metric on validation, of the weights that were kept; null so far, or after a failure
        status: `started`, `done`, `pruned` or `failed`
        loss: on validation, of the same weights; it decides between equal values
        repeat: the same settings with a second seed; null but for the two best trials
    """

    number: int
    settings: Mapping[str, Any]
    value: float | None
    status: TrialStatus
    loss: float | None = None
    repeat: Repeat | None = None


@dataclass(frozen=True)
class Edge(Record):
    """A chosen value beyond which nothing was tried, so that the best one may lie there.

    Attributes:
        key: of the setting, searched on a logarithmic scale
        value: that was chosen
        side: `low`: nothing smaller was tried; `high`: nothing larger
    """

    key: str
    value: float
    side: Literal["low", "high"]


@dataclass(frozen=True)
class Tie(Record):
    """Trials that validation cannot tell from the one that was chosen.

    Attributes:
        trials: that have the same value as it, itself included
        among: trials that came to their end
        units: samples of the validation part
    """

    trials: int
    among: int
    units: int | None


@dataclass(frozen=True)
class ArmTrials(Record):
    """The trials of one arm.

    Attributes:
        trials: in their order
        chosen: number of the best one, by the mean of its two runs; null so far
        defaults: what trial 0 has of the keys that the others change, where the configuration says it
        edges: searched values that were chosen at the edge of what was tried
        tied: equals of the one that was chosen; null without any
        improving: whether the one that was chosen still improved when its budget ended
    """

    trials: tuple[Trial, ...]
    chosen: int | None = None
    defaults: Mapping[str, Any] = field(default_factory=dict[str, Any])
    edges: tuple[Edge, ...] = ()
    tied: Tie | None = None
    improving: bool = False

    def tried(self, key: str) -> tuple[float, ...]:
        """The different numbers that were tried of a key, ascending; those of trials that failed too."""
        values = [
            {**self.defaults, **trial.settings}.get(key) for trial in self.trials if trial.status != "started"
        ]
        return tuple(sorted({float(value) for value in values if isinstance(value, int | float)}))

    @property
    def may_be_said_not_to_learn(self) -> bool:
        """Whether so many learning rates were tried that bad results are the network's fault, and not the search's.

        >>> trials = tuple(Trial(n, {RATE: 10.0**-n}, 0.9, "done") for n in range(1, 6))
        >>> ArmTrials(trials).may_be_said_not_to_learn, ArmTrials(trials[:4]).may_be_said_not_to_learn
        (True, False)
        """
        rates = self.tried(RATE)
        # A millionth, since 1e-4 and 1e-1 are not exactly three decades apart as computers keep them.
        return len(rates) >= FEWEST_RATES and math.log10(rates[-1] / rates[0]) >= FEWEST_DECADES - 1e-6


@dataclass(frozen=True)
class Tuning(Record):
    """What every arm tried.

    Attributes:
        arms: trials by the name of the arm
    """

    arms: Mapping[str, ArmTrials]
