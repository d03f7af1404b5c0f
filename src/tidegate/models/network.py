"""A built model: its layers one after the other."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from tidegate.network.layers import Architecture
from tidegate.nn.layer import Layer
from tidegate.ops.lengths import shortened


class Network(nn.Module):
    """Images to scores. ``tidegate.models.build.build`` makes it.

    Args:
        architecture: What it was built from, with the number of symbols filled in.
        layers: One for each record, in order.
    """

    def __init__(self, architecture: Architecture, layers: Sequence[Layer]) -> None:
        super().__init__()
        self.architecture = architecture
        self.layers = nn.ModuleList(layers)

    def forward(self, x: Tensor, lengths: Tensor | None = None) -> tuple[Tensor, Tensor | None]:
        """Run the network.

        Args:
            x: ``(B, C, Y, X)``, ink about 1 on a background of 0; what stands beyond a length is never seen.
            lengths: ``(B,)`` int64, true columns; ``None``: all X.

        Returns:
            Scores before the softmax and their lengths: ``(B, T, K)`` and ``(B,)`` for one answer a step, ``(B, K)``
            and ``None`` for one answer a sample. Under CTC score 0 is the blank's.
        """
        lengths = shortened(lengths, x.shape[3])
        for layer in self.layers:
            x, lengths = layer(x, lengths)
        if x.dim() == 3 and lengths is None:
            lengths = torch.full((x.shape[0],), x.shape[1], dtype=torch.int64, device=x.device)
        return x, lengths


def parameters(network: nn.Module) -> int:
    """The number of learnt numbers.

    Example:
        >>> parameters(nn.Linear(3, 2))
        8
    """
    return sum(parameter.numel() for parameter in network.parameters())
