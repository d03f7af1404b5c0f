"""What a trained network costs whoever uses it: time for one sample, memory, disk."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np
from torch import nn

from tidegate.results.metrics import Costs, Latency
from tidegate.tasks.contract import Problem
from tidegate.tasks.evaluation import not_training
from tidegate.tasks.flops import answering
from tidegate.tasks.split import Split

MOST_SAMPLES = 100
MOST_SECONDS = 2.0
WARM_UP = 3


def costs(network: nn.Module, problem: Problem, split: Split, model: Path) -> Costs:
    """Latency, memory and size, for metrics.json.

    Args:
        network: Trained.
        problem: Knows how one sample is answered.
        split: Where samples are from.
        model: The model folder, written.
    """
    return Costs(
        latency_ms=latency(network, problem, split),
        peak_memory_mb=peak_memory(),
        model_bytes=sum(file.stat().st_size for file in model.rglob("*") if file.is_file()),
    )


def latency(network: nn.Module, problem: Problem, split: Split) -> Latency | None:
    """Milliseconds from one sample to its answer, alone: median, 95th percentile, and of how many.

    ``None`` for a task of one's own that does not say how it answers one.
    """
    answer = answering(problem)
    if answer is None:
        return None
    places = np.linspace(0, len(split.sizes()) - 1, MOST_SAMPLES).astype(int).tolist()
    taken: list[float] = []
    with not_training(network):
        end = time.perf_counter() + MOST_SECONDS
        for index in places[:WARM_UP]:
            answer(network, split, index)
            if time.perf_counter() > end:
                break
        for index in places:
            begun = time.perf_counter()
            answer(network, split, index)
            taken.append((time.perf_counter() - begun) * 1000)
            if begun > end:
                break
    p50, p95 = np.percentile(taken, [50, 95]).tolist()
    return Latency(round(p50, 4), round(p95, 4), len(taken))


def peak_memory() -> float | None:
    """The most memory that this process has held so far, in megabytes; ``None`` where the system does not say."""
    try:
        import resource
    except ImportError:
        return None
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # Linux counts in kilobytes, macOS in bytes.
    return round(most / (2**20 if sys.platform == "darwin" else 2**10), 1)
