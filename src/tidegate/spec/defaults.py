"""What each task starts from, under everything that the user says. A new task is an entry of ``TASKS``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tidegate.spec.layers import Output


@dataclass(frozen=True)
class Start:
    """Where a task starts.

    Attributes:
        keys: Tables of the configuration. What is not here keeps the default of its field in
            ``tidegate.spec.run``.
        preset: The network when ``[model]`` names none.
        rows: Height of the input where neither the data nor the user decide it.
        columns: Its width; ``None`` varies.
        output: The output layer that the task needs.
    """

    keys: Mapping[str, Mapping[str, Any]]
    preset: str
    rows: int
    columns: int | None
    output: Output


TASKS: dict[str, Start] = {
    "classify": Start(
        keys={
            "train": {"batch_size": 64, "epochs": 10},
            "optimiser": {"name": "adamw", "learning_rate": 2e-3},
            "schedule": {"name": "one-cycle"},
        },
        preset="cnn",
        rows=28,
        columns=28,
        output=Output(0, "softmax", 0),
    ),
    "transcribe": Start(
        keys={
            "train": {"batch_size": 16, "epochs": 30},
            "optimiser": {"name": "adamw", "learning_rate": 2e-3},
            "schedule": {"name": "one-cycle"},
        },
        preset="cnn-bilstm",
        rows=40,
        columns=None,
        output=Output(1, "ctc", 0),
    ),
}
DEFAULTS = {name: start.keys for name, start in TASKS.items()}
TASK_NAMES = tuple(TASKS)
