"""Random changes of signals: bounded, repeatable, blind to padding."""

from __future__ import annotations

import pytest
import torch

from tidegate.config.tables import AugmentSpec
from tidegate.errors import ConfigError
from tidegate.tasks.signal.augment import augment_signals

LENGTHS = torch.tensor([40, 17, 1, 2])
ALL = AugmentSpec(noise=0.1, scale=0.2, time_warp=0.3, crop=0.4, channel_dropout=0.3)


def values(seed=0, fill=0.0) -> torch.Tensor:
    made = torch.randn(4, 40, 3, generator=torch.Generator().manual_seed(seed))
    for row, length in zip(made, LENGTHS.tolist(), strict=True):
        row[length:] = fill
    return made


def change(given: torch.Tensor, spec: AugmentSpec, seed=0):
    return augment_signals(given, LENGTHS, spec, torch.Generator().manual_seed(seed))


EACH = [AugmentSpec(**{key: amount}) for key, amount in ALL.model_dump().items() if amount]


@pytest.mark.parametrize("spec", [*EACH, ALL])
def test_padding_is_ignored_and_zero_and_the_seed_decides(spec: AugmentSpec):
    clean, lengths = change(values(), spec)
    dirty, again = change(values(fill=float("nan")), spec)
    assert torch.equal(clean, dirty)
    assert torch.equal(lengths, again)
    assert not torch.equal(change(values(), spec, seed=1)[0], clean)
    for row, length in zip(clean, lengths.tolist(), strict=True):
        assert (row[length:] == 0).all()
    assert torch.isfinite(clean).all()
    assert clean.shape[1] == lengths.max()
    assert (lengths >= 1).all()


def test_nothing_is_asked_for():
    given = values()
    new, lengths = change(given, AugmentSpec())
    assert torch.equal(new, given)
    assert torch.equal(lengths, LENGTHS)


def test_crop_keeps_a_span():
    seen = set()
    for seed in range(60):
        given = values()
        new, lengths = change(given, AugmentSpec(crop=0.4), seed)
        for row, length, old, before in zip(new, lengths.tolist(), given, LENGTHS.tolist(), strict=True):
            assert before - int(0.4 * before + 1e-6) <= length <= before
            starts = [s for s in range(before - length + 1) if torch.equal(old[s : s + length], row[:length])]
            assert starts
        seen.add(40 - int(lengths[0]))
    assert min(seen) == 0
    assert max(seen) >= 14


def test_time_warp_keeps_ends_and_bounds_the_speed():
    largest = 0.3
    ramp = torch.arange(40.0)[None, :, None].expand(4, 40, 1)
    for seed in range(40):
        new, lengths = change(ramp, AugmentSpec(time_warp=largest), seed)
        assert torch.equal(lengths, LENGTHS)
        for row, length in zip(new[..., 0], LENGTHS.tolist(), strict=True):
            steps = row[:length].diff()
            assert row[0] == 0
            torch.testing.assert_close(row[length - 1], torch.tensor(length - 1.0))
            assert (steps >= (1 - largest) / (1 + largest) - 1e-4).all()
            assert (steps <= (1 + largest) / (1 - largest) + 1e-4).all()


def test_scale_is_of_channels():
    given = values()
    ratios = []
    for seed in range(30):
        new, _ = change(given, AugmentSpec(scale=0.2), seed)
        ratio = new[0] / given[0]
        torch.testing.assert_close(ratio, ratio[:1].expand(40, 3))
        ratios.append(ratio[0])
    drawn = torch.stack(ratios)
    assert 0.8 <= drawn.min() < 0.85
    assert 1.15 < drawn.max() <= 1.2001
    assert drawn.std(dim=1).min() > 0


def test_noise_has_the_deviation_at_most():
    zeros = torch.zeros(64, 2000, 1)
    new, _ = augment_signals(
        zeros, torch.full((64,), 2000), AugmentSpec(noise=0.5), torch.Generator().manual_seed(0)
    )
    deviations = new.std(dim=1)
    assert 0.4 < deviations.max() < 0.53
    assert deviations.min() < 0.1


def test_a_channel_is_always_left():
    ones = torch.ones(400, 5, 3)
    lengths = torch.full((400,), 5)
    for probability in (0.3, 1.0):
        new, _ = augment_signals(
            ones, lengths, AugmentSpec(channel_dropout=probability), torch.Generator().manual_seed(0)
        )
        silent = (new == 0).all(dim=1)
        assert ((new == 0) | (new == 1)).all()
        assert (silent.sum(dim=1) <= 2).all()
        expected = 0.3 - 0.3**3 / 3 if probability < 1 else 2 / 3
        assert abs(float(silent.float().mean()) - expected) < 0.04


def test_what_only_images_know_is_refused():
    with pytest.raises(ConfigError) as caught:
        change(values(), AugmentSpec(noise=0.1, rotation=3, elastic=0.1, flip=True))
    assert caught.value.where == "augment.rotation, augment.flip, augment.elastic"
