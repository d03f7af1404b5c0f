"""How classify and transcribe run their networks: batches of images in, scores out, an answer for each image."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from torch import Tensor, nn

from tidegate.data.images.decode import Geometry
from tidegate.data.images.image_set import blank_images
from tidegate.errors import Finding
from tidegate.models.build import build
from tidegate.tasks.contract import Answer, Carried, EvalResult, Metrics, Problem, place_of
from tidegate.tasks.evaluation_pass import Step, evaluate_batches
from tidegate.tasks.images.inputs import EXPECTED, file_portions, input_notes, open_inputs
from tidegate.tasks.images.reading import Inputs
from tidegate.tasks.images.split import ImageSplit
from tidegate.tasks.prediction.inputs import as_list, paths_of
from tidegate.tasks.prediction.rows import Prediction, Predictions, in_order, refused_rows
from tidegate.tasks.split import Answered, TaskBatch


class ImageProblem(Problem):
    """The part of a problem that is the same for every task on images."""

    geometry: Geometry

    @abstractmethod
    def condition(self, inputs: Tensor) -> Tensor:
        """Images as the network takes them."""

    @abstractmethod
    def loss(self, logits: Tensor, lengths: Tensor | None, batch: TaskBatch) -> Tensor:
        """The mean loss of a batch."""

    @abstractmethod
    def decode(self, logits: Tensor, lengths: Tensor | None) -> list[Answer]:
        """An answer for each image."""

    @abstractmethod
    def metrics(self, references: Sequence[str], answers: Sequence[Answer]) -> Metrics:
        """The task's figures."""

    @abstractmethod
    def split_of(self, inputs: Inputs) -> ImageSplit:
        """A split that knows the numbers of answers."""

    def network(self) -> nn.Module:
        """The layers of the architecture, one after the other."""
        return build(self.architecture, self.symbols)

    def learn(self, network: nn.Module, batch: TaskBatch, carried: Carried) -> tuple[Tensor, Carried]:
        """The mean loss of a batch; nothing is carried on."""
        logits, lengths = run_images(self, network, batch)
        return self.loss(logits, lengths, batch), ()

    def answer_one(self, network: nn.Module, split: Answered, index: int) -> None:
        """Answer one image as prediction does; to be timed."""
        self.decode(*run_images(self, network, split.batch([index])))

    def evaluate(self, network: nn.Module, split: Answered, *, labelled: bool) -> EvalResult:
        """An answer for every image."""

        def step(batch: TaskBatch) -> Step:
            logits, lengths = run_images(self, network, batch)
            loss = float(self.loss(logits, lengths, batch)) if labelled else 0.0
            return Step(batch.indices, loss, self.decode(logits, lengths))

        return evaluate_batches(split, step, self.metrics if labelled else None)

    def predict(self, network: nn.Module, inputs: Any, **options: Any) -> Predictions[Prediction]:
        """A row for each image; what is blank is told of."""
        self.check_options(options)
        given = as_list(inputs, expected=EXPECTED)
        images, refused = open_inputs(given, self.geometry)
        split = self.split_of(Inputs(images))
        answers = self.evaluate(network, split, labelled=False).answers
        named = zip(split.names, answers, strict=True)
        rows = (Prediction(name, answer.text, answer.confidence) for name, answer in named)
        notes = [*input_notes(given), *blank_images(images, "")]
        return Predictions(in_order(rows, refused_rows(refused)), notes)

    def open_inputs(self, inputs: Sequence[Any]) -> tuple[ImageSplit, dict[int, Finding]]:
        """Images without answers: files, folders of them, PIL images, arrays."""
        images, refused = open_inputs(inputs, self.geometry)
        return self.split_of(Inputs(images)), refused

    def portions(self, arguments: Sequence[str], stdin: BinaryIO) -> Iterator[list[Path | Finding]]:
        """Files, those in folders among them, some at a time."""
        return file_portions(paths_of(arguments, stdin))


class _Conditions(Protocol):
    def condition(self, inputs: Tensor) -> Tensor: ...


def run_images(problem: _Conditions, network: nn.Module, batch: TaskBatch) -> tuple[Tensor, Tensor | None]:
    """Scores ``(B, K)`` or ``(B, T, K)``, and their lengths, where the network is."""
    device, kind = place_of(network)
    lengths = None if batch.lengths is None else batch.lengths.to(device)
    return network(problem.condition(batch.inputs.to(device, kind)), lengths)
