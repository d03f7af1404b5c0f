"""All steps at once of cells that are linear in their state: h' = a h + b, where a and b hang on the inputs alone.

The steps are cut into about √T blocks of √T steps. All blocks go through their own steps side by side, as if each began
at 0, and note the product of their a; then the state is handed from block to block, and what came before each is added:
2·√T operations on large tensors in place of T on small ones. Nothing is divided and no logarithm taken, so that with a
from 0 to 1 nothing can overflow, however long the sequence; states may be of either sign, and a may be 0.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, cast

import torch
from torch import Tensor
from torch.nn import functional

from tidegate.ops.lengths import last
from tidegate.ops.recurrence.cells import State, Weights
from tidegate.ops.recurrence.equations import Terms
from tidegate.ops.recurrence.torch_functions import OverTime


def scan(a: Tensor, b: Tensor, start: Tensor) -> Tensor:
    """The states after every step.

    Args:
        a: ``(B, T, H)``, what is left of the state before; T at least 1.
        b: ``(B, T, H)``, what is added.
        start: ``(B, H)``, before the first step.

    Example:
        >>> half, one = torch.full((1, 3, 1), 0.5), torch.ones(1, 3, 1)
        >>> scan(half, one, torch.zeros(1, 1)).flatten()
        tensor([1.0000, 1.5000, 1.7500])
    """
    return cast(Tensor, _Scan.apply(a, b, start, False))


def over_time(terms: Terms) -> OverTime:
    """The whole of a padded batch by ``scan``."""

    def run(x: Tensor, weights: Weights, state: State, lengths: Tensor | None) -> tuple[Tensor, State]:
        # Under autocast the product is of a shorter type; states that add up over many steps are not.
        given = functional.linear(x, weights.input, weights.input_bias).to(x.dtype)
        y = scan(*terms(given), state.hidden)
        return y, State(last(y, lengths, state.hidden))

    return run


class _Scan(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, a: Tensor, b: Tensor, start: Tensor, backwards: bool) -> Tensor:
        y = _blockwise(a, b, start, backwards)
        ctx.backwards = backwards
        ctx.save_for_backward(a, y, start)
        return y

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        """δ of a state is its own gradient and a of the next step times δ there: a scan the other way."""
        a, y, start = ctx.saved_tensors
        left, right = (a[:, :1], a[:, 1:]) if not ctx.backwards else (a[:, -1:], a[:, :-1])
        nothing = torch.zeros_like(left)
        parts = [right, nothing] if not ctx.backwards else [nothing, right]
        delta = cast(
            Tensor, _Scan.apply(torch.cat(parts, 1), grads[0], torch.zeros_like(start), not ctx.backwards)
        )
        first = delta[:, 0] if not ctx.backwards else delta[:, -1]
        before = [start[:, None], y[:, :-1]] if not ctx.backwards else [y[:, 1:], start[:, None]]
        return delta * torch.cat(before, 1), delta, left[:, 0] * first, None


def _blockwise(a: Tensor, b: Tensor, start: Tensor, backwards: bool) -> Tensor:
    batch, time, hidden = b.shape
    length = math.isqrt(time - 1) + 1
    blocks = -(-time // length)
    # Beyond the end stands a = b = 0; a scan backwards begins there, and is given 0 to begin with.
    room = (0, 0, 0, blocks * length - time)
    product = functional.pad(a, room).reshape(batch, blocks, length, hidden)
    state = functional.pad(b, room).reshape(batch, blocks, length, hidden)
    steps = range(length) if not backwards else range(length - 1, -1, -1)
    for before, now in pairwise(steps):
        state[:, :, now].addcmul_(product[:, :, now], state[:, :, before])
        product[:, :, now].mul_(product[:, :, before])
    return _joined(product, state, start, steps, backwards)[:, :time]


def _joined(product: Tensor, state: Tensor, start: Tensor, steps: Sequence[int], backwards: bool) -> Tensor:
    """Hand the state from block to block."""
    blocks, starts, before = state.shape[1], torch.empty_like(state[:, :, 0]), start
    for block in range(blocks) if not backwards else range(blocks - 1, -1, -1):
        starts[:, block] = before
        before = torch.addcmul(state[:, block, steps[-1]], product[:, block, steps[-1]], before)
    return state.addcmul_(product, starts[:, :, None]).flatten(1, 2)
