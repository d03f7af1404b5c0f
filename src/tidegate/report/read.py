"""Reading result files. A part that is missing is named, one that is broken is an error."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tidegate.errors import BundleError
from tidegate.files import read_json_lines

Json = dict[str, Any]

# What is lost without each file, for the notice in the report.
_LOST = {
    "config.toml": "the configuration",
    "environment.json": "the environment that it ran in",
    "history.jsonl": "the learning curves",
    "metrics.json": "the final figures: the run has not finished, or it was killed",
    "error_analysis.json": "sample answers or texts, worst mistakes and confusions",
    "split.json": "how the data were split",
}


@dataclass(frozen=True)
class RunFiles:
    """What a run folder holds; an absent file is an empty value and a line in ``missing``."""

    folder: Path
    config: str
    environment: Json
    history: list[Json]
    metrics: Json
    error_analysis: Json
    split: Json
    model: Json
    missing: tuple[str, ...]


def read_run(folder: Path) -> RunFiles:
    """Read the result files of a run.

    Raises:
        BundleError: A file is there and cannot be read.
    """
    return RunFiles(
        folder=folder,
        config=read_text(folder / "config.toml"),
        environment=read_json(folder / "environment.json"),
        history=read_history(folder / "history.jsonl"),
        metrics=read_json(folder / "metrics.json"),
        error_analysis=read_json(folder / "error_analysis.json"),
        split=read_json(folder / "split.json"),
        model=read_json(folder / "model" / "model.json"),
        missing=tuple(f"{name}: {what}" for name, what in _LOST.items() if not (folder / name).is_file()),
    )


def task_of(files: RunFiles) -> str:
    """The task of a run, as its results, its configuration or its error analysis say; or empty."""
    told = files.metrics.get("task") or configured(files.config, "task") or files.error_analysis.get("task")
    return str(told or "")


def configured(config: str, *keys: str) -> Any:
    """A value of config.toml; ``None`` where it is not set, or the file is no TOML."""
    try:
        value: Any = tomllib.loads(config)
    except tomllib.TOMLDecodeError:
        return None  # The text is shown as it is; only what would have been read from it is left out.
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def read_text(path: Path) -> str:
    """The text of a file; empty when there is none.

    Raises:
        BundleError: It is not text.
    """
    if not path.is_file():
        return ""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise _broken(path, str(error)) from error


def read_json(path: Path) -> Json:
    """The object in a JSON file; empty when there is none.

    Raises:
        BundleError: It is not JSON, or no object.
    """
    text = read_text(path)
    if not text:
        return {}
    try:
        value: object = json.loads(text)
    except json.JSONDecodeError as error:
        raise _broken(path, str(error)) from error
    if not isinstance(value, dict):
        raise _broken(path, f"a JSON {type(value).__name__} where an object was expected")
    return value


def read_history(path: Path) -> list[Json]:
    """The validations of a run so far, in order; empty when there is no file."""
    return list(read_json_lines(path)) if path.is_file() else []


def network_of(metrics: Json, model: Json) -> str:
    """The network of a run as a VGSL string, from metrics.json or model/model.json; empty when neither tells it."""
    problem = model.get("problem")
    told = metrics.get("spec") or (problem.get("architecture") if isinstance(problem, dict) else None)
    return told if isinstance(told, str) else ""


def _broken(path: Path, reason: str) -> BundleError:
    return BundleError(
        "a result file cannot be read",
        where=str(path),
        got=reason,
        hint="restore the file, or train again",
    )
