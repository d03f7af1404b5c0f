"""One warp for shift, scale, rotation, shear and local displacement: each pixel is looked up once.

Coordinates are continuous: u runs along X and v along Y, and pixel i covers [i, i + 1). Around the middle of
each image the forward map is ``A = rotation · shear · scale``; an output pixel is looked up through the inverse.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from tidegate.config.tables import AugmentSpec

SWING = 0.1
"""How far rotation may move the ends of a line, as a fraction of the height: more would cut text off."""


@dataclass(frozen=True)
class Warp:
    """A map for each image of a batch.

    Args:
        matrix: ``(B, 2, 2)``: the forward map around the middles.
        source_middle: ``(B, 2)``: middle (u, v) of each image in the input.
        middle: ``(B, 2)``: where that middle goes in the output.
        lengths: ``(B,)`` int64: columns of each output image.
    """

    matrix: Tensor
    source_middle: Tensor
    middle: Tensor
    lengths: Tensor


def draw_warp(
    lengths: Tensor, rows: int, spec: AugmentSpec, generator: torch.Generator, *, lines: bool
) -> Warp:
    """Draw a map for each image.

    Args:
        lengths: ``(B,)``: columns of each image.
        rows: Their height.
        spec: The largest amounts.
        generator: Of all choices.
        lines: Whether images are text lines: their canvas then grows and shrinks with them along X, so that
            the left edge of the scaled line stays at x = 0 and nothing is cut off at either end.
    """
    count = len(lengths)
    size = lengths.to(torch.float32)

    def amount(largest: float) -> Tensor:
        return largest * (2 * torch.rand(count, generator=generator) - 1)

    scale_x, scale_y = 1 + amount(spec.scale), 1 + amount(spec.scale)
    angle, slant = torch.deg2rad(amount(spec.rotation)), torch.tan(torch.deg2rad(amount(spec.shear)))
    move_x, move_y = rows * amount(spec.shift), rows * amount(spec.shift)
    mirror = torch.where(torch.rand(count, generator=generator) < 0.5, -1.0, 1.0)
    if lines:
        reach = 2 * SWING * rows / size.clamp(min=1)
        angle = angle.clamp(-torch.atan(reach), torch.atan(reach))
    matrix = _matrix(angle, slant, scale_x * (mirror if spec.flip else 1), scale_y)
    source_middle = torch.stack((size / 2, torch.full_like(size, rows / 2)), dim=1)
    if not lines:
        return Warp(matrix, source_middle, source_middle + torch.stack((move_x, move_y), dim=1), lengths)
    half = matrix[:, 0, 0].abs() * size / 2 + matrix[:, 0, 1].abs() * rows / 2
    new_lengths = (2 * half + move_x.abs() - 1e-3).ceil().clamp(min=1).to(torch.int64)
    middle = torch.stack((half + move_x.clamp(min=0), rows / 2 + move_y), dim=1)
    return Warp(matrix, source_middle, middle, new_lengths)


def _matrix(angle: Tensor, slant: Tensor, scale_x: Tensor, scale_y: Tensor) -> Tensor:
    """``(B, 2, 2)``; positive angles turn anticlockwise as seen, positive slants lean to the right."""
    cosine, sine = torch.cos(angle), torch.sin(angle)
    # v points down: leaning right moves small v to larger u.
    first = torch.stack((cosine * scale_x, (sine - slant * cosine) * scale_y), dim=1)
    second = torch.stack((-sine * scale_x, (cosine + slant * sine) * scale_y), dim=1)
    return torch.stack((first, second), dim=1)


def apply_warp(images: Tensor, warp: Warp, displacement: Tensor | None = None) -> Tensor:
    """Look every output pixel up, bilinear; outside the input there is zero.

    Args:
        images: ``(B, C, Y, X)``, zero beyond each length.
        warp: The maps.
        displacement: ``(B, Y, X', 2)``: added to the place looked up, in input pixels (u, v).

    Returns:
        ``(B, C, Y, X')``, where X' is the longest new length.
    """
    rows, columns = images.shape[2:]
    inverse = torch.linalg.inv(warp.matrix)
    u = torch.arange(int(warp.lengths.max())) + 0.5 - warp.middle[:, :1]
    v = torch.arange(rows) + 0.5 - warp.middle[:, 1:]
    # grid_sample wants -1 … 1 over the whole input: 2 · place / size - 1.
    stretch = 2 / torch.tensor([columns, rows], dtype=torch.float32)
    along_u = torch.einsum("bi,bx->bxi", inverse[:, :, 0] * stretch, u)
    along_v = (
        torch.einsum("bi,by->byi", inverse[:, :, 1] * stretch, v)
        + ((warp.source_middle * stretch - 1)[:, None])
    )
    grid = along_u[:, None] + along_v[:, :, None]
    if displacement is not None:
        grid += displacement * stretch
    return functional.grid_sample(images, grid, "bilinear", "zeros", align_corners=False)


def draw_displacement(warp: Warp, rows: int, largest: float, generator: torch.Generator) -> Tensor:
    """A smooth random displacement ``(B, Y, X, 2)`` in pixels, never more than ``largest`` along u or v.

    Random numbers on a grid of half the height, joined by cubic B-splines (after Simard, Steinkraus and Platt
    2003, "Best practices for convolutional neural networks applied to visual document analysis", which
    smooths noise by a Gaussian). It fades out towards both ends along X, so that nothing is moved out of the
    image there.
    """
    columns = int(warp.lengths.max())
    spacing = rows / 2
    across, along = _spline(rows, spacing), _spline(columns, spacing)
    count = len(warp.lengths)
    noise = 2 * torch.rand((count, across.shape[1], along.shape[1], 2), generator=generator) - 1
    # Averages are weaker than what goes in: double them, and cut them at the bound. The average over rows
    # that follows stays within it.
    coarse = torch.einsum("byjc,xj->byxc", noise, along).mul_(2).clamp_(-1, 1)
    place = torch.arange(columns) + 0.5
    fade = torch.minimum(place, warp.lengths[:, None] - place).div(spacing).clamp(0, 1)
    coarse *= (largest * fade)[:, None, :, None]
    return torch.matmul(across, coarse.flatten(2)).unflatten(2, (columns, 2))


def _spline(size: int, spacing: float) -> Tensor:
    """``(size, knots)``: weights of uniform cubic B-splines at each pixel; each row adds up to 1."""
    knots = math.ceil(size / spacing) + 3
    place = (torch.arange(size) + 0.5) / spacing
    away = (place[:, None] - (torch.arange(knots) - 1)).abs()
    near, far = 2 / 3 - away**2 * (1 - away / 2), (2 - away).clamp(min=0) ** 3 / 6
    return torch.where(away < 1, near, far)
