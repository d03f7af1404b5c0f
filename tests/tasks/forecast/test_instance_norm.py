"""What is taken out of a window comes back into its forecast; what is missing has no say."""

from __future__ import annotations

import pytest
import torch

from tidegate.config.tasks.forecast import Normalise
from tidegate.tasks.forecast.instance_norm import level_of

HOW: list[Normalise] = ["none", "last", "revin"]


@pytest.mark.parametrize("how", HOW)
def test_a_forecast_comes_back_in_the_terms_of_the_series(how: Normalise) -> None:
    past = torch.randn(4, 9, 2, generator=torch.Generator().manual_seed(0)) * 3 + 7
    level = level_of(past, None, how)
    assert torch.allclose(level.restore(level.remove(past)[..., None])[..., 0], past, atol=1e-5)


@pytest.mark.parametrize("how", HOW)
def test_missing_values_have_no_say(how: Normalise) -> None:
    past = torch.randn(1, 9, 1, generator=torch.Generator().manual_seed(0))
    missing = torch.zeros_like(past, dtype=torch.bool)
    missing[0, [2, 8]] = True
    garbage = past.masked_fill(missing, 1e6)
    left = past[~missing].view(1, 7, 1)
    level, alone = level_of(garbage, missing, how), level_of(left, None, how)
    assert torch.allclose(level.shift, alone.shift)
    assert torch.allclose(level.scale, alone.scale, atol=1e-5)


@pytest.mark.parametrize("how", HOW)
def test_a_window_without_any_value_has_level_zero(how: Normalise) -> None:
    past = torch.full((1, 5, 1), 9.0)
    level = level_of(past, torch.ones_like(past, dtype=torch.bool), how)
    assert level.shift.item() == 0
    assert torch.isfinite(level.scale).all()


def test_revin_has_mean_zero_and_deviation_one() -> None:
    past = torch.randn(3, 500, 2, generator=torch.Generator().manual_seed(0)) * 5 - 2
    inside = level_of(past, None, "revin").remove(past)
    assert inside.mean(dim=1).abs().max() < 1e-5
    assert (inside.std(dim=1, unbiased=False) - 1).abs().max() < 1e-4


def test_a_flat_window_is_not_blown_up() -> None:
    past = torch.full((1, 9, 1), 2.0)
    past[0, 3] += 1e-6
    assert level_of(past, None, "revin").remove(past).abs().max() < 0.01
