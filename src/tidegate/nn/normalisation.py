"""Batch and group normalisation over true positions only."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional

from tidegate.errors import TrainingError
from tidegate.network.layers import Activation
from tidegate.nn.layer import Flow, Layer, activate
from tidegate.nn.masked_batch_norm import masked_batch_norm
from tidegate.ops.lengths import clear, positions, shortened


class BatchNorm(Layer):
    """Batch normalisation, then an activation. Ioffe and Szegedy 2015.

    In training, mean and variance are those of the true positions of the batch, as if all samples were laid
    end to end without padding. Names of parameters and buffers, momentum and ``eps`` are
    ``torch.nn.BatchNorm2d``'s.

    Args:
        channels: C of images, F of sequences and vectors.
        activation: What follows.
        momentum: Weight of a batch in the running statistics.
        eps: Added to the variance.

    Example:
        >>> layer = BatchNorm(1)
        >>> y, _ = layer(torch.tensor([[[1.0], [3.0]], [[2.0], [99.0]]]), torch.tensor([2, 1]))
        >>> round(y[0, 0].item(), 3), layer.running_mean
        (-1.225, tensor([0.2000]))
    """

    running_mean: Tensor
    running_var: Tensor
    num_batches_tracked: Tensor

    def __init__(
        self, channels: int, activation: Activation = "linear", *, momentum: float = 0.1, eps: float = 1e-5
    ) -> None:
        super().__init__()
        self.activation: Activation = activation
        self.deferred = False
        """Whether the pooling that follows applies the activation; see ``tidegate.models.build``."""
        self.momentum = momentum
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))
        self.register_buffer("running_mean", torch.zeros(channels))
        self.register_buffer("running_var", torch.ones(channels))
        self.register_buffer("num_batches_tracked", torch.tensor(0))

    def forward(self, x: Tensor, lengths: Tensor | None) -> Flow:
        """Same shape as ``x``.

        Raises:
            TrainingError: In training, a batch with fewer than two true positions has no variance.
        """
        y = _as_image(self._train if self.training else self._evaluate, x, lengths)
        return (y if self.deferred else activate(self.activation, y)), lengths

    def _evaluate(self, image: Tensor, lengths: Tensor | None) -> Tensor:
        return functional.batch_norm(
            image, self.running_mean, self.running_var, self.weight, self.bias, False, 0.0, self.eps
        )

    def _train(self, image: Tensor, lengths: Tensor | None) -> Tensor:
        full = [image.shape[3]] * image.shape[0]
        columns: list[int] = full if lengths is None else lengths.tolist()
        count = sum(columns) * image.shape[2]
        if count < 2:
            raise TrainingError(
                "batch normalisation needs at least two positions to take a variance of",
                got=f"a batch of {image.shape[0]} samples with {count} positions in all",
                hint="raise train.batch_size, or leave batch normalisation out",
            )
        y, mean, variance = masked_batch_norm(image, self.weight, self.bias, columns, self.eps)
        with torch.no_grad():
            # The running variance is the unbiased one, as in torch.
            self.running_mean.lerp_(mean.to(self.running_mean.dtype), self.momentum)
            self.running_var.lerp_(variance.to(self.running_var.dtype) * (count / (count - 1)), self.momentum)
            self.num_batches_tracked.add_(1)
        return y

    def extra_repr(self) -> str:
        """For ``print``."""
        return f"{self.weight.shape[0]}, activation={self.activation}"


class GroupNorm(Layer):
    """Group normalisation: each sample and group of channels by its own true positions. Wu and He 2018.

    Args:
        channels: C of images, F of sequences and vectors; a multiple of ``groups``.
        groups: How many.
        eps: Added to the variance.

    Example:
        >>> layer = GroupNorm(2, groups=1)
        >>> y, _ = layer(torch.tensor([[[1.0, 3.0], [9.0, 9.0]]]), torch.tensor([1]))
        >>> [round(value, 3) for value in y[0, 0].tolist()]
        [-1.0, 1.0]
    """

    def __init__(self, channels: int, groups: int, *, eps: float = 1e-5) -> None:
        super().__init__()
        self.groups = groups
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor, lengths: Tensor | None) -> Flow:
        """Same shape as ``x``."""
        return _as_image(self._normalise, x, lengths), lengths

    def _normalise(self, image: Tensor, lengths: Tensor | None) -> Tensor:
        if lengths is None:
            return functional.group_norm(image, self.groups, self.weight, self.bias, self.eps)
        samples, channels, rows, columns = image.shape
        count = (lengths.clamp(min=1) * rows * (channels // self.groups))[:, None, None]
        image = clear(image, lengths)
        mean = image.reshape(samples, self.groups, -1).sum(dim=2, keepdim=True) / count
        centred = image.reshape(samples, self.groups, -1) - mean
        centred = clear(centred.view(samples, channels, rows, columns), lengths)
        variance = centred.square().reshape(samples, self.groups, -1).sum(dim=2, keepdim=True) / count
        scale = (
            (variance + self.eps).rsqrt().expand(-1, -1, channels // self.groups).reshape(samples, channels)
        )
        return centred * (scale * self.weight)[:, :, None, None] + self.bias[:, None, None]

    def extra_repr(self) -> str:
        """For ``print``."""
        return f"{self.weight.shape[0]}, groups={self.groups}"


def _as_image(
    normalise: Callable[[Tensor, Tensor | None], Tensor], x: Tensor, lengths: Tensor | None
) -> Tensor:
    """Sequences and vectors are images of one row to a normalisation."""
    if x.dim() == 2:
        return normalise(x[:, :, None, None], None)[:, :, 0, 0]
    lengths = shortened(lengths, positions(x))
    if x.dim() == 3:
        return normalise(x.transpose(1, 2)[:, :, None], lengths)[:, :, 0].transpose(1, 2)
    return normalise(x, lengths)
