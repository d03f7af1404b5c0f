"""``adding``: a sequence of numbers, two of them marked → the sum of those two (Hochreiter and Schmidhuber 1997).

import tidegate
import long_memory.adding

tidegate.train(task="adding", params={"network": "gru", "hidden": 150, "length": 600}, out="runs/adding")
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from torch import Tensor

import tidegate
from long_memory.generated import TEST, TRAIN, VALID, Generated, Sequences
from long_memory.settings import Settings
from tidegate.config.run import RunSpec
from tidegate.tasks.contract import Baselines, Json, Metrics, Prepared, Task

GUESS = 1.0
"""The mean of the sum of two numbers that are uniform in [0, 1): the best answer without looking."""


def draw(chance: np.random.Generator, count: int, length: int) -> Sequences:
    """Sequences of the adding problem, as Bai, Kolter and Koltun (2018) make them.

    Args:
        chance: The only source of chance.
        count: B.
        length: T, 2 or more.

    Returns:
        ``(B, T, 2)``: numbers uniform in [0, 1), and marks that are 1 once in each half and 0 elsewhere. Targets
        ``(B,)``.
    """
    numbers = chance.random((count, length), dtype=np.float32)
    marks = np.zeros_like(numbers)
    rows, half = np.arange(count), length // 2
    marks[rows, chance.integers(0, half, count)] = 1
    marks[rows, chance.integers(half, length, count)] = 1
    inputs = np.stack([numbers, marks], axis=2)
    return Sequences(torch.from_numpy(inputs), torch.from_numpy((numbers * marks).sum(1)))


@dataclass(frozen=True)
class Adding(Generated):
    """The problem: one number a sequence, squared error."""

    task = "adding"
    inputs = 2
    outputs = 1
    every_step = False

    @property
    def definition(self) -> str:
        """What the figures mean."""
        return "mean squared error of the sum of two numbers that are uniform in [0, 1)"

    def make(self, chance: np.random.Generator, count: int) -> Sequences:
        """Draw sequences."""
        return draw(chance, count, self.settings.length)

    def losses(self, answers: Tensor, targets: Tensor) -> Tensor:
        """Squared errors ``(B,)`` of answers ``(B, 1)``."""
        return (answers[:, 0] - targets).square()

    def metrics(self, loss: float, answers: Tensor, targets: Tensor) -> Metrics:
        """The mean squared error."""
        return {"mse": loss}


def guess(problem: Adding) -> Baselines:
    """The mean as the answer to every test sequence; 1/6 is expected."""
    targets = torch.cat([batch.targets for batch in problem.split(TEST).held_out()])
    return Baselines({"always 1": {"mse": float((targets.double() - GUESS).square().mean())}})


class _Sequences(Task):
    name = "adding"
    summary = "numbers, two of them marked → their sum"
    primary = "mse"
    lower_is_better = True

    def prepare(self, spec: RunSpec) -> Prepared:
        """The problem that ``[params]`` describes, and its three portions."""
        problem = Adding(Settings.read(spec.params, shortest=2))
        splits = {"train": problem.split(TRAIN), "valid": problem.split(VALID), "test": problem.split(TEST)}
        record = {"made": "adding", "length": problem.settings.length}
        return Prepared(spec, problem, splits, record, baselines=partial(guess, problem))

    def restore(self, data: Json, spec: RunSpec) -> Adding:
        """Make the problem again from model.json."""
        return Adding(Settings.read(data["settings"], shortest=2))


ADDING = _Sequences()
tidegate.register(
    ADDING,
    keys={
        "train": {"batch_size": 32, "epochs": 10},
        "optimiser": {"name": "adam", "learning_rate": 2e-3, "clip_norm": 1.0, "weight_decay": 0.0},
        "schedule": {"name": "one-cycle", "warmup": 0.1, "final": 0.01},
    },
)
