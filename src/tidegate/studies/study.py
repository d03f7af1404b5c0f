"""Run a study: sizes, trials, then every arm with every seed on the same split and budget, one process a run."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tidegate.config.compile import compile_run
from tidegate.errors import ShapeError, SpecError, TidegateError
from tidegate.report.read import Json
from tidegate.report.study_page import write_study_report
from tidegate.results.speed import QUIET, SpeedRounds
from tidegate.results.study import StudyResults
from tidegate.studies.analysis.results import Found, collect
from tidegate.studies.callbacks import NullReporter, RunKey, RunOutcome, StudyPlan, StudyReporter
from tidegate.studies.design.folder import StudyFolder, write_plan
from tidegate.studies.design.plan import Arm, StudySpec, with_earlier
from tidegate.studies.design.sizes import Sizes, Wanted
from tidegate.studies.design.stopping import closed_arms, is_decided, looks_until
from tidegate.studies.design.trials import Trials
from tidegate.studies.design.tuning import settings_table
from tidegate.studies.execution.allocation import allocate
from tidegate.studies.execution.backend import LOCAL, Backend, Job
from tidegate.studies.execution.pool import Pool, Prune
from tidegate.studies.execution.process import WORKER
from tidegate.studies.execution.resources import Share
from tidegate.studies.execution.starting import Start, WarmProcesses
from tidegate.studies.execution.worker_client import call_worker

__all__ = ["Arm", "StudyResult", "StudySpec", "run_study"]


@dataclass(frozen=True)
class StudyResult:
    """How a study ended.

    Attributes:
        study: Its folder.
        results: What results.json holds.
        outcomes: How each run ended, those that were kept from an earlier start included.
        interrupted: Whether Ctrl-C stopped it.
    """

    study: Path
    results: StudyResults
    outcomes: tuple[RunOutcome, ...]
    interrupted: bool

    @property
    def failed(self) -> tuple[RunOutcome, ...]:
        """The runs that failed."""
        return tuple(outcome for outcome in self.outcomes if outcome.status == "failed")


def run_study(
    study: StudySpec,
    out: Path,
    *,
    workers: int | None = None,
    threads: int | None = None,
    reporter: StudyReporter | None = None,
    backend: Backend = LOCAL,
    command: Sequence[str] = WORKER,
) -> StudyResult:
    """Train every arm with every seed, and leave results.json and report.html.

    Where the design says so, arms are first made equally large, and every arm gets the same number of trials to find its
    settings, by validation alone; test data are read once a run, after all that.

    Started again into the same folder it goes on: finished runs and trials are kept, unfinished ones resumed, failed
    runs tried again, and arms or seeds may have been added. A run that fails does not stop the others. Ctrl-C lets the
    runs that are going save and evaluate, and returns with ``interrupted`` set.

    Args:
        study: What to compare.
        out: A new or empty folder, or that of the same study.
        workers: Runs at the same time; default: what a short probe finds to be fastest, as far as memory allows.
        threads: CPU threads of each.
        reporter: Told how it goes.
        backend: This machine, or a cluster.
        command: The worker's program and arguments.

    Raises:
        ConfigError: An arm cannot be built, or the folder holds another study. Nothing has been started then.
        OutputError: The folder holds something else, or cannot be written.
        TrainingError: No trial of an arm worked.
    """
    folder = StudyFolder(out)
    earlier = folder.open()
    if earlier is not None:
        study = with_earlier(study, earlier, str(out))
    check_arms(study)
    folder.create(study)
    base = study.base
    waiting = [run for run in (*study.runs, *study.size_runs) if folder.state(run) != "done"]
    threads = threads or base.train.threads
    machine = allocate(
        base, len(waiting) + study.trials_an_arm * len(study.arms), folder, workers, threads, backend
    )
    with WarmProcesses() as warm:
        means = _Means(machine, backend, command, warm.start)
        going = _Study(study, folder, reporter or NullReporter(), means)
        try:
            return going.run()
        except SpecError:
            # Arms that cannot be made equally large: another size may be tried in the same place.
            if earlier is None and not going.begun:
                folder.discard()
            raise


WEIGHTS = Path("model", "model.safetensors")


@dataclass(frozen=True)
class _Means:
    """What runs run on."""

    machine: Share
    backend: Backend
    command: Sequence[str]
    start: Start


class _Study:
    """A study that is going: which runs have ended, and how."""

    def __init__(self, study: StudySpec, folder: StudyFolder, reporter: StudyReporter, means: _Means) -> None:
        self._study = study
        self._folder = folder
        self._reporter = reporter
        self._means = means
        every = (*study.runs, *study.size_runs)
        self._outcomes = {run: _kept(folder, run) for run in every if folder.state(run) == "done"}
        self._waiting = [run for run in study.runs if run not in self._outcomes]
        self._sizes = Sizes(study, folder, self._survey)
        self._trials = Trials(study, folder)
        self._planned = (*self._trials.keys, *every)
        before = StudyResults.find(folder.results)
        self._looked = before.design.looked if before else ()

    @property
    def begun(self) -> bool:
        """Whether any run has been started, in this start or an earlier one."""
        runs = (*self._trials.keys, *self._study.runs, *self._study.size_runs)
        return any(self._folder.run(run).exists() for run in runs)

    def run(self) -> StudyResult:
        study, machine = self._study, self._means.machine
        names = tuple(arm.name for arm in study.arms)
        runs = self._planned
        kept = (*self._trials.over, *self._outcomes)
        self._reporter.started(StudyPlan(names, study.seeds, runs, kept, machine.workers, machine.threads))
        self._sizes.find(
            [self._wanted(run) for run in study.runs[: len(names)]] if not self._trials.keys else []
        )
        for note in [*study.notes(), *self._trials.notes(), *self._sizes.notes()]:
            self._reporter.message(note)
        self._write()
        complete = self._trials.rounds(machine.workers, self._run_trials)
        if complete:
            complete = self._run_counting()
        results = self._write(compared=True)
        while complete and self._goes_on(results):
            complete = self._run_counting()
            results = self._write(compared=True)
        if complete and self._study.sizes:
            complete = self._run_sizes()
            results = self._write(compared=True)
        if complete and self._measure_speed(results):
            results = self._write(compared=True)
        write_study_report(self._folder.path)
        self._reporter.finished(self._folder.path, not complete)
        every = (*self._study.runs, *self._study.size_runs)
        outcomes = tuple(self._outcomes[run] for run in every if run in self._outcomes)
        return StudyResult(self._folder.path, results, outcomes, not complete)

    def _run_trials(self, trials: Sequence[RunKey]) -> bool:
        self._extend(trials)
        self._sizes.find([self._wanted(run) for run in trials])
        return self._pool(self._trials.ended, prune=self._trials.worth_ending).run(
            [self._job(run) for run in trials]
        )

    def _extend(self, runs: Sequence[RunKey]) -> None:
        """Tell of runs that nobody could know of at the start."""
        new = [run for run in runs if run not in self._planned]
        if new:
            self._planned = (*self._planned, *new)
            self._reporter.extended(new)

    def _run_counting(self) -> bool:
        """The runs that count: all settings are decided before the first of them begins."""
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return True
        self._trials.check()
        self._sizes.find([self._wanted(run) for run in waiting])
        return self._pool(self._ended).run([self._job(run) for run in waiting])

    def _run_sizes(self) -> bool:
        """The same runs on smaller training parts, once it is known how many seeds there are."""
        self._waiting = [run for run in self._study.size_runs if run not in self._outcomes]
        self._extend(self._waiting)
        return self._run_counting()

    def _goes_on(self, results: StudyResults) -> bool:
        """Whether seeds are added for the next planned look, and to which arms."""
        study, design = self._study, self._study.design
        further = [look for look in looks_until(design.max_seeds) if look > study.seeds]
        if not design.until_decided or not further or is_decided(results.comparison):
            return False
        closed = {arm: study.seeds for arm in closed_arms(results.comparison) if arm not in study.stopped}
        self._study = replace(study, seeds=further[0], stopped={**study.stopped, **closed})
        write_plan(self._folder.plan, self._study)
        if closed:
            self._reporter.message(f"no more seeds for {', '.join(closed)}: found worse at {study.seeds}")
        self._waiting = [run for run in self._study.runs if run not in self._outcomes]
        self._extend(self._waiting)
        return bool(self._waiting)

    def _measure_speed(self, results: StudyResults) -> bool:
        """Time the arms side by side, now that nothing else of the study runs; whether something new was measured."""
        done = {arm.arm: arm.done[0].folder for arm in results.arms if arm.done}
        folders = {arm: run for arm, run in done.items() if (self._folder.path / run / WEIGHTS).is_file()}
        known = SpeedRounds.find(self._folder.speed)
        same = (
            known is not None and known.load is not None and known.load <= QUIET and known.folders == folders
        )
        if len(folders) < 2 or same or self._means.backend.name != "local":
            return False
        self._reporter.message(
            "measuring how fast the arms answer, one after the other: best with nothing else running"
        )
        try:
            request = {"study": str(self._folder.path.resolve()), "folders": folders}
            answer = call_worker("speed", request, self._means.machine.threads)
        except (TidegateError, KeyboardInterrupt) as error:
            self._reporter.message(f"their speed was not measured: {error or 'interrupted'}")
            return False
        SpeedRounds.from_json(json.dumps(answer), "the worker's answer").write(self._folder.speed)
        return True

    def _pool(self, ended: Callable[[RunOutcome], None], prune: Prune | None = None) -> Pool:
        means = self._means
        return Pool(
            self._folder, means.machine.workers, self._reporter, ended,
            prune=prune, backend=means.backend, start=means.start,
        )  # fmt: skip

    def _wanted(self, run: RunKey) -> Wanted:
        settings = self._trials.settings(run)
        return Wanted(run, settings, self._study.run_spec(run, settings_table(settings)))

    def _job(self, run: RunKey) -> Job:
        wanted = self._wanted(run)
        spec = self._study.run_spec(run, settings_table(wanted.settings), self._sizes.table(wanted))
        if spec.train.threads is None:
            threads = {"threads": self._means.machine.threads}
            spec = spec.model_copy(update={"train": spec.train.model_copy(update=threads)})
        return Job(run, spec, self._folder.path.resolve(), self._means.command)

    def _survey(self, request: Json) -> Json:
        return call_worker("survey", request, self._means.machine.threads)

    def _ended(self, outcome: RunOutcome) -> None:
        self._outcomes[outcome.run] = outcome
        self._write()

    def _write(self, *, compared: bool = False) -> StudyResults:
        ready = all(self._trials.decided(arm.name) for arm in self._study.arms)
        settings = (
            {arm.name: self._trials.chosen(arm.name).settings for arm in self._study.arms} if ready else {}
        )
        notes = [*self._trials.notes(), *self._sizes.notes()]
        found = Found(self._outcomes, self._means.machine, settings, notes, self._looked)
        results = collect(self._study, self._folder, found, compared=compared)
        self._looked = results.design.looked
        results.write(self._folder.results)
        return results


def _kept(folder: StudyFolder, run: RunKey) -> RunOutcome:
    metrics = folder.metrics(run)
    assert metrics is not None, "a run that is done has metrics"
    return RunOutcome(run, "done", metrics.valid, metrics.test, metrics.seconds)


def check_arms(study: StudySpec) -> None:
    """Find an arm that cannot be built before the first one trains for an hour."""
    for arm in study.arms:
        spec = study.run_spec(RunKey(arm.name, study.base.seed))
        try:
            compile_run(spec)
        except ShapeError:
            # The size of the images is only known once the data are read; the run itself will say it with the true size.
            continue
