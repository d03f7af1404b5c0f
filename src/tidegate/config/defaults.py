"""What each task starts from, under everything that the user says. A new task is an entry of ``TASKS``.

Tasks of somebody's own are added by ``tidegate.register``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tidegate.network.layers import Output, OutputKind


@dataclass(frozen=True)
class Start:
    """Where a task starts.

    Attributes:
        keys: Tables of the configuration. What is not here keeps the default of its field in
            ``tidegate.config.run``.
        preset: The network when ``[model]`` names none.
        recurrent: The same when ``[model]`` has a key of recurrent networks, such as ``cell``.
        unconvolved: The same when ``model.conv`` is ``none``.
        rows: Height of the input where neither the data nor the user decide it.
        columns: Its width; ``None`` varies.
        output: The output layer that the task needs, unless the preset brings its own.
        kinds: The kinds of output layer that suit it.
        embeds: Whether the network reads a sequence, an image of one row: words, symbols or values, whose channels are
            the features of an embedding or of the data.
    """

    keys: Mapping[str, Mapping[str, Any]]
    preset: str = "lstm"
    recurrent: str = "lstm"
    unconvolved: str = "lstm"
    rows: int = 1
    columns: int | None = None
    output: Output = field(default=Output(1, "linear", 0))
    kinds: tuple[OutputKind, ...] = ("softmax", "linear", "ctc", "crf")
    embeds: bool = False


TASKS: dict[str, Start] = {
    "classify": Start(
        keys={
            "train": {"batch_size": 64, "epochs": 15, "average": 0.998},
            "optimiser": {"name": "adamw", "learning_rate": 2e-3},
            "schedule": {"name": "one-cycle", "final": 0.01},
        },
        preset="cnn",
        recurrent="cnn-bilstm",
        unconvolved="bilstm",
        rows=28,
        columns=28,
        output=Output(0, "softmax", 0),
        kinds=("softmax", "linear"),
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
        recurrent="cnn-bilstm",
        unconvolved="bilstm",
        rows=40,
        columns=None,
        output=Output(1, "ctc", 0),
        kinds=("ctc",),
    ),
    "tag": Start(
        keys={
            "train": {"batch_size": 16, "epochs": 12, "average": 0.998},
            "optimiser": {"name": "adamw", "learning_rate": 2e-3, "clip_norm": 5.0},
            "schedule": {"name": "one-cycle", "warmup": 0.1, "final": 0.01},
        },
        preset="bilstm-crf",
        recurrent="bilstm-crf",
        unconvolved="bilstm-crf",
        rows=1,
        columns=None,
        output=Output(1, "softmax", 0),
        kinds=("softmax", "linear", "crf"),
        embeds=True,
    ),
    "language": Start(
        keys={
            "data": {"order": "kept"},
            "train": {"batch_size": 32, "epochs": 20, "average": 0.995},
            "optimiser": {"name": "adamw", "learning_rate": 3e-3, "clip_norm": 0.5},
            "schedule": {"name": "one-cycle", "warmup": 0.1, "final": 0.01},
        },
        preset="lstm",
        recurrent="lstm",
        unconvolved="lstm",
        rows=1,
        columns=None,
        output=Output(1, "softmax", 0),
        kinds=("softmax",),
        embeds=True,
    ),
    "forecast": Start(
        keys={
            "train": {"batch_size": 64, "epochs": 20, "patience": 5},
            "optimiser": {"name": "adamw", "learning_rate": 1e-3, "clip_norm": 1.0},
            "schedule": {"name": "one-cycle", "warmup": 0.1, "final": 0.01},
        },
        preset="gru",
        recurrent="gru",
        unconvolved="gru",
        rows=1,
        columns=None,
        output=Output(0, "linear", 0),
        kinds=("linear",),
        embeds=True,
    ),
    "signal": Start(
        keys={
            "train": {"batch_size": 32, "epochs": 60, "average": 0.99},
            "optimiser": {"name": "adamw", "learning_rate": 2e-3, "clip_norm": 5.0},
            "schedule": {"name": "one-cycle", "warmup": 0.1, "final": 0.01},
        },
        preset="fcn",
        recurrent="bilstm",
        unconvolved="bilstm",
        rows=1,
        columns=None,
        output=Output(0, "softmax", 0),
        kinds=("softmax", "linear"),
        embeds=True,
    ),
}
DEFAULTS = {name: start.keys for name, start in TASKS.items()}
TASK_NAMES = tuple(TASKS)
