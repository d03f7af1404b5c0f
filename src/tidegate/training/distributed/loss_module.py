"""A network and its loss as one module, so that all use of a weight lies within one forward pass.

DDP looks at the graph behind what ``forward`` gives, and takes a weight that is not in it for unused. A random field's
transitions are used by the loss and not by the network: the loss must be inside.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from tidegate.tasks.contract import Carried


class LossModule(nn.Module):
    """Calls what it is given on its network.

    Args:
        network: The one that learns.
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network
        # DDP is told that weights may be unused, and warns on stderr when the first batch uses all.
        self.spare = nn.Parameter(torch.zeros(1))

    def forward(self, learn: Callable[[nn.Module], tuple[Tensor, Carried]]) -> tuple[Tensor, Carried]:
        """The mean loss, a scalar, and what to carry on."""
        return learn(self.network)


def zero_loss(network: nn.Module) -> tuple[Tensor, Carried]:
    """The loss of no samples: 0, with gradients of 0, for a process that the others wait for.

    >>> zero_loss(nn.Linear(2, 1))[0].item() == 0
    True
    """
    weight = next(parameter for parameter in network.parameters() if parameter.requires_grad)
    return weight.sum() * 0, ()
