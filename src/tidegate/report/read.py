"""What a run folder holds. A part that is missing is named, one that is broken is an error."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tidegate.errors import BundleError
from tidegate.results.analysis.samples import ErrorAnalysis
from tidegate.results.environment import Environment
from tidegate.results.history import HistoryLine
from tidegate.results.metrics import RunMetrics
from tidegate.results.model import ModelDescription

Json = dict[str, Any]


@dataclass(frozen=True)
class RunFiles:
    """What a run folder holds; an absent file is ``None`` or empty, and a line in ``missing``.

    Attributes:
        folder: Of the run.
        config: The text of config.toml.
        environment: What it ran on.
        history: Validations.
        metrics: Final ones.
        error_analysis: Of the task's own type.
        split: How the data were split, in the task's own words.
        network: As a VGSL string.
        missing: Files that are not there, and what is lost without them.
    """

    folder: Path
    config: str
    environment: Environment | None
    history: list[HistoryLine]
    metrics: RunMetrics | None
    error_analysis: ErrorAnalysis | None
    split: Json
    network: str
    missing: tuple[str, ...]

    @property
    def task(self) -> str:
        """As its metrics, its configuration or its error analysis say; or empty."""
        return (
            (self.metrics.task if self.metrics else "")
            or configured(self.config, "task")
            or (self.error_analysis.task if self.error_analysis else "")
        )


def configured(config: str, *keys: str) -> str:
    """A text of config.toml; empty where it is not set, or the file is no TOML."""
    try:
        value: object = tomllib.loads(config)
        for key in keys:
            value = value[key] if isinstance(value, dict) else None
    except (ValueError, RecursionError, LookupError):
        return ""  # The text is shown as it is; only what would have been read from it is left out.
    return value if isinstance(value, str) else ""


def read_text(path: Path) -> str:
    """The text of a file; empty when there is none.

    Raises:
        BundleError: It is not text.
    """
    if not path.is_file():
        return ""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
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
    except (ValueError, RecursionError) as error:
        raise _broken(path, str(error)) from error
    if not isinstance(value, dict):
        raise _broken(path, f"a JSON {type(value).__name__} where an object was expected")
    return value


def network_of(run: Path) -> str:
    """The network of a run as a VGSL string, from model/model.json; empty where that is not there."""
    described = ModelDescription.find(run / "model" / "model.json")
    return described.network if described else ""


def _broken(path: Path, reason: str) -> BundleError:
    return BundleError(
        "a result file cannot be read",
        where=str(path),
        got=reason,
        hint="restore the file, or train again",
    )
