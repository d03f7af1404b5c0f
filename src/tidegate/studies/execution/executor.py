"""Making runs, on whatever machine: an executor makes one run after another, and a process of its own is each of them.

Everything between an executor and its study goes through files of the study's folder, which both see: ``going`` and
``ended`` say how a run does, ``stop`` files ask for its end, and a ``claim`` says which executor has taken it.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Sequence
from pathlib import Path

from tidegate.errors import OutputError, TidegateError
from tidegate.files import write_text
from tidegate.results.run_signs import RunGoing
from tidegate.studies.callbacks import RunOutcome
from tidegate.studies.design.folder import StudyFolder
from tidegate.studies.execution.job import Job
from tidegate.studies.execution.process import RunProcess
from tidegate.studies.execution.starting import Start, start_anew

_POLL_SECONDS = 0.1
STOP, KILL = "stop", "kill"
_OVER = "over"


def execute(jobs: Sequence[Job]) -> TidegateError | None:
    """Make every run that no other executor has taken, one after the other.

    Args:
        jobs: All runs, in order; the same for every executor.

    Returns:
        Why it cannot go on; ``None``: nothing is left to do.
    """
    for job in jobs:
        claim = StudyFolder(job.folder).claim(job.run)
        try:
            # Making a file that must not exist is atomic, over a network file system too.
            claim.open("x").close()
        except FileExistsError:
            continue
        except OSError as error:
            return _told(error, job)
        error = run_one(job)
        if error is not None:
            return error
    return None


def give_back(jobs: Sequence[Job]) -> None:
    """Let other executors have the runs that some have taken and not ended, once those are gone with their node."""
    for job in jobs:
        folder = StudyFolder(job.folder)
        claim = folder.claim(job.run)
        if claim.is_file() and claim.read_text(encoding="ascii") != _OVER:
            claim.unlink()


def run_one(job: Job, start: Start = start_anew) -> TidegateError | None:
    """Make one run. What keeps it from being made is handed back, so that it ends no other run."""
    try:
        run_job(job, start)
        write_text(StudyFolder(job.folder).claim(job.run), _OVER)
    except OSError as error:
        return _told(error, job)
    return None


def run_job(job: Job, start: Start = start_anew) -> None:
    """Make one run: start its process, wait, and write down how it ended.

    It ends early when a file asks for it: the study's, or the run's own.

    Raises:
        OSError: Not even its failure can be written down.
    """
    folder = StudyFolder(job.folder)
    node = socket.gethostname()
    try:
        process = _started(job, folder, node, start)
    except OSError as error:
        RunGoing(node).write(folder.going(job.run))
        failed = RunOutcome(job.run, "failed", error=f"its process cannot be started: {error}")
        failed.ended(node).write(folder.ended(job.run))
        return
    if process is None:
        return
    RunGoing(node, process.resumed).write(folder.going(job.run))
    try:
        _wait(process, job, folder)
    finally:
        # Only where the folder has gone is it still alive here; it then saves what it can.
        process.stop()
    process.outcome().ended(node).write(folder.ended(job.run))


def _started(job: Job, folder: StudyFolder, node: str, start: Start) -> RunProcess | None:
    """The run's process, once an earlier one of a killed study has ended; ``None`` when asked to stop before."""
    waits = False
    while not (stop_requested(folder.stop) or stop_requested(folder.stop_of(job.run))):
        try:
            return RunProcess(job, start)
        except BlockingIOError:
            if not waits:
                RunGoing(node, waits=True).write(folder.going(job.run))
            waits = True
            time.sleep(_POLL_SECONDS)
    return None


def _wait(process: RunProcess, job: Job, folder: StudyFolder) -> None:
    stopped = False
    while not process.ended:
        time.sleep(_POLL_SECONDS)
        wish = stop_requested(folder.stop) or stop_requested(folder.stop_of(job.run))
        if wish == KILL:
            process.kill()
        elif wish and not stopped:
            process.stop()
            stopped = True


def request_stop(path: Path, *, kill: bool = False) -> None:
    """Leave the wish that runs end: after saving and evaluating, or at once."""
    write_text(path, KILL if kill else STOP)


def stop_requested(path: Path) -> str:
    """What a file asks for; nothing where there is none."""
    try:
        return path.read_text(encoding="ascii")
    except FileNotFoundError:
        return ""


def _told(error: OSError, job: Job) -> TidegateError:
    if isinstance(error, TidegateError):
        return error
    return OutputError(
        "the study's folder cannot be used",
        where=f"{socket.gethostname()}: {job.folder}",
        got=str(error),
        hint="check the disk and the folder, and start the study again: it goes on",
    )
