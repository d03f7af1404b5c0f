"""One run in a process of its own, seen from the study.

The process gets its job as one line on stdin, which then stays open: its end means "stop now". So a worker also stops
when the study is killed, on every system, and a Ctrl-C in the terminal reaches the study alone, which passes it on once.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import signal
import sys
from pathlib import Path
from typing import IO, Any

from tidegate.config.run import RunSpec
from tidegate.results.history import HistoryLine, read_history
from tidegate.results.run_signs import ProcessOutcome
from tidegate.studies.callbacks import RunKey, RunOutcome, RunProgress
from tidegate.studies.design.folder import StudyFolder
from tidegate.studies.execution.job import WORKER, Job
from tidegate.studies.execution.starting import Start, start_anew

__all__ = ["WORKER", "Progress", "RunProcess", "environment_of", "last_lines"]

_LOG_LINES = 12


class RunProcess:
    """A run that is going.

    Its log is locked for as long as the process lives, also when the study that started it is gone: two processes that
    write one run's folder would spoil it.

    Args:
        job: Which run, how, and in which study's folder.
        start: How its process is started.

    Raises:
        BlockingIOError: An earlier process of this run is still saving and evaluating.
        OSError: Its log cannot be written, or its program is not there.
    """

    def __init__(self, job: Job, start: Start = start_anew) -> None:
        folder = StudyFolder(job.folder)
        self.run = job.run
        self._job, self._folder = job, folder
        self._asked = self._killed = False
        with folder.log(job.run).open("ab") as log:
            _lock(log)
            log.truncate(0)
            self.resumed = folder.state(job.run) == "started"
            folder.outcome(job.run).unlink(missing_ok=True)
            folder.clear(job.run)
            self._process = start(job.program, environment_of(job.spec.train.threads), log)
        # A worker that died at once is told by its exit code, not by a broken pipe here.
        with contextlib.suppress(BrokenPipeError):
            self._stdin.write(json.dumps(self._request()).encode() + b"\n")
            self._stdin.flush()

    def stop(self) -> None:
        """Ask the run to save, evaluate and end."""
        self._asked = self._asked or not self.ended
        with contextlib.suppress(BrokenPipeError):
            self._stdin.close()

    def kill(self) -> None:
        """End the run at once; its last checkpoint stays."""
        self._killed = True
        self._process.kill()
        self._process.wait()
        self.stop()

    @property
    def ended(self) -> bool:
        """Whether the process is gone."""
        return self._process.poll() is not None

    def outcome(self) -> RunOutcome:
        """How it ended; call it once the process is gone."""
        asked = self._asked
        self.stop()
        metrics = self._folder.metrics(self.run)
        state = self._folder.state(self.run)
        told = ProcessOutcome.find(self._folder.outcome(self.run))
        # Who was asked to stop and had no time to say how it ended has not failed: it goes on at the next start.
        ended = self._killed or (told.status in ("done", "interrupted") if told else asked)
        if state != "done" and not ended:
            return RunOutcome(self.run, "failed", error=(told.error if told else None) or self._last_words())
        return RunOutcome(
            self.run,
            "done" if state == "done" else "interrupted",
            valid=metrics.valid if metrics else None,
            test=metrics.test if metrics else None,
            seconds=metrics.seconds if metrics else None,
        )

    @property
    def _stdin(self) -> IO[bytes]:
        assert self._process.stdin is not None
        return self._process.stdin

    def _request(self) -> dict[str, Any]:
        return {
            "kind": "run",
            "run": str(self._folder.run(self.run)),
            "outcome": str(self._folder.outcome(self.run)),
            "resume": self.resumed,
            "spec": self._job.spec.model_dump(mode="json"),
            "command": list(self._job.argv),
        }

    def _last_words(self) -> str:
        code = self._process.returncode or 0
        ended = f"the process of this run ended with exit code {code}"
        if code < 0:
            ended = f"the process of this run was ended by {signal.Signals(-code).name}"
            if -code == signal.SIGKILL:
                ended += "; the usual reason is that memory ran out: use fewer --workers"
        return "\n".join([ended, *last_lines(self._folder.log(self.run))])


class Progress:
    """How far a run is, from the file that it writes: also one on another machine.

    Args:
        run: Which one.
        spec: Its whole configuration.
        folder: The study's.
    """

    def __init__(self, run: RunKey, spec: RunSpec, folder: StudyFolder) -> None:
        self._run, self._train = run, spec.train
        self._path = folder.run(run) / "history.jsonl"
        self._size = -1

    def latest(self) -> RunProgress | None:
        """The latest validation, if there is one that was not told yet."""
        if not self._path.is_file() or self._path.stat().st_size == self._size:
            return None
        self._size = self._path.stat().st_size
        lines = read_history(self._path)
        return self._told(lines[-1]) if lines else None

    def _told(self, line: HistoryLine) -> RunProgress:
        train = self._train
        ends = ((line.epoch, train.epochs), (line.seconds, train.max_time), (line.step, train.steps))
        far = min(1.0, max((at / whole for at, whole in ends if whole), default=0.0))
        valid = {key: value for key, value in line.valid.items() if value is not None}
        return RunProgress(self._run, line.epoch, line.seconds, valid, line.best, far)


def _lock(log: IO[bytes]) -> None:
    """Lock a file for this process and those that inherit it; the system gives it free when the last of them is gone."""
    if sys.platform == "win32":
        return
    import fcntl

    try:
        fcntl.flock(log, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise
    except OSError as error:
        # Some network file systems have no locks; there the study goes without.
        if error.errno not in (errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS, errno.EINVAL):
            raise


def environment_of(threads: int | None) -> dict[str, str]:
    """The environment of a worker: set before torch is imported, since its thread pools are made then."""
    number = {"OMP_NUM_THREADS": str(threads), "MKL_NUM_THREADS": str(threads)} if threads else {}
    return {**os.environ, **number}


def last_lines(log: Path) -> list[str]:
    """What a process wrote last."""
    return log.read_text(encoding="utf-8", errors="replace").splitlines()[-_LOG_LINES:]
