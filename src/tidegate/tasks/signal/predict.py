"""Answers for sequences: what comes in, and the rows that go out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from os import fspath
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from tidegate.config.tasks.signal import SignalSpec
from tidegate.data.memory import is_array, is_path, is_table, plain_array
from tidegate.data.signals.checks import mend
from tidegate.data.signals.signal_set import Signal
from tidegate.errors import DataError, Finding
from tidegate.tasks.prediction.inputs import as_list, one_line, unfit
from tidegate.tasks.prediction.rows import DIGITS, Prediction, known
from tidegate.tasks.signal.answers import SignalAnswer, WindowAnswer
from tidegate.tasks.signal.features import features_of
from tidegate.tasks.signal.reading import Opened, Shape, open_unlabelled

EXPECTED = "files, folders, arrays (T, C) or tables with a column a channel"


@dataclass(frozen=True, repr=False)
class SignalPrediction(Prediction):
    """The answer for one sequence.

    Attributes:
        probabilities: Of each class, most probable first.
        value: In the data's units; NaN for a class.
        windows: Where the model cuts sequences into windows, the answer of each.
    """

    probabilities: dict[str, float] | None = None
    value: float = math.nan
    windows: tuple[WindowAnswer, ...] = ()

    def to_json(self) -> dict[str, object]:
        """Class with probabilities, or value; and what was said of each window."""
        plain = super().to_json()
        if self.error is not None:
            return plain
        if self.probabilities is None:
            plain["value"] = self.value
        else:
            plain["probabilities"] = {name: round(one, DIGITS) for name, one in self.probabilities.items()}
        if self.windows:
            plain["windows"] = [window_json(window) for window in self.windows]
        return plain


def window_json(one: WindowAnswer) -> dict[str, object]:
    """Steps from 0; the end is not part of it."""
    return {"start": one.start, "end": one.end, "answer": one.text, **known("confidence", one.confidence)}


def signal_prediction(name: str, answer: SignalAnswer, classes: Sequence[str]) -> SignalPrediction:
    """What the network said of a sequence."""
    pairs = sorted(zip(classes, answer.probabilities, strict=True), key=lambda pair: -pair[1])
    return SignalPrediction(
        name,
        answer.text,
        answer.confidence,
        probabilities=dict(pairs) or None,
        value=answer.value,
        windows=answer.windows,
    )


def read_inputs(inputs: Any, spec: SignalSpec, shape: Shape) -> Opened:
    """The sequences of a call's inputs; a path may hold several.

    Args:
        inputs: Files and folders, arrays ``(T, C)`` in the data's units, sound as ``(N,)`` from -1 to 1, tables with a
            column for each channel; or a sequence of these, such as an array ``(N, T, C)``. A list of numbers is one
            sequence.
        spec: Of the run.
        shape: What the network takes.

    Raises:
        DataError: An input is of another kind.
    """
    opened = Opened()
    for number, one in enumerate(_listed(inputs), start=1):
        if is_path(one):
            open_unlabelled(Path(fspath(one)), spec, shape, opened)
        else:
            _take(one, f"sequence {number}", spec, shape, opened)
    return opened


def _listed(inputs: Any) -> list[Any]:
    if is_array(inputs) and np.ndim(inputs) == 3:
        return list(plain_array(inputs))
    return [inputs] if _is_numbers(inputs) else as_list(inputs, expected=EXPECTED)


def _is_numbers(one: Any) -> bool:
    """Whether it is a plain list of numbers: steps of one channel."""
    if not isinstance(one, list | tuple) or not one:
        return False
    return all(isinstance(number, int | float) for number in cast(Sequence[object], one))


def _take(one: Any, name: str, spec: SignalSpec, shape: Shape, opened: Opened) -> None:
    try:
        signal = _signal(_values(one, name, spec, shape), name, spec, shape)
    except DataError as error:
        parts = (error.where, one_line(error))
        what = ": ".join(part for part in parts if part and part != name)
        opened.add([], [Finding("error", "unreadable", name, what)])
        return
    reason = shape.too_short(signal)
    if reason is None:
        opened.add([signal], [])
    else:
        opened.add([], [Finding("error", "too-short", name, reason)])


def _values(one: Any, name: str, spec: SignalSpec, shape: Shape) -> NDArray[Any]:
    """What is given as numbers."""
    if is_table(one):
        wanted = list(shape.given(spec))
        missing = [channel for channel in wanted if channel not in one.columns]
        if missing:
            raise DataError(
                "channels of the model are missing",
                where=name,
                expected=", ".join(wanted),
                got=", ".join(map(str, one.columns)),
            )
        one = one[wanted]
    if not (is_array(one) or is_table(one) or isinstance(one, list | tuple)):
        raise unfit(one, name, EXPECTED)
    try:
        return plain_array(one).astype(np.float64)
    except (TypeError, ValueError) as error:
        raise DataError("no numbers", where=name, got=str(error)) from error


def _signal(values: NDArray[Any], name: str, spec: SignalSpec, shape: Shape) -> Signal:
    # A whole sequence can be interpolated, as a stream cannot.
    if spec.missing == "linear" and values.ndim and np.isfinite(values).any(axis=0).all():
        table = values[:, None] if values.ndim == 1 else values
        values = mend(table.astype(np.float32), "linear")[0]
    features = features_of(spec, shape)
    rows = features.rows(values, 0)
    return Signal(name, np.concatenate([features.push(rows), features.finish()]))
