"""Whole padded batches by torch's own recurrent functions, which are oneDNN's on a CPU and cuDNN's on a GPU."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from tidegate.ops.lengths import last
from tidegate.ops.recurrence.cells import State, Weights

OverTime = Callable[[Tensor, Weights, State, Tensor | None], tuple[Tensor, State]]
"""``(x, weights, state, lengths) -> (y, state)``, forward. Beyond a length ``x`` is 0, and ``y`` may be anything."""

_SATURATED = (
    1e4  # the sigmoid of it is 1, and of its negative 0, exactly, in every floating-point type but float16
)


def of_one_state(function: Callable[..., tuple[Tensor, Tensor]]) -> OverTime:
    """By ``torch.gru``, ``torch.rnn_tanh`` or ``torch.rnn_relu``."""

    def run(x: Tensor, weights: Weights, state: State, lengths: Tensor | None) -> tuple[Tensor, State]:
        parameters = _parameters(weights, weights.input)
        y = function(x, state.hidden[None], parameters, len(parameters) == 4, 1, 0.0, _train(), False, True)[
            0
        ]
        return y, State(last(y, lengths, state.hidden))

    return run


def of_lstm(x: Tensor, weights: Weights, state: State, lengths: Tensor | None) -> tuple[Tensor, State]:
    """By ``torch.lstm``."""
    assert state.cell is not None
    matrix = weights.input
    if lengths is not None:
        x, matrix = _holding(x, matrix, lengths)
    parameters = _parameters(weights, matrix)
    initial = (state.hidden[None], state.cell[None])
    y, _, memory = torch.lstm(x, initial, parameters, len(parameters) == 4, 1, 0.0, _train(), False, True)
    return y, State(last(y, lengths, state.hidden), memory[0])


def _holding(x: Tensor, matrix: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
    """One more input feature, 1 in the padding, that shuts the input gate and opens the forget gate.

    The memory then stays to the last step of the batch, where torch returns it: the call gives no other
    access to it.
    """
    over = (torch.arange(x.shape[1], device=x.device) >= lengths[:, None]).to(x.dtype)[:, :, None]
    hidden = matrix.shape[0] // 4
    shut = matrix.new_zeros(matrix.shape[0], 1)
    shut[:hidden] = -_SATURATED
    shut[hidden : 2 * hidden] = _SATURATED
    return torch.cat([x, over], dim=2), torch.cat([matrix, shut], dim=1)


def _parameters(weights: Weights, matrix: Tensor) -> list[Tensor]:
    return [matrix, *weights.present[1:]]


def _train() -> bool:
    # oneDNN keeps what the backward pass needs only if told that there will be one.
    return torch.is_grad_enabled()
