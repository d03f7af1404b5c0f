"""A moving average of the weights, which is what gets validated and kept where ``train.average`` asks for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_swa_multi_avg_fn


def average_of(network: nn.Module, decay: float) -> AveragedModel:
    """An exponential moving average of weights and running statistics.

    Early on the average follows the weights closely (decay ``(1 + n) / (10 + n)`` after n steps), else the first
    hundred steps would weigh on it for the rest of a short run (Polyak and Juditsky 1992; the warm-up as in TensorFlow's
    ``ExponentialMovingAverage``).
    """

    return AveragedModel(network, multi_avg_fn=_follow(decay), use_buffers=True)


def mean_of(network: nn.Module) -> AveragedModel:
    """The plain mean of the weights from now on (Polyak and Juditsky 1992): what ``asgd`` keeps once it is triggered."""
    return AveragedModel(network, multi_avg_fn=_mean, use_buffers=True)


def begin(average: AveragedModel, network: nn.Module) -> None:
    """Let an average start from a network's weights as they are, and forget what it has seen."""
    average.module.load_state_dict(network.state_dict())
    average.n_averaged.zero_()  # pyright: ignore[reportCallIssue] - a buffer


@torch.no_grad()
def _mean(averages: Sequence[Tensor], currents: Sequence[Tensor], count: Tensor | int) -> None:
    """Of tensors of one type. Masks and counters have no mean; torch's own function fails on them."""
    if averages[0].is_floating_point():
        get_swa_multi_avg_fn()(list(averages), list(currents), count)
    else:
        for average, current in zip(averages, currents, strict=True):
            average.copy_(current)


def _follow(decay: float) -> Callable[[Sequence[Tensor], Sequence[Tensor], Tensor | int], None]:
    @torch.no_grad()
    def update(averages: Sequence[Tensor], currents: Sequence[Tensor], count: Tensor | int) -> None:
        steps = int(count)
        weight = 1 - min(decay, (1 + steps) / (10 + steps))
        for average, current in zip(averages, currents, strict=True):
            if average.is_floating_point():
                average.lerp_(current.to(average.dtype), weight)
            else:
                average.copy_(current)

    return update
