"""Lengths: which positions of a padded batch are true.

Sequences are ``(B, T, F)`` with time in the second place, images ``(B, C, Y, X)`` with columns in the last.
Lengths are ``(B,)`` int64; ``None`` is everywhere short for "all full". What lies beyond a length is padding,
and may be anything.
"""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor


def positions(x: Tensor) -> int:
    """The size of the axis that lengths count: X of an image, T of a sequence."""
    return x.shape[3] if x.dim() == 4 else x.shape[1]


def shortened(lengths: Tensor | None, size: int) -> Tensor | None:
    """``lengths`` if at least one is shorter than ``size``, else ``None``: nothing is padding then.

    Example:
        >>> shortened(torch.tensor([3, 3]), size=3) is None
        True
    """
    return None if lengths is None or bool((lengths >= size).all()) else lengths


def mask(lengths: Tensor, size: int) -> Tensor:
    """True positions.

    Args:
        lengths: ``(B,)``, each from 0 to ``size``.
        size: Positions of the padded axis.

    Returns:
        ``(B, size)`` bool.

    Example:
        >>> mask(torch.tensor([2, 0]), size=3)
        tensor([[ True,  True, False],
                [False, False, False]])
    """
    return torch.arange(size, device=lengths.device) < lengths[:, None]


def reverse(x: Tensor, lengths: Tensor | None) -> Tensor:
    """Turn each sequence round within its own length; padding stays at the end.

    Its own inverse. One gather, so that the gradient is one scatter.

    Args:
        x: ``(B, T, F)``.
        lengths: ``(B,)``.

    Example:
        >>> reverse(torch.tensor([[[1], [2], [3], [9]]]), torch.tensor([3])).flatten()
        tensor([3, 2, 1, 9])
    """
    if lengths is None:
        return x.flip(1)
    time = torch.arange(x.shape[1], device=x.device)
    turned = lengths[:, None] - 1 - time
    index = torch.where(turned >= 0, turned, time)
    return x.gather(1, index[:, :, None].expand_as(x))


def last(x: Tensor, lengths: Tensor | None, otherwise: Tensor) -> Tensor:
    """The last true position of each sequence.

    Args:
        x: ``(B, T, F)``.
        lengths: ``(B,)``.
        otherwise: ``(B, F)``, for sequences of length 0.

    Returns:
        ``(B, F)``.

    Example:
        >>> x = torch.tensor([[[1], [2]], [[3], [4]]])
        >>> last(x, torch.tensor([1, 0]), otherwise=torch.tensor([[7], [7]])).flatten()
        tensor([1, 7])
    """
    if x.shape[1] == 0:
        return otherwise
    if lengths is None:
        return x[:, -1]
    index = (lengths - 1).clamp(min=0)[:, None, None].expand(-1, 1, x.shape[2])
    return torch.where(lengths[:, None] > 0, x.gather(1, index)[:, 0], otherwise)


def clear(x: Tensor, lengths: Tensor | None) -> Tensor:
    """Zeros instead of padding, whatever was there, NaN and infinity too.

    One copy and a few narrow writes: 2 to 4 times as fast as multiplying by a mask or filling under one,
    forward and backward, at (16, 32, 20, 300).

    Args:
        x: ``(B, C, Y, X)``, ``(B, T, F)`` or ``(B, F)``; vectors have no padding and come back as they are.
        lengths: ``(B,)``.

    Example:
        >>> clear(torch.ones(2, 3, 1), torch.tensor([3, 1])).flatten(1)
        tensor([[1., 1., 1.],
                [1., 0., 0.]])
    """
    if x.dim() == 2:
        return x
    lengths = shortened(lengths, positions(x))
    return x if lengths is None else cast(Tensor, _Clear.apply(x, lengths.tolist()))


class _Clear(torch.autograd.Function):
    @staticmethod
    def forward(ctx: torch.autograd.function.FunctionCtx, x: Tensor, lengths: list[int]) -> Tensor:
        ctx.lengths = lengths  # pyright: ignore[reportAttributeAccessIssue]
        return _cleared(x, lengths)

    @staticmethod
    def backward(ctx: torch.autograd.function.FunctionCtx, *grads: Tensor) -> tuple[Tensor, None]:
        lengths: list[int] = ctx.lengths  # pyright: ignore[reportAttributeAccessIssue]
        return cast(Tensor, _Clear.apply(grads[0], lengths)), None


def _cleared(x: Tensor, lengths: list[int]) -> Tensor:
    y = x.clone()
    size = positions(x)
    for sample, length in zip(y, lengths, strict=True):
        if length < size:
            (sample[..., length:] if x.dim() == 4 else sample[length:]).zero_()
    return y
