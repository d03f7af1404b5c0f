"""Pooling over windows of true positions."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from tidegate.errors import ShapeError
from tidegate.network.layers import Activation
from tidegate.network.layers import Pooling as PoolingSpec
from tidegate.nn.layer import Flow, Layer, activate
from tidegate.ops.lengths import clear, mask, shortened


class Pooling(Layer):
    """The largest or the mean value of each window, channel by channel.

    Windows that do not fit are dropped, so a window that counts lies wholly within its sample's length and no
    mask is needed. A kernel of 0 covers the whole axis; along X that is each sample's own length, so the mean
    counts true columns only and the largest ignores padding.

    Args:
        spec: Kind, kernel and stride.
        activation: Applied to the result: an activation that a layer before put off, since it is cheaper
            here.

    Example:
        >>> layer = Pooling(PoolingSpec("average", (1, 0), (1, 1)))
        >>> layer(torch.tensor([[[[1.0, 3.0, 99.0]]]]), torch.tensor([2]))
        (tensor([[[[2.]]]]), tensor([1]))
    """

    def __init__(self, spec: PoolingSpec, activation: Activation = "linear") -> None:
        super().__init__()
        self.spec = spec
        self.activation: Activation = activation

    def forward(self, x: Tensor, lengths: Tensor | None) -> Flow:
        """``(B, C, Y, X)`` to ``(B, C, (Y - ky) // sy + 1, (X - kx) // sx + 1)``."""
        kernel, stride = self.spec.kernel, self.spec.stride
        if kernel[1] == 0:
            x = self._whole_row(x, lengths)
            kernel, stride = (kernel[0], 1), (stride[0], 1)
        kernel = (kernel[0] or x.shape[2], kernel[1])
        if x.shape[2] < kernel[0] or x.shape[3] < kernel[1]:
            raise ShapeError(
                f"a pooling window of {kernel[0]}×{kernel[1]} does not fit",
                got=f"a batch of images of {x.shape[2]}×{x.shape[3]}",
                hint="pool less, or leave out samples that are so small",
            )
        if kernel != (1, 1) or stride != (1, 1):
            pool = functional.max_pool2d if self.spec.kind == "max" else functional.avg_pool2d
            x = pool(x, kernel, stride)
        return activate(self.activation, x), self._lengths(lengths)

    def _whole_row(self, x: Tensor, lengths: Tensor | None) -> Tensor:
        short = shortened(lengths, x.shape[3])
        if self.spec.kind == "average":
            count = x.shape[3] if short is None else short.clamp(min=1)[:, None, None, None]
            return clear(x, short).sum(dim=3, keepdim=True) / count
        if short is not None:
            # A sample without columns has no largest value; zero stands for nothing, as everywhere.
            beyond = ~mask(short, x.shape[3])[:, None, None]
            x = x.masked_fill(beyond, -torch.inf)
            x = x.masked_fill((short == 0)[:, None, None, None], 0.0)
        largest = x.amax(dim=3, keepdim=True)
        # Its gradient needs it as it is, and an activation overwrites what it is given.
        return largest if self.activation == "linear" else largest.clone()

    def _lengths(self, lengths: Tensor | None) -> Tensor | None:
        if lengths is None:
            return None
        kernel, stride = self.spec.kernel[1], self.spec.stride[1]
        if kernel == 0:
            return lengths.clamp(max=1)
        return ((lengths - kernel) // stride + 1).clamp(min=0)

    def extra_repr(self) -> str:
        """For ``print``."""
        return f"{self.spec}, activation={self.activation}"
