"""What both tasks share: sequences that are made when asked for, and the parts of a problem that need no thought."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor, nn

from long_memory.layers import layers_of
from long_memory.networks import make_network
from long_memory.settings import Settings
from tidegate.errors import ConfigError
from tidegate.network.layers import Architecture
from tidegate.tasks.contract import Carried, EvalResult, Json, Metrics, Problem, place_of
from tidegate.tasks.prediction.rows import Prediction, Predictions

TRAIN, VALID, TEST = 0, 1, 2
"""The first number of every seed, so that no two portions are made of the same random numbers."""
AT_ONCE = 100
"""Sequences of a held-out portion that are made and read at a time."""


@dataclass(frozen=True)
class Sequences:
    """Some sequences with their answers.

    Attributes:
        inputs: ``(B, T, F)``.
        targets: Their answers; the first axis is B.
    """

    inputs: Tensor
    targets: Tensor

    @property
    def samples(self) -> int:
        """B."""
        return len(self.inputs)


Make = Callable[[np.random.Generator, int], Sequences]
"""Makes a number of sequences; the generator is its only source of chance."""


class Made:
    """A portion of made sequences, as ``tidegate.tasks.contract.Split`` asks for one.

    An entry of a plan names the seed of a batch and its size. It alone decides the batch, so that a run that was killed
    goes on with the sequences that it would have seen.

    Args:
        make: The task's generator.
        portion: ``TRAIN``, ``VALID`` or ``TEST``.
        count: Sequences of an epoch of training, or in all.
        length: T, for reports.

    >>> made = Made(lambda chance, count: Sequences(torch.zeros(count, 9, 2), torch.zeros(count)), TRAIN, 10, 9)
    >>> made.plan(batch_size=4, seed=7, epoch=3)
    [[0, 7, 3, 0, 4], [0, 7, 3, 1, 4], [0, 7, 3, 2, 2]]
    """

    def __init__(self, make: Make, portion: int, count: int, length: int) -> None:
        self._make, self._portion, self._count, self._length = make, portion, count, length

    def __len__(self) -> int:
        return self._count

    def sizes(self) -> Sequence[int]:
        """T of each."""
        return [self._length] * self._count

    def plan(self, batch_size: int, seed: int, epoch: int) -> list[list[int]]:
        """``[portion, seed, epoch, number, size]`` of each batch."""
        starts = range(0, self._count, batch_size)
        return [
            [self._portion, seed, epoch, number, min(batch_size, self._count - start)]
            for number, start in enumerate(starts)
        ]

    def batch(self, indices: Sequence[int]) -> Sequences:
        """Make what one entry of the plan names."""
        *seed, size = indices
        return self._make(np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed))), size)

    def held_out(self) -> Iterator[Sequences]:
        """All sequences of a held-out portion, the same for every run."""
        return (self.batch(entry) for entry in self.plan(AT_ONCE, seed=0, epoch=0))


@dataclass(frozen=True)
class Generated(Problem):
    """A problem over made sequences; a task says what they are and what its loss and its figures are.

    Attributes:
        settings: The table ``[params]``.
        architecture: The network as data, for reports.
        inputs: F.
        outputs: K.
        every_step: Whether there is an answer at every step, or one a sequence.
    """

    settings: Settings
    architecture: Architecture = field(init=False)
    inputs: ClassVar[int]
    outputs: ClassVar[int]
    every_step: ClassVar[bool]

    def __post_init__(self) -> None:
        layers = layers_of(self.settings, self.inputs, self.outputs, every_step=self.every_step)
        object.__setattr__(self, "architecture", layers)

    def make(self, chance: np.random.Generator, count: int) -> Sequences:
        """Draw sequences with their answers."""
        raise NotImplementedError

    def losses(self, answers: Tensor, targets: Tensor) -> Tensor:
        """What is wrong with each sequence ``(B,)``; their mean is learnt and measured."""
        raise NotImplementedError

    def metrics(self, loss: float, answers: Tensor, targets: Tensor) -> Metrics:
        """The figures of a portion."""
        raise NotImplementedError

    def network(self) -> nn.Module:
        """The network that the settings name."""
        return make_network(self.settings, self.inputs, self.outputs, every_step=self.every_step)

    def split(self, portion: int) -> Made:
        """One portion of sequences."""
        count = self.settings.epoch if portion == TRAIN else self.settings.held_out
        return Made(self.make, portion, count, self.settings.length)

    def learn(self, network: nn.Module, batch: Sequences, carried: Carried) -> tuple[Tensor, Carried]:
        """The mean loss; every batch starts without memory."""
        device, _ = place_of(network)
        answers = network(batch.inputs.to(device))
        return self.losses(answers, batch.targets.to(device)).mean(), ()

    def evaluate(self, network: nn.Module, split: Made, *, labelled: bool) -> EvalResult:
        """The figures of a held-out portion."""
        device, _ = place_of(network)
        answers, targets = list[Tensor](), list[Tensor]()
        for batch in split.held_out():
            answers.append(network(batch.inputs.to(device)).float().cpu())
            targets.append(batch.targets)
        every_answer, every_target = torch.cat(answers), torch.cat(targets)
        loss = float(self.losses(every_answer, every_target).double().mean())
        return EvalResult({"loss": loss, **self.metrics(loss, every_answer, every_target)}, [])

    def predict(self, network: nn.Module, inputs: Any, **options: Any) -> Predictions[Prediction]:
        """Refused: there are no files.

        Raises:
            ConfigError: Always.
        """
        raise self._no_files(str(inputs))

    def open_split(self, path: str, *, skip_bad: bool) -> tuple[Made, list[str]]:
        """``valid`` or ``test``, for ``evaluate``.

        Raises:
            ConfigError: It is neither.
        """
        portions = {"valid": VALID, "test": TEST}
        if path not in portions:
            raise self._no_files(path)
        return self.split(portions[path]), []

    def to_json(self) -> Json:
        """The settings."""
        return {"settings": asdict(self.settings)}

    def _no_files(self, got: str) -> ConfigError:
        return ConfigError(
            f"the task {self.task} makes its sequences itself and reads no files",
            expected="evaluate: valid or test",
            got=got,
        )
