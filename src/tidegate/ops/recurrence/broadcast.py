"""One step of a cell from one state to many: the same history, continued by several inputs.

A decoder that forecasts all segments of the future at once asks M inputs after one state. Stepping a batch of M copies of
the state would multiply them M times by the recurrent matrix; here that product is taken once a sequence, and inputs that
are the same for every sequence are projected once in all.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from tidegate.ops.recurrence.cells import RecurrentCell, State, Weights


def fan_step(cell: RecurrentCell, x: Tensor, weights: Weights, state: State) -> State:
    """The states after one step, M of them for each sequence.

    Args:
        cell: Which equations; ``tidegate.ops.recurrence.reference.STEPS`` writes them down, and is the law.
        x: ``(B, M, F)``, or ``(1, M, F)`` where all sequences get the same inputs.
        weights: Of one direction.
        state: Before the step, ``(B, H)`` each.

    Returns:
        ``(B, M, H)`` each.

    Example:
        >>> weights = Weights(torch.zeros(3, 2), torch.zeros(3, 1))
        >>> fan_step("gru", torch.ones(1, 4, 2), weights, State(torch.ones(5, 1))).hidden.shape
        torch.Size([5, 4, 1])
    """
    given = functional.linear(x, weights.input, weights.input_bias)  # (B or 1, M, G·H)
    held = functional.linear(state.hidden, weights.recurrent, weights.recurrent_bias)[:, None]  # (B, 1, G·H)
    before = state.hidden[:, None]
    if cell == "lstm":
        assert state.cell is not None
        i, f, g, o = (given + held).chunk(4, dim=2)
        c = torch.sigmoid(f) * state.cell[:, None] + torch.sigmoid(i) * torch.tanh(g)
        return State(torch.sigmoid(o) * torch.tanh(c), c)
    if cell == "gru":
        xr, xz, xn = given.chunk(3, dim=2)
        hr, hz, hn = held.chunk(3, dim=2)
        n = torch.tanh(xn + torch.sigmoid(xr + hr) * hn)
        return State(torch.lerp(n, before.expand_as(n), torch.sigmoid(xz + hz)))
    return State(torch.tanh(given + held) if cell == "elman" else torch.relu(given + held))
