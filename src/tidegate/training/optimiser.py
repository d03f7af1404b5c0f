"""Optimisers, and what is done to gradients and weights around one step.

Weight decay, L1 and L2 touch matrices and kernels only: shrinking a bias or a normalisation's scale regularises
nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.optim import SGD, Adam, AdamW, NAdam, Optimizer, RMSprop

from tidegate.config.tables import OptimiserSpec


def make_optimiser(spec: OptimiserSpec, network: nn.Module) -> Optimizer:
    """The optimiser that a specification names, over the weights that train.

    Weight decay is not passed on: ``decay`` applies it the same decoupled way for every optimiser.
    """
    parameters = [parameter for parameter in network.parameters() if parameter.requires_grad]
    rate = spec.learning_rate
    match spec.name:
        case "sgd" | "asgd":
            # What asgd averages, and when, is the loop's: see tidegate.training.averaging.
            return SGD(parameters, lr=rate, momentum=spec.momentum)
        case "rmsprop":
            return RMSprop(parameters, lr=rate, momentum=spec.momentum)
        case "adam":
            return Adam(parameters, lr=rate)
        case "adamw":
            return AdamW(parameters, lr=rate, weight_decay=0.0)
        case "nadam":
            return NAdam(parameters, lr=rate)


def regularised(network: nn.Module) -> list[nn.Parameter]:
    """The weights that penalties and decay apply to."""
    return [p for p in network.parameters() if p.requires_grad and p.ndim >= 2]


@torch.no_grad()
def penalise(weights: Iterable[nn.Parameter], spec: OptimiserSpec) -> None:
    """Add the gradients of ``l1 · Σ|w|`` and ``l2 · ½ Σw²``; the loss that is shown stays the task's own."""
    if not spec.l1 and not spec.l2:
        return
    for weight in weights:
        if weight.grad is None:
            continue
        if spec.l1:
            weight.grad.add_(weight.sign(), alpha=spec.l1)
        if spec.l2:
            weight.grad.add_(weight, alpha=spec.l2)


@torch.no_grad()
def decay(weights: Iterable[nn.Parameter], spec: OptimiserSpec, learning_rate: float) -> None:
    """Shrink weights by ``learning rate · weight_decay``, apart from the gradient (Loshchilov and Hutter 2019)."""
    if spec.weight_decay:
        for weight in weights:
            weight.mul_(1 - learning_rate * spec.weight_decay)


def clip(parameters: Iterable[Tensor], spec: OptimiserSpec) -> float:
    """Bound the gradient, first each entry, then the whole; returns the norm as it was before (Pascanu et al. 2013).

    This bounds exploding gradients. It does nothing for vanishing ones.
    """
    with_gradient = [p for p in parameters if p.grad is not None]
    largest = spec.clip_norm or float("inf")
    if spec.clip_value:
        norm = nn.utils.get_total_norm([p.grad for p in with_gradient if p.grad is not None])
        nn.utils.clip_grad_value_(with_gradient, spec.clip_value)
        if spec.clip_norm:
            nn.utils.clip_grad_norm_(with_gradient, largest)
        return float(norm)
    return float(nn.utils.clip_grad_norm_(with_gradient, largest))
