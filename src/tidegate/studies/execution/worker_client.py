"""Questions that need torch and the data: asked of a worker process by JSON, and answered by JSON."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tidegate import errors
from tidegate.errors import TidegateError, TrainingError
from tidegate.report.read import Json
from tidegate.results.run_signs import WorkerAnswer
from tidegate.studies.execution.job import WORKER, resolved
from tidegate.studies.execution.process import environment_of, last_lines


def call_worker(kind: str, request: Json, threads: int | None) -> Json:
    """Start a worker for one question, and wait.

    Args:
        kind: What ``tidegate.studies.execution.worker`` knows: survey or pace.
        request: The question.
        threads: CPU threads of the worker.

    Raises:
        TidegateError: What the worker raised, or that it crashed.
    """
    with TemporaryDirectory(prefix="tidegate-ask-") as folder:
        outcome, log = Path(folder) / "answer.json", Path(folder) / "log"
        job = {"kind": kind, "request": request, "outcome": str(outcome), "command": sys.argv}
        with log.open("wb") as file:
            process = subprocess.Popen(
                resolved(WORKER), stdin=subprocess.PIPE, stdout=file, stderr=file, env=environment_of(threads),
                start_new_session=True,
            )  # fmt: skip
            try:
                assert process.stdin is not None
                # It stays open: its end would mean that the study is gone.
                process.stdin.write(json.dumps(job).encode() + b"\n")
                process.stdin.flush()
                process.wait()
            finally:
                process.kill()
                process.wait()
                assert process.stdin is not None
                process.stdin.close()
        told = WorkerAnswer.find(outcome)
        if told is not None and told.answer is not None:
            return dict(told.answer)
        if told is not None and told.error:
            raise _raised(told.type, told.error)
        raise TrainingError(
            "the worker process of the study crashed",
            where=f"while it was asked for a {kind}",
            got="\n".join(last_lines(log)) or f"exit code {process.returncode}",
        )


def _raised(name: str, text: str) -> TidegateError:
    """The worker's error again, with its whole text."""
    kind = getattr(errors, name, TidegateError)
    usual = (
        isinstance(kind, type) and issubclass(kind, TidegateError) and kind.__init__ is TidegateError.__init__
    )
    return (kind if usual else TidegateError)(text)
