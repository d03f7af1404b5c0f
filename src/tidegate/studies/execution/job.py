"""One run that is to be made, as it travels to wherever it is made."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tidegate.config.run import RunSpec
from tidegate.studies.callbacks import RunKey

PYTHON = "{python}"
WORKER = (PYTHON, "-m", "tidegate.studies.execution.worker")


def _command_line() -> tuple[str, ...]:
    return Path(sys.argv[0]).name, *sys.argv[1:]


@dataclass(frozen=True)
class Job:
    """One run that is to be made.

    Attributes:
        run: Which one.
        spec: Its whole configuration.
        folder: The study's.
        command: The worker's program and arguments.
        argv: How the study was called: the run's environment.json says so, on another machine too.

    >>> from tidegate.config.run import RunSpec
    >>> job = Job(RunKey("gru", 0), RunSpec(task="classify"), Path("study"), WORKER)
    >>> job.program[1:]
    ('-m', 'tidegate.studies.execution.worker')
    """

    run: RunKey
    spec: RunSpec
    folder: Path
    command: Sequence[str] = WORKER
    argv: Sequence[str] = field(default_factory=_command_line)

    @property
    def program(self) -> tuple[str, ...]:
        """The command as this machine has it: another node may keep its Python elsewhere."""
        return resolved(self.command)


def resolved(command: Sequence[str]) -> tuple[str, ...]:
    """A command with the Python of this process where it says ``{python}``.

    >>> resolved(("echo", "a"))
    ('echo', 'a')
    """
    return tuple(sys.executable if part == PYTHON else part for part in command)
