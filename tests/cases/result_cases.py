"""Results with values that do not matter, but for those that a test gives."""

from __future__ import annotations

from typing import Any

from tidegate.results.history import HistoryLine
from tidegate.results.metrics import Best, RunMetrics


def validation(**given: Any) -> HistoryLine:
    """A line of history.jsonl."""
    whole = {
        "epoch": 0.0,
        "step": 0,
        "seconds": 0.0,
        "cpu_seconds": 0.0,
        "learning_rate": 0.1,
        "train_loss": 1.0,
    }
    return HistoryLine(
        **{**whole, "gradient_norm": 1.0, "samples_per_second": 1.0, "valid": {}, "best": False, **given}
    )


def run_metrics(**given: Any) -> RunMetrics:
    """The content of metrics.json."""
    whole: dict[str, Any] = {
        "task": "classify", "primary": "accuracy", "lower_is_better": False, "valid": {"accuracy": 0.9},
        "best": Best(1.0, 1), "seconds": 1.0, "cpu_seconds": 1.0, "epochs": 1.0, "steps": 1, "stopped": "epochs",
        "parameters": 1,
    }  # fmt: skip
    return RunMetrics(**{**whole, **given})
