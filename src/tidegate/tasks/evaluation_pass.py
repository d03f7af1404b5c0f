"""One pass over a split whose samples are answered one by one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from tidegate.tasks.batches import prefetch
from tidegate.tasks.contract import Answer, EvalResult, Metrics
from tidegate.tasks.split import Answered

EVALUATION_BATCH = 16


@dataclass(frozen=True)
class Step:
    """What one batch gave: the samples' places in the split, their mean loss, their answers."""

    indices: Sequence[int]
    loss: float
    answers: Sequence[Answer]


def evaluate_batches(
    split: Answered,
    step: Callable[[Any], Step],
    metrics: Callable[[Sequence[str], Sequence[Answer]], Metrics] | None,
    batch_size: int = EVALUATION_BATCH,
) -> EvalResult:
    """Answers in the order of the split, and their figures.

    Args:
        split: What to answer.
        step: Runs the network on one batch.
        metrics: From references and answers to figures; ``None``: there are no references.
        batch_size: Samples run at a time; answers do not depend on it.
    """
    answers: list[Answer | None] = [None] * len(split)
    losses = 0.0
    batches = (split.batch(indices) for indices in split.plan_in_order(batch_size))
    for batch in prefetch(batches, depth=2):
        one = step(batch)
        losses += one.loss * len(one.indices)
        for index, answer in zip(one.indices, one.answers, strict=True):
            answers[index] = answer
    complete = [answer for answer in answers if answer is not None]
    if metrics is None:
        return EvalResult({}, complete)
    return EvalResult(
        {"loss": losses / max(1, len(complete)), **metrics(split.references, complete)}, complete
    )
