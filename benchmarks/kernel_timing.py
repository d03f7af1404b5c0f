"""Times one shape: its contenders in turn, round by round, beside the peak of the machine at that time."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

import torch
from kernel_contenders import Bench, Contender, check
from kernel_shapes import Shape

ROUND_SECONDS = 0.01  # short calls are repeated to this in every round
ENOUGH_SECONDS = 0.1  # of a shape, building and checking included; more rounds come only below it
MOST_ROUNDS = 15
# After parallel work, threads of OpenMP go on spinning for about 5 ms, on a core that ONNX Runtime's threads need then.
# Tidegate and torch share one pool of OpenMP, and ONNX Runtime stops its own (see kernel_contenders).
SETTLE_SECONDS = 0.01
PEAK_SIZE, PEAK_SECONDS = 2048, 180.0


@dataclass
class Peak:
    """GFLOP/s of a large matrix product, by number of threads: what the machine gives at this time of the run."""

    history: list[dict[str, float]] = field(default_factory=list)
    latest: dict[int, tuple[float, float]] = field(default_factory=dict)

    def at(self, threads: int) -> float:
        when, gflops = self.latest.get(threads, (float("-inf"), 0.0))
        now = time.monotonic()
        if now - when > PEAK_SECONDS:
            gflops = _peak(threads)
            self.latest[threads] = (now, gflops)
            self.history.append({"threads": threads, "gflops": round(gflops, 1)})
        return gflops


def _peak(threads: int) -> float:
    """The best of three medians of three."""
    torch.set_num_threads(threads)
    a, b = torch.randn(2, PEAK_SIZE, PEAK_SIZE)
    out = a @ b
    medians = [statistics.median(_timed(lambda: torch.mm(a, b, out=out)) for _ in range(3)) for _ in range(3)]
    return 2 * PEAK_SIZE**3 / min(medians) / 1e9


def measure(shape: Shape, peak: Peak, rounds: int | None = None, enough: float = ENOUGH_SECONDS) -> dict:
    """A row: the medians of a shape, and what follows from them.

    Args:
        shape: What to measure.
        peak: Of this run.
        rounds: So many; ``None``: at least three (two where a round takes over a second, one over ten), and more
            while the shape has not taken `enough` seconds.
        enough: Seconds.

    Raises:
        TrainingError: A contender's answer is not torch's.
    """
    peak_gflops = peak.at(shape.threads)
    begun = time.perf_counter()
    torch.set_num_threads(shape.threads)
    contenders = Bench(shape).contenders()
    first = _first_calls(shape, contenders)
    least = rounds or (3 if sum(first.values()) < 1 else 2 if sum(first.values()) < 10 else 1)
    times: dict[str, list[float]] = {one.name: [] for one in contenders}
    done = 0
    while done < least or (
        rounds is None and done < MOST_ROUNDS and time.perf_counter() - begun < min(enough, ENOUGH_SECONDS)
    ):
        for place in range(len(contenders)):
            # Each begins a round in its turn: none always runs in the warmth or the noise of the same other.
            one = contenders[(done + place) % len(contenders)]
            times[one.name] += _times_of_round(one, first[one.name], shape.threads)
        done += 1
    return _row(shape, {name: statistics.median(found) for name, found in times.items()}, peak_gflops, done)


def _first_calls(shape: Shape, contenders: list[Contender]) -> dict[str, float]:
    """Warms up and checks; gives the seconds of each first call."""
    seconds, answers = dict[str, float](), dict[str, dict[str, torch.Tensor]]()
    for one in contenders:
        begun = time.perf_counter()
        result = one.run()
        seconds[one.name] = time.perf_counter() - begun
        answers[one.name] = one.answer(result)
    for name, answer in answers.items():
        if name != "torch":
            check(shape, name, answer, answers["torch"])
    return seconds


def _times_of_round(one: Contender, estimate: float, threads: int) -> list[float]:
    if one.name == "ort" and threads > 1:
        time.sleep(SETTLE_SECONDS)
    if estimate < ROUND_SECONDS:
        one.run()  # brings weights and threads back that the others displaced; of a long call it is a small part
    repeats = min(100, max(1, round(ROUND_SECONDS / estimate)))
    return [_timed(one.run) for _ in range(repeats)]


def _timed(function: Callable[[], object]) -> float:
    begun = time.perf_counter()
    result = function()
    seconds = time.perf_counter() - begun
    del result  # kept until here, so that freeing it is not timed
    return seconds


def _row(shape: Shape, seconds: dict[str, float], peak: float, rounds: int) -> dict[str, Any]:
    gflops = {name: shape.flops() / one / 1e9 for name, one in seconds.items()}
    others = [one for name, one in seconds.items() if name != "ours"]
    found = {
        **{f"{name}_ms": one * 1e3 for name, one in seconds.items()},
        **{f"{name}_gflops": one for name, one in gflops.items()},
        "peak_gflops": peak,
        "ours_share": gflops["ours"] / peak,
        "ratio_torch": seconds["torch"] / seconds["ours"],
        "ratio_best": min(others) / seconds["ours"],
    }
    return {**asdict(shape), **{name: f"{number:.4g}" for name, number in found.items()}, "rounds": rounds}
