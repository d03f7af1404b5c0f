"""The tasks. A new one is a file in ``tidegate.config.tasks`` and a line here; from outside it is an entry point.

An installed package names its ``TaskSettings`` in the entry-point group ``tidegate.tasks``; a notebook calls
``tidegate.register``. A task's file is imported when its settings are asked for.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib.metadata import EntryPoint, entry_points

from tidegate.config.nearest import did_you_mean
from tidegate.config.task import TaskSettings, referenced
from tidegate.errors import ConfigError

BUILT_IN = {
    "classify": "tidegate.config.tasks.classify:CLASSIFY",
    "transcribe": "tidegate.config.tasks.transcribe:TRANSCRIBE",
    "tag": "tidegate.config.tasks.tag:TAG",
    "language": "tidegate.config.tasks.language:LANGUAGE",
    "forecast": "tidegate.config.tasks.forecast:FORECAST",
    "signal": "tidegate.config.tasks.signal:SIGNAL",
    "document": "tidegate.config.tasks.document:DOCUMENT",
}
GROUP = "tidegate.tasks"
_registered: dict[str, TaskSettings] = {}


def settings_of(task: str) -> TaskSettings:
    """The record of a task.

    Raises:
        ConfigError: There is none of this name, or an installed package offers one that cannot be used.

    Example:
        >>> settings_of("language").causal
        True
    """
    if task in BUILT_IN:
        return referenced(BUILT_IN[task])
    if task in _registered:
        return _registered[task]
    if task in _installed():
        return _loaded(task)
    names = task_names()
    raise ConfigError(
        f"there is no task {task}",
        where="task",
        expected=f"one of: {', '.join(names)}",
        got=repr(task),
        hint=did_you_mean(task, names),
    )


def task_names() -> list[str]:
    """All tasks: Tidegate's own, those of installed packages, those that were registered.

    Example:
        >>> task_names()[:2]
        ['classify', 'transcribe']
    """
    return list(dict.fromkeys((*BUILT_IN, *_installed(), *_registered)))


def all_settings() -> list[TaskSettings]:
    """The records of all tasks.

    Raises:
        ConfigError: An installed package offers a task that cannot be used.
    """
    return [settings_of(name) for name in task_names()]


def register(settings: TaskSettings) -> None:
    """Add a task in this process; one that was registered under its name is replaced.

    Raises:
        ConfigError: Tidegate has a task of this name.
    """
    if settings.name in BUILT_IN:
        raise ConfigError(
            "Tidegate has a task of this name", where="register", got=settings.name, hint="choose another"
        )
    _registered[settings.name] = settings


def unregister(name: str) -> TaskSettings:
    """Take a task out that ``register`` added, and return its record."""
    return _registered.pop(name)


def forget_installed() -> None:
    """Look anew, when next asked, at what packages are installed."""
    _installed.cache_clear()
    _loaded.cache_clear()


@cache
def _installed() -> dict[str, EntryPoint]:
    found: dict[str, EntryPoint] = {}
    for point in _points():
        if point.name in BUILT_IN:
            raise _refused(point, "it has the name of a task of Tidegate's")
        if point.name in found:
            raise _refused(point, f"so does {_distribution(found[point.name])}")
        found[point.name] = point
    return found


def _points() -> Iterable[EntryPoint]:
    return entry_points(group=GROUP)


@cache
def _loaded(task: str) -> TaskSettings:
    point = _installed()[task]
    try:
        settings = point.load()
    except Exception as error:
        raise _refused(point, f"it cannot be imported: {error!r}") from error
    if not isinstance(settings, TaskSettings):
        raise _refused(point, f"it is no TaskSettings but {settings!r}")
    if settings.name != task:
        raise _refused(point, f"its record calls it {settings.name}")
    return settings


def _refused(point: EntryPoint, why: str) -> ConfigError:
    return ConfigError(
        f"the installed package {_distribution(point)} offers a task {point.name} that cannot be used: {why}",
        where=f"entry point {point.name} = {point.value} of the group {GROUP}",
        hint=f"update {_distribution(point)}, or uninstall it",
    )


def _distribution(point: EntryPoint) -> str:
    return "?" if point.dist is None else point.dist.name
