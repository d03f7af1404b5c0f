"""How far a study is, from what its reporter hears, and in words. It draws nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from statistics import fmean
from typing import TYPE_CHECKING

from tidegate.cli.printing import clock, remaining
from tidegate.report.text.metrics import Measure, measure

if TYPE_CHECKING:
    from tidegate.results.record import Values
    from tidegate.studies.callbacks import RunKey, RunOutcome, RunProgress, StudyPlan


@dataclass(frozen=True)
class ArmState:
    """One arm, for a table.

    Attributes:
        name: The arm.
        done: Its runs that have ended.
        runs: All of its runs.
        going: How far the runs that are going are, 0 to 1, on average; ``None`` if none is going.
        value: Mean of the primary metric on the validation split, of each run the latest; before the runs that count, the
            best of the trials; ``None`` so far.
        failed: Its runs that failed.
    """

    name: str
    done: int
    runs: int
    going: float | None
    value: float | None
    failed: int


class StudyState:
    """What is known of a study that is going.

    Args:
        now: The clock, in seconds.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._began = now()
        self.plan: StudyPlan | None = None
        self._started: dict[RunKey, float] = {}
        self._progress: dict[RunKey, tuple[RunProgress, float]] = {}
        self._outcomes: dict[RunKey, RunOutcome] = {}

    def start(self, plan: StudyPlan) -> None:
        """The study begins."""
        self.plan = plan
        self._began = self._now()

    def extend(self, runs: Sequence[RunKey]) -> None:
        """Further runs follow."""
        assert self.plan is not None
        self.plan = replace(self.plan, runs=(*self.plan.runs, *runs))

    def start_run(self, run: RunKey) -> None:
        """A run begins."""
        self._started[run] = self._now()

    def advance(self, progress: RunProgress) -> None:
        """A run has validated."""
        self._progress[progress.run] = (progress, self._now())

    def end(self, outcome: RunOutcome) -> None:
        """A run has ended."""
        self._outcomes[outcome.run] = outcome

    @property
    def elapsed(self) -> float:
        """Seconds since the study began."""
        return self._now() - self._began

    @property
    def ended(self) -> int:
        """Runs that have ended, those kept from an earlier start included."""
        return len(self._outcomes) + (len(self.plan.kept) if self.plan else 0)

    @property
    def going(self) -> list[RunKey]:
        """Runs that are going."""
        return [run for run in self._started if run not in self._outcomes]

    @property
    def part(self) -> float:
        """The part of this start's work that is done, 0 to 1."""
        wanted = [run for run in self.plan.runs if run not in self.plan.kept] if self.plan else []
        return fmean([self._part(run) for run in wanted]) if wanted else 1.0

    @property
    def primary(self) -> Measure | None:
        """The metric that ranks: the first that was told, beside the loss."""
        told = [progress.metrics for progress, _ in self._progress.values()]
        told += [outcome.valid for outcome in self._outcomes.values() if outcome.valid]
        names = [name for metrics in told for name in metrics if name != "loss"]
        return measure(names[0]) if names else None

    def arms(self) -> list[ArmState]:
        """All arms, best first; arms without a result keep their order at the end."""
        primary = self.primary
        states = [self._arm(name, primary) for name in self.plan.arms] if self.plan else []
        sign = 1 if primary is None or primary.lower_is_better else -1
        return sorted(states, key=lambda arm: (arm.value is None, sign * (arm.value or 0.0)))

    def _arm(self, name: str, primary: Measure | None) -> ArmState:
        assert self.plan is not None
        runs = [run for run in self.plan.runs if run.arm == name]
        going = [self._part(run) for run in self.going if run.arm == name]
        outcomes = [self._outcomes[run] for run in runs if run in self._outcomes]
        counting = self._values([run for run in runs if run.trial is None and not run.size], primary)
        trials = self._values([run for run in runs if run.trial is not None], primary)
        best = (min if primary is None or primary.lower_is_better else max)(trials) if trials else None
        return ArmState(
            name=name,
            done=len(outcomes) + sum(run in self.plan.kept for run in runs),
            runs=len(runs),
            going=fmean(going) if going else None,
            value=fmean(counting) if counting else best,
            failed=sum(outcome.status == "failed" for outcome in outcomes),
        )

    def _values(self, runs: Sequence[RunKey], primary: Measure | None) -> list[float]:
        found = [self._latest(run).get(primary.key) for run in runs] if primary else []
        return [value for value in found if value is not None]

    def _latest(self, run: RunKey) -> Values:
        if run in self._outcomes:
            return self._outcomes[run].valid or {}
        return self._progress[run][0].metrics if run in self._progress else {}

    def _part(self, run: RunKey) -> float:
        """How far a run is; between two validations it is taken to go on as it went so far."""
        if run in self._outcomes:
            return 1.0
        if run not in self._progress:
            return 0.0
        progress, told = self._progress[run]
        speed = progress.progress / progress.seconds if progress.seconds > 0 else 0.0
        return min(0.99, progress.progress + speed * (self._now() - told))


def study_plan(plan: StudyPlan) -> str:
    """What lies ahead, in one line."""
    kept = f", {len(plan.kept)} of them finished before" if plan.kept else ""
    runs = f"{len(plan.runs)} run" + ("s" if len(plan.runs) != 1 else "")
    trials = sum(run.trial is not None for run in plan.runs)
    runs += f", {trials} of them trials that look for settings" if trials else ""
    parts = sum(bool(run.size) for run in plan.runs)
    runs += f", {parts} on smaller training parts" if parts else ""
    threads = f"{plan.threads} thread" + ("s" if plan.threads != 1 else "")
    return (
        f"{len(plan.arms)} arms × {plan.seeds} seeds: {runs}{kept}; {plan.workers} at a time, {threads} each"
    )


def study_time(state: StudyState) -> str:
    """How long it took and will take."""
    return f"{clock(state.elapsed)} elapsed, {remaining(state.elapsed, state.part)}"
