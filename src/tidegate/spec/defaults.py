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
            "train": {"batch_size": 64, "epochs": 15, "average": 0.998},
            "optimiser": {"name": "adamw", "learning_rate": 2e-3},
            "schedule": {"name": "one-cycle", "final": 0.01},
        },
        preset="cnn",
        rows=28,
        columns=28,
        output=Output(0, "softmax", 0),
    ),
    "transcribe": Start(
        keys={
            # CTC leaves its plateau of blanks soonest with small batches, a high rate and a short climb:
            # studies/uw3-lines/README.md.
            "train": {"batch_size": 8, "epochs": 40, "average": 0.997},
            "optimiser": {"name": "adamw", "learning_rate": 4e-3, "clip_norm": 5.0},
            "schedule": {"name": "one-cycle", "warmup": 0.03, "final": 0.01},
            "augment": {
                "shift": 0.05,
                "scale": 0.1,
                "rotation": 0.4,
                "shear": 8.0,
                "elastic": 0.015,
                "stroke": 0.3,
                "contrast": 0.2,
                "noise": 0.1,
            },
        },
        preset="cnn-bilstm",
        rows=40,
        columns=None,
        output=Output(1, "ctc", 0),
    ),
}
DEFAULTS = {name: start.keys for name, start in TASKS.items()}
TASK_NAMES = tuple(TASKS)
