"""What ``tidegate predict`` does with a model of signals: an answer a sequence, or answers while a stream goes on."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from tidegate.errors import ConfigError, EmptyDataError

if TYPE_CHECKING:
    from tidegate.api.model import Model
    from tidegate.api.signals import SignalPrediction, SignalStream, StreamAnswer, WindowAnswer


def answer_signals(
    model: Model, inputs: Sequence[str], *, stream: bool, every: int | None, as_json: bool
) -> tuple[int, str]:
    """Answer for files, or for a stream.

    Returns:
        What could not be answered: how many, and of what.

    Raises:
        ConfigError: The flags do not go together, or the model is of another task.
    """
    if stream:
        return stream_signals(model, inputs, every=every, as_json=as_json), "rows could not be read"
    if every is not None:
        raise ConfigError(
            "--every is of --stream", got=f"--every {every}", hint="add --stream, or leave it out"
        )
    return predict_signals(model, inputs, as_json=as_json), "sequences or files could not be answered"


def predict_signals(model: Model, inputs: Sequence[str], *, as_json: bool) -> int:
    """Answer for files and folders, print the answers, and complain about what cannot be used.

    Returns:
        Sequences and files that could not be answered.

    Raises:
        EmptyDataError: There was nothing to answer at all.
    """
    from tidegate.cli.printing import print_json

    failed = 0
    answered: list[SignalPrediction] = []
    # A path at a time: the first answers come soon.
    for path in _paths(inputs):
        for one in model.predict_signals([path]):
            if one.error is not None:
                print(f"{one.name}: {one.error}", file=sys.stderr)
                failed += 1
                continue
            answered.append(one)
            if not as_json:
                print(f"{one.name}\t{one.answer}", flush=False)
        sys.stdout.flush()
    if as_json:
        print_json([_plain(one) for one in answered])
    if not answered and not failed:
        raise EmptyDataError("no signal to answer for", where=" ".join(inputs), expected="files or folders")
    return failed


def _paths(inputs: Sequence[str]) -> Iterator[str]:
    for text in inputs:
        if text == "-":
            yield from (line.rstrip("\r\n") for line in sys.stdin if line.strip())
        else:
            yield text


def _plain(one: SignalPrediction) -> dict[str, Any]:
    plain: dict[str, Any] = {"name": one.name, "answer": one.answer}
    if one.probabilities is None:
        plain["value"] = one.value
    else:
        plain["confidence"] = round(one.confidence, 4)
        plain["probabilities"] = {name: round(value, 4) for name, value in one.probabilities.items()}
    if one.windows:
        plain["windows"] = [_window(window) for window in one.windows]
    return plain


def _window(one: WindowAnswer) -> dict[str, Any]:
    """Steps from 0; the end is not part of it."""
    sure = {} if math.isnan(one.confidence) else {"confidence": round(one.confidence, 4)}
    return {"start": one.start, "end": one.end, "answer": one.text, **sure}


def stream_signals(model: Model, inputs: Sequence[str], *, every: int | None, as_json: bool) -> int:
    """Read rows of numbers from stdin, and print what the network says of all that came so far.

    Args:
        model: Of the task ``signal``.
        inputs: ``-`` and nothing else.
        every: Rows from one answer to the next; default: each, or of sound a tenth of a second.
        as_json: An object a line.

    Returns:
        Rows that could not be read.

    Raises:
        ConfigError: Other inputs were named, or the model cannot answer a stream.
        EmptyDataError: No row came.
    """
    if list(inputs) != ["-"]:
        raise ConfigError(
            "a stream comes on stdin", where="--stream", expected="-", got=" ".join(inputs),
            hint="leave out --stream for files",
        )  # fmt: skip
    from tidegate.cli.signal_rows import Rows

    stream = model.stream()
    rows = Rows(stream.features.names, holes=stream.features.holes)
    step = every or stream.features.usual
    last: StreamAnswer | None = None
    for last in _answers(stream, rows.read(sys.stdin), step):
        _print(last, as_json=as_json)
    if last is None and not rows.failed:
        raise EmptyDataError("no row came", where="stdin", expected="rows of numbers")
    return rows.failed


def _answers(stream: SignalStream, rows: Iterable[Sequence[float]], every: int) -> Iterator[StreamAnswer]:
    waiting: list[Sequence[float]] = []
    answer: StreamAnswer | None = None
    for row in rows:
        waiting.append(row)
        if len(waiting) == every:
            answer = stream.push(waiting)
            waiting = []
            yield answer
    if waiting:
        answer = stream.push(waiting)
    if answer is None:
        return
    last = stream.finish()
    # What the end of the stream adds is told, but nothing twice.
    if waiting or last != answer:
        yield last


def _print(answer: StreamAnswer, *, as_json: bool) -> None:
    if not answer.answer:
        return
    sure = not math.isnan(answer.confidence)
    if as_json:
        plain: dict[str, Any] = {"row": answer.steps, "answer": answer.answer}
        if sure:
            plain["confidence"] = round(answer.confidence, 4)
        if answer.window is not None:
            plain["window"] = _window(answer.window)
        print(json.dumps(plain, ensure_ascii=False), flush=True)
        return
    confidence = f"\t{answer.confidence:.4f}" if sure else ""
    print(f"{answer.steps}\t{answer.answer}{confidence}", flush=True)
