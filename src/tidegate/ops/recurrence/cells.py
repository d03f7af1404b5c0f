"""What a recurrent cell is to the engines: gates, weights and state. Names, shapes and order are torch's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import torch
from torch import Tensor

from tidegate.network.cells import CELLS, CellRecord

RecurrentCell = str
OneDirection = Literal["forward", "reverse"]

RECORDS: dict[RecurrentCell, CellRecord] = {
    **CELLS,
    "elman-relu": replace(CELLS["elman"], name="elman-relu"),
}
"""Every cell that can be run: those of networks, and the vanilla RNN of ``torch.nn`` with ReLU."""

TORCH_MODES: dict[str, RecurrentCell] = {
    "RNN_TANH": "elman",
    "RNN_RELU": "elman-relu",
    "LSTM": "lstm",
    "GRU": "gru",
}
"""What ``torch.nn.RNNBase.mode`` calls them."""


@dataclass(frozen=True)
class Weights:
    """One layer and direction.

    Attributes:
        input: ``(G·H, F)``, torch's ``weight_ih``.
        recurrent: ``(G·H, H)``, torch's ``weight_hh``; ``(0, H)`` of a cell whose gates do not read the state.
        input_bias: ``(G·H,)``, torch's ``bias_ih``; ``None``: no biases.
        recurrent_bias: ``(G·H,)``, torch's ``bias_hh``. It differs from the other only in a GRU, where the
            reset gate multiplies its part of the new gate; ``None`` also where the gates do not read the state.
    """

    input: Tensor
    recurrent: Tensor
    input_bias: Tensor | None = None
    recurrent_bias: Tensor | None = None

    @property
    def hidden(self) -> int:
        """H."""
        return self.recurrent.shape[1]

    @property
    def present(self) -> tuple[Tensor, ...]:
        """Those that there are, in the order above."""
        biases = (self.input_bias, self.recurrent_bias)
        return (self.input, self.recurrent, *(bias for bias in biases if bias is not None))


@dataclass(frozen=True)
class State:
    """What a cell carries from step to step: of one direction ``(B, H)`` each, of a layer's directions ``(D, B, H)``.

    Attributes:
        hidden: The hidden state.
        cell: The LSTM's memory; ``None`` of cells without one.
    """

    hidden: Tensor
    cell: Tensor | None = None

    @property
    def present(self) -> tuple[Tensor, ...]:
        """Those that there are, in the order above."""
        return (self.hidden,) if self.cell is None else (self.hidden, self.cell)

    def of(self, direction: int) -> State:
        """One direction's, of a layer's."""
        return State(self.hidden[direction], None if self.cell is None else self.cell[direction])

    @staticmethod
    def stacked(states: Sequence[State]) -> State:
        """A layer's, from those of its directions."""
        cells = [state.cell for state in states if state.cell is not None]
        return State(torch.stack([state.hidden for state in states]), torch.stack(cells) if cells else None)


@dataclass(frozen=True)
class DirectionWeights:
    """One direction of a layer.

    Attributes:
        direction: ``reverse`` starts at each sequence's own end.
        weights: Of this direction.
    """

    direction: OneDirection
    weights: Weights


def zero_state(cell: RecurrentCell, x: Tensor, hidden: int) -> State:
    """The state before the first step, for ``x`` of shape ``(B, T, F)``.

    Example:
        >>> import torch
        >>> zero_state("gru", torch.ones(2, 5, 3), hidden=4).hidden.shape
        torch.Size([2, 4])
    """
    zeros = x.new_zeros(x.shape[0], hidden)
    return State(*[zeros] * len(RECORDS[cell].states))
