"""What a report shows of signals: some of them drawn, the worst mistakes, what is taken for what."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from tidegate.data.signals.signal_set import Signal
from tidegate.results.analysis.signal import Curves, SignalAnalysis, SignalSample
from tidegate.results.samples import Samples
from tidegate.tasks.contract import Answer
from tidegate.tasks.error_analysis import (
    by_length,
    confused_classes,
    confusion_matrix,
    estimates,
    spread,
    worst,
)
from tidegate.tasks.per_sample import Units, by_sample
from tidegate.tasks.signal.answers import SignalAnswer, signal_answers
from tidegate.tasks.signal.split import SignalSplit

SHOWN = 10
SHOWN_POINTS = 240
SHOWN_CHANNELS = 6


def signal_analysis(
    split: SignalSplit, answers: Sequence[Answer], classes: Sequence[str]
) -> tuple[SignalAnalysis, Samples]:
    """Signals spread over the split, the worst ones, and the confusion matrix or the pairs of values.

    Args:
        split: What was answered.
        answers: In its order.
        classes: None of them: the answers are values.
    """
    said = signal_answers(answers)
    errors = _errors(split, said, classes)
    # Of classes the most confident mistakes, of values the largest errors.
    weights = [error * (one.confidence if classes else 1) for error, one in zip(errors, said, strict=True)]
    lengths = [len(signal) for signal in split.signals]
    texts = [one.text for one in said]
    matrix = confusion_matrix(split.references, texts, classes)
    analysis = SignalAnalysis(
        samples=tuple(_shown(split, said, errors, i) for i in spread(len(said), SHOWN)),
        worst=tuple(_shown(split, said, errors, i) for i in worst(weights, SHOWN)),
        confusions=confused_classes(matrix, classes),
        classes=tuple(classes),
        matrix=matrix,
        scatter=None
        if classes
        else estimates(list(map(float, split.references)), [one.value for one in said]),
        errors_by_length=by_length(lengths, errors),
    )
    return analysis, by_sample(
        "accuracy" if classes else "rmse",
        [1 - error if classes else error**2 for error in errors],
        [1] * len(errors),
        root=not classes,
        length=lengths,
        units=Units.groups([signal.group for signal in split.signals]),
        texts={"names": split.names, "references": split.references, "answers": texts},
    )


def drawn(values: NDArray[np.float32], points: int = SHOWN_POINTS) -> list[float]:
    """A channel ``(T,)`` with fewer points that looks the same: the smallest and the largest of each stretch.

    >>> drawn(np.array([0, 5, 0, 1, -3, 1, 2, 2], np.float32), points=4)
    [0.0, 5.0, -3.0, 2.0]
    """
    if len(values) > points:
        bounds = np.linspace(0, len(values), points // 2 + 1).astype(int)
        places = [
            start + place
            for start, end in pairwise(bounds)
            for place in sorted((int(values[start:end].argmin()), int(values[start:end].argmax())))
        ]
        values = values[places]
    return [float(f"{value:.5g}") for value in values]


def _errors(split: SignalSplit, said: Sequence[SignalAnswer], classes: Sequence[str]) -> list[float]:
    pairs = zip(split.references, said, strict=True)
    if classes:
        return [float(one.text != reference) for reference, one in pairs]
    return [abs(one.value - float(reference)) for reference, one in pairs]


def _shown(
    split: SignalSplit, said: Sequence[SignalAnswer], errors: Sequence[float], index: int
) -> SignalSample:
    return SignalSample(
        name=split.names[index],
        reference=split.references[index],
        predicted=said[index].text,
        confidence=said[index].confidence,
        error=errors[index],
        signal=_curves(split.signals[index], split),
    )


def _curves(signal: Signal, split: SignalSplit) -> Curves:
    channels = tuple(split.channels)[:SHOWN_CHANNELS]
    return Curves(
        channels=channels,
        values=tuple(tuple(drawn(signal.values[:, number])) for number in range(len(channels))),
        steps=len(signal),
        rate=split.rate,
    )
