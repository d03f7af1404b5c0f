"""Random changes of training images: one warp, then blur, contrast and noise. Never applied to anything else.

Every image draws its own amounts, uniform up to those of ``AugmentSpec``, from one generator: the same
generator state gives the same result.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from tidegate.config.tables import AugmentSpec
from tidegate.errors import ConfigError
from tidegate.tasks.images.warp import apply_warp, draw_displacement, draw_warp

ONLY_SIGNALS = ("time_warp", "crop", "channel_dropout")


def augment(
    images: Tensor,
    lengths: Tensor,
    spec: AugmentSpec,
    generator: torch.Generator,
    *,
    lines: bool,
    shortest: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """Change each image of a batch at random.

    Args:
        images: ``(B, C, Y, X)`` in [0, 1], ink 1 on background 0. What stands beyond a length is ignored.
        lengths: ``(B,)`` int64: columns of each image.
        spec: The largest amounts; 0 is off.
        generator: Of all choices.
        lines: Whether images are text lines. Their width then follows the warp: horizontal scale is anchored
            at x = 0 and changes the length, a shift along X adds blank columns, and rotation moves the ends
            by a tenth of the height at most, so that no text is cut off at the ends. Other images keep their
            size.
        shortest: ``(B,)`` int64: lengths that no line falls short of (what CTC needs for its text); shorter
            ones get blank columns.

    Returns:
        New images, in [0, 1] and zero beyond their lengths, and new lengths.

    Raises:
        ConfigError: ``flip`` with lines: a mirrored line has another text.

    >>> generator = torch.Generator().manual_seed(0)
    >>> images, lengths = torch.ones(2, 1, 32, 100), torch.tensor([100, 60])
    >>> new, new_lengths = augment(images, lengths, AugmentSpec(scale=0.2), generator, lines=True)
    >>> new.shape[3] == new_lengths.max(), bool((new[1, :, :, new_lengths[1]:] == 0).all())
    (tensor(True), True)
    """
    check_augment(spec, lines=lines)
    images = images * _inside(lengths, images.shape[3])
    images, lengths = _move(images, lengths, spec, generator, lines=lines)
    if shortest is not None:
        images, lengths = _lengthen(images, lengths, shortest)
    if spec.stroke:
        images = _stroke(images, spec.stroke, generator)
    if spec.blur:
        images = _blur(images, spec.blur, generator)
    count = (len(lengths), 1, 1, 1)
    if spec.contrast:
        images = images * (1 + spec.contrast * (2 * torch.rand(count, generator=generator) - 1))
    if spec.noise:
        deviation = spec.noise * torch.rand(count, generator=generator)
        images = torch.randn(images.shape, generator=generator).mul_(deviation).add_(images)
    if spec.stroke or spec.blur or spec.contrast or spec.noise:
        images = images.clamp_(0, 1).mul_(_inside(lengths, images.shape[3]))
    return images, lengths


def check_augment(spec: AugmentSpec, *, lines: bool) -> None:
    """Refuse what would change the answer.

    Raises:
        ConfigError: ``flip`` with lines, or what only signals know.
    """
    others = [name for name in ONLY_SIGNALS if getattr(spec, name)]
    if others:
        raise ConfigError(
            "images cannot be changed like signals",
            where=", ".join(f"augment.{name}" for name in others),
            expected="0 there",
            got=", ".join(f"{name} = {getattr(spec, name)}" for name in others),
            hint="set them to 0",
        )
    if spec.flip and lines:
        raise ConfigError(
            "a mirrored line has another text",
            where="augment.flip",
            expected="false for text lines",
            got="true",
            hint="set it to false",
        )


def _inside(lengths: Tensor, columns: int) -> Tensor:
    """``(B, 1, 1, X)``: 1 within each length and 0 beyond."""
    return (torch.arange(columns) < lengths[:, None]).to(torch.float32)[:, None, None]


def _move(
    images: Tensor, lengths: Tensor, spec: AugmentSpec, generator: torch.Generator, *, lines: bool
) -> tuple[Tensor, Tensor]:
    if not (spec.shift or spec.scale or spec.rotation or spec.shear or spec.flip or spec.elastic):
        return images, lengths
    rows = images.shape[2]
    warp = draw_warp(lengths, rows, spec, generator, lines=lines)
    displacement = draw_displacement(warp, rows, spec.elastic * rows, generator) if spec.elastic else None
    moved = apply_warp(images, warp, displacement)
    return moved * _inside(warp.lengths, moved.shape[3]), warp.lengths


def _lengthen(images: Tensor, lengths: Tensor, shortest: Tensor) -> tuple[Tensor, Tensor]:
    lengths = torch.maximum(lengths, shortest)
    missing = int(lengths.max()) - images.shape[3]
    return torch.nn.functional.pad(images, (0, max(0, missing))), lengths


def _stroke(images: Tensor, largest: float, generator: torch.Generator) -> Tensor:
    """Bolder or finer writing: a share of the way to the largest, or the smallest, of each pixel's 3 × 3 neighbours."""
    share = largest * (2 * torch.rand((len(images), 1, 1, 1), generator=generator) - 1)
    bold = _spread(torch.maximum, images, beyond=0.0)
    fine = _spread(torch.minimum, images, beyond=1.0)
    return images.lerp(torch.where(share > 0, bold, fine), share.abs())


def _spread(choose: Callable[[Tensor, Tensor], Tensor], images: Tensor, *, beyond: float) -> Tensor:
    """The largest or smallest of each 3 × 3 neighbourhood, rows after columns: ten times as fast as ``max_pool2d``.

    Args:
        choose: ``torch.maximum`` or ``torch.minimum``.
        images: Values in [0, 1].
        beyond: The value around the image, one that is never chosen.
    """
    padded = torch.nn.functional.pad(images, (1, 1, 1, 1), value=beyond)
    wide = choose(choose(padded[..., :-2], padded[..., 2:]), padded[..., 1:-1])
    return choose(choose(wide[..., :-2, :], wide[..., 2:, :]), wide[..., 1:-1, :])


def _blur(images: Tensor, largest: float, generator: torch.Generator) -> Tensor:
    """Gaussian blur, its own standard deviation for each image; three deviations to both sides are summed."""
    # Here, since it takes a second, and few programs that import this file blur.
    from kornia.filters import gaussian_blur2d

    # A deviation of exactly zero has no kernel; a hundredth of a pixel changes nothing.
    deviation = (largest * torch.rand((len(images), 1), generator=generator)).clamp(min=1e-2)
    size = 2 * math.ceil(3 * largest) + 1
    return gaussian_blur2d(images, size, deviation.expand(-1, 2), border_type="constant")
