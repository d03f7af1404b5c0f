"""``load``, ``predict`` and ``Model``: ask a trained network."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from tidegate.api.bundle import Bundle, load_bundle
from tidegate.api.memory import to_measure
from tidegate.config.run import RunSpec
from tidegate.data.encoding import decoding
from tidegate.errors import Finding
from tidegate.network.layers import Architecture
from tidegate.network.vgsl import render
from tidegate.ops.generation.generate import Sampling
from tidegate.ops.memory import large_blocks_kept
from tidegate.ops.threads import torch_threads
from tidegate.tasks.contract import Metrics, Problem
from tidegate.tasks.evaluation import evaluate, not_training
from tidegate.tasks.prediction.rows import Predictions
from tidegate.tasks.prediction.stream import Stream
from tidegate.tasks.registry import task_named


@dataclass(frozen=True, repr=False)
class Scores:
    """Metrics on a data set, how many samples they are over, what to know about those, and what the metrics mean."""

    metrics: Metrics
    count: int
    notes: Sequence[Finding]
    samples_per_second: float
    definition: str = ""

    def __repr__(self) -> str:
        figures = ", ".join(f"{name}={value:.4g}" for name, value in self.metrics.items() if name != "loss")
        notes = f", {len(self.notes)} notes" if self.notes else ""
        return f"<Scores {figures or self.metrics} over {self.count:,} samples{notes}>"


class Model:
    """A trained network with its alphabet or classes.

    Loading it changes nothing in the process; what a call needs of threads and memory it sets, and puts back.

    Args:
        bundle: As ``load_bundle`` reads it.
        device: Where to compute.
        threads: CPU threads of a call, all cores by default.
    """

    def __init__(self, bundle: Bundle, device: str = "cpu", threads: int | None = None) -> None:
        self._bundle = bundle
        self._device = torch.device(device)
        self._threads = threads or os.cpu_count() or 1
        bundle.network.to(self._device)

    def __repr__(self) -> str:
        count = sum(parameter.numel() for parameter in self._bundle.network.parameters())
        return f"<Model of the task {self.task}: {render(self.architecture)}, {count:,} parameters>"

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

    @property
    def problem(self) -> Problem:
        """What its training data taught it: classes, alphabet, scaling, and how the task's answers are made."""
        return self._bundle.problem

    def predict(self, inputs: Any, **options: Any) -> Predictions[Any]:
        """Answers for inputs of any kind that the task takes, in their order.

        One input or a sequence of them: a path, a folder, a text, a list of words, an array, a PIL image, a pandas frame.
        A single string is one input: a path, or for tasks on text the text itself, and a ``pathlib.Path`` is a file
        there. An input that cannot be read gets a row with an ``error`` and no answer.

        Args:
            inputs: What to answer for; a folder or a file may hold several, and gets a row for each.
            options: Of the task: ``horizon`` of forecasts.

        Returns:
            Rows with ``name``, ``answer``, ``confidence`` and ``error``, and what a task has to say beside; a list of
            them that knows ``to_json()``, ``text()``, ``frame``, ``bad`` and ``notes``.

        Raises:
            ConfigError: The task has no answers, or does not take an option.
            DataError: An input is of a kind that the task does not take.
        """
        with self.computing(), decoding(self.spec.data.encoding) as decoded:
            answers = self._bundle.problem.predict(self._bundle.network, inputs, **options)
        answers.notes = (*answers.notes, *decoded.findings())
        return answers

    def evaluate(self, data: Any, *, skip_bad: bool = False) -> Scores:
        """Metrics on a labelled data set.

        Args:
            data: A path, or data in memory, as for training.
            skip_bad: Leave out samples that cannot be used, and note how many.

        Raises:
            DataError: The data cannot be used.
        """
        problem = self._bundle.problem
        where = to_measure(task_named(self.task), data)
        with self.computing(), decoding(self.spec.data.encoding) as decoded:
            split, notes = problem.open_split(where, skip_bad=skip_bad)
            result = evaluate(self._bundle.network, problem, split)
        return Scores(
            result.metrics,
            len(split),
            (*notes, *decoded.findings()),
            result.samples_per_second,
            problem.definition,
        )

    def stream(self) -> Stream:
        """A new input that comes piece by piece, of a model of signals: ``push``, ``finish``.

        Its pieces are computed by as many threads as torch has been told; ``with model.computing():`` around them takes
        the model's own.

        Raises:
            ConfigError: The task has no streams, or a layer of the network needs to see the whole sequence.
        """
        return self._bundle.problem.stream(self._bundle.network)

    def generate(self, prompt: str, length: int, sampling: Sampling | None = None) -> Iterator[str]:
        """Text that goes on from a prompt, piece by piece, of a language model.

        Args:
            prompt: It warms the states and is not repeated.
            length: Symbols to write.
            sampling: Temperature, ``top_k``, ``top_p``, seed; default: as the model learnt, seed 0.

        Raises:
            ConfigError: The task writes no text.
            SymbolError: The prompt holds symbols that training never saw.
        """
        problem, network = self._bundle.problem, self._bundle.network
        return self._drawn(problem.generate(network, prompt, length, sampling or Sampling()))

    @contextmanager
    def computing(self) -> Generator[None]:
        """The model's threads, memory and mode, and afterwards those of before."""
        with torch_threads(self._threads), large_blocks_kept(), not_training(self._bundle.network):
            yield

    def _drawn(self, pieces: Iterator[str]) -> Iterator[str]:
        while True:
            # Between two pieces the caller's own settings hold.
            with torch_threads(self._threads):
                piece = next(pieces, None)
            if piece is None:
                return
            yield piece


def load(run: Path | str, *, device: str = "cpu", threads: int | None = None) -> Model:
    """Load a run's model.

    Args:
        run: A run folder, or a model folder.
        device: Where to compute.
        threads: CPU threads of its calls, all cores by default.

    Raises:
        BundleError: There is no readable model.
    """
    folder = Path(run)
    inner = folder / "model"
    return Model(load_bundle(inner if inner.is_dir() else folder), device, threads)


def predict(
    run: Path | str, inputs: Any, *, device: str = "cpu", threads: int | None = None, **options: Any
) -> Predictions[Any]:
    """Load a run's model and answer for inputs: ``load(run).predict(inputs)``.

    Args:
        run: A run folder, or a model folder.
        inputs: As for ``Model.predict``.
        device: Where to compute.
        threads: CPU threads, all cores by default.
        options: Of the task: ``horizon`` of forecasts.

    Raises:
        BundleError: There is no readable model.
        DataError: An input is of a kind that the task does not take.

    Example::

        for row in tidegate.predict("runs/lines", "scans/"):
            print(row.name, row.answer)
    """
    return load(run, device=device, threads=threads).predict(inputs, **options)
