"""A split of images, ready for the loop: decoded once, padded by batch, with its answers as numbers."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from tidegate.data.images.image_set import ImageSet
from tidegate.tasks.batches import plan_epoch, plan_evaluation
from tidegate.tasks.images.batch import collate
from tidegate.tasks.split import TaskBatch

Encode = Callable[[str], list[int]]

PICTURE_COLUMNS = 900


class ImageSplit:
    """Images with the numbers of their answers.

    Args:
        images: The decoded images.
        encode: Numbers of an answer: one for a class, one a character for a text.
        lines: Whether widths vary, and answers are sequences.
    """

    def __init__(self, images: ImageSet, encode: Encode, *, lines: bool) -> None:
        self._images = images
        self._encode = encode
        self._lines = lines
        self.references: Sequence[str] = [sample.target for sample in images.samples]
        self.names: Sequence[str] = [sample.name for sample in images.samples]
        self.groups: Sequence[str] = [sample.group for sample in images.samples]

    def __len__(self) -> int:
        return len(self._images)

    def sizes(self) -> Sequence[int]:
        """Columns of each image."""
        return self._images.lengths().tolist()

    def plan(self, batch_size: int, seed: int, epoch: int) -> list[list[int]]:
        """Batches of about equal width in random order."""
        return plan_epoch(self._images.lengths(), batch_size, seed, epoch)

    def plan_in_order(self, batch_size: int) -> list[list[int]]:
        """Batches of about equal width, every sample once."""
        return plan_evaluation(self._images.lengths(), batch_size)

    def batch(self, indices: Sequence[int]) -> TaskBatch:
        """Decode and pad some samples: ``inputs (B, C, Y, X)`` in [0, 1]."""
        batch = collate(self._images.images(indices), indices)
        targets, target_lengths = self._targets(indices)
        lengths = batch.lengths if self._lines else None
        return TaskBatch(batch.images, lengths, targets, target_lengths, indices)

    def _targets(self, indices: Sequence[int]) -> tuple[Tensor, Tensor | None]:
        numbers = [self._encode(self.references[i]) for i in indices]
        flat = torch.tensor([number for row in numbers for number in row], dtype=torch.long)
        return flat, torch.tensor([len(row) for row in numbers], dtype=torch.long) if self._lines else None

    def picture(self, index: int) -> bytes:
        """The image as the network sees it, as PNG; ink is dark on light, as people read."""
        from PIL import Image

        pixels = self._images.image(index)  # (C, Y, X)
        if self._lines:
            pixels = 255 - pixels
        picture = Image.fromarray(pixels[0] if len(pixels) == 1 else pixels.transpose(1, 2, 0))
        if picture.width > PICTURE_COLUMNS:
            picture = picture.resize(
                (PICTURE_COLUMNS, max(1, picture.height * PICTURE_COLUMNS // picture.width))
            )
        stream = io.BytesIO()
        picture.save(stream, format="PNG", optimize=True)
        return stream.getvalue()
