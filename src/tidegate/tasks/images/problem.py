"""How classify and transcribe run their networks: batches of images in, scores out, an answer for each image."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from torch import Tensor, nn

from tidegate.models.build import build
from tidegate.network.layers import Architecture
from tidegate.tasks.contract import Answer, Answered, Carried, EvalResult, Metrics, TaskBatch, place_of
from tidegate.tasks.evaluation_pass import Step, evaluate_batches


class _Images(Protocol):
    """What the two tasks bring of their own."""

    @property
    def architecture(self) -> Architecture: ...
    @property
    def symbols(self) -> int: ...
    def condition(self, inputs: Tensor) -> Tensor: ...
    def loss(self, logits: Tensor, lengths: Tensor | None, batch: TaskBatch) -> Tensor: ...
    def decode(self, logits: Tensor, lengths: Tensor | None) -> list[Answer]: ...
    def metrics(self, references: Sequence[str], answers: Sequence[Answer]) -> Metrics: ...


class ImageProblem:
    """The part of a problem that is the same for every task on images."""

    @property
    def definition(self) -> str:
        """Nothing: accuracy and error rates of characters and words are what they are called."""
        return ""

    def network(self: _Images) -> nn.Module:
        """The layers of the architecture, one after the other."""
        return build(self.architecture, self.symbols)

    def learn(
        self: _Images, network: nn.Module, batch: TaskBatch, carried: Carried
    ) -> tuple[Tensor, Carried]:
        """The mean loss of a batch; nothing is carried on."""
        logits, lengths = run_images(self, network, batch)
        return self.loss(logits, lengths, batch), ()

    def answer_one(self: _Images, network: nn.Module, split: Answered, index: int) -> None:
        """Answer one image as prediction does; to be timed."""
        self.decode(*run_images(self, network, split.batch([index])))

    def evaluate(self: _Images, network: nn.Module, split: Answered, *, labelled: bool) -> EvalResult:
        """An answer for every image."""

        def step(batch: TaskBatch) -> Step:
            logits, lengths = run_images(self, network, batch)
            loss = float(self.loss(logits, lengths, batch)) if labelled else 0.0
            return Step(batch.indices, loss, self.decode(logits, lengths))

        return evaluate_batches(split, step, self.metrics if labelled else None)


def run_images(problem: _Images, network: nn.Module, batch: TaskBatch) -> tuple[Tensor, Tensor | None]:
    """Scores ``(B, K)`` or ``(B, T, K)``, and their lengths, where the network is."""
    device, kind = place_of(network)
    lengths = None if batch.lengths is None else batch.lengths.to(device)
    return network(problem.condition(batch.inputs.to(device, kind)), lengths)
