"""What a trained network costs: one sample at a time, in a time that is bounded."""

from __future__ import annotations

import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from tidegate.results.metrics import Latency
from tidegate.training.costs import MOST_SAMPLES, MOST_SECONDS, WARM_UP, costs, latency, peak_memory


class Clock:
    """Stands still, except where somebody works."""

    def __init__(self) -> None:
        self.now = 100.0

    def perf_counter(self) -> float:
        return self.now


class Slow:
    """A problem whose answers take so many seconds, one after the other, the last over and over."""

    def __init__(self, clock: Clock, *seconds: float) -> None:
        self.clock, self.seconds = clock, seconds
        self.asked: list[int] = []
        self.modes: set[tuple[bool, bool]] = set()

    def answer_one(self, network: nn.Module, split: Any, index: int) -> None:
        self.clock.now += self.seconds[min(len(self.asked), len(self.seconds) - 1)]
        self.asked.append(index)
        self.modes.add((network.training, torch.is_inference_mode_enabled()))


class Samples:
    def __init__(self, count: int) -> None:
        self.count = count

    def sizes(self) -> list[int]:
        return [1] * self.count


class NullReporter:
    """A problem of one's own that does not say how it answers one sample."""


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setitem(
        latency.__globals__, "time", made
    )  # whatever else asks for the time gets the true one
    return made


def timed(problem: Any, count: int = 1000, network: nn.Module | None = None) -> Any:
    return latency(network or nn.Linear(1, 1), problem, Samples(count))  # pyright: ignore[reportArgumentType]


def test_samples_are_spread_over_the_split_and_the_first_calls_do_not_count(clock: Clock) -> None:
    problem = Slow(clock, *[0.5] * WARM_UP, 0.002)
    assert timed(problem) == Latency(2.0, 2.0, MOST_SAMPLES)
    counted = problem.asked[WARM_UP:]
    assert (counted[0], counted[-1]) == (0, 999) and len(set(counted)) == MOST_SAMPLES
    assert {after - before for before, after in pairwise(counted)} == {10, 11}


def test_percentiles(clock: Clock) -> None:
    problem = Slow(clock, *[0.0] * WARM_UP, *[0.001] * 90, *[0.004] * 10)
    assert timed(problem) == Latency(1.0, 4.0, 100)


def test_a_slow_network_is_timed_by_fewer_samples(clock: Clock) -> None:
    begun = clock.now
    found = timed(Slow(clock, 0.125))
    assert found.p50 == 125.0 and 10 <= found.samples < MOST_SAMPLES
    assert clock.now - begun <= MOST_SECONDS + 2 * 0.125


def test_a_very_slow_network_is_not_warmed_up_for_long(clock: Clock) -> None:
    problem = Slow(clock, 10.0)
    assert timed(problem) == Latency(10_000.0, 10_000.0, 1)
    assert len(problem.asked) == 2


def test_a_split_of_one_sample_is_timed_over_and_over(clock: Clock) -> None:
    problem = Slow(clock, 0.001)
    assert timed(problem, count=1).samples == MOST_SAMPLES and set(problem.asked) == {0}


@pytest.mark.parametrize("training", [True, False])
def test_the_network_answers_as_in_prediction_and_is_left_as_it_was(training: bool, clock: Clock) -> None:
    network = nn.Linear(1, 1).train(training)
    problem = Slow(clock, 0.001)
    timed(problem, network=network)
    assert problem.modes == {(False, True)} and network.training is training


def test_a_problem_that_does_not_say_how_it_answers_has_no_latency(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "model.json").write_bytes(b"12345")
    (tmp_path / "deep" / "weights").write_bytes(b"123")
    found = costs(nn.Linear(1, 1), NullReporter(), Samples(3), tmp_path)  # pyright: ignore[reportArgumentType]
    assert found.latency_ms is None and found.model_bytes == 8


def test_memory_never_falls() -> None:
    pytest.importorskip("resource", reason="Windows does not say")
    before = peak_memory()
    block = torch.ones(2**24)  # 64 MiB, touched
    after = peak_memory()
    assert before is not None and after is not None and 20 < before <= after
    del block
    assert (peak_memory() or 0) >= after


def test_units_of_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Linux counts in kilobytes, macOS in bytes."""
    resource = pytest.importorskip("resource", reason="Windows does not say")

    class Usage:
        ru_maxrss = 3 * 2**20

    monkeypatch.setattr(resource, "getrusage", lambda _who: Usage)
    monkeypatch.setattr(sys, "platform", "linux")
    assert peak_memory() == 3072.0
    monkeypatch.setattr(sys, "platform", "darwin")
    assert peak_memory() == 3.0


def test_no_memory_where_the_system_does_not_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "resource", None)
    assert peak_memory() is None
