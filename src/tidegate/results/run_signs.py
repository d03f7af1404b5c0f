"""What a study, its executors and the processes of its runs tell each other by files beside a run's folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from tidegate.results.record import Record, Values

Status = Literal["done", "failed", "interrupted", "pruned"]


@dataclass(frozen=True)
class RunGoing(Record):
    """`.going.json`: that a run has been taken.

    Attributes:
        node: the machine that has taken it
        resumed: whether it goes on from a checkpoint
        waits: whether an earlier process of it is still saving and evaluating
    """

    node: str
    resumed: bool = False
    waits: bool = False


@dataclass(frozen=True, kw_only=True)
class RunEnded(Record):
    """`.ended.json`: how a run ended, for the study that waits.

    Attributes:
        status: `done`, `failed`, `interrupted`, or `pruned`: a trial that was not worth going on with
        valid: metrics on the validation split, if there are any
        test: metrics on the test split, if there are any
        seconds: of training
        error: why it failed
        node: the machine that had it
    """

    status: Status
    valid: Values | None = None
    test: Values | None = None
    seconds: float | None = None
    error: str | None = None
    node: str = ""


@dataclass(frozen=True)
class ProcessOutcome(Record):
    """`.outcome.json`: how the process of a run says that it ended.

    Attributes:
        status: `done`, `failed` or `interrupted`
        error: why it failed
    """

    status: Literal["done", "failed", "interrupted"]
    error: str | None = None


@dataclass(frozen=True, kw_only=True)
class WorkerAnswer(Record):
    """What a worker answers to a question of the study.

    Attributes:
        status: `done` or `failed`
        answer: as the question wants it; null where it failed
        error: why it failed
        type: of that error
    """

    status: Literal["done", "failed"]
    answer: Mapping[str, Any] | None = None
    error: str = ""
    type: str = ""
