"""Reading a run folder: what its error analysis holds, its task's page knows."""

from __future__ import annotations

from pathlib import Path

from tidegate.report.read import RunFiles, network_of, read_json, read_text
from tidegate.report.tasks.registry import page_of
from tidegate.results.analysis.samples import ErrorAnalysis
from tidegate.results.environment import Environment
from tidegate.results.history import read_history
from tidegate.results.metrics import RunMetrics

# What is lost without each file, for the notice in the report.
_LOST = {
    "config.toml": "the configuration",
    "environment.json": "the environment that it ran in",
    "history.jsonl": "the learning curves",
    "metrics.json": "the final figures: the run has not finished, or it was killed",
    "error_analysis.json": "sample answers or texts, worst mistakes and confusions",
    "split.json": "how the data were split",
}


def read_run(folder: Path) -> RunFiles:
    """Read the result files of a run.

    Raises:
        BundleError: A file is there and cannot be read.
    """
    return RunFiles(
        folder=folder,
        config=read_text(folder / "config.toml"),
        environment=Environment.find(folder / "environment.json"),
        history=read_history(folder / "history.jsonl"),
        metrics=RunMetrics.find(folder / "metrics.json"),
        error_analysis=read_analysis(folder / "error_analysis.json"),
        split=read_json(folder / "split.json"),
        network=network_of(folder),
        missing=tuple(f"{name}: {what}" for name, what in _LOST.items() if not (folder / name).is_file()),
    )


def read_analysis(path: Path) -> ErrorAnalysis | None:
    """The error analysis of a run, of the type that its task has; ``None`` when there is no file.

    Raises:
        BundleError: It cannot be read, or holds something else than that type.
    """
    if not path.is_file():
        return None
    return page_of(str(read_json(path).get("task", ""))).analysis.read(path)
