"""A signal piece by piece: any cutting gives the answer for all of it at once, and what looks ahead is refused."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from signal_cases import drawn, problem_of, signals
from tidegate.data.signals.signal_set import Signal
from tidegate.data.signals.sound.log_mel import log_mel
from tidegate.errors import ConfigError, DataError
from tidegate.network.cells import CELLS
from tidegate.tasks.evaluation import evaluate
from tidegate.tasks.signal.answers import SignalAnswer, signal_answers
from tidegate.tasks.signal.problem import SignalProblem
from tidegate.tasks.signal.reading import Shape
from tidegate.tasks.signal.stream import SignalStream, StreamAnswer

POOLINGS = {
    "last": "{cell}fxs6",
    "mean": "{cell}fx6 Ap0,0",
    "max": "{cell}fx6 Mp0,0",
    "attention": "{cell}fx6 At5",
}
LETTERS = [cell.letter for cell in CELLS.values()]
OTHERS = {
    "pointwise": "Cl1,1,6 Bnr Do0.3 Lfx5 Dl0.2 Ap0,0 Fr4",
    "max behind a ReLU": "Lfx4 Cl1,1,6 Bnr Mp0,0",
    "branches": "(Lfxs3 [Gfx4 Ap0,0] [Rfx2 At3]) Fr5",
    "residual": "Lfx2 (I Gfx2) A3,2 Mp0,0",
    "two summaries": "Lfxs4 Gfxs3",
}
TEXTS = {
    f"{cell} {layers} {pooling}": " ".join([f"{cell}fx5"] * (layers - 1) + [text.format(cell=cell)])
    for cell in LETTERS
    for layers in (1, 2)
    for pooling, text in POOLINGS.items()
} | OTHERS


def at_once(problem: SignalProblem, network: torch.nn.Module, one: Signal) -> SignalAnswer:
    (answer,) = signal_answers(evaluate(network, problem, problem.split_of([one]), labelled=False).answers)
    return answer


def in_pieces(stream: SignalStream, values: NDArray[np.float32], cuts: list[int]) -> StreamAnswer:
    bounds = [0, *sorted(min(cut, len(values)) for cut in cuts), len(values)]
    for start, end in pairwise(bounds):
        stream.push(values[start:end])
    return stream.finish()


CUTS = st.lists(st.integers(0, 40), max_size=6)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@settings(max_examples=8, deadline=None)
@given(cuts=CUTS, seed=st.integers(0, 3))
def test_any_cutting_gives_the_answer_for_all(text: str, cuts: list[int], seed: int) -> None:
    some = signals(6)
    problem, _ = problem_of(f"[1,1,0,2 {text} O0s0]", some)
    network = drawn(problem, seed)
    one = some[seed]
    streamed = in_pieces(SignalStream(problem, network), one.values, cuts)
    whole = at_once(problem, network, one)
    assert streamed.steps == len(one)
    assert streamed.probabilities == pytest.approx(whole.probabilities, abs=2e-6)
    assert max(abs(p - 1 / 3) for p in whole.probabilities) > 1e-4


@pytest.mark.parametrize("text", ["Lfxs5", "Gfx5 At3"])
def test_every_prefix_is_answered_as_if_it_were_all(text: str) -> None:
    some = signals(3)
    problem, network = problem_of(f"[1,1,0,2 {text} O0s0]", some)
    stream = SignalStream(problem, network)
    for end in range(1, len(some[0]) + 1):
        answer = stream.push(some[0].values[end - 1 : end])
        whole = at_once(problem, network, replace(some[0], values=some[0].values[:end]))
        assert (answer.steps, answer.answer) == (end, whole.text)
        assert answer.probabilities == pytest.approx(whole.probabilities, abs=2e-6)


@settings(max_examples=30, deadline=None)
@given(cuts=CUTS, length=st.integers(1, 40), window=st.integers(2, 12), stride=st.integers(1, 12))
def test_windows_of_a_stream(cuts: list[int], length: int, window: int, stride: int) -> None:
    """Each window by itself, so that the network may look in both directions."""
    some = signals(6)
    stride = min(stride, window)
    problem, network = problem_of("[1,1,0,2 Lbxs5 O0s0]", some, window=window, stride=stride)
    values = np.random.default_rng(length).normal(5, 2, (length, 2)).astype(np.float32)
    streamed = in_pieces(SignalStream(problem, network), values, cuts)
    whole = at_once(problem, network, Signal("a", values))
    assert streamed.probabilities == pytest.approx(whole.probabilities, abs=2e-6)
    assert streamed.window is not None
    last = whole.windows[-1]
    assert (streamed.window.start, streamed.window.end, streamed.window.text) == (
        last.start,
        last.end,
        last.text,
    )


@settings(max_examples=25, deadline=None)
@given(
    cuts=st.lists(st.integers(0, 900), max_size=6),
    samples=st.integers(1, 800),
    frame=st.sampled_from([5.0, 25.0]),
    hop=st.sampled_from([3.0, 10.0, 31.0]),
)
def test_sound_in_pieces_gives_the_same_frames(
    cuts: list[int], samples: int, frame: float, hop: float
) -> None:
    some = [Signal("a", np.random.default_rng(0).normal(size=(9, 4)).astype(np.float32), "ebb")]
    problem, network = problem_of("[1,1,0,4 Gfxs5 O0s0]", some, mels=4, frame=frame, hop=hop)
    problem = replace(problem, shape=Shape(tuple("0123"), sound_rate=8000))
    sound = np.random.default_rng(samples).normal(0, 0.3, samples).astype(np.float32)
    streamed = in_pieces(SignalStream(problem, network), sound, cuts)
    features = log_mel(sound, 8000, mels=4, frame=frame, hop=hop)
    assert streamed.steps == samples
    assert streamed.probabilities == pytest.approx(
        at_once(problem, network, Signal("a", features)).probabilities, abs=2e-6
    )


def test_values() -> None:
    some = signals(9, valued=True)
    problem, network = problem_of("[1,1,0,2 Lfxs5 O0l0]", some, valued=True)
    streamed = in_pieces(SignalStream(problem, network), some[0].values, [3])
    assert streamed.answer == at_once(problem, network, some[0]).text
    assert np.isnan(streamed.confidence) and streamed.probabilities == ()


@pytest.mark.parametrize("missing", ["zero", "mask"])
def test_missing_values_of_a_stream(missing: str) -> None:
    channels = 3 if missing == "mask" else 2
    problem, network = problem_of(
        f"[1,1,0,{channels} Lfxs5 O0s0]", signals(6, channels=channels), missing=missing
    )
    values = signals(1)[0].values.copy()
    values[3, 1] = values[7, 0] = np.nan
    filled = np.where(np.isnan(values), 0, values).astype(np.float32)
    if missing == "mask":
        filled = np.concatenate([filled, np.isnan(values).mean(axis=1, keepdims=True)], axis=1).astype(
            np.float32
        )
    whole = at_once(problem, network, Signal("a", filled))
    streamed = in_pieces(SignalStream(problem, network), values, [2, 5])
    assert streamed.probabilities == pytest.approx(whole.probabilities, abs=2e-6)


@pytest.mark.parametrize("missing", ["none", "linear"])
def test_a_stream_cannot_be_interpolated(missing: str) -> None:
    problem, network = problem_of("[1,1,0,2 Lfxs5 O0s0]", signals(6), missing=missing)
    stream = SignalStream(problem, network)
    stream.push(np.ones((4, 2)))
    with pytest.raises(DataError) as caught:
        stream.push([[1.0, 2.0], [1.0, np.nan]])
    assert "row 6, channel 1" in str(caught.value)


@pytest.mark.parametrize("chunk", [[[1.0, 2.0, 3.0]], [1.0, 2.0], 3.0])
def test_other_channels(chunk: object) -> None:
    problem, network = problem_of("[1,1,0,2 Lfxs5 O0s0]", signals(6))
    with pytest.raises(DataError, match="other channels") as caught:
        SignalStream(problem, network).push(chunk)  # type: ignore[arg-type]
    assert "row 1" in str(caught.value) and "2 columns" in str(caught.value)


@pytest.mark.parametrize("text", ["Lbxs5", "Lrxs5", "Cr1,3,4 Lfxs5", "Lfx4 Mp1,2 Ap0,0", "(Lfxs3 Gbxs3)"])
def test_what_looks_ahead_is_refused(text: str) -> None:
    problem, network = problem_of(f"[1,1,0,2 {text} O0s0]", signals(6))
    with pytest.raises(ConfigError):
        SignalStream(problem, network)


def test_scaling_by_the_whole_is_refused() -> None:
    problem, network = problem_of("[1,1,0,2 Lfxs5 O0s0]", signals(6), scaling="sample")
    with pytest.raises(ConfigError, match="before they end"):
        SignalStream(problem, network)


def test_nothing_yet_and_no_more() -> None:
    problem, network = problem_of("[1,1,0,2 Lfxs5 O0s0]", signals(6))
    stream = SignalStream(problem, network)
    assert stream.push(np.zeros((0, 2))) == StreamAnswer(0, confidence=pytest.approx(np.nan, nan_ok=True))
    first = stream.push(np.ones((2, 2)))
    assert stream.push(np.zeros((0, 2))) == first
    assert stream.finish() == first == stream.finish()
    with pytest.raises(DataError, match="has ended"):
        stream.push(np.ones((1, 2)))
