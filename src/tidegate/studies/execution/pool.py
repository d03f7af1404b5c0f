"""Many runs, a few at a time: handed to a backend in the background, watched and stopped from here."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Sequence

from tidegate.errors import OutputError, TidegateError
from tidegate.results.history import HistoryLine, read_history
from tidegate.results.run_signs import RunEnded, RunGoing
from tidegate.studies.callbacks import RunKey, RunOutcome, StudyReporter
from tidegate.studies.design.folder import StudyFolder
from tidegate.studies.execution.backend import LOCAL, Backend, Job
from tidegate.studies.execution.executor import request_stop
from tidegate.studies.execution.process import Progress
from tidegate.studies.execution.starting import Start, start_anew

_POLL_SECONDS = 0.1
# Within this time a run that somebody has just begun to start is seen to go, or never starts.
_GRACE_SECONDS = 5.0
_LONG_SECONDS = 60.0
Prune = Callable[[RunKey, Sequence[HistoryLine]], bool]


class Pool:
    """Runs processes, so many at a time.

    Args:
        folder: The study's.
        workers: Runs at the same time.
        reporter: Told what happens.
        ended: Called with the outcome of each run, as it ends.
        prune: Asked after each validation whether the run is to end there.
        backend: Where runs go.
        start: How processes are started on this machine.
    """

    def __init__(
        self,
        folder: StudyFolder,
        workers: int,
        reporter: StudyReporter,
        ended: Callable[[RunOutcome], None],
        *,
        prune: Prune | None = None,
        backend: Backend = LOCAL,
        start: Start = start_anew,
    ) -> None:
        self._folder = folder
        self._workers = workers
        self._reporter = reporter
        self._ended = ended
        self._prune = prune
        self._backend = backend
        self._start = start
        self._going: dict[RunKey, Progress] = {}
        self._open: dict[RunKey, Job] = {}
        self._pruned: set[RunKey] = set()
        self._waiting: set[RunKey] = set()
        self._error: BaseException | None = None

    def run(self, jobs: Sequence[Job]) -> bool:
        """Run them all. Ctrl-C asks those that are going to save and end; a second one ends them at once.

        Returns:
            Whether all were run; ``False`` after Ctrl-C.

        Raises:
            OutputError: A result cannot be written, or a node does not see the study's folder.
            ConfigError: The cluster does not answer, or cannot run Tidegate.
            TrainingError: The cluster has lost nodes again and again.
        """
        if not jobs:
            return True
        folder = self._folder
        self._open = {job.run: job for job in jobs}
        self._backend.connect()
        self._clear(jobs)
        thread = threading.Thread(target=self._dispatch, args=(list(jobs),), daemon=True)
        thread.start()
        try:
            self._follow(thread)
            complete = True
        except KeyboardInterrupt:
            self._reporter.message(
                "stopping: running networks save and evaluate what they have; once more stops at once"
            )
            self._stop(thread)
            complete = False
        finally:
            # Only after an error of our own, such as a full disk, or where a cluster does not answer any more.
            if thread.is_alive():
                request_stop(folder.stop, kill=True)
                thread.join(None if self._going else _GRACE_SECONDS)
            # What cannot be removed now is removed at the next start.
            with contextlib.suppress(OutputError):
                self._clear(jobs)
        if self._error is not None and (complete or isinstance(self._error, TidegateError)):
            raise self._error
        return complete

    def _clear(self, jobs: Sequence[Job]) -> None:
        """Remove what runs and studies tell each other: before, what a killed study has left."""
        folder = self._folder
        signs = [path for job in jobs for path in (*folder.signs(job.run), folder.claim(job.run))]
        try:
            for path in (folder.stop, *signs):
                path.unlink(missing_ok=True)
        except OSError as error:
            raise OutputError(
                "the study's folder cannot be used",
                where=str(folder.path),
                got=str(error),
                hint="check the disk and the folder, and start the study again: it goes on",
            ) from error

    def _dispatch(self, jobs: list[Job]) -> None:
        try:
            threads = jobs[0].spec.train.threads or 1
            self._backend.run(jobs, min(self._workers, len(jobs)), threads, self._start)
        except BaseException as error:  # noqa: BLE001 - raised again where the study waits
            self._error = error

    def _follow(self, thread: threading.Thread, *, stopping: bool = False) -> None:
        idle, told = time.monotonic(), False
        while thread.is_alive():
            time.sleep(_POLL_SECONDS)
            self._look()
            now = time.monotonic()
            if self._going or self._waiting or self._backend.name != "ray":
                idle = now
            elif stopping:
                if now - idle > _GRACE_SECONDS:
                    return
            elif now - idle > _LONG_SECONDS and not told:
                self._reporter.message(
                    "no run has begun yet: the cluster seems to have no room, see `ray status`"
                )
                told = True
        self._look()

    def _stop(self, thread: threading.Thread) -> None:
        request_stop(self._folder.stop)
        try:
            self._follow(thread, stopping=True)
        except KeyboardInterrupt:
            request_stop(self._folder.stop, kill=True)
            self._follow(thread, stopping=True)

    def _look(self) -> None:
        for run, job in list(self._open.items()):
            if run not in self._going:
                going = RunGoing.find(self._folder.going(run))
                if going is None:
                    continue
                if going.waits:
                    self._wait_told(run)
                    continue
                self._going[run] = Progress(run, job.spec, self._folder)
                self._reporter.run_started(run, going.resumed)
            self._tell(run)

    def _wait_told(self, run: RunKey) -> None:
        if run not in self._waiting:
            self._waiting.add(run)
            self._reporter.message(
                f"{run}: waits for its earlier process, which is still saving and evaluating"
            )

    def _tell(self, run: RunKey) -> None:
        # Asked before its files are read: what it wrote last is not missed.
        ended = RunEnded.find(self._folder.ended(run))
        progress = self._going[run].latest()
        if progress is not None:
            self._reporter.run_progress(progress)
            if self._prune and not ended and run not in self._pruned:
                rows = read_history(self._folder.run(run) / "history.jsonl")
                if self._prune(run, rows):
                    self._pruned.add(run)
                    request_stop(self._folder.stop_of(run))
        if ended:
            del self._open[run], self._going[run]
            for path in self._folder.signs(run):
                path.unlink(missing_ok=True)
            outcome = RunOutcome.of(run, ended)
            if run in self._pruned and outcome.status == "interrupted":
                outcome = outcome.as_pruned()
            self._ended(outcome)
            self._reporter.run_finished(outcome)
