"""Moving a part of one axis of an image into another; the fold that makes sequences of images."""

from __future__ import annotations

from torch import Tensor

from tidegate.network.layers import Reshape as ReshapeSpec
from tidegate.nn.layer import Flow, Layer
from tidegate.ops.lengths import clear

_AXIS = {1: 2, 2: 3, 3: 1}  # a VGSL dimension's place in (B, C, Y, X)


class Reshape(Layer):
    """Split one axis into high × low parts, and move one of them behind the values of another axis.

    ``S1(1x0)1,3`` moves all rows into the channels: ``(B, C, Y, X) -> (B, X, C·Y)``, a sequence along X.
    ``S2(1x0)2,3`` gives the sequence along Y: ``(B, C, Y, X) -> (B, Y, C·X)``, whose steps are never padding.
    Where columns take part they are one size for all samples, and columns beyond a length count as zeros.

    Args:
        spec: What goes where.

    Example:
        >>> import torch
        >>> layer = Reshape(ReshapeSpec(1, high=1, low=0, high_to=1, low_to=3))
        >>> x, lengths = layer(torch.zeros(2, 8, 5, 30), torch.tensor([30, 20]))
        >>> x.shape, lengths
        (torch.Size([2, 30, 40]), tensor([30, 20]))
    """

    def __init__(self, spec: ReshapeSpec) -> None:
        super().__init__()
        self.spec = spec

    def forward(self, x: Tensor, lengths: Tensor | None) -> Flow:
        """An image, or a sequence if a whole axis went into the channels."""
        spec = self.spec
        columns_move = 2 in (spec.dimension, spec.high_to, spec.low_to)
        if columns_move:
            x, lengths = clear(x, lengths), None
        x = self._move(x)
        if 3 not in (spec.high_to, spec.low_to):
            return x, lengths
        if spec.dimension == 1 and x.shape[2] == 1:
            return x[:, :, 0].transpose(1, 2), lengths
        if spec.dimension == 2 and x.shape[3] == 1:
            return x[:, :, :, 0].transpose(1, 2), lengths
        return x, lengths

    def _move(self, x: Tensor) -> Tensor:
        spec = self.spec
        source = _AXIS[spec.dimension]
        high_moves = spec.high_to != spec.dimension
        target = _AXIS[spec.high_to if high_moves else spec.low_to]
        size = x.shape[source]
        high = spec.high or size // spec.low
        low = spec.low or size // high
        split = x.unflatten(source, (high, low))  # the parts lie at source and source + 1
        moving = source if high_moves else source + 1
        order = [axis for axis in range(5) if axis != moving]
        # Axes behind the split have moved up by one.
        place = order.index(target if target < source else target + 1)
        order.insert(place + 1, moving)
        return split.permute(order).flatten(place, place + 1)

    def extra_repr(self) -> str:
        """For ``print``."""
        return str(self.spec)
