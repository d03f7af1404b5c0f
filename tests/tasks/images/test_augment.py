"""Augmentation: each technique does what its name says, within its bounds, and nothing else."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from tidegate.config.tables import AugmentSpec
from tidegate.errors import ConfigError
from tidegate.tasks.images.augment import _spread, augment
from tidegate.tasks.images.warp import Warp, apply_warp, draw_displacement, draw_warp

COUNT, ROWS, COLUMNS = 64, 32, 48


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def blob(
    count: int = COUNT, u: float = 24.0, v: float = 16.0, across: float = 3.0, along: float = 3.0
) -> Tensor:
    """A Gaussian spot at (u, v), ``(B, 1, Y, X)``."""
    y, x = torch.arange(ROWS) + 0.5, torch.arange(COLUMNS) + 0.5
    spot = torch.exp(-(((y[:, None] - v) / across) ** 2 + ((x - u) / along) ** 2) / 2)
    return spot.expand(count, 1, ROWS, COLUMNS).clone()


def full(images: Tensor) -> Tensor:
    return torch.full((len(images),), images.shape[3])


def change(images: Tensor, seed: int = 0, **amounts: float) -> Tensor:
    return augment(images, full(images), AugmentSpec(**amounts), generator(seed), lines=False)[0]


def moments(images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Mass, centre (u, v) and covariance of each image."""
    y, x = torch.arange(images.shape[2]) + 0.5, torch.arange(images.shape[3]) + 0.5
    mass = images.sum((1, 2, 3))
    u, v = (images.sum((1, 2)) * x).sum(1) / mass, (images.sum((1, 3)) * y).sum(1) / mass
    du, dv = x - u[:, None], y - v[:, None]
    ink = images[:, 0]
    second = [
        torch.einsum("byx,by,bx->b", ink, a, b) / mass for a, b in ((torch.ones_like(dv), du**2), (dv, du))
    ]
    third = torch.einsum("byx,by->b", ink, dv**2) / mass
    return mass, torch.stack((u, v), 1), torch.stack((second[0], second[1], third), 1)


def test_zero_amounts_change_nothing():
    images = torch.rand(4, 3, ROWS, COLUMNS)
    new, lengths = augment(images, full(images), AugmentSpec(), generator(), lines=True)
    assert torch.equal(new, images)
    assert torch.equal(lengths, full(images))


def test_an_identity_warp_changes_nothing():
    images = torch.rand(4, 1, ROWS, COLUMNS)
    warp = draw_warp(full(images), ROWS, AugmentSpec(), generator(), lines=True)
    torch.testing.assert_close(apply_warp(images, warp), images, atol=1e-5, rtol=0)


EVERYTHING = AugmentSpec(
    shift=0.1, scale=0.2, rotation=5, shear=10, elastic=0.05, blur=1, noise=0.2, contrast=0.3
)


@pytest.mark.parametrize("lines", [False, True])
def test_same_generator_same_result(lines: bool):
    images = torch.rand(6, 1, ROWS, COLUMNS)
    first = augment(images, full(images), EVERYTHING, generator(1), lines=lines)
    again = augment(images, full(images), EVERYTHING, generator(1), lines=lines)
    other = augment(images, full(images), EVERYTHING, generator(2), lines=lines)
    assert torch.equal(first[0], again[0])
    assert torch.equal(first[1], again[1])
    assert first[0].shape != other[0].shape or not torch.equal(first[0], other[0])


@pytest.mark.parametrize("lines", [False, True])
def test_garbage_in_the_padding_changes_nothing_and_padding_stays_zero(lines: bool):
    lengths = torch.tensor([48, 31, 5, 1])
    images = torch.rand(4, 1, ROWS, COLUMNS)
    inside = (torch.arange(COLUMNS) < lengths[:, None])[:, None, None]
    clean = augment(images * inside, lengths, EVERYTHING, generator(), lines=lines)
    garbage = torch.where(inside, images, torch.full_like(images, 7.0))
    dirty = augment(garbage, lengths, EVERYTHING, generator(), lines=lines)
    assert torch.equal(clean[0], dirty[0])
    new, new_lengths = dirty
    assert torch.equal(new_lengths, lengths) or lines
    assert new.shape[3] == new_lengths.max()
    outside = torch.arange(new.shape[3]) >= new_lengths[:, None]
    assert not new[outside[:, None, None].expand_as(new)].any()
    assert new.min() >= 0
    assert new.max() <= 1


def test_shift():
    _, centre, _ = moments(change(blob(), shift=0.2))
    moved = centre - torch.tensor([24.0, 16.0])
    assert moved.abs().max() <= 0.2 * ROWS + 0.1
    assert (moved.std(0) > 2).all()
    assert (moved.mean(0).abs() < 1.5).all()


def test_scale():
    _, centre, covariance = moments(change(blob(), scale=0.3))
    factors = (covariance[:, [0, 2]] / 9).sqrt()
    assert factors.min() >= 0.69
    assert factors.max() <= 1.33
    assert (factors.std(0) > 0.1).all()
    assert torch.corrcoef(factors.T)[0, 1].abs() < 0.4
    torch.testing.assert_close(centre, torch.tensor([24.0, 16.0]).expand(COUNT, 2), atol=0.1, rtol=0)


def test_rotation():
    bar = blob(across=1.5, along=6.0)
    _, _, c = moments(change(bar, rotation=20))
    angle = torch.rad2deg(torch.atan2(2 * c[:, 1], c[:, 0] - c[:, 2]) / 2)
    assert angle.abs().max() <= 20.5
    assert angle.std() > 8
    # The angle drawn is the angle found, anticlockwise as seen: v points down.
    warp = draw_warp(full(bar), ROWS, AugmentSpec(rotation=20), generator(), lines=False)
    drawn = torch.rad2deg(torch.atan2(-warp.matrix[:, 1, 0], warp.matrix[:, 0, 0]))
    torch.testing.assert_close(-angle, drawn, atol=0.5, rtol=0)


def test_shear_leans_and_keeps_the_area():
    upright = blob(across=6.0, along=1.5)
    mass, _, c = moments(change(upright, shear=20))
    slant = torch.rad2deg(torch.atan(c[:, 1] / c[:, 2]))
    assert slant.abs().max() <= 21
    assert slant.std() > 8
    torch.testing.assert_close(mass, moments(upright)[0], rtol=0.02, atol=0)


def test_flip_mirrors_half_of_them():
    images = torch.rand(200, 1, ROWS, COLUMNS)
    new = change(images, flip=True)
    mirrored = (new - images.flip(3)).abs().amax((1, 2, 3)) < 1e-4
    same = (new - images).abs().amax((1, 2, 3)) < 1e-4
    assert (mirrored ^ same).all()
    assert 70 < mirrored.sum() < 130


def test_flip_within_own_length_and_not_for_lines():
    images, lengths = torch.rand(20, 1, ROWS, COLUMNS), torch.full((20,), 30)
    new, _ = augment(images, lengths, AugmentSpec(flip=True), generator(), lines=False)
    mirrored = (new[..., :30] - images[..., :30].flip(3)).abs().amax((1, 2, 3)) < 1e-4
    assert 3 < mirrored.sum() < 17
    with pytest.raises(ConfigError, match="mirrored line"):
        augment(images, lengths, AugmentSpec(flip=True), generator(), lines=True)


def test_elastic_moves_locally_and_within_bounds():
    images = blob()
    warp = draw_warp(full(images), ROWS, AugmentSpec(), generator(), lines=False)
    field = draw_displacement(warp, ROWS, 0.1 * ROWS, generator())
    assert field.shape == (COUNT, ROWS, COLUMNS, 2)
    assert field.abs().max() <= 0.1 * ROWS
    assert field.abs().max() > 0.05 * ROWS
    # Smooth: neighbours move alike; local: far ones do not; still at the ends.
    assert field.diff(dim=2).abs().max() < 0.1 * ROWS / 4
    middle = field[:, 16, :, 1]
    assert torch.corrcoef(torch.stack((middle[:, 8], middle[:, 40])))[0, 1].abs() < 0.5
    assert field[:, :, [0, -1]].abs().max() < 0.1 * ROWS / 16
    still = change(images, elastic=0.1)
    assert (still - images).abs().amax((1, 2, 3)).min() > 0.02


def test_stroke_makes_writing_bolder_or_finer_within_a_pixel():
    images = torch.zeros(COUNT, 1, ROWS, COLUMNS)
    images[:, :, 12:18, 10:30] = 1
    new = change(images, stroke=1.0)
    ink = new.sum((1, 2, 3))
    assert ink.max() > 6 * 20 * 1.2 and ink.min() < 6 * 20 * 0.8
    assert (new[:, :, 14:16, 12:28] == 1).all()
    assert new[:, :, :11].sum() == 0 and new[:, :, :, :9].sum() == 0


def test_neighbourhoods_are_those_of_max_pooling():
    images = torch.rand(2, 1, 9, 13, generator=generator(5))
    bold = torch.nn.functional.max_pool2d(images, 3, stride=1, padding=1)
    fine = -torch.nn.functional.max_pool2d(-images, 3, stride=1, padding=1)
    assert torch.equal(_spread(torch.maximum, images, beyond=0.0), bold)
    assert torch.equal(_spread(torch.minimum, images, beyond=1.0), fine)


def test_blur_lowers_high_frequencies_and_keeps_ink():
    images = torch.zeros(COUNT, 1, ROWS, COLUMNS)
    images[:, :, 10:22, 10:38] = (torch.rand(COUNT, 1, 12, 28, generator=generator(3)) > 0.5).float()
    new = change(images, blur=1.5)

    def high(values: Tensor) -> Tensor:
        return torch.fft.fft2(values[:, 0]).abs()[:, 8:24, 12:36].mean((1, 2))

    ratio = high(new) / high(images)
    assert ratio.max() < 1.001
    assert ratio.min() < 0.1
    assert ratio.std() > 0.1
    torch.testing.assert_close(new.sum((1, 2, 3)), images.sum((1, 2, 3)), rtol=1e-3, atol=0)


def test_noise_has_the_deviation_asked_for():
    new = change(torch.full((COUNT, 1, ROWS, COLUMNS), 0.5), noise=0.1)
    deviation = new.std((1, 2, 3))
    assert deviation.max() <= 0.105
    assert deviation.max() > 0.09
    assert deviation.min() < 0.01
    assert (new.mean((1, 2, 3)) - 0.5).abs().max() < 0.02


def test_contrast_scales_ink_and_leaves_the_background():
    images = blob() * 0.5
    new = change(images, contrast=0.4)
    factor = new.amax((1, 2, 3)) / images.amax((1, 2, 3))
    assert factor.min() >= 0.6
    assert factor.max() <= 1.4
    assert factor.std() > 0.15
    torch.testing.assert_close(new, images * factor[:, None, None, None])


def test_lines_stretch_from_the_left_edge_and_change_their_length():
    lengths = torch.full((COUNT,), COLUMNS)
    new, new_lengths = augment(blob(u=12), lengths, AugmentSpec(scale=0.25), generator(), lines=True)
    factor = new_lengths / COLUMNS
    assert factor.min() >= 0.75
    assert factor.max() <= 1.27
    assert factor.std() > 0.1
    _, centre, _ = moments(new)
    assert (centre[:, 0] - 12 * factor).abs().max() < 0.5


def bars(length: int) -> Tensor:
    """Marks at the first and last columns of a line, at middle height."""
    images = torch.zeros(COUNT, 1, ROWS, length)
    images[:, :, 14:18, :3] = 1
    images[:, :, 14:18, -3:] = 1
    return images


@pytest.mark.parametrize("length", [12, 300])
def test_no_text_is_cut_off_at_the_ends(length: int):
    spec = AugmentSpec(shift=0.05, scale=0.2, rotation=10, shear=15, elastic=0.05)
    new, lengths = augment(bars(length), torch.full((COUNT,), length), spec, generator(), lines=True)
    ink = 2 * 4 * 3
    assert new.sum((1, 2, 3)).min() > 0.6 * ink * 0.8**2
    for image, columns in zip(new, lengths.tolist(), strict=True):
        left, right = image[0, :, : columns // 2].sum(), image[0, :, columns // 2 :].sum()
        assert min(left, right) > 0.25 * ink * 0.8**2


def test_rotation_of_a_line_is_bounded_by_its_height():
    warp = draw_warp(torch.tensor([1000, 20]), ROWS, AugmentSpec(rotation=20), generator(), lines=True)
    swing = warp.matrix[:, 1, 0].abs() * torch.tensor([500.0, 10.0])
    assert swing[0] <= 0.1 * ROWS + 1e-3
    free = [
        draw_warp(torch.tensor([20]), ROWS, AugmentSpec(rotation=20), generator(seed), lines=True).matrix[
            0, 1, 0
        ]
        for seed in range(20)
    ]
    assert torch.stack(free).abs().max() > 0.2  # short lines turn freely


def test_no_line_gets_shorter_than_its_text_needs():
    images = torch.rand(8, 1, ROWS, 100)
    shortest = torch.full((8,), 95)
    new, lengths = augment(
        images, full(images), AugmentSpec(scale=0.3), generator(), lines=True, shortest=shortest
    )
    assert lengths.min() == 95
    assert new.shape[3] == lengths.max()
    plain = augment(images, full(images), AugmentSpec(scale=0.3), generator(), lines=True)
    for image, without, length in zip(new, plain[0], plain[1].tolist(), strict=True):
        torch.testing.assert_close(image[..., :length], without[..., :length])


def test_warp_matches_its_slow_twin():
    """grid_sample against bilinear look-up written out pixel by pixel."""
    images = torch.rand(2, 1, 6, 9)
    lengths = torch.tensor([9, 9])
    spec = AugmentSpec(shift=0.2, scale=0.3, rotation=30, shear=20)
    warp = draw_warp(lengths, 6, spec, generator(4), lines=False)
    fast = apply_warp(images, warp)
    padded = functional.pad(images, (1, 1, 1, 1))
    for b in range(2):
        inverse = torch.linalg.inv(warp.matrix[b].double())
        for y in range(6):
            for x in range(9):
                place = torch.tensor([x + 0.5, y + 0.5], dtype=torch.float64) - warp.middle[b]
                u, v = (inverse @ place + warp.source_middle[b] + 0.5).tolist()  # in padded pixels
                assert abs(float(fast[b, 0, y, x]) - bilinear(padded[b, 0], u, v)) < 1e-4


def bilinear(image: Tensor, u: float, v: float) -> float:
    total = 0.0
    for row in range(image.shape[0]):
        for column in range(image.shape[1]):
            near = max(0.0, 1 - abs(u - column)) * max(0.0, 1 - abs(v - row))
            total += near * float(image[row, column])
    return total


def test_lengths_of_a_batch_do_not_touch_one_another():
    """An image warped alone and beside a longer one is the same."""
    image = torch.rand(1, 1, ROWS, 20)
    matrix, middle = torch.tensor([[[0.9, 0.1], [0.0, 1.1]]]), torch.tensor([[10.0, 16.0]])
    alone = apply_warp(image, Warp(matrix, middle, middle, torch.tensor([20])))
    pair = torch.cat((functional.pad(image, (0, 28)), torch.rand(1, 1, ROWS, 48)))
    both = apply_warp(
        pair, Warp(matrix.expand(2, 2, 2), middle.expand(2, 2), middle.expand(2, 2), torch.tensor([20, 48]))
    )
    torch.testing.assert_close(both[:1, :, :, :20], alone, atol=1e-5, rtol=0)


def test_kornia_is_not_imported_with_the_room():
    code = "import sys, tidegate.tasks.images.augment, tidegate.data.images.splits; sys.exit('kornia' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
