"""The tasks as implementations: each is imported when it is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tidegate.config import registry
from tidegate.config.section import Section
from tidegate.config.task import Params, TaskSettings, referenced
from tidegate.tasks.contract import Task


def register(
    task: Task,
    keys: Mapping[str, Mapping[str, Any]] | None = None,
    settings: type[Section] = Params,
) -> None:
    """Add a task of one's own: ``train``, ``resume``, ``load`` and studies in this process then know it by its name.

    Its problem may build any network.

    Args:
        task: Its name must not be that of a task of Tidegate's. A task of one's own of this name is replaced, so that
            a cell of a notebook can be run again.
        keys: Tables of the configuration that suit it, under everything that a user says.
        settings: The class of its table, which has its name. Without one its keys stand in ``[params]``, which takes any,
            and ``RunSpec.params`` has them.

    Raises:
        ConfigError: Tidegate has a task of this name.
    """
    registry.register(TaskSettings(task.name, task.summary, settings, task=task, defaults=keys or {}))


def task_named(name: str) -> Task:
    """The task of a name.

    Raises:
        ConfigError: There is none.
    """
    return referenced(registry.settings_of(name).task)
