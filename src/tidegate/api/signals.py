"""Answers for signals, of files or arrays at once, or of a stream piece by piece."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from torch import nn

from tidegate.config.tasks.signal import SignalSpec
from tidegate.data.signals.checks import mend
from tidegate.data.signals.signal_set import Signal
from tidegate.errors import DataError, Finding
from tidegate.tasks.evaluation import evaluate
from tidegate.tasks.signal.answers import SignalAnswer, WindowAnswer, signal_answers
from tidegate.tasks.signal.features import features_of
from tidegate.tasks.signal.problem import SignalProblem
from tidegate.tasks.signal.reading import open_unlabelled
from tidegate.tasks.signal.stream import SignalStream, StreamAnswer

__all__ = ["SignalPrediction", "SignalStream", "StreamAnswer", "WindowAnswer", "predict_signals"]

SignalInput = Path | str | NDArray[np.floating]


@dataclass(frozen=True)
class SignalPrediction:
    """The answer for one sequence.

    Attributes:
        name: File, table and id, or place among the arrays.
        answer: A class, or a value as text; empty if the sequence cannot be used.
        confidence: Of a class, 0 to 1; else NaN.
        probabilities: Of each class, most probable first.
        value: In the data's units; NaN for a class.
        windows: Where the model cuts sequences into windows, the answer of each.
        error: Why the sequence cannot be used, else ``None``.
    """

    name: str
    answer: str
    confidence: float = math.nan
    probabilities: dict[str, float] | None = None
    value: float = math.nan
    windows: tuple[WindowAnswer, ...] = ()
    error: str | None = None


def predict_signals(
    network: nn.Module, problem: SignalProblem, inputs: Sequence[SignalInput]
) -> list[SignalPrediction]:
    """Answers in the order of the inputs; a path may hold several sequences.

    Args:
        network: The model's.
        problem: What it learnt.
        inputs: Files, folders, or arrays ``(T, C)`` in the data's units; sound as ``(N,)`` from -1 to 1.
    """
    signals: list[Signal] = []
    refused: dict[int, Finding] = {}
    for number, one in enumerate(inputs, start=1):
        good, bad = _opened(problem, one, number)
        for place in range(len(good) + len(bad)):
            if place in bad:
                refused[len(signals) + len(refused)] = bad[place]
            else:
                signals.append(good.pop(0))
    if not signals:
        return [_refused(refused[place]) for place in sorted(refused)]
    result = evaluate(network, problem, problem.split_of(signals), labelled=False)
    answers = iter(zip(signals, signal_answers(result.answers), strict=True))
    return [
        _refused(refused[place]) if place in refused else _answered(*next(answers), problem.classes)
        for place in range(len(signals) + len(refused))
    ]


def _opened(problem: SignalProblem, one: SignalInput, number: int) -> tuple[list[Signal], dict[int, Finding]]:
    if isinstance(one, str | Path):
        return open_unlabelled([Path(one)], problem.spec.settings(SignalSpec), problem.shape)
    try:
        signal = _array(problem, one, f"sequence {number}")
    except DataError as error:
        parts = (error.what, error.where, error.expected and f"expected {error.expected}", error.got)
        return [], {
            0: Finding("error", "unreadable", f"sequence {number}", ", ".join(part for part in parts if part))
        }
    reason = problem.shape.too_short(signal)
    return ([signal], {}) if reason is None else ([], {0: Finding("error", "too-short", signal.name, reason)})


def _array(problem: SignalProblem, values: NDArray[np.floating], name: str) -> Signal:
    spec = problem.spec.settings(SignalSpec)
    # A whole sequence can be interpolated, as a stream cannot.
    if spec.missing == "linear" and values.ndim and np.isfinite(values).any(axis=0).all():
        table = values[:, None] if values.ndim == 1 else values
        values = mend(table.astype(np.float32), "linear")[0]
    features = features_of(spec, problem.shape)
    rows = features.rows(values, 0)
    return Signal(name, np.concatenate([features.push(rows), features.finish()]))


def _refused(bad: Finding) -> SignalPrediction:
    return SignalPrediction(bad.where, "", error=bad.what)


def _answered(signal: Signal, answer: SignalAnswer, classes: Sequence[str]) -> SignalPrediction:
    pairs = sorted(zip(classes, answer.probabilities, strict=True), key=lambda pair: -pair[1])
    return SignalPrediction(
        signal.name,
        answer.text,
        answer.confidence,
        dict(pairs) or None,
        answer.value,
        answer.windows,
    )
