"""Branches that read the same and stand side by side, and their addition: the parts of residual and mixed networks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import torch
from torch import Tensor, nn

from tidegate.network.layers import Addition as AdditionSpec
from tidegate.network.layers import Parallel as ParallelSpec
from tidegate.nn.layer import Flow, Layer


class Parallel(Layer):
    """Run every branch on the same input, and put their channels or features side by side, the first branch's first.

    Branches give images of one size, sequences of the same lengths, or vectors. Beside a vector, what has a single
    position is one; beside a sequence, an image of one row is one.

    Args:
        spec: What was built, for shapes.
        branches: The layers of each branch, in order; none: the identity.

    Example:
        >>> from tidegate.nn.pooling import Pooling
        >>> from tidegate.network.vgsl import parse_fragment
        >>> spec = parse_fragment("(I Mp1,1)")[0]
        >>> layer = Parallel(spec, [[], [Pooling(spec.branches[1][0])]])
        >>> layer(torch.zeros(2, 3, 1, 9), torch.tensor([9, 4]))[0].shape
        torch.Size([2, 6, 1, 9])
    """

    def __init__(self, spec: ParallelSpec, branches: Sequence[Sequence[Layer]]) -> None:
        super().__init__()
        self.spec = spec
        self.branches = nn.ModuleList(nn.ModuleList(branch) for branch in branches)
        self.chunk = 0
        """Size of the chunks that an addition right behind it adds up; see ``tidegate.models.build``."""

    def forward(self, x: Tensor, lengths: Tensor | None) -> Flow:
        """Images ``(B, ΣC, Y, X)``, sequences ``(B, T, ΣF)`` or vectors ``(B, ΣF)``."""
        given = [_run(cast(Sequence[Layer], branch), x, lengths) for branch in self.branches]
        parts = [y for y, _ in given]
        least = min(y.dim() for y in parts)
        if least == 2:
            return self._join([y.flatten(1) for y in parts], 1), None
        if least == 3:
            return self._join([_sequence(y) for y in parts], 2), given[0][1]
        return self._join(parts, 1), given[0][1]

    def _join(self, parts: list[Tensor], axis: int) -> Tensor:
        if any(y.shape[axis] != self.chunk for y in parts):
            return torch.cat(parts, dim=axis)
        return _sum(parts)


class Addition(Layer):
    """Cut channels or features into chunks, and add these up; behind branches that is a residual connection.

    He, Zhang, Ren and Sun 2016, equation 1: ``y = F(x) + x`` is ``([…] I) A3,C``.

    Args:
        spec: Channels of a chunk; they divide those that come.

    Example:
        >>> Addition(AdditionSpec(2))(torch.tensor([[1.0, 2.0, 30.0, 40.0]]), None)[0]
        tensor([[31., 42.]])
    """

    def __init__(self, spec: AdditionSpec) -> None:
        super().__init__()
        self.spec = spec

    def forward(self, x: Tensor, lengths: Tensor | None) -> Flow:
        """``(B, C, Y, X)`` to ``(B, chunk, Y, X)``, sequences and vectors likewise."""
        return _sum(x.split(self.spec.chunk, dim=2 if x.dim() == 3 else 1)), lengths

    def extra_repr(self) -> str:
        """For ``print``."""
        return str(self.spec)


def _run(branch: Sequence[Layer], x: Tensor, lengths: Tensor | None) -> Flow:
    for layer in branch:
        x, lengths = layer(x, lengths)
    return x, lengths


def _sum(parts: Sequence[Tensor]) -> Tensor:
    """One addition after the other: at (32, 128, 1, 150) a sum over an axis of chunks takes 12 times as long."""
    first, *rest = parts
    for part in rest:
        first = first + part
    return first


def _sequence(y: Tensor) -> Tensor:
    return y if y.dim() == 3 else y[:, :, 0].transpose(1, 2)
