"""Many runs, a few at a time: start, watch, and stop them together."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable

from tidegate.study.process import RunProcess
from tidegate.study.watch import RunKey, RunOutcome, StudyWatcher

_POLL_SECONDS = 0.1


class Pool:
    """Runs processes, so many at a time.

    Args:
        start: Starts the process of a run.
        workers: Runs at the same time.
        watch: Told what happens.
        ended: Called with the outcome of each run, as it ends.
    """

    def __init__(
        self,
        start: Callable[[RunKey], RunProcess],
        workers: int,
        watch: StudyWatcher,
        ended: Callable[[RunOutcome], None],
    ) -> None:
        self._start = start
        self._workers = workers
        self._watch = watch
        self._ended = ended
        self._going: list[RunProcess] = []

    def run(self, runs: Iterable[RunKey]) -> bool:
        """Run them all. Ctrl-C asks those that are going to save and end; a second one ends them at once.

        Returns:
            Whether all were run; ``False`` after Ctrl-C.
        """
        waiting = deque(runs)
        try:
            while waiting or self._going:
                self._fill(waiting)
                self._look()
            return True
        except KeyboardInterrupt:
            self._watch.message(
                "stopping: running networks save and evaluate what they have; once more stops at once"
            )
            self._stop()
            return False
        finally:
            # Only after an error of our own, such as a full disk, is anything still going here.
            for process in self._going:
                process.kill()

    def _fill(self, waiting: deque[RunKey]) -> None:
        while waiting and len(self._going) < self._workers:
            process = self._start(waiting.popleft())
            self._going.append(process)
            self._watch.run_started(process.run, process.resumed)

    def _look(self) -> None:
        time.sleep(_POLL_SECONDS)
        for process in list(self._going):
            # Asked before its files are read: what it wrote last is not missed.
            ended = process.ended
            progress = process.progress()
            if progress is not None:
                self._watch.run_progress(progress)
            if ended:
                self._going.remove(process)
                outcome = process.outcome()
                self._ended(outcome)
                self._watch.run_finished(outcome)

    def _stop(self) -> None:
        for process in self._going:
            process.stop()
        try:
            while self._going:
                self._look()
        except KeyboardInterrupt:
            for process in self._going:
                process.kill()
            while self._going:
                self._look()
