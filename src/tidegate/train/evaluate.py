"""One pass over a split without learning: answers, metrics, and how fast they came."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from tidegate.data.batches import prefetch
from tidegate.tasks.problem import Answer, Metrics, Problem, Split, TaskBatch

EVALUATION_BATCH = 16


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


def answer(
    network: nn.Module, problem: Problem, split: Split, device: torch.device
) -> Iterator[tuple[TaskBatch, Tensor, Tensor | None]]:
    """The network's output for every batch of a split: ``(batch, logits, lengths)``."""
    batches = (split.batch(indices) for indices in split.plan_in_order(EVALUATION_BATCH))
    kind = next((parameter.dtype for parameter in network.parameters()), torch.float32)
    for batch in prefetch(batches, depth=2):
        lengths = None if batch.lengths is None else batch.lengths.to(device)
        logits, out_lengths = network(problem.condition(batch.inputs.to(device, kind)), lengths)
        yield batch, logits, out_lengths


def evaluate(
    network: nn.Module, problem: Problem, split: Split, device: torch.device, *, labelled: bool = True
) -> Evaluation:
    """Answers for a whole split, and their metrics if it is labelled."""
    answers: list[Answer | None] = [None] * len(split)
    losses, counted = 0.0, 0
    begun = time.perf_counter()
    with not_training(network):
        for batch, logits, lengths in answer(network, problem, split, device):
            if labelled:
                losses += float(problem.loss(logits, lengths, batch)) * len(batch.indices)
                counted += len(batch.indices)
            for index, one in zip(batch.indices, problem.decode(logits, lengths), strict=True):
                answers[index] = one
    seconds = time.perf_counter() - begun
    complete = [one for one in answers if one is not None]
    metrics: Metrics = {}
    if labelled:
        metrics = {"loss": losses / max(1, counted), **problem.metrics(split.references, complete)}
    return Evaluation(metrics, complete, len(split) / max(seconds, 1e-9))
