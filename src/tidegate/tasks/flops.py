"""What one example costs a network, whichever task it is of: its arithmetic, decoders and character networks included."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from torch import nn

from tidegate.models.summary import flops
from tidegate.ops.flops import count_flops
from tidegate.tasks.contract import Problem
from tidegate.tasks.split import Split

AnswerOne = Callable[[nn.Module, Any, int], object]


def answering(problem: Problem) -> AnswerOne | None:
    """How a problem answers one sample, to be counted or timed; ``None`` for a task of one's own that does not say."""
    return getattr(problem, "answer_one", None)


def example_flops(problem: Problem, network: nn.Module, split: Split) -> int | None:
    """FLOPs of one example of the middle size, forward; for a text, of one window.

    Args:
        problem: Knows how its network is run.
        network: Any that ``problem.network()`` gives; its weights do not matter.
        split: Where the example is from.

    Returns:
        Counted while it runs. Of a task of one's own that does not say how one sample is answered, those of the layers;
        ``None`` where their sizes are not known.
    """
    sizes: Sequence[int] = split.sizes()
    middle = sorted(range(len(sizes)), key=lambda index: sizes[index])[len(sizes) // 2]
    answer = answering(problem)
    if answer is None:
        return flops(problem.architecture, problem.symbols, int(sizes[middle]))
    training = network.training
    network.eval()
    try:
        return count_flops(lambda: answer(network, split, middle))
    finally:
        network.train(training)
