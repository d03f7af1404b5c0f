"""How recurrent layers start for long memories.

Training draws the weights of recurrent layers anew, so a start of one's own is a fixed part beside the learnt one: the
layer computes with ``start + learnt``, by way of torch's parametrisations.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize


class Beside(nn.Module):
    """A fixed part beside a learnt one.

    Args:
        start: Of the shape of the weight.
    """

    start: Tensor

    def __init__(self, start: Tensor) -> None:
        super().__init__()
        self.register_buffer("start", start)

    def forward(self, learnt: Tensor) -> Tensor:
        """Their sum."""
        return self.start + learnt


def start_at(layer: nn.Module, name: str, start: Tensor) -> None:
    """Let a weight start somewhere, and be learnt from there.

    >>> layer = nn.Linear(2, 2)
    >>> start_at(layer, "weight", torch.eye(2))
    >>> layer.weight.tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    nn.init.zeros_(getattr(layer, name))
    parametrize.register_parametrization(layer, name, Beside(start))


def start_with_identity(layer: nn.RNN) -> None:
    """``W_hh = 1`` of a layer with ReLU: it keeps its state until it learns otherwise (Le, Jaitly and Hinton 2015)."""
    start_at(layer, "weight_hh_l0", torch.eye(layer.hidden_size))


def start_with_spans(layer: nn.LSTM | nn.GRU, longest: int) -> None:
    """Gate biases that spread memories over all spans up to the longest (Tallec and Ollivier 2018, equations 15, 16).

    A gate that keeps ``1 - 1/s`` of the state at every step remembers for about s steps; its bias is log(s - 1). An
    LSTM's forget gate starts so, with s - 1 uniform in [1, longest - 1], and its input gate opposite; so does a GRU's
    update gate, which in torch's form keeps the state where it is 1.

    Args:
        layer: One layer, one direction; other biases start at 0.
        longest: Steps, 3 or more.
    """
    spans = torch.empty(layer.hidden_size).uniform_(1, longest - 1).log()
    none = torch.zeros_like(spans)
    # Input, forget, cell, output; reset, update, new.
    gates = [-spans, spans, none, none] if isinstance(layer, nn.LSTM) else [none, spans, none]
    start_at(layer, "bias_ih_l0", torch.cat(gates))
