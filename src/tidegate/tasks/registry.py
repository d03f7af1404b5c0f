"""The tasks. A new one is a file beside this and a line here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tidegate.config.defaults import TASKS as STARTS
from tidegate.config.defaults import Start
from tidegate.errors import ConfigError
from tidegate.tasks.contract import Task
from tidegate.tasks.forecast.task import FORECAST
from tidegate.tasks.images.classify import CLASSIFY
from tidegate.tasks.images.transcribe import TRANSCRIBE
from tidegate.tasks.language.task import LANGUAGE
from tidegate.tasks.signal.task import SIGNAL
from tidegate.tasks.tag.task import TAG

TASKS: dict[str, Task] = {task.name: task for task in (CLASSIFY, TRANSCRIBE, TAG, LANGUAGE, FORECAST, SIGNAL)}


_BUILT_IN = frozenset(TASKS)


def register(task: Task, keys: Mapping[str, Mapping[str, Any]] | None = None) -> None:
    """Add a task of one's own: ``train``, ``resume``, ``load`` and studies in this process then know it by its name.

    Its problem may build any network; its own settings are the table ``[own]``, which takes any key.

    Args:
        task: Its name must not be that of a task of Tidegate's. A task of one's own of this name is replaced, so that
            a cell of a notebook can be run again.
        keys: Tables of the configuration that suit it, under everything that a user says.

    Raises:
        ConfigError: Tidegate has a task of this name.
    """
    if task.name in _BUILT_IN:
        raise ConfigError(
            "Tidegate has a task of this name", where="register", got=task.name, hint="choose another"
        )
    TASKS[task.name] = task
    STARTS[task.name] = Start(keys=keys or {})


def task_named(name: str) -> Task:
    """The task of a name.

    Raises:
        ConfigError: There is none.
    """
    if name not in TASKS:
        raise ConfigError("unknown task", where="task", expected=" or ".join(TASKS), got=name)
    return TASKS[name]
