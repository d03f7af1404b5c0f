"""What the training loop, prediction and evaluation need to know of a task, and nothing else.

A ``Problem`` is a task bound to what its training data taught it: the alphabet or the classes, the geometry of its
input, the network's architecture. It is what a model folder stores next to the weights. A ``Split`` is one portion of
the data, ready to be asked for batches. A new task is one file that offers these two, and a line in
``tidegate.tasks.registry``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, BinaryIO

import torch
from torch import Generator, Tensor, nn

from tidegate.config.registry import settings_of
from tidegate.config.run import RunSpec
from tidegate.config.tables import AugmentSpec
from tidegate.errors import ConfigError, Finding
from tidegate.network.layers import Architecture
from tidegate.results.analysis.samples import ErrorAnalysis
from tidegate.results.samples import Samples
from tidegate.tasks.description import Description
from tidegate.tasks.prediction.inputs import as_list, paths_of
from tidegate.tasks.prediction.rows import Prediction, Predictions, in_order, refused_rows
from tidegate.tasks.prediction.stream import Stream
from tidegate.tasks.showing import Showing
from tidegate.tasks.split import Split

if TYPE_CHECKING:
    from tidegate.ops.generation.generate import Sampling

Metrics = dict[str, float]
Json = dict[str, Any]
Carried = tuple[Tensor, ...]
"""What one training batch hands to the next, such as the hidden states of a language model; mostly nothing. It is
saved in checkpoints."""


@dataclass(frozen=True)
class Answer:
    """What the network says of one sample: a class or a text, and how sure it is (0 to 1)."""

    text: str
    confidence: float


@dataclass(frozen=True)
class EvalResult:
    """What a pass over a split gave.

    Attributes:
        metrics: The task's figures, ``loss`` among them; empty where there is nothing to compare with.
        answers: In the order of the split; empty for a task that answers nothing.
    """

    metrics: Metrics
    answers: list[Answer]


class Problem(ABC):
    """A task bound to what its training data taught it.

    A simple one needs ``network``, ``learn``, ``evaluate`` and ``to_json``; what else it can do, it says by the methods
    that it has of its own. A problem that has a method ``answer_one(network, split, index)`` is timed by it, and its
    arithmetic counted.

    Attributes:
        task: The task's name in the registry.
        architecture: The network, as data.
    """

    task: str
    architecture: Architecture

    @property
    def symbols(self) -> int:
        """Classes or characters, without CTC's blank; 0 where the network does not answer with symbols."""
        return 0

    @property
    def definition(self) -> str:
        """What the figures mean, where that must be said beside them; else nothing."""
        return ""

    @property
    def beside(self) -> str:
        """What ``tidegate show`` says of this network beside its layers, where it is more than of all of the task."""
        return ""

    @abstractmethod
    def network(self) -> nn.Module:
        """The network with weights as torch draws them; ``tidegate.nn.initialise`` draws those that it knows anew."""

    @abstractmethod
    def learn(self, network: nn.Module, batch: Any, carried: Carried) -> tuple[Tensor, Carried]:
        """Run the network on a training batch.

        Args:
            network: What ``network`` built, or a wrapper around it.
            batch: Of the training split, on the CPU.
            carried: What the batch before handed on; empty at the start of every epoch.

        Returns:
            The mean loss, a scalar that gradients flow from; and what to hand on, without gradients.
        """

    @abstractmethod
    def evaluate(self, network: nn.Module, split: Any, *, labelled: bool) -> EvalResult:
        """Run the network on a whole split: the one code path for validation, evaluate, study and report."""

    @abstractmethod
    def to_json(self) -> Json:
        """All of it, for model.json."""

    def augment(self, batch: Any, spec: AugmentSpec, generator: Generator) -> Any:
        """Change a training batch at random; the generator is its only source of chance."""
        return batch

    def error_analysis(
        self, network: nn.Module, split: Any, answers: Sequence[Answer]
    ) -> tuple[ErrorAnalysis, Samples | None]:
        """What a report shows of a split: samples, worst mistakes, confusions.

        With it what each sample adds to the primary metric (see ``per_sample``), by which runs are compared sample by
        sample; ``None`` where samples cannot be told apart.
        """
        return ErrorAnalysis(), None

    def open_split(self, where: Any, *, skip_bad: bool) -> tuple[Any, list[Finding]]:
        """Samples with answers, for ``evaluate``, and notes about them.

        Args:
            where: A path as the user wrote it; of a task that takes data in memory also an ``InMemory``.
            skip_bad: Leave out samples that cannot be used, and note how many.

        Raises:
            ConfigError: The task measures nothing but the data that it trained on.
        """
        raise self.cannot("measures other data")

    def open_inputs(self, inputs: Sequence[Any]) -> tuple[Any, dict[int, Finding]]:
        """Samples without answers, an ``Answered`` split, and those that cannot be read, by their place among all.

        Raises:
            ConfigError: The task has no answer to an input.
        """
        raise self.cannot("predicts anything for an input")

    def predict(self, network: nn.Module, inputs: Any, **options: Any) -> Predictions[Prediction]:
        """A row for each input; one that cannot be read has an ``error``.

        Args:
            network: In evaluation mode, under inference mode.
            inputs: One, or a sequence of them; what they may be says the task.
            options: Some of those that the record of the task names.

        Raises:
            ConfigError: An option is not one of the task's.
            DataError: An input is of a kind that the task does not take.
        """
        self.check_options(options)
        split, refused = self.open_inputs(as_list(inputs, expected="inputs, or a sequence of them"))
        answers = self.evaluate(network, split, labelled=False).answers
        named = zip(split.names, answers, strict=True)
        rows = (Prediction(name, answer.text, answer.confidence) for name, answer in named)
        return Predictions(in_order(rows, refused_rows(refused)))

    def portions(self, arguments: Sequence[str], stdin: BinaryIO) -> Iterator[Any]:
        """The inputs that a command line names, in portions that are answered one after the other.

        Args:
            arguments: Paths; ``-`` stands for paths on ``stdin``, one a line.
            stdin: Read where it is named.
        """
        yield from paths_of(arguments, stdin)

    def stream(self, network: nn.Module) -> Stream:
        """A new input that comes piece by piece.

        Raises:
            ConfigError: The task, or this network, answers for whole inputs only.
        """
        raise self.cannot("answers for a stream")

    def generate(self, network: nn.Module, prompt: str, length: int, sampling: Sampling) -> Iterator[str]:
        """Text that goes on from a prompt, piece by piece.

        Raises:
            ConfigError: The task writes no text.
        """
        raise self.cannot("generates text")

    def with_network(self, architecture: Architecture, spec: RunSpec) -> Problem:
        """The same problem for another network with the same input; only of tasks whose data are shared."""
        changed: Any = self
        return replace(changed, architecture=architecture, spec=spec)

    def check_options(self, options: Mapping[str, object]) -> None:
        """Refuse options that the task does not take.

        Raises:
            ConfigError: There are some.
        """
        known = settings_of(self.task).options
        unknown = [name for name in options if name not in known]
        if unknown:
            raise ConfigError(
                f"a model of the task {self.task} takes no {' or '.join(unknown)}",
                where="predict",
                expected=", ".join(known) or "inputs and nothing else",
                got=", ".join(f"{name} = {options[name]}" for name in unknown),
            )

    def cannot(self, what: str) -> ConfigError:
        """The error about something that only models of other tasks do."""
        return ConfigError(f"no model of the task {self.task} {what}", got=f"a model of the task {self.task}")


@dataclass(frozen=True)
class Goal:
    """What chooses the best weights.

    Attributes:
        metric: Its name.
        lower_is_better: Which way it improves.

    >>> Goal("cer", lower_is_better=True).better(0.1, 0.2), Goal("cer", lower_is_better=True).better(0.1, None)
    (True, True)
    """

    metric: str
    lower_is_better: bool

    def better(self, value: float, than: float | None) -> bool:
        """Whether a value beats another; anything beats ``None``."""
        return than is None or (value < than if self.lower_is_better else value > than)


@dataclass(frozen=True)
class Baselines:
    """What cheap baselines reach.

    Attributes:
        metrics: By the baseline's name.
        notes: Which were left out, and why.
    """

    metrics: Mapping[str, Metrics] = field(default_factory=dict[str, Metrics])
    notes: Sequence[Finding] = ()


@dataclass(frozen=True)
class Prepared:
    """A run's data and problem, ready to train.

    Attributes:
        spec: The run's specification, completed with what the data decided.
        problem: What to learn.
        splits: ``train`` and ``valid``, and ``test`` where there is one.
        record: How the split was made, as JSON.
        notes: What a person should know: samples left out, lines that look rotated, characters never seen.
        baselines: What cheap baselines reach on the test (or validation) split.
        primary: The metric that chooses the best weights, where the data ask for another than the task's.
        finish: What is still to be learnt of the validation once the weights are chosen, such as the width of intervals:
            the problem that goes into the model folder.
        lower_is_better: Which way that one improves, where it is another than the task's.
    """

    spec: RunSpec
    problem: Problem
    splits: Mapping[str, Split]
    record: Json
    notes: Sequence[Finding] = ()
    baselines: Callable[[], Baselines] = field(default_factory=lambda: Baselines)
    primary: str | None = None
    finish: Callable[[nn.Module], Problem] | None = None
    lower_is_better: bool | None = None

    def goal(self, task: Task) -> Goal:
        """What chooses the best weights of this run."""
        lower = task.lower_is_better if self.lower_is_better is None else self.lower_is_better
        return Goal(self.primary or task.primary, lower)


class Task(ABC):
    """What there is to know of a task before its data are read; each task has one object of a class of its own.

    Attributes:
        name: As in ``--task``.
        summary: One line for help, of a task that is registered without a record of its own.
        primary: The metric that chooses the best weights.
        lower_is_better: Which way it improves.
        shares_data: Whether data are read alike for every network with one input: a study then reads them once.
        in_memory: What it takes as data in memory, in words; empty: it takes paths only. Its ``prepare`` gets such data
            behind the keys of ``spec.data``, by ``tidegate.data.memory.reference``, and ``open_split`` as they are.
        reads_text: Whether a text can be all of its data, so that a string need not be a path.
        outputs: Kinds of output layers by which a network of the task is known.
        showing: What ``tidegate show`` says beside its table.
    """

    name: str
    summary: str = ""
    primary: str
    lower_is_better: bool
    shares_data: bool = False
    in_memory: str = ""
    reads_text: bool = False
    outputs: tuple[str, ...] = ()
    showing: Showing = Showing()

    @abstractmethod
    def prepare(self, spec: RunSpec) -> Prepared:
        """Read the data that a specification names."""

    @abstractmethod
    def restore(self, data: Json, spec: RunSpec) -> Problem:
        """Make the problem again from model.json and the run's specification."""

    def describe(self, spec: RunSpec, path: str) -> Description:
        """What a person wants to know of data before training on them, read as training will read them.

        Raises:
            DataError: The data cannot be used at all.
        """
        prepared = self.prepare(spec)
        parts = ", ".join(f"{name}: {len(split):,}" for name, split in prepared.splits.items())
        return Description([parts], notes=prepared.notes)

    def counted(self, architecture: Architecture, columns: int) -> Architecture:
        """The layers whose parameters and FLOPs ``tidegate show`` counts, where that is not all of them."""
        return architecture


def place_of(network: nn.Module) -> tuple[torch.device, torch.dtype]:
    """Where a network's weights are, and of what type.

    >>> place_of(nn.Linear(2, 1))
    (device(type='cpu'), torch.float32)
    """
    weight = next(network.parameters(), None)
    return (torch.device("cpu"), torch.float32) if weight is None else (weight.device, weight.dtype)
