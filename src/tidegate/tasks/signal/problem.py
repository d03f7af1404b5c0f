"""A signal problem: what the training data taught, the network, its loss, and how answers are read off it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional

from tidegate.config.run import RunSpec
from tidegate.config.tables import AugmentSpec
from tidegate.config.tasks.signal import SignalSpec
from tidegate.data.memory import Reference
from tidegate.data.signals.signal_set import Signal
from tidegate.data.signals.targets import why_not
from tidegate.errors import Finding
from tidegate.models.build import build
from tidegate.network.layers import Architecture
from tidegate.network.vgsl import render
from tidegate.results.analysis.signal import SignalAnalysis
from tidegate.results.samples import Samples
from tidegate.tasks.contract import Answer, Carried, EvalResult, Json, Metrics, Problem
from tidegate.tasks.evaluation_pass import Step, evaluate_batches
from tidegate.tasks.images.problem import run_images
from tidegate.tasks.metrics import classification_metrics, value_metrics
from tidegate.tasks.prediction.rows import Predictions, in_order
from tidegate.tasks.signal.answers import SignalAnswer, class_answer, joined, signal_answers, value_answer
from tidegate.tasks.signal.augment import augment_signals
from tidegate.tasks.signal.error_analysis import signal_analysis
from tidegate.tasks.signal.predict import SignalPrediction, read_inputs, signal_prediction
from tidegate.tasks.signal.reading import Shape, open_labelled
from tidegate.tasks.signal.scaling import Scaling
from tidegate.tasks.signal.split import SignalSplit, as_signal
from tidegate.tasks.signal.stream import SignalStream
from tidegate.tasks.split import TaskBatch

EVALUATION_BATCH = 64


@dataclass(frozen=True)
class Values:
    """Mean and deviation of the training data's values."""

    mean: float
    deviation: float


@dataclass(frozen=True)
class SignalProblem(Problem):
    """Signals to classes, or to values: to the network an image of one row.

    Attributes:
        classes: Those of training; none where the answer is a value.
        values: Of training, where the answer is one.
        shape: What signals the network takes.
        scaling: Of the channels.
        architecture: The network.
        spec: The run's specification.
    """

    classes: tuple[str, ...]
    values: Values | None
    shape: Shape
    scaling: Scaling
    architecture: Architecture
    spec: RunSpec
    task = "signal"

    @property
    def symbols(self) -> int:
        """Classes; 1 for a value."""
        return len(self.classes) or 1

    @property
    def definition(self) -> str:
        """What the figures are of, where sequences are cut into windows."""
        if self.spec.settings(SignalSpec).window is None:
            return ""
        what, names = ("probabilities", "accuracy") if self.classes else ("values", "rmse")
        return (
            f"{names} = of whole sequences, answered with the mean of their windows' {what}; "
            f"window_{names} = of single windows"
        )

    def network(self) -> nn.Module:
        """The layers of the architecture, one after the other."""
        return build(self.architecture, self.symbols)

    def augment(self, batch: TaskBatch, spec: AugmentSpec, generator: Generator) -> TaskBatch:
        """Change the course of signals; never so much that one is shorter than the network takes."""
        assert batch.lengths is not None
        values, before = as_signal(batch), batch.lengths
        state = generator.get_state()
        changed, lengths = augment_signals(values, before, spec, generator)
        if int(lengths.min()) < self.shape.shortest:
            generator.set_state(state)
            changed, lengths = augment_signals(values, before, spec.model_copy(update={"crop": 0}), generator)
        inputs = changed.transpose(1, 2)[:, :, None].contiguous()
        return replace(batch, inputs=inputs, lengths=lengths)

    def condition(self, inputs: Tensor) -> Tensor:
        """Nothing: the split has scaled them, since augmentation comes after that."""
        return inputs

    def learn(self, network: nn.Module, batch: TaskBatch, carried: Carried) -> tuple[Tensor, Carried]:
        """The mean loss of a batch; nothing is carried on."""
        logits, lengths = run_images(self, network, batch)
        return self.loss(logits, lengths, batch), ()

    def loss(self, logits: Tensor, lengths: Tensor | None, batch: TaskBatch) -> Tensor:
        """Cross-entropy of classes, or the mean squared error of scaled values."""
        logits = logits if logits.dtype == torch.float64 else logits.float()
        targets = batch.targets.to(logits.device)  # (B,)
        if self.values is None:
            smoothing = self.spec.train.label_smoothing
            return functional.cross_entropy(logits, targets.long(), label_smoothing=smoothing)
        return functional.mse_loss(logits[:, 0], targets.to(logits.dtype))

    def decode(self, logits: Tensor, lengths: Tensor | None) -> list[Answer]:
        """The probabilities of classes, or the value in the data's units."""
        if self.values is None:
            probabilities = functional.softmax(logits.double(), dim=-1).tolist()
            return [class_answer(row, self.classes) for row in probabilities]
        scaled = logits[:, 0].double() * self.values.deviation + self.values.mean
        return [value_answer(value) for value in scaled.tolist()]

    def metrics(self, references: Sequence[str], answers: Sequence[Answer]) -> Metrics:
        """Accuracy and macro F1, or the errors of values."""
        if self.classes:
            return classification_metrics(references, [answer.text for answer in answers])
        said = [answer.value for answer in signal_answers(answers)]
        return value_metrics([float(reference) for reference in references], said)

    def evaluate(self, network: nn.Module, split: SignalSplit, *, labelled: bool) -> EvalResult:
        """An answer for every sequence, and what its windows were answered with."""

        def step(batch: TaskBatch) -> Step:
            logits, lengths = run_images(self, network, batch)
            loss = float(self.loss(logits, lengths, batch)) if labelled else 0.0
            return Step(batch.indices, loss, self.decode(logits, lengths))

        windows = evaluate_batches(split.windows, step, self.metrics if labelled else None, EVALUATION_BATCH)
        if self.spec.settings(SignalSpec).window is None:
            return windows
        answers = self._joined(split, signal_answers(windows.answers))
        if not labelled:
            return EvalResult({}, answers)
        single = {f"window_{name}": value for name, value in windows.metrics.items() if name != "loss"}
        whole = self.metrics(split.references, answers)
        return EvalResult({"loss": windows.metrics["loss"], **whole, **single}, answers)

    def answer_one(self, network: nn.Module, split: SignalSplit, index: int) -> None:
        """Answer one window as prediction does; to be timed."""
        self.decode(*run_images(self, network, split.batch([index])))

    def _joined(self, split: SignalSplit, answers: Sequence[SignalAnswer]) -> list[Answer]:
        of: list[list[int]] = [[] for _ in split.signals]
        for place, sequence in enumerate(split.windows.sequences.tolist()):
            of[sequence].append(place)
        windows = split.windows.signals
        places = [(window.start, window.start + len(window)) for window in windows]
        return [joined([answers[i] for i in one], [places[i] for i in one], self.classes) for one in of]

    def error_analysis(
        self, network: nn.Module, split: SignalSplit, answers: Sequence[Answer]
    ) -> tuple[SignalAnalysis, Samples]:
        """Signals with what was answered, and the confusion matrix or the pairs of values."""
        return signal_analysis(split, answers, self.classes)

    def encode(self, target: str) -> float:
        """A class's number, or a scaled value; what has none, as in prediction, is 0."""
        if not target:
            return 0.0
        if self.values is None:
            return float(self.classes.index(target))
        return (float(target) - self.values.mean) / self.values.deviation

    def split_of(self, signals: Sequence[Signal]) -> SignalSplit:
        """A split that knows scaling and classes."""
        shape = self.shape
        return SignalSplit(
            signals, shape.channels, shape.rate, self.scaling, self.encode, self.spec.settings(SignalSpec)
        )

    def why_not(self, signal: Signal) -> str | None:
        """Why a signal with an answer cannot be used: too short, another class than in training, no number."""
        kind = "class" if self.values is None else "value"
        return self.shape.too_short(signal) or why_not(signal, kind, self.classes)

    def predict(self, network: nn.Module, inputs: Any, **options: Any) -> Predictions[SignalPrediction]:
        """An answer for each sequence of files, folders, arrays and tables; see ``read_inputs``."""
        self.check_options(options)
        opened = read_inputs(inputs, self.spec.settings(SignalSpec), self.shape)
        signals = opened.signals
        answers: list[SignalAnswer] = []
        if signals:
            answers = signal_answers(self.evaluate(network, self.split_of(signals), labelled=False).answers)
        named = zip(signals, answers, strict=True)
        rows = (signal_prediction(signal.name, answer, self.classes) for signal, answer in named)
        bad = {place: SignalPrediction(one.where, finding=one) for place, one in opened.refused.items()}
        return Predictions(in_order(rows, bad), opened.notes)

    def stream(self, network: nn.Module) -> SignalStream:
        """A new sequence that comes piece by piece."""
        return SignalStream(self, network)

    def open_split(self, where: Reference, *, skip_bad: bool) -> tuple[SignalSplit, list[Finding]]:
        """Signals with answers."""
        signals, notes = open_labelled(where, self.spec, self.shape, self.why_not, skip_bad=skip_bad)
        return self.split_of(signals), notes

    def to_json(self) -> Json:
        """Classes or values, shape, scaling and network."""
        return {
            "classes": list(self.classes),
            "values": None if self.values is None else asdict(self.values),
            "shape": asdict(self.shape),
            "scaling": asdict(self.scaling),
            "architecture": render(self.architecture),
        }
