"""Run a study: every arm with every seed, the same split and budget, one process a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tidegate.errors import ShapeError
from tidegate.report.read import Json, read_json
from tidegate.report.study import write_study_report
from tidegate.spec.compile import compile_run
from tidegate.spec.files import write_json
from tidegate.study.folder import StudyFolder
from tidegate.study.plan import Arm, StudySpec, with_earlier
from tidegate.study.pool import Pool
from tidegate.study.process import WORKER, RunProcess
from tidegate.study.resources import Share, share
from tidegate.study.results import collect
from tidegate.study.watch import RunKey, RunOutcome, Silent, StudyPlan, StudyWatcher

__all__ = ["Arm", "StudyResult", "StudySpec", "run_study"]


@dataclass(frozen=True)
class StudyResult:
    """How a study ended.

    Attributes:
        study: Its folder.
        results: The content of results.json.
        outcomes: How each run ended, those that were kept from an earlier start included.
        interrupted: Whether Ctrl-C stopped it.
    """

    study: Path
    results: Json
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
    watch: StudyWatcher | None = None,
    command: Sequence[str] = WORKER,
) -> StudyResult:
    """Train every arm with every seed, and leave results.json and report.html.

    Started again into the same folder it goes on: finished runs are kept, unfinished ones resumed, failed ones tried
    again, and arms or seeds may have been added. A run that fails does not stop the others. Ctrl-C lets the runs that are
    going save and evaluate, and returns with ``interrupted`` set.

    Args:
        study: What to compare.
        out: A new or empty folder, or that of the same study.
        workers: Runs at the same time; default: one a core, as far as memory allows.
        watch: Told how it goes.
        command: The worker's program and arguments.

    Raises:
        ConfigError: An arm cannot be built, or the folder holds another study. Nothing has been started then.
        OutputError: The folder holds something else, or cannot be written.
    """
    folder = StudyFolder(out)
    earlier = folder.open()
    if earlier is not None:
        study = with_earlier(study, earlier, str(out))
    _check_arms(study)
    folder.create(study)
    return _Study(study, folder, watch or Silent(), workers, command).run()


class _Study:
    """A study that is going: which runs have ended, and how."""

    def __init__(
        self,
        study: StudySpec,
        folder: StudyFolder,
        watch: StudyWatcher,
        workers: int | None,
        command: Sequence[str],
    ) -> None:
        self._study = study
        self._folder = folder
        self._watch = watch
        self._command = command
        self._outcomes = {run: _kept(folder, run) for run in study.runs if folder.state(run) == "done"}
        self._waiting = [run for run in study.runs if run not in self._outcomes]
        base = study.base
        self._machine: Share = share(
            len(self._waiting), base.data.cache_megabytes, workers, base.train.threads
        )

    def run(self) -> StudyResult:
        study, machine = self._study, self._machine
        names = tuple(arm.name for arm in study.arms)
        kept = tuple(self._outcomes)
        self._watch.started(StudyPlan(names, study.seeds, study.runs, kept, machine.workers, machine.threads))
        for note in study.notes():
            self._watch.message(note)
        self._write()
        complete = Pool(self._start, machine.workers, self._watch, self._ended).run(self._waiting)
        write_study_report(self._folder.path)
        self._watch.finished(self._folder.path, not complete)
        outcomes = tuple(self._outcomes[run] for run in study.runs if run in self._outcomes)
        return StudyResult(self._folder.path, read_json(self._folder.results), outcomes, not complete)

    def _start(self, run: RunKey) -> RunProcess:
        spec = self._study.run_spec(run)
        if spec.train.threads is None:
            spec = spec.model_copy(
                update={"train": spec.train.model_copy(update={"threads": self._machine.threads})}
            )
        return RunProcess(run, spec, self._folder, self._command)

    def _ended(self, outcome: RunOutcome) -> None:
        self._outcomes[outcome.run] = outcome
        self._write()

    def _write(self) -> None:
        write_json(self._folder.results, collect(self._study, self._folder, self._outcomes, self._machine))


def _kept(folder: StudyFolder, run: RunKey) -> RunOutcome:
    metrics = folder.metrics(run)
    return RunOutcome(run, "done", metrics.get("valid"), metrics.get("test"), metrics.get("seconds"))


def _check_arms(study: StudySpec) -> None:
    """Find an arm that cannot be built before the first one trains for an hour."""
    for arm in study.arms:
        spec = study.run_spec(RunKey(arm.name, study.base.seed))
        try:
            compile_run(spec)
        except ShapeError:
            # The size of the images is only known once the data are read; the run itself will say it with the true size.
            continue
