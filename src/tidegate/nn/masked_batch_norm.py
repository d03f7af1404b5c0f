"""The arithmetic of batch normalisation in training, on batches whose samples end at their own column."""

from __future__ import annotations

from typing import Any, cast

import torch
from torch import Tensor

_forward = torch.ops.aten.native_batch_norm.default
_backward = torch.ops.aten.native_batch_norm_backward.default


def masked_batch_norm(
    x: Tensor, weight: Tensor, bias: Tensor, lengths: list[int], eps: float
) -> tuple[Tensor, Tensor, Tensor]:
    """Normalise by the statistics of true columns.

    Used without padding too: on one thread at (16, 32, 40, 600) it costs 24 ms forward and backward in
    channels-last order, where torch's own takes 17 ms but sums plainly in single precision, with an error of
    4e-4 in the result (here 8e-7); in the usual order 24–31 ms against torch's 34–57.

    Args:
        x: ``(B, C, Y, X)``; finite values in the padding.
        weight: ``(C,)``.
        bias: ``(C,)``.
        lengths: True columns of each sample, at most X.
        eps: Added to the variance.

    Returns:
        The result, like ``x``; the mean ``(C,)`` and the biased variance ``(C,)``, both without gradient.

    Example:
        >>> x, one, zero = torch.tensor([[[[1.0, 3.0, 50.0]]]]), torch.ones(1), torch.zeros(1)
        >>> _, mean, variance = masked_batch_norm(x, one, zero, [2], eps=0.0)
        >>> mean.item(), variance.item()
        (2.0, 1.0)
    """
    mean, variance = _statistics(x.detach(), lengths)
    mean, variance = mean.to(weight.dtype), variance.to(weight.dtype)
    y = cast(Tensor, _MaskedBatchNorm.apply(x, weight, bias, mean, variance, lengths, eps))
    return y, mean, variance


def _statistics(x: Tensor, lengths: list[int]) -> tuple[Tensor, Tensor]:
    """Mean and variance in one pass over memory, a sample at a time so that it stays in the cache.

    Values are taken relative to the mean of each first column: sums of squares then lose no digits to a large
    mean.
    """
    about = _somewhere_near(x, lengths)
    sums: list[Tensor] = []
    squares: list[Tensor] = []
    for sample, length in zip(x, lengths, strict=True):
        relative = sample - about[:, None, None]
        relative[:, :, length:] = 0
        sums.append(relative.sum(dim=(1, 2)))
        squares.append(relative.square_().sum(dim=(1, 2)))
    count = sum(lengths) * x.shape[2]
    shift = torch.stack(sums).sum(dim=0, dtype=torch.float64) / count
    variance = torch.stack(squares).sum(dim=0, dtype=torch.float64) / count - shift.square()
    return about + shift, variance.clamp(min=0)


def _somewhere_near(x: Tensor, lengths: list[int]) -> Tensor:
    begun = [number for number, length in enumerate(lengths) if length]
    first = x[:, :, :, 0] if len(begun) == len(lengths) else x[begun, :, :, 0]
    about = first.mean(dim=(0, 2), dtype=torch.float64)
    return about.to(x.dtype if x.dtype == torch.float64 else torch.float32)


class _MaskedBatchNorm(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        x: Tensor,
        weight: Tensor,
        bias: Tensor,
        mean: Tensor,
        variance: Tensor,
        lengths: list[int],
        eps: float,
    ) -> Tensor:
        ctx.save_for_backward(x, weight, mean, variance)
        ctx.lengths, ctx.eps = lengths, eps
        return _forward(x, weight, bias, mean, variance, False, 0.0, eps)[0]

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        """As if the statistics were constants, and then what they add.

        With n true positions, x̂ the normalised input, g the gradient of the output and s = weight /
        √(variance + eps): dx = s (g − Σg / n − x̂ Σ(g x̂) / n). The second and third terms are linear in x:
        ``shift + slope · x``.
        """
        x, weight, mean, variance = cast(tuple[Tensor, ...], ctx.saved_tensors)
        grad = grads[0]
        if not grad.is_contiguous() and x.is_contiguous(memory_format=torch.channels_last):
            grad = grad.contiguous(memory_format=torch.channels_last)
        dx, dweight, dbias = cast(
            tuple[Tensor, Tensor, Tensor],
            _backward(grad, x, weight, mean, variance, None, None, False, ctx.eps, [True, True, True]),
        )
        count = sum(ctx.lengths) * x.shape[2]
        inverse = (variance + ctx.eps).rsqrt()
        slope = -weight * inverse * inverse * dweight / count
        shift = -weight * inverse * dbias / count - slope * mean
        dx.addcmul_(x, slope.to(x.dtype)[:, None, None]).add_(shift.to(x.dtype)[:, None, None])
        for sample, length in zip(dx, ctx.lengths, strict=True):
            if length < x.shape[3]:
                sample[:, :, length:] = 0
        return dx, dweight, dbias, None, None, None, None
