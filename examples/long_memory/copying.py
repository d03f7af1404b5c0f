"""``copying``: ten symbols, then a long wait → the ten symbols again (Arjovsky, Shah and Bengio 2016).

import tidegate
import long_memory.copying

tidegate.train(task="copying", params={"network": "tcn", "hidden": 10, "length": 1000}, out="runs/copying")
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

import tidegate
from long_memory.generated import TEST, TRAIN, VALID, Generated, Sequences
from long_memory.settings import Settings
from tidegate.config.run import RunSpec
from tidegate.tasks.contract import Baselines, Json, Metrics, Prepared, Task

BLANK, SYMBOLS, DELIMITER = 0, 8, 9
COPIED = 10
"""Symbols to keep."""


def draw(chance: np.random.Generator, count: int, length: int) -> Sequences:
    """Sequences of the copy-memory problem, as Bai, Kolter and Koltun (2018) make them.

    Ten symbols of 1 to 8, T - 1 blanks, eleven delimiters: the first says that the wait is over, and while the other ten
    are read the symbols are asked for. Everywhere else the answer is a blank.

    Args:
        chance: The only source of chance.
        count: B.
        length: T, of which the whole is T + 20 steps.

    Returns:
        One-hot inputs ``(B, T + 20, 10)``, and the symbols that are right at each step, ``(B, T + 20)`` int64.
    """
    symbols = chance.integers(1, SYMBOLS + 1, (count, COPIED))
    read = np.full((count, length + 2 * COPIED), BLANK)
    read[:, :COPIED] = symbols
    read[:, -COPIED - 1 :] = DELIMITER
    right = np.full_like(read, BLANK)
    right[:, -COPIED:] = symbols
    return Sequences(
        functional.one_hot(torch.from_numpy(read), DELIMITER + 1).float(), torch.from_numpy(right)
    )


@dataclass(frozen=True)
class Copying(Generated):
    """The problem: a symbol a step, cross-entropy."""

    task = "copying"
    inputs = DELIMITER + 1
    outputs = SYMBOLS + 1
    every_step = True

    @property
    def symbols(self) -> int:
        """What can be answered at a step."""
        return SYMBOLS + 1

    @property
    def definition(self) -> str:
        """What the figures mean."""
        return "cross-entropy in nats, a mean over all T + 20 steps; recall: how many of the ten symbols are right"

    def make(self, chance: np.random.Generator, count: int) -> Sequences:
        """Draw sequences."""
        return draw(chance, count, self.settings.length)

    def losses(self, answers: Tensor, targets: Tensor) -> Tensor:
        """Mean cross-entropies ``(B,)`` of scores ``(B, T + 20, K)``."""
        each = functional.cross_entropy(answers.flatten(0, 1), targets.flatten(), reduction="none")
        return each.view_as(targets).mean(1)

    def metrics(self, loss: float, answers: Tensor, targets: Tensor) -> Metrics:
        """Cross-entropy, and how many of the ten symbols come back."""
        right = answers[:, -COPIED:].argmax(2) == targets[:, -COPIED:]
        return {"cross_entropy": loss, "recall": float(right.double().mean())}


def without_memory(length: int) -> float:
    """The least cross-entropy without memory: sure of every blank, and a guess among eight at the ten last steps.

    >>> round(without_memory(1000), 4)
    0.0204
    """
    return COPIED * math.log(SYMBOLS) / (length + 2 * COPIED)


class _Sequences(Task):
    name = "copying"
    summary = "ten symbols, a long wait → the ten symbols"
    primary = "cross_entropy"
    lower_is_better = True

    def prepare(self, spec: RunSpec) -> Prepared:
        """The problem that ``[params]`` describes, and its three portions."""
        problem = Copying(Settings.read(spec.params))
        length = problem.settings.length
        splits = {"train": problem.split(TRAIN), "valid": problem.split(VALID), "test": problem.split(TEST)}
        trivial = Baselines({"no memory": {"cross_entropy": without_memory(length), "recall": 1 / SYMBOLS}})
        return Prepared(
            spec, problem, splits, {"made": "copying", "length": length}, baselines=lambda: trivial
        )

    def restore(self, data: Json, spec: RunSpec) -> Copying:
        """Make the problem again from model.json."""
        return Copying(Settings.read(data["settings"]))


COPYING = _Sequences()
tidegate.register(
    COPYING,
    keys={
        "train": {"batch_size": 32, "epochs": 10},
        "optimiser": {"name": "adam", "learning_rate": 2e-3, "clip_norm": 1.0, "weight_decay": 0.0},
        "schedule": {"name": "one-cycle", "warmup": 0.1, "final": 0.01},
    },
)
