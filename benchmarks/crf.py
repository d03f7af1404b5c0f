"""The linear-chain CRF: the native kernel beside the plain torch operations that are its reference.

    OMP_NUM_THREADS=1 python benchmarks/crf.py [--rounds 15] [--threads 1]

Milliseconds a batch, medians; the engines take turns, each after a call that does not count. `step` is the log-likelihood
forward and backward, to scores and transitions; `decode` is Viterbi, to Python's own lists. Before a shape is timed, the
engines must agree.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

import torch
from torch import Tensor

from tidegate.errors import TrainingError
from tidegate.ops.crf.layer import ENGINES, Transitions, crf_decode, crf_log_likelihood
from tidegate.ops.native_library import isa

BATCH = 32
SHAPES = [(25, 23), (50, 23), (25, 46), (50, 46)]  # T, K
REPEATS = {"native": 10, "reference": 1}
Work = Callable[[str], object]


def works(time_steps: int, tags: int) -> dict[str, Work]:
    """What is timed, for an engine. All sequences are full."""
    torch.manual_seed(0)
    scores = torch.randn(BATCH, time_steps, tags, requires_grad=True)
    truth = torch.randint(0, tags, (BATCH, time_steps))
    lengths = torch.full((BATCH,), time_steps)
    edges = [torch.randn(shape, requires_grad=True) for shape in ((tags, tags), (tags,), (tags,))]
    transitions = Transitions(*edges)

    def step(engine: str) -> tuple[Tensor, ...]:
        value = crf_log_likelihood(scores, truth, lengths, transitions, engine=engine)
        return torch.autograd.grad(-value.mean(), [scores, *edges])

    def decode(engine: str) -> list[list[int]]:
        return crf_decode(scores, lengths, transitions, engine=engine)

    for one, other in zip(*map(step, ENGINES), strict=True):
        if not torch.allclose(one, other, rtol=1e-4, atol=1e-6):
            raise TrainingError("the engines do not agree", where=f"T {time_steps}, K {tags}")
    if decode(ENGINES[0]) != decode(ENGINES[1]):
        raise TrainingError("the engines decode different paths", where=f"T {time_steps}, K {tags}")
    return {"step": step, "decode": decode}


def medians(work: Work, rounds: int) -> dict[str, float]:
    """Milliseconds of each engine."""
    times: dict[str, list[float]] = {engine: [] for engine in ENGINES}
    for done in range(rounds):
        for engine in ENGINES[:: 1 if done % 2 else -1]:
            work(engine)  # brings back what the other engine displaced from the caches
            for _ in range(REPEATS[engine]):
                begun = time.perf_counter()
                work(engine)
                times[engine].append((time.perf_counter() - begun) * 1e3)
    return {engine: statistics.median(found) for engine, found in times.items()}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    print(f"B {BATCH}, {options.threads} threads, {isa()}, torch {torch.__version__}")
    print(f"{'T':>4}{'K':>4}  {'work':8}{'native':>10}{'reference':>12}{'ratio':>8}")
    for time_steps, tags in SHAPES:
        for name, work in works(time_steps, tags).items():
            found = medians(work, options.rounds)
            native, reference = (found[engine] for engine in ENGINES)
            ratio = reference / native
            print(f"{time_steps:4}{tags:4}  {name:8}{native:10.3f}{reference:12.2f}{ratio:8.1f}")


if __name__ == "__main__":
    main()
