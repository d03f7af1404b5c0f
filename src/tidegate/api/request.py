"""The Python face's way to name a run: a file, a specification, or keys, on top of each other."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tidegate.api.memory import keys_and_paths, with_memory
from tidegate.config.resolve import resolve
from tidegate.config.run import RunSpec
from tidegate.config.study_table import split_study
from tidegate.config.toml import load

Config = RunSpec | Mapping[str, Any] | Path | str


def specification(config: Config | None, keys: Mapping[str, Any]) -> RunSpec:
    """A complete specification from a configuration and keys that change it.

    Args:
        config: A TOML file, a table, a specification, or nothing.
        keys: Tables on top, named as in the TOML file. ``data`` may be data themselves, or hold them in place of paths.

    Raises:
        ConfigError: A key is unknown, or a value does not fit.
        DataError: Data stand under a key that names none.

    >>> specification({"task": "classify"}, {"train": {"epochs": 3}}).train.epochs
    3
    """
    tables: list[Mapping[str, Any]] = []
    if isinstance(config, RunSpec):
        tables.append(config.model_dump())
    elif isinstance(config, str | Path):
        tables.append(split_study(load(Path(config)))[0])
    elif config is not None:
        tables.append(_without_memory(config))
    spec = resolve(*tables, _without_memory(keys))
    if isinstance(config, Mapping):
        spec = with_memory(spec, config.get("data"))
    return with_memory(spec, keys.get("data"))


def _without_memory(table: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**table, "data": keys_and_paths(table["data"])} if "data" in table else table
