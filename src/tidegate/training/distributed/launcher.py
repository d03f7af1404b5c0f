"""Starting the other processes of a run, and seeing to it that none is left behind."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

from tidegate.errors import TrainingError
from tidegate.training.distributed.rank import Rank

READY = b"ready\n"
"""What a started process writes to its stdout once its data are read."""


def start(
    run: Path, leader: Rank, rank: int, modules: Sequence[str], resume: bool
) -> subprocess.Popen[bytes]:
    """One of the other processes, on this machine.

    Args:
        run: The folder of the run.
        leader: Of the process that starts it.
        rank: Of the process that is started.
        modules: That it imports first.
        resume: Whether it goes on from the last checkpoint.
    """
    environment = {
        "RANK": rank, "LOCAL_RANK": rank, "WORLD_SIZE": leader.world_size, "LOCAL_WORLD_SIZE": leader.local_world_size,
        "MASTER_ADDR": leader.address, "MASTER_PORT": leader.port, "PYTHONPATH": os.pathsep.join(sys.path),
    }  # fmt: skip
    command = [
        sys.executable,
        "-m",
        "tidegate.training.distributed.worker",
        str(run),
        "resume" if resume else "begin",
    ]
    return subprocess.Popen(
        [*command, *modules],
        env=os.environ | {name: str(value) for name, value in environment.items()},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
    )


def await_ready(started: Sequence[subprocess.Popen[bytes]]) -> None:
    """Wait until all have read their data.

    Raises:
        TrainingError: One of them has ended instead.
    """
    for rank, process in enumerate(started, start=1):
        assert process.stdout is not None
        with process.stdout as stdout:
            line = stdout.readline()
        if line != READY:
            raise TrainingError(
                "a process that should train with this one has ended before it began",
                where=f"process {rank}, exit code {process.wait()}",
                hint="its error stands above; without --processes the same run needs one process only",
            )


def free_port() -> int:
    """A port of this machine that nobody listens at."""
    with closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def end(started: Sequence[subprocess.Popen[bytes]], *, patience: float) -> None:
    """Wait for processes to end, and end those that take longer than so many seconds. They write nothing."""
    until = time.monotonic() + patience
    for process in started:
        try:
            process.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


def restore(before: Mapping[str, str | None]) -> None:
    """Put the environment back."""
    for name, value in before.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
