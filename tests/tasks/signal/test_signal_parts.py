"""Parts of the task ``signal``: scaling, splits with windows, what a report is shown."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from signal_cases import CLASSES, problem_of, signals
from tidegate.config.tasks.signal import SignalSpec
from tidegate.data.signals.signal_set import Signal
from tidegate.results.analysis.samples import Confusion
from tidegate.tasks.signal.answers import class_answer, joined, value_answer
from tidegate.tasks.signal.error_analysis import SHOWN_POINTS, drawn, signal_analysis
from tidegate.tasks.signal.scaling import Scaling, fit_scaling
from tidegate.tasks.signal.split import SignalSplit


@given(seed=st.integers(0, 99), offset=st.sampled_from([0.0, 1e4]), count=st.integers(1, 5))
def test_statistics_are_those_of_all_steps(seed: int, offset: float, count: int) -> None:
    chance = np.random.default_rng(seed)
    parts = [
        (offset + chance.normal(size=(int(chance.integers(1, 9)), 3))).astype(np.float32)
        for _ in range(count)
    ]
    parts = [
        np.concatenate([part[:, :2], np.full((len(part), 1), 7.5, np.float32)], axis=1) for part in parts
    ]
    scaling = fit_scaling(parts, "channel")
    every = np.concatenate(parts).astype(np.float64)
    assert scaling.mean == pytest.approx(every.mean(axis=0), rel=1e-9)
    spread = every.std(axis=0)
    spread[spread <= 1e-7 * np.abs(every).max()] = 1  # A constant channel is only moved.
    assert scaling.deviation == pytest.approx(spread, rel=1e-6)
    scaled = np.concatenate([scaling.apply(part, *scaling.statistics(part)) for part in parts])
    assert scaled.dtype == np.float32 and scaled[:, 2] == pytest.approx(0)


def test_missing_values_count_for_nothing() -> None:
    values = np.array([[2, 0, 0.5], [4, 10, 0], [0, 0, 0], [0, 30, 0.5]], np.float32)
    scaling = fit_scaling([values], "channel", mask=2)
    given = [[2, 4, 0], [10, 0, 30]]
    assert scaling.mean[:2] == pytest.approx([np.mean(one) for one in given])
    assert scaling.deviation[:2] == pytest.approx([np.std(one) for one in given])
    scaled = scaling.apply(values, *scaling.statistics(values))
    assert scaled[:, 2].tolist() == [0.5, 0, 0, 0.5]
    assert scaled[0, 1] == scaled[3, 0] == 0 and scaled[2, 0] != 0


def test_values_stay_bytes_until_a_batch_needs_them() -> None:
    values = np.arange(60, dtype=np.uint8).reshape(20, 3)
    some = [Signal(str(n), values[: 20 - n], "ebb") for n in range(4)]  # type: ignore[arg-type]
    split = SignalSplit(some, "abc", None, Scaling("none"), lambda _: 0.0, SignalSpec(window=6, stride=6))
    assert all(
        window.values.base is not None and window.values.dtype == np.uint8 for window in split.windows.signals
    )
    batch = split.batch([0, 3])
    assert batch.inputs.dtype == torch.float32 and batch.inputs.shape == (2, 3, 1, 6)
    assert torch.equal(batch.inputs[0, :, 0].T, torch.from_numpy(values[:6].astype(np.float32)))


@settings(deadline=None)
@given(window=st.integers(1, 40), stride=st.integers(1, 40), size=st.integers(1, 9))
def test_an_epoch_has_every_window_once(window: int, stride: int, size: int) -> None:
    some = signals(7)
    spec = SignalSpec(window=window, stride=min(stride, window))
    split = SignalSplit(some, "ab", None, Scaling("none"), lambda _: 0.0, spec)
    assert len(split) == 7 and len(split.sizes()) == len(split.windows) >= 7
    for plan in (split.plan(size, 0, 1), split.plan_in_order(size)):
        assert sorted(index for batch in plan for index in batch) == list(range(len(split.windows)))
    for number, one in enumerate(some):
        covered = np.zeros(len(one), bool)
        for place in np.flatnonzero(split.windows.sequences == number):
            part = split.windows.signals[place]
            covered[part.start : part.start + len(part)] = True
            assert len(part) <= window
        assert covered.all()


def test_padding_is_zero_and_targets_are_of_the_sequence() -> None:
    some = signals(9)
    problem, _ = problem_of("[1,1,0,2 Lfxs5 O0s0]", some, window=10)
    split = problem.split_of(some)
    places = list(range(len(split.windows)))
    batch = split.batch(places)
    assert batch.lengths is not None
    for row, length, place in zip(batch.inputs, batch.lengths.tolist(), places, strict=True):
        assert not row[:, :, length:].any() and row[:, :, :length].any()
        sequence = split.signals[split.windows.sequences[place]]
        assert CLASSES[int(batch.targets[place])] == sequence.target


def test_answers_of_windows_become_one() -> None:
    places = [(0, 4), (2, 6)]
    two = [class_answer([0.6, 0.4, 0.0], CLASSES), class_answer([0.1, 0.3, 0.6], CLASSES)]
    one = joined(two, places, CLASSES)
    assert one.probabilities == pytest.approx((0.35, 0.35, 0.3)) and one.text in ("ebb", "flow")
    assert [(w.start, w.end, w.text) for w in one.windows] == [(0, 4, "ebb"), (2, 6, "slack")]
    mean = joined([value_answer(1.0), value_answer(4.0)], places, ())
    assert (mean.value, mean.text) == (2.5, "2.5") and math.isnan(mean.confidence)


@given(length=st.integers(1, 2000), seed=st.integers(0, 9))
def test_a_drawing_keeps_the_extremes(length: int, seed: int) -> None:
    values = np.random.default_rng(seed).normal(size=length).astype(np.float32)
    points = drawn(values)
    assert len(points) == min(length, SHOWN_POINTS)
    assert (min(points), max(points)) == pytest.approx((values.min(), values.max()), rel=1e-4)


def test_evidence_of_classes() -> None:
    some = [replace(one, name=f"n{i}") for i, one in enumerate(signals(30))]
    problem, _ = problem_of("[1,1,0,2 Lfxs5 O0s0]", some)
    sure = {CLASSES[0]: [0.9, 0.1, 0.0], CLASSES[1]: [0.0, 1.0, 0.0], CLASSES[2]: [0.2, 0.5, 0.3]}
    answers = [class_answer(sure[one.target], CLASSES) for one in some]
    found, _ = signal_analysis(problem.split_of(some), answers, CLASSES)
    assert found.matrix == ((10, 0, 0), (0, 10, 0), (0, 10, 0))
    assert found.confusions == (Confusion("slack", "flow", 10),)
    assert len(found.samples) == 10 and all(one.error == 1.0 for one in found.worst)
    assert sum(group.samples for group in found.errors_by_length) == 30
    shown = found.samples[0].signal
    assert (
        shown is not None
        and shown.steps == len(some[0])
        and shown.values[1] == pytest.approx(some[0].values[:, 1], rel=1e-3)
    )


def test_evidence_of_values() -> None:
    some = signals(700, valued=True)
    problem, _ = problem_of("[1,1,0,2 Lfxs5 O0l0]", some, valued=True)
    answers = [value_answer(float(one.target) + (3 if i == 40 else 0)) for i, one in enumerate(some)]
    found, _ = signal_analysis(problem.split_of(some), answers, ())
    assert found.scatter is not None and len(found.scatter) == 500 and found.matrix == ()
    assert found.worst[0].name == some[40].name and found.worst[0].error == pytest.approx(3)
