"""``load`` and ``Model``: ask a trained network."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from tidegate.api.bundle import Bundle, load_bundle
from tidegate.api.signals import SignalInput, SignalPrediction, SignalStream, predict_signals
from tidegate.api.tagging import (
    TaggedDocument,
    TaggedSentence,
    asked,
    content_of,
    tagged_document,
    tagged_sentence,
)
from tidegate.config.run import RunSpec
from tidegate.data.words.sentence import Sentence
from tidegate.errors import ConfigError
from tidegate.network.layers import Architecture
from tidegate.ops.generation.generate import Sampling
from tidegate.ops.memory import keep_large_blocks
from tidegate.tasks.contract import Metrics
from tidegate.tasks.evaluation import evaluate
from tidegate.tasks.forecast.problem import Forecast
from tidegate.tasks.language.task import Language
from tidegate.tasks.signal.problem import SignalProblem
from tidegate.tasks.tag.problem import Tag
from tidegate.tasks.tag_answers import tagged

if TYPE_CHECKING:
    from pandas import DataFrame

    from tidegate.api.forecasting import ForecastTable


@dataclass(frozen=True)
class Prediction:
    """The answer for one input.

    Attributes:
        name: The input.
        answer: A class or a text; empty if the input cannot be read.
        confidence: 0 to 1.
        error: Why the input cannot be read, else ``None``.
    """

    name: str
    answer: str
    confidence: float
    error: str | None = None


@dataclass(frozen=True)
class Scores:
    """Metrics on a data set, how many samples they are over, what to know about those, and what the metrics mean."""

    metrics: Metrics
    count: int
    notes: list[str]
    samples_per_second: float
    definition: str = ""


class Model:
    """A trained network with its alphabet or classes.

    Args:
        bundle: As ``tidegate.infer`` reads it.
        device: Where to compute.
    """

    def __init__(self, bundle: Bundle, device: str = "cpu") -> None:
        self._bundle = bundle
        self._device = torch.device(device)
        bundle.network.to(self._device)

    @property
    def spec(self) -> RunSpec:
        """The specification that it was trained by."""
        return self._bundle.spec

    @property
    def task(self) -> str:
        """The task's name."""
        return self._bundle.problem.task

    @property
    def architecture(self) -> Architecture:
        """The network, as data."""
        return self._bundle.problem.architecture

    def predict(self, inputs: Sequence[Path | str]) -> list[Prediction]:
        """Answers for files or folders, in their order; an unreadable one has an ``error`` and no answer.

        Args:
            inputs: Image files, or folders of them.

        Raises:
            EmptyDataError: A folder holds nothing to read.
            DataError: A folder cannot be read.
        """
        problem = self._bundle.problem
        split, refused = problem.open_inputs([Path(one) for one in inputs])
        result = evaluate(self._bundle.network, problem, split, labelled=False)
        answered = zip(split.names, result.answers, strict=True)
        predictions: list[Prediction] = []
        for place in range(len(split) + len(refused)):
            if (bad := refused.get(place)) is not None:
                predictions.append(Prediction(bad.where, "", 0.0, bad.what))
            else:
                name, answer = next(answered)
                predictions.append(Prediction(name, answer.text, answer.confidence))
        return predictions

    def evaluate(self, path: Path | str, *, skip_bad: bool = False) -> Scores:
        """Metrics on a labelled data set.

        Args:
            path: As for training data.
            skip_bad: Leave out samples that cannot be used, and note how many.

        Raises:
            DataError: The data cannot be used.
        """
        split, notes = self._bundle.problem.open_split(str(path), skip_bad=skip_bad)
        result = evaluate(self._bundle.network, self._bundle.problem, split)
        texts = [str(found) for found in notes]
        definition = self._bundle.problem.definition
        return Scores(result.metrics, len(split), texts, result.samples_per_second, definition)

    def tag(self, sentences: Sequence[str | Sequence[str]]) -> list[TaggedSentence]:
        """Tags for sentences, of a model of the task ``tag``.

        Args:
            sentences: Texts with spaces between the words, or lists of words.

        Raises:
            ConfigError: The model is of another task.
            DataError: A sentence has no words.
        """
        problem = self._tagger()
        return self._tagged(problem, asked(sentences))

    def tag_document(self, path: Path | str | bytes) -> TaggedDocument:
        """Tags for a file: columns with or without tags, CoNLL-U, or plain text with a sentence a line.

        Args:
            path: The file, or its content.

        Raises:
            ConfigError: The model is of another task.
            DataError: The file cannot be read, or holds no words.
        """
        problem = self._tagger()
        document = problem.reading.read_input(*content_of(path))
        return tagged_document(document, self._tagged(problem, document.sentences))

    def forecast(
        self, data: Path | str | DataFrame, *, horizon: int | None = None, skip_bad: bool = False
    ) -> ForecastTable:
        """The values that follow the end of a table, of a model of the task ``forecast``.

        Args:
            data: A table as for training, or a pandas frame like it. Rows at its end without targets give what is
                known of the future.
            horizon: Steps; default: as many as in training. A recursive decoder goes on for longer.
            skip_bad: Leave out series that cannot be used.

        Raises:
            ConfigError: The model is of another task, or the horizon is too long for it.
            DataError: The table cannot be read, or no series can be forecast.
        """
        problem = self._bundle.problem
        if not isinstance(problem, Forecast):
            raise self._another_task("forecasts", "forecast")
        from tidegate.api.forecasting import forecast_table  # it imports pandas

        return forecast_table(self._bundle, problem, data, horizon, skip_bad=skip_bad)

    def predict_signals(self, inputs: Sequence[SignalInput]) -> list[SignalPrediction]:
        """Answers for sequences, of a model of the task ``signal``, in their order; a bad one has an ``error``.

        Args:
            inputs: Files and folders, or arrays ``(T, C)`` in the data's units; sound as ``(N,)`` from -1 to 1.

        Raises:
            ConfigError: The model is of another task.
        """
        return predict_signals(self._bundle.network, self._signals(), inputs)

    def stream(self) -> SignalStream:
        """A new sequence that comes piece by piece, of a model of the task ``signal``.

        Raises:
            ConfigError: The model is of another task, or a layer of it needs to see the whole sequence.
        """
        return SignalStream(self._signals(), self._bundle.network)

    def generate(self, prompt: str, length: int, sampling: Sampling | None = None) -> Iterator[str]:
        """Text that goes on from a prompt, piece by piece, of a model of the task ``language``.

        Args:
            prompt: It warms the states and is not repeated.
            length: Symbols to write.
            sampling: Temperature, ``top_k``, ``top_p``, seed; default: as the model learnt, seed 0.

        Raises:
            ConfigError: The model is of another task.
            SymbolError: The prompt holds symbols that training never saw.
        """
        problem = self._bundle.problem
        if not isinstance(problem, Language):
            raise self._another_task("generates text", "language")
        return problem.generate(self._bundle.network, prompt, length, sampling or Sampling())

    def _signals(self) -> SignalProblem:
        problem = self._bundle.problem
        if not isinstance(problem, SignalProblem):
            raise self._another_task("answers for signals", "signal")
        return problem

    def _tagger(self) -> Tag:
        problem = self._bundle.problem
        if not isinstance(problem, Tag):
            raise self._another_task("tags words", "tag")
        return problem

    def _tagged(self, problem: Tag, sentences: Sequence[Sentence]) -> list[TaggedSentence]:
        if not sentences:
            return []
        result = evaluate(self._bundle.network, problem, problem.untagged(sentences), labelled=False)
        answers = tagged(result.answers)
        return [
            tagged_sentence(sentence, answer, problem.scheme)
            for sentence, answer in zip(sentences, answers, strict=True)
        ]

    def _another_task(self, what: str, task: str) -> ConfigError:
        return ConfigError(
            f"only a model of the task {task} {what}",
            expected=f"task = {task}",
            got=self._bundle.problem.task,
        )


def load(run: Path | str, *, device: str = "cpu", threads: int | None = None) -> Model:
    """Load a run's model.

    Args:
        run: A run folder, or a model folder.
        device: Where to compute.
        threads: CPU threads, all cores by default.

    Raises:
        BundleError: There is no readable model.
    """
    torch.set_num_threads(threads or os.cpu_count() or 1)
    keep_large_blocks()
    folder = Path(run)
    inner = folder / "model"
    return Model(load_bundle(inner if inner.is_dir() else folder), device)
