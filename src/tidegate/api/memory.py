"""Data that a caller hands over in place of paths: told from paths, put behind the keys of ``[data]``, known again."""

from __future__ import annotations

from collections.abc import Mapping
from os import fspath
from pathlib import Path
from typing import Any, cast

from tidegate.config.nearest import nearest
from tidegate.config.registry import settings_of
from tidegate.config.run import RunSpec
from tidegate.config.tables import MEMORY, DataSpec
from tidegate.data.digest import digest_of
from tidegate.data.memory import PARTS, InMemory, Reference, described, is_path
from tidegate.errors import CheckpointError, ConfigError, DataError
from tidegate.tasks.contract import Task
from tidegate.tasks.registry import task_named

LONGEST = 255
"""Characters of a path, at most, where a string could be a text too."""


def keys_and_paths(data: Any) -> dict[str, Any]:
    """What of ``data`` belongs into the table ``[data]``: of a dictionary all but data in memory.

    Raises:
        DataError: Data in memory stand under a key that names no data.

    >>> keys_and_paths({"train": ["a", "b"], "valid": "b/", "split": "8/2"}), keys_and_paths(["a", "b"])
    ({'valid': 'b/', 'split': '8/2'}, {})
    """
    if not isinstance(data, Mapping):
        return {}
    given = cast(Mapping[Any, Any], data)
    for key, value in given.items():
        if key not in DataSpec.model_fields and not isinstance(value, bool | int | float | str | None):
            guess = nearest(str(key), PARTS)
            raise DataError(
                "data stand under a key that names none",
                where=f"data[{key!r}]",
                expected=f"{', '.join(PARTS)}, or a key of [data]",
                got=described(value),
                hint=f"did you mean {guess}?"
                if guess
                else 'name the part: data={"train": (X, y), "valid": …}',
            )
    return {key: value for key, value in given.items() if key not in PARTS or _names(value)}


def with_memory(spec: RunSpec, data: Any) -> RunSpec:
    """A specification with what of ``data`` is in memory; a single path or data without a key are those of training.

    Raises:
        ConfigError: The task takes no data in memory.
        DataError: They hold something that has no digest, or are a string that is neither path nor text.
    """
    task = task_named(spec.task)
    held = _held(task, data)
    if held is None:
        return spec
    if task.reads_text and isinstance(held, str) and not Path(held).exists():
        raise DataError(
            "no such file or folder",
            where=held,
            hint="check the path; a text itself stands in a list, data=[text], if it is a short one",
        )
    table, values = spec.data, held if isinstance(held, dict) else {}
    if not isinstance(held, dict):
        # What is given is all the data, whatever a file names.
        key = settings_of(spec.task).data_key if spec.data.split is None else "source"
        path = held if isinstance(held, str) else None
        table = table.model_copy(update={**dict.fromkeys(PARTS), key: path})
        values = {key: held.value} if isinstance(held, InMemory) else {}
    values = {key: one for key, one in spec.data.memory.items() if getattr(table, key) == MEMORY} | values
    if values:
        _check_takes(task)
        if table.format != "auto":
            raise ConfigError(
                "data in memory have no format", where="data.format", expected="auto", got=table.format
            )
        table = table.holding(values, digest_of(values))
    elif MEMORY not in [getattr(table, key) for key in PARTS]:
        table = table.model_copy(update={"digest": None})
    return spec.model_copy(update={"data": table})


def with_same_memory(spec: RunSpec, data: Any, run: str) -> RunSpec:
    """The specification of a run that was stopped, with the data in memory that it began with.

    Args:
        spec: As config.toml has it.
        data: As they were given to ``train``; ``None``: none are given.
        run: What errors call the run.

    Raises:
        CheckpointError: Data in memory are missing, too many, or others.
    """
    keys = [key for key in PARTS if getattr(spec.data, key) == MEMORY]
    if not keys and data is None:
        return spec
    if data is None:
        raise CheckpointError(
            "the run was trained on data in memory, and needs them again",
            where=run,
            expected=f"data ({', '.join(keys)}) with the digest {spec.data.digest}",
            got="none",
            hint=f"tidegate.resume({run!r}, data=…) from Python, with the data that train was given",
        )
    held = _held(task_named(spec.task), data)
    if isinstance(held, InMemory):
        held = {keys[0]: held.value} if len(keys) == 1 else {"source": held.value}
    values = held if isinstance(held, dict) else {}
    if sorted(values) != sorted(keys):
        raise CheckpointError(
            "the run began with other parts in memory",
            where=run,
            expected=", ".join(keys) or "paths only, which config.toml names",
            got=", ".join(values) or described(data),
            hint="give the data that train was given" if keys else "leave data out",
        )
    digest = digest_of(values)
    if digest != spec.data.digest:
        raise CheckpointError(
            "the data are not those that the run began with",
            where=run,
            expected=f"digest {spec.data.digest}",
            got=f"digest {digest}",
            hint="give the same data, or train anew into another folder",
        )
    return spec.model_copy(update={"data": spec.data.holding(values, digest)})


def to_measure(task: Task, data: Any) -> Reference:
    """What ``evaluate`` was given: a path, or data in memory.

    Raises:
        ConfigError: The task takes no data in memory.
    """
    held = _held(task, data)
    if isinstance(held, str):
        return held
    _check_takes(task)
    return held if isinstance(held, InMemory) else InMemory(data)


def _held(task: Task, data: Any) -> str | InMemory | dict[str, Any] | None:
    """A path, data without a key, or data by their keys."""
    if data is None:
        return None
    if isinstance(data, Mapping):
        given = cast(Mapping[str, Any], data)
        parts = {key: given[key] for key in PARTS if given.get(key) is not None}
        return {key: one for key, one in parts.items() if not _names(one) or _is_text(task, one)}
    return InMemory(data) if not is_path(data) or _is_text(task, data) else fspath(data)


def _names(value: Any) -> bool:
    return value is None or is_path(value)


def _is_text(task: Task, value: Any) -> bool:
    """Whether a string is a text and not the path of one: it has several lines, or is too long for a path."""
    return task.reads_text and isinstance(value, str) and ("\n" in value or len(value) > LONGEST)


def _check_takes(task: Task) -> None:
    if not task.in_memory:
        raise ConfigError(
            f"the task {task.name} takes no data in memory",
            where="data",
            expected="paths",
            hint='write the data to files and name them: data={"train": PATH}',
        )
