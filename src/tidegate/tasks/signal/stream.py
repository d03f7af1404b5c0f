"""A signal that comes piece by piece, and what the network says of it so far."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor, nn

from tidegate.config.run import RunSpec
from tidegate.config.tasks.signal import SignalSpec
from tidegate.data.signals.windows import window_spans
from tidegate.errors import ConfigError, DataError, EmptyDataError
from tidegate.models.network import Network
from tidegate.network.causal import check_streaming
from tidegate.network.layers import Architecture
from tidegate.tasks.contract import Answer, place_of
from tidegate.tasks.prediction.rows import known
from tidegate.tasks.signal.answers import (
    SignalAnswer,
    WindowAnswer,
    class_answer,
    signal_answers,
    value_answer,
)
from tidegate.tasks.signal.features import Features, features_of
from tidegate.tasks.signal.lines import Rows
from tidegate.tasks.signal.predict import window_json
from tidegate.tasks.signal.reading import Shape
from tidegate.tasks.signal.scaling import Scaling
from tidegate.tasks.signal.streaming_network import steps_of

Values = NDArray[np.float32]


@dataclass(frozen=True)
class StreamAnswer:
    """What is said of all that came so far.

    Attributes:
        steps: Rows, or samples of sound, that came.
        answer: The class or the value; empty before there is enough for one.
        confidence: Of a class, 0 to 1; else NaN.
        probabilities: Of each class.
        window: Where sequences are cut into windows, the last that is complete.
    """

    steps: int
    answer: str = ""
    confidence: float = math.nan
    probabilities: tuple[float, ...] = ()
    window: WindowAnswer | None = None

    def to_json(self) -> dict[str, object]:
        """The row that it is of, the answer, and the window where there is one."""
        window = {} if self.window is None else {"window": window_json(self.window)}
        return {"row": self.steps, "answer": self.answer, **known("confidence", self.confidence), **window}

    def text(self) -> str:
        """Row, answer and confidence, with tabs between them; nothing before there is an answer."""
        if not self.answer:
            return ""
        sure = "" if math.isnan(self.confidence) else f"\t{self.confidence:.4f}"
        return f"{self.steps}\t{self.answer}{sure}"


class _Answerer(Protocol):
    """What a stream asks of the problem that it answers for."""

    @property
    def spec(self) -> RunSpec: ...
    @property
    def architecture(self) -> Architecture: ...
    @property
    def shape(self) -> Shape: ...
    @property
    def scaling(self) -> Scaling: ...
    @property
    def classes(self) -> Sequence[str]: ...
    @property
    def symbols(self) -> int: ...
    def decode(self, logits: Tensor, lengths: Tensor | None) -> list[Answer]: ...


class SignalStream:
    """One sequence, piece by piece; any cutting into pieces gives the answer for all of it at once, to rounding.

    A network that was trained on whole sequences keeps the states of its forward layers, so that a step costs the
    same however long the stream is. One that was trained on windows answers each as soon as it is complete, whatever
    its layers are, and the answer is the mean over windows.

    Args:
        problem: What the model learnt.
        network: In evaluation mode.

    Raises:
        ConfigError: A layer looks ahead, or sequences are scaled by their own mean.
    """

    def __init__(self, problem: _Answerer, network: nn.Module) -> None:
        assert isinstance(network, Network)
        window = problem.spec.settings(SignalSpec).window
        if window is None:
            check_streaming(problem.architecture)
        if problem.scaling.mode == "sample":
            raise ConfigError(
                "sequences that are scaled by their own mean and deviation cannot be answered before they end",
                where="signal.scaling",
                expected="channel or none",
                got="sample",
                hint="train again with signal.scaling = channel",
            )
        self._features: Features = features_of(problem.spec.settings(SignalSpec), problem.shape)
        self._scale = problem.scaling.statistics(np.zeros((1, len(problem.shape.channels)), np.float32))
        self._problem = problem
        self._answering: _Answering = (
            _States(problem, network) if window is None else _Windows(problem, network, window)
        )
        self._steps = 0
        self._ended = False

    @property
    def features(self) -> Features:
        """What rows it takes."""
        return self._features

    def push(self, chunk: ArrayLike) -> StreamAnswer:
        """The next steps.

        Args:
            chunk: ``(t, C)`` in the data's units, or ``(t,)`` of a single channel or of sound, from -1 to 1; t may be 0.

        Raises:
            DataError: It has other channels, or holds values that are missing; or the stream has ended.
        """
        if self._ended:
            raise DataError("the stream has ended", hint="begin another with Model.stream()")
        values = self._features.rows(chunk, self._steps)
        self._steps += len(values)
        return self._told(self._features.push(values), ended=False)

    def finish(self) -> StreamAnswer:
        """There is nothing more: what was kept back for an unfinished frame of sound or window is answered too."""
        rest = self._features.finish()
        if self._ended:
            rest = rest[:0]
        self._ended = True
        return self._told(rest, ended=True)

    def follow(
        self, lines: Iterable[str], *, every: int | None, complain: Callable[[str], None]
    ) -> Iterator[StreamAnswer]:
        """Answers while rows of numbers come in, one a line.

        Args:
            lines: CSV, with or without a head.
            every: Rows from one answer to the next; default: each, or of sound a tenth of a second.
            complain: Told of each line that cannot be read.

        Raises:
            DataError: There is a head, and a channel is not in it.
            EmptyDataError: No row came.
        """
        rows = Rows(self._features.names, holes=self._features.holes, complain=complain)
        waiting: list[Sequence[float]] = []
        answer: StreamAnswer | None = None
        for row in rows.read(lines):
            waiting.append(row)
            if len(waiting) == (every or self._features.usual):
                answer = self.push(waiting)
                waiting = []
                yield answer
        if waiting:
            answer = self.push(waiting)
        if answer is None:
            if not rows.failed:
                raise EmptyDataError("no row came", where="stdin", expected="rows of numbers")
            return
        last = self.finish()
        # What the end of the stream adds is told, but nothing twice.
        if waiting or last != answer:
            yield last

    def _told(self, values: Values, *, ended: bool) -> StreamAnswer:
        with torch.inference_mode():
            if len(values):
                scaled = self._problem.scaling.apply(values, *self._scale)
                self._answering.push(scaled)
            answer = self._answering.answer(ended=ended)
        if answer is None:
            return StreamAnswer(self._steps)
        window = answer.windows[-1] if answer.windows else None
        return StreamAnswer(self._steps, answer.text, answer.confidence, answer.probabilities, window)


class _Answering(Protocol):
    def push(self, scaled: Values) -> None: ...
    def answer(self, *, ended: bool) -> SignalAnswer | None: ...


def _image(scaled: Values, network: nn.Module) -> Tensor:
    device, kind = place_of(network)
    return torch.from_numpy(np.ascontiguousarray(scaled.T))[None, :, None].to(device, kind)


class _States:
    """A forward network that goes on from where it was."""

    def __init__(self, problem: _Answerer, network: Network) -> None:
        self._problem, self._network = problem, network
        self._steps = steps_of(network)
        self._answer: SignalAnswer | None = None

    def push(self, scaled: Values) -> None:
        logits = self._steps.push(_image(scaled, self._network))
        (self._answer,) = signal_answers(self._problem.decode(logits, None))

    def answer(self, *, ended: bool) -> SignalAnswer | None:
        return self._answer


class _Windows:
    """Each window by itself; of the stream only the last window's steps are kept."""

    def __init__(self, problem: _Answerer, network: Network, window: int) -> None:
        self._problem, self._network, self._window = problem, network, window
        self._stride = problem.spec.settings(SignalSpec).stride or max(1, window // 2)
        self._kept = np.zeros((0, len(problem.shape.channels)), np.float32)
        self._begin = 0
        """Where in the stream what is kept begins."""
        self._next = 0
        self._sums = np.zeros(problem.symbols)
        self._count = 0
        self._latest: WindowAnswer | None = None
        self._ended = False

    def push(self, scaled: Values) -> None:
        self._kept = np.concatenate([self._kept, scaled])
        while self._next + self._window <= self._end:
            self._ask(self._next, self._next + self._window)
            self._next += self._stride
        # The end of the stream may need the last whole window.
        spare = min(self._next, self._end - self._window) - self._begin
        if spare > 0:
            self._kept, self._begin = self._kept[spare:], self._begin + spare

    @property
    def _end(self) -> int:
        return self._begin + len(self._kept)

    def answer(self, *, ended: bool) -> SignalAnswer | None:
        if ended and self._end and not self._ended:
            self._ended = True
            last = window_spans(self._end, self._window, self._stride)[-1]
            # Windows that are complete were asked when they were; what is left is at most one.
            asked = self._count and last == (
                self._next - self._stride,
                self._next - self._stride + self._window,
            )
            if not asked and last[1] - last[0] >= self._problem.shape.shortest:
                self._ask(*last)
        if not self._count:
            return None
        windows = () if self._latest is None else (self._latest,)
        means = (self._sums / self._count).tolist()
        classes = self._problem.classes
        return class_answer(means, classes, windows) if classes else value_answer(means[0], windows)

    def _ask(self, start: int, end: int) -> None:
        part = self._kept[start - self._begin : end - self._begin]
        logits, lengths = self._network(_image(part, self._network), None)
        (one,) = signal_answers(self._problem.decode(logits, lengths))
        self._sums += np.array(one.probabilities or (one.value,))
        self._count += 1
        self._latest = WindowAnswer(start, end, one.text, one.confidence)
