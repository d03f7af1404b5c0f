"""The tasks. A new one is a file beside this and a line here."""

from __future__ import annotations

from tidegate.errors import ConfigError
from tidegate.tasks.classify import CLASSIFY
from tidegate.tasks.problem import Task
from tidegate.tasks.transcribe import TRANSCRIBE

TASKS: dict[str, Task] = {task.name: task for task in (CLASSIFY, TRANSCRIBE)}


def task_named(name: str) -> Task:
    """The task of a name.

    Raises:
        ConfigError: There is none.
    """
    if name not in TASKS:
        raise ConfigError("unknown task", where="task", expected=" or ".join(TASKS), came=name)
    return TASKS[name]
