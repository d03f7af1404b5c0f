"""What a study tells whoever watches it. The study itself writes nothing to a screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from tidegate.results.record import Values
from tidegate.results.run_signs import RunEnded, Status


@dataclass(frozen=True, order=True)
class RunKey:
    """One run of a study.

    Attributes:
        arm: Of which arm.
        seed: Of its weights, order and augmentation.
        trial: Its number, from 0, while settings are looked for; ``None``: a run that counts.
        repeat: Whether that trial runs a second time, with another seed.
        size: Of the training part, for a learning curve; empty: that of the study itself.

    >>> str(RunKey("gru", 2)), str(RunKey("gru", 1000, trial=3)), str(RunKey("gru", 1001, trial=3, repeat=True))
    ('gru, seed 2', 'gru, trial 3', 'gru, trial 3 again')
    >>> str(RunKey("gru", 2, size="10%"))
    'gru, 10%, seed 2'
    """

    arm: str
    seed: int
    trial: int | None = None
    repeat: bool = False
    size: str = ""

    def __str__(self) -> str:
        if self.trial is None:
            return f"{self.arm}, {self.size}{', ' * bool(self.size)}seed {self.seed}"
        return f"{self.arm}, trial {self.trial}{' again' if self.repeat else ''}"


@dataclass(frozen=True)
class StudyPlan:
    """What lies ahead, said once at the start.

    Attributes:
        arms: Names, in order.
        seeds: Runs of each arm.
        runs: All runs that are known, in the order in which they start.
        kept: Those that an earlier start of this study has finished.
        workers: Runs at the same time.
        threads: CPU threads of each.
    """

    arms: tuple[str, ...]
    seeds: int
    runs: tuple[RunKey, ...]
    kept: tuple[RunKey, ...]
    workers: int
    threads: int


@dataclass(frozen=True)
class RunProgress:
    """The latest validation of a run that is going.

    Attributes:
        run: Which one.
        epoch: Passes over the training data.
        seconds: Since it began.
        metrics: Of that validation.
        best: Whether its weights are the best so far.
        progress: 0 to 1, of the planned run.
    """

    run: RunKey
    epoch: float
    seconds: float
    metrics: Mapping[str, float]
    best: bool
    progress: float


@dataclass(frozen=True)
class RunOutcome:
    """How a run ended.

    Attributes:
        run: Which one.
        status: done, failed, interrupted, or pruned: a trial that was not worth going on with.
        valid: Metrics on the validation split, if there are any.
        test: Metrics on the test split, if there are any.
        seconds: Of training.
        error: Why it failed.
    """

    run: RunKey
    status: Status
    valid: Values | None = None
    test: Values | None = None
    seconds: float | None = None
    error: str | None = None

    def ended(self, node: str) -> RunEnded:
        """All but which run it was, for the study that waits.

        Args:
            node: The machine that had it.
        """
        return RunEnded(
            status=self.status,
            valid=self.valid,
            test=self.test,
            seconds=self.seconds,
            error=self.error,
            node=node,
        )

    @classmethod
    def of(cls, run: RunKey, ended: RunEnded) -> RunOutcome:
        """Back from a file."""
        return cls(run, ended.status, ended.valid, ended.test, ended.seconds, ended.error)

    def as_pruned(self) -> RunOutcome:
        """The same, of a trial that was ended because it was not worth going on with."""
        return replace(self, status="pruned")


class StudyReporter(Protocol):
    """Whoever wants to know how a study goes."""

    def started(self, plan: StudyPlan) -> None:
        """The study begins."""
        ...

    def extended(self, runs: Sequence[RunKey]) -> None:
        """Further runs follow from what has ended so far."""
        ...

    def run_started(self, run: RunKey, resumed: bool) -> None:
        """A worker begins a run, or goes on with one."""
        ...

    def run_progress(self, progress: RunProgress) -> None:
        """A run has validated."""
        ...

    def run_finished(self, outcome: RunOutcome) -> None:
        """A run has ended, well or not."""
        ...

    def message(self, text: str) -> None:
        """Something that a person should know."""
        ...

    def finished(self, study: Path, interrupted: bool) -> None:
        """Nothing runs any more; results.json and the report are written."""
        ...


class NullReporter:
    """A reporter that says nothing."""

    def started(self, plan: StudyPlan) -> None:
        """Say nothing."""

    def extended(self, runs: Sequence[RunKey]) -> None:
        """Say nothing."""

    def run_started(self, run: RunKey, resumed: bool) -> None:
        """Say nothing."""

    def run_progress(self, progress: RunProgress) -> None:
        """Say nothing."""

    def run_finished(self, outcome: RunOutcome) -> None:
        """Say nothing."""

    def message(self, text: str) -> None:
        """Say nothing."""

    def finished(self, study: Path, interrupted: bool) -> None:
        """Say nothing."""
