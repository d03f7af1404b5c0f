"""How often a study is wrong, and what it finds: benchmarks/study_simulations.py with fewer studies."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

BENCHMARKS = Path(__file__).parents[3] / "benchmarks"
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def sims() -> Iterator[ModuleType]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(BENCHMARKS)
        yield importlib.import_module("study_simulations")


def allowed(studies: int, rate: float = 0.05) -> float:
    """What is still compatible with a rate: three standard errors above it."""
    return rate + 3 * (rate * (1 - rate) / studies) ** 0.5


@pytest.mark.parametrize("noise", ["normal", "skewed", "unequal"])
@pytest.mark.parametrize("arms", [2, 5, 10])
def test_no_difference_no_verdict(sims: ModuleType, noise: str, arms: int) -> None:
    """No margin at all: any arm that is called worse is so by chance. Three seeds decide nothing, whatever the noise."""
    for seeds in (5, 10, 20) if noise == "unequal" else (3, 5, 10, 20):
        found = sims.one_look(np.zeros(arms), seeds, sims.NOISES[noise], 1.0, studies=600)
        assert found.worse <= allowed(600), seeds
        assert found.excluded <= allowed(600), seeds


@pytest.mark.parametrize("noise", ["normal", "skewed", "unequal"])
@pytest.mark.parametrize("arms", [2, 5, 10])
def test_looking_four_times_costs_no_more(sims: ModuleType, noise: str, arms: int) -> None:
    found = sims.all_looks(np.zeros(arms), sims.NOISES[noise], 1.0, studies=500)
    assert found.worse <= allowed(500) and found.excluded <= allowed(500)
    # Of all that is said together: with six times the noise in some arms of ten, 6 % are wrong in place of 5.
    assert found.any <= allowed(500, 0.07 if noise == "unequal" else 0.05)


@pytest.mark.parametrize("noise", ["normal", "skewed", "unequal"])
@pytest.mark.parametrize("arms", [2, 5, 10])
def test_at_the_margin_all_that_is_said_is_right_together(sims: ModuleType, noise: str, arms: int) -> None:
    """All others just within the margin, just beyond, or half of each."""
    margin = sims.MARGIN
    half = np.where(np.arange(arms - 1) % 2 == 0, 0.999, 1.001)
    for others in (np.full(arms - 1, 0.999), np.full(arms - 1, 1.001), half):
        truth = np.append(0.0, others * margin)
        for seeds in (5, 20):
            found = sims.one_look(truth, seeds, sims.NOISES[noise], 0.03, studies=400, margin=margin)
            assert max(found.worse, found.good_enough, found.any) <= allowed(400)


@pytest.mark.parametrize("deviation", [0.25, 0.4])
@pytest.mark.parametrize("cheaper_is_worse", [True, False])
def test_more_seeds_name_a_better_arm(sims: ModuleType, deviation: float, cheaper_is_worse: bool) -> None:
    """The share of studies that name an arm with more than 25 % more errors than the best falls, to 5 % at 10 seeds."""
    for arms in (6, 10):
        rates = [
            sims.named(arms, seeds, deviation, studies=600, cheaper_is_worse=cheaper_is_worse)
            for seeds in (3, 5, 10, 20)
        ]
        assert rates[0] > rates[1] > rates[2] >= rates[3] and rates[2] <= allowed(600) and rates[3] <= 0.02


@pytest.mark.parametrize("arms", [2, 5, 10])
@pytest.mark.parametrize("begin", [3, 5])
def test_twice_the_margin_is_found_with_the_seeds_that_are_recommended(
    sims: ModuleType, arms: int, begin: int
) -> None:
    found = sims.advised(arms, 0.04, studies=100, begin=begin)
    assert found.told >= 0.8 and found.found >= 0.8
    assert sims.advised(arms, 0.3, studies=10, begin=begin).told == 0.0, "no number helps against such noise"


@pytest.mark.parametrize("seeds", [3, 5, 10])
def test_intervals_of_means_contain_the_truth(sims: ModuleType, seeds: int) -> None:
    assert 0.93 <= sims.covered(seeds, sims.normal, studies=1000) <= 0.97
    # Of skewed noise a little less often: the mean of few runs lies below the truth, and so does their variance.
    assert 0.89 <= sims.covered(seeds, sims.skewed, studies=1000) <= 0.95


@pytest.mark.parametrize("arms", [2, 5])
def test_clusters_of_the_test_part_are_in_the_error(sims: ModuleType, arms: int) -> None:
    found = sims.clustered(arms, 10, clusters=20, studies=200)
    assert found.worse <= allowed(200) and found.excluded <= allowed(200)
    # Twenty samples of a speaker are not twenty speakers.
    assert sims.clustered(arms, 10, clusters=20, studies=60, told=False).worse >= 0.2


@pytest.mark.parametrize("arms", [2, 5])
@pytest.mark.parametrize("splits", [5, 10, 20])
def test_learners_that_are_equal_on_new_data(sims: ModuleType, arms: int, splits: int) -> None:
    found = sims.resampled(arms, splits, studies=300)
    assert found.worse <= allowed(300) and found.excluded <= allowed(300)


@pytest.mark.parametrize("seeds", [5, 20])
def test_an_arm_that_now_and_then_diverges(sims: ModuleType, seeds: int) -> None:
    """One run in seven is far off: in half of the studies with five seeds none is."""
    assert sims.one_look(np.zeros(2), seeds, sims.diverging, 1.0, studies=1000).worse <= allowed(1000)
