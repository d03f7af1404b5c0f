"""The law: recurrence as a plain Python loop, one step after another, as the papers write it.

Slow, and made to be read; every other engine must agree with it forward and backward. Any dtype and device.

Letters: x input, h hidden state, c memory cell; i f g o input, forget, cell and output gate; r z n reset,
update and new gate. Gate order and equations are torch's.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from tidegate.ops.recurrence.cells import OneDirection, RecurrentCell, State, Weights


def run_reference(
    cell: RecurrentCell,
    x: Tensor,
    weights: Weights,
    state: State,
    lengths: Tensor | None,
    direction: OneDirection,
) -> tuple[Tensor, State]:
    """See ``tidegate.ops.recurrence.layer.recurrence``."""
    step = STEPS[cell]
    outputs: list[Tensor] = [x.new_zeros(x.shape[0], weights.hidden)] * x.shape[1]
    times = range(x.shape[1]) if direction == "forward" else reversed(range(x.shape[1]))
    for t in times:
        inputs = x[:, t]
        true = None if lengths is None else (t < lengths)[:, None]
        if true is not None:
            inputs = torch.where(true, inputs, 0)
        after = step(inputs, state, weights)
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


def _project(values: Tensor, matrix: Tensor, bias: Tensor | None) -> Tensor:
    return torch.nn.functional.linear(values, matrix, bias)


def _elman(activation: Callable[[Tensor], Tensor]) -> Callable[[Tensor, State, Weights], State]:
    def step(x: Tensor, state: State, w: Weights) -> State:
        """h' = φ(W x + b + U h + d). Elman 1990."""
        return State(
            activation(
                _project(x, w.input, w.input_bias) + _project(state.hidden, w.recurrent, w.recurrent_bias)
            )
        )

    return step


def _lstm(x: Tensor, state: State, w: Weights) -> State:
    """c' = f c + i g, h' = o tanh(c'). Hochreiter and Schmidhuber 1997; forget gate: Gers, Schmidhuber, Cummins 2000."""
    assert state.cell is not None
    sums = _project(x, w.input, w.input_bias) + _project(state.hidden, w.recurrent, w.recurrent_bias)
    i, f, g, o = sums.chunk(4, dim=1)
    c = torch.sigmoid(f) * state.cell + torch.sigmoid(i) * torch.tanh(g)
    return State(torch.sigmoid(o) * torch.tanh(c), c)


def _gru(x: Tensor, state: State, w: Weights) -> State:
    """h' = (1 - z) n + z h. Cho et al. 2014, with the reset gate after the product with U, as in cuDNN."""
    xr, xz, xn = _project(x, w.input, w.input_bias).chunk(3, dim=1)
    hr, hz, hn = _project(state.hidden, w.recurrent, w.recurrent_bias).chunk(3, dim=1)
    r = torch.sigmoid(xr + hr)
    z = torch.sigmoid(xz + hz)
    n = torch.tanh(xn + r * hn)
    return State((1 - z) * n + z * state.hidden)


STEPS: dict[RecurrentCell, Callable[[Tensor, State, Weights], State]] = {
    "elman": _elman(torch.tanh),
    "elman-relu": _elman(torch.relu),
    "lstm": _lstm,
    "gru": _gru,
}
"""One step of each cell: (x of one step, state, weights) -> state."""
