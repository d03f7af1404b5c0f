"""One step of a cell from one state to many: the same history, continued by several inputs.

A decoder that forecasts all segments of the future at once asks M inputs after one state. Stepping a batch of M copies of
the state would multiply them M times by the recurrent matrix; here that product is taken once a sequence, and inputs that
are the same for every sequence are projected once in all.
"""

from __future__ import annotations

from torch import Tensor
from torch.nn.functional import linear

from tidegate.ops.recurrence.cells import RecurrentCell, State, Weights
from tidegate.ops.recurrence.registry import IMPLEMENTATIONS


def broadcast_step(cell: RecurrentCell, x: Tensor, weights: Weights, state: State) -> State:
    """The states after one step, M of them for each sequence.

    Args:
        cell: Which equations.
        x: ``(B, M, F)``, or ``(1, M, F)`` where all sequences get the same inputs.
        weights: Of one direction.
        state: Before the step, ``(B, H)`` each.

    Returns:
        ``(B, M, H)`` each.

    Example:
        >>> import torch
        >>> weights = Weights(torch.zeros(3, 2), torch.zeros(3, 1))
        >>> broadcast_step("gru", torch.ones(1, 4, 2), weights, State(torch.ones(5, 1))).hidden.shape
        torch.Size([5, 4, 1])
    """
    given = linear(x, weights.input, weights.input_bias)  # (B or 1, M, G·H)
    held = linear(state.hidden, weights.recurrent, weights.recurrent_bias)[:, None]  # (B, 1, G·H)
    before = State(*(tensor[:, None] for tensor in state.present))
    return IMPLEMENTATIONS[cell].update(given, held, before)
