"""history.jsonl: one line a validation."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tidegate.files import append_json_line, whole_lines
from tidegate.results.record import Record, Values


@dataclass(frozen=True)
class HistoryLine(Record):
    """One validation of a run.

    Attributes:
        epoch: passes over the training data, with fraction
        step: optimiser steps
        seconds: since the run began, earlier parts of a resumed run included
        cpu_seconds: the same, of all threads
        learning_rate: of the last step
        train_loss: mean since the last validation
        gradient_norm: of the last step, before clipping
        samples_per_second: training: images, sentences, symbols, windows of series or of signals, or whole signals
        valid: the metrics of the task and `loss`
        best: whether this is the best so far
    """

    epoch: float
    step: int
    seconds: float
    cpu_seconds: float
    learning_rate: float
    train_loss: float | None
    gradient_norm: float | None
    samples_per_second: float | None
    valid: Values
    best: bool

    def append(self, path: Path) -> None:
        """Add the line to a file, whole or not at all."""
        append_json_line(path, self.to_json())


def read_history(path: Path) -> list[HistoryLine]:
    """The validations of a run so far, in order; none when there is no file.

    Raises:
        BundleError: A line cannot be read.
    """
    lines = whole_lines(path) if path.is_file() else []
    return [
        HistoryLine.from_json(line, f"{path}, line {number}") for number, line in enumerate(lines, start=1)
    ]
