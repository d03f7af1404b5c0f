"""``python -m tidegate.studies.execution.worker``: one run of a study, or a question.

The job is one line of JSON on stdin, which stays open after that; when it ends, the run is interrupted as by Ctrl-C:
it saves, evaluates and ends.
"""

from __future__ import annotations

import _thread
import json
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any, Literal, NoReturn

from tidegate.config.run import RunSpec
from tidegate.errors import TidegateError
from tidegate.results.run_signs import ProcessOutcome, WorkerAnswer
from tidegate.studies.execution.warm_process import SOCKET, fork_when_asked


def main() -> int:
    """Run the job that stdin brings.

    Returns:
        The exit code: 0 done, 1 failed for a reason that is told in the outcome file, 130 interrupted.
    """
    # A study that runs in the background of a shell passes on that Ctrl-C is ignored; our own stop must not be.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    warm = os.environ.pop(SOCKET, None)
    if warm is not None and not fork_when_asked(int(warm)):
        return 0
    job: dict[str, Any] = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_stop_with_stdin, daemon=True).start()
    # What environment.json says about how this run came to be: the study's command line.
    sys.argv = list(job["command"])
    if job.get("kind", "run") != "run":
        return _answer(job)
    try:
        status, error = _run(job)
    except KeyboardInterrupt:
        # The wish to stop came before the run had begun, or after it had ended.
        status, error = "interrupted", None
    ProcessOutcome(status, error).write(Path(job["outcome"]))
    return {"done": 0, "failed": 1, "interrupted": 130}[status]


def _answer(job: dict[str, Any]) -> int:
    """Answer a question of the study."""
    try:
        from tidegate.studies.design.survey import pace, survey
        from tidegate.studies.execution.speed import speed

        answer = {"survey": survey, "pace": pace, "speed": speed}[job["kind"]](job["request"])
    except TidegateError as error:
        told = WorkerAnswer(status="failed", error=str(error), type=type(error).__name__)
    except KeyboardInterrupt:
        return 130
    else:
        told = WorkerAnswer(status="done", answer=answer)
    told.write(Path(job["outcome"]))
    return 0 if told.status == "done" else 1


def _run(job: dict[str, Any]) -> tuple[Literal["done", "failed", "interrupted"], str | None]:
    run = Path(job["run"])
    try:
        # Within: a study may be stopped while torch is still being imported.
        from tidegate.api import resume, train

        result = resume(run) if job["resume"] else train(RunSpec.model_validate(job["spec"]), out=run)
    except TidegateError as error:
        return "failed", str(error)
    except MemoryError:
        return "failed", "memory ran out\n  hint:    use fewer --workers, or a smaller train.batch_size"
    except KeyboardInterrupt:
        return "interrupted", None
    return ("interrupted" if result.stopped == "interrupted" else "done"), None


def _stop_with_stdin() -> None:
    # Not sys.stdin: a thread that waits inside it would hold its lock while the interpreter ends.
    while os.read(0, 4096):
        pass
    _thread.interrupt_main(signal.SIGINT)


def leave(code: int) -> NoReturn:
    """End the process at once: all is written, and to take torch apart takes a second, in every run."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    leave(main())
