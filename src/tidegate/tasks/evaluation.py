"""One pass over a split without learning: answers, metrics, and how fast they came."""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import nn

from tidegate.tasks.contract import Answer, Metrics, Problem
from tidegate.tasks.split import Split


@dataclass(frozen=True)
class Evaluation:
    """What a pass over a split gave.

    Attributes:
        metrics: The task's figures, and ``loss`` where there are answers to compare with.
        answers: In the order of the split.
        samples_per_second: Of the whole pass: reading, network and decoding.
    """

    metrics: Metrics
    answers: list[Answer]
    samples_per_second: float


@contextmanager
def not_training(network: nn.Module) -> Generator[None]:
    """Dropout off, running statistics used and left alone, no gradients."""
    was_training = network.training
    network.eval()
    try:
        with torch.inference_mode():
            yield
    finally:
        network.train(was_training)


def evaluate(network: nn.Module, problem: Problem, split: Split, *, labelled: bool = True) -> Evaluation:
    """What a network says of a whole split, and its metrics if that is labelled."""
    begun = time.perf_counter()
    with not_training(network):
        evaluated = problem.evaluate(network, split, labelled=labelled)
    seconds = time.perf_counter() - begun
    return Evaluation(evaluated.metrics, evaluated.answers, len(split) / max(seconds, 1e-9))
