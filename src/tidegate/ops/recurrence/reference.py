"""The reference engine: one step after another in a plain Python loop, as ``tidegate.ops.recurrence.equations`` has them.

Slow; every other engine must agree with it forward and backward. Any dtype and device.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import linear

from tidegate.ops.recurrence.cells import OneDirection, RecurrentCell, State, Weights
from tidegate.ops.recurrence.registry import IMPLEMENTATIONS


def step(cell: RecurrentCell, x: Tensor, state: State, weights: Weights) -> State:
    """One step.

    Args:
        cell: Which.
        x: ``(B, F)``.
        state: Before it, ``(B, H)`` each.
        weights: Of one direction.

    Example:
        >>> weights = Weights(torch.eye(2), torch.zeros(2, 2))
        >>> step("elman-relu", torch.ones(1, 2), State(torch.zeros(1, 2)), weights).hidden
        tensor([[1., 1.]])
    """
    given = linear(x, weights.input, weights.input_bias)
    held = linear(state.hidden, weights.recurrent, weights.recurrent_bias)
    return IMPLEMENTATIONS[cell].update(given, held, state)


def run_reference(
    cell: RecurrentCell,
    x: Tensor,
    weights: Weights,
    state: State,
    lengths: Tensor | None,
    direction: OneDirection,
) -> tuple[Tensor, State]:
    """See ``tidegate.ops.recurrence.layer.recurrence``."""
    outputs: list[Tensor] = [x.new_zeros(x.shape[0], weights.hidden)] * x.shape[1]
    times = range(x.shape[1]) if direction == "forward" else reversed(range(x.shape[1]))
    for t in times:
        inputs = x[:, t]
        true = None if lengths is None else (t < lengths)[:, None]
        if true is not None:
            inputs = torch.where(true, inputs, 0)
        after = step(cell, inputs, state, weights)
        state = after if true is None else _hold(true, after, state)
        outputs[t] = after.hidden if true is None else torch.where(true, after.hidden, 0)
    y = torch.stack(outputs, dim=1) if outputs else x.new_zeros(x.shape[0], 0, weights.hidden)
    return y, state


def _hold(true: Tensor, after: State, before: State) -> State:
    """A sequence that is over, or has not begun in reverse, keeps its state."""
    cell = None
    if after.cell is not None and before.cell is not None:
        cell = torch.where(true, after.cell, before.cell)
    return State(torch.where(true, after.hidden, before.hidden), cell)
