"""The specification: one step of each cell, as the papers write it.

Made to be read; whatever runs fast must agree with it, forward and backward. Any dtype and device.

A step is given what the gates get from its input, ``W x + b``, and from the hidden state before, ``U h + d``, and gives
the state after. Letters: h hidden state, c memory cell; i f g o input, forget, cell and output gate; r z n reset, update
and new gate. Gate order and equations are torch's where torch has the cell.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from tidegate.ops.recurrence.cells import State

Update = Callable[[Tensor, Tensor, State], State]
"""``(W x + b, U h + d, state) -> state``, ``(…, G·H)`` and ``(…, H)``; they are broadcast. Of a cell whose gates do not
read the state the second has no features."""


def elman(activation: Callable[[Tensor], Tensor]) -> Update:
    """h' = φ(W x + b + U h + d). Elman 1990."""

    def update(x: Tensor, h: Tensor, _state: State) -> State:
        return State(activation(x + h))

    return update


def lstm(x: Tensor, h: Tensor, state: State) -> State:
    """c' = f c + i g, h' = o tanh(c'). Hochreiter and Schmidhuber 1997; forget gate: Gers, Schmidhuber, Cummins 2000."""
    assert state.cell is not None
    i, f, g, o = (x + h).chunk(4, dim=-1)
    c = torch.sigmoid(f) * state.cell + torch.sigmoid(i) * torch.tanh(g)
    return State(torch.sigmoid(o) * torch.tanh(c), c)


def gru(x: Tensor, h: Tensor, state: State) -> State:
    """h' = (1 - z) n + z h. Cho et al. 2014, with the reset gate after the product with U, as in cuDNN."""
    xr, xz, xn = x.chunk(3, dim=-1)
    hr, hz, hn = h.chunk(3, dim=-1)
    r = torch.sigmoid(xr + hr)
    z = torch.sigmoid(xz + hz)
    n = torch.tanh(xn + r * hn)
    return State(torch.lerp(n, state.hidden, z))


Terms = Callable[[Tensor], tuple[Tensor, Tensor]]
"""From ``W x + b`` to a and b of a cell that is h' = a h + b: what makes it run over all steps at once."""


def linear(terms: Terms) -> Update:
    """h' = a h + b, where a and b hang on the input alone."""

    def update(x: Tensor, _h: Tensor, state: State) -> State:
        a, b = terms(x)
        return State(a * state.hidden + b)

    return update


def mingru(x: Tensor) -> tuple[Tensor, Tensor]:
    """h' = (1 - z) h + z g(n): unlike in torch's GRU, z writes. Feng et al. 2024, with g as in appendix B."""
    z, n = x.chunk(2, dim=-1)
    return torch.sigmoid(-z), torch.sigmoid(z) * _positive(n)


def minlstm(x: Tensor) -> tuple[Tensor, Tensor]:
    """h' = f h / (f + i) + i g(n) / (f + i). Feng et al. 2024, with g as in appendix B."""
    i, f, n = x.chunk(3, dim=-1)
    # σ(f) / (σ(f) + σ(i)) is 0 / 0 where both gates are shut; this is the same, and finite everywhere.
    odds = functional.softplus(-i) - functional.softplus(-f)
    return torch.sigmoid(odds), torch.sigmoid(-odds) * _positive(n)


def _positive(x: Tensor) -> Tensor:
    """g(x) = x + ½ for x ≥ 0, else σ(x)."""
    return torch.where(x >= 0, x + 0.5, torch.sigmoid(x))
