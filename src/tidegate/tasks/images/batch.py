"""Batches: images of several widths in one tensor, with their lengths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


@dataclass(frozen=True)
class Batch:
    """Images ``(B, C, Y, X)`` float32 in [0, 1], zero beyond each length; lengths ``(B,)`` int64; indices."""

    images: Tensor
    lengths: Tensor
    indices: list[int]

    def __len__(self) -> int:
        return len(self.indices)


def collate(images: Sequence[NDArray[np.uint8]], indices: Sequence[int] = ()) -> Batch:
    """Put images ``(C, Y, X)`` of the same rows and channels side by side, padded with zeros to the longest.

    >>> batch = collate([np.full((1, 2, 3), 255, np.uint8), np.full((1, 2, 5), 51, np.uint8)])
    >>> batch.images.shape, batch.lengths.tolist(), round(batch.images[1, 0, 0, 4].item(), 4)
    (torch.Size([2, 1, 2, 5]), [3, 5], 0.2)
    """
    lengths = [image.shape[2] for image in images]
    channels, rows, _ = images[0].shape
    padded = np.zeros((len(images), channels, rows, max(lengths)), np.uint8)
    for place, image in zip(padded, images, strict=True):
        place[:, :, : image.shape[2]] = image
    values = torch.from_numpy(padded).to(torch.float32).mul_(1 / 255)
    return Batch(values, torch.tensor(lengths, dtype=torch.int64), list(indices))
