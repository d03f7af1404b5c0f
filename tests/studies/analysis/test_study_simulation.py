"""How often a study is wrong, by simulation: winners where there is no difference, and differences that are found."""

import gc
from collections.abc import Callable
from itertools import combinations
from statistics import median

import numpy as np
import pytest
from numpy.typing import NDArray

from tidegate.studies.analysis.comparison import MARGIN_DEVIATIONS
from tidegate.studies.analysis.verdicts import decide

Noise = Callable[[np.random.Generator, tuple[int, int]], NDArray[np.float64]]


@pytest.fixture(autouse=True)
def no_collecting(monkeypatch: pytest.MonkeyPatch) -> None:
    """statsmodels collects garbage at every correction: thousands of times here."""
    monkeypatch.setattr(gc, "collect", lambda *_: 0)


def normal(chance: np.random.Generator, shape: tuple[int, int]) -> NDArray[np.float64]:
    return chance.standard_normal(shape)


def skewed(chance: np.random.Generator, shape: tuple[int, int]) -> NDArray[np.float64]:
    """Error rates of networks: mostly near the best, now and then much worse."""
    return chance.lognormal(0.0, 0.6, shape) - np.exp(0.18)


def uneven(chance: np.random.Generator, shape: tuple[int, int]) -> NDArray[np.float64]:
    """Some arms are ten times as unstable as others."""
    return chance.standard_normal(shape) * np.geomspace(0.3, 3.0, shape[1])


def verdicts(table: NDArray[np.float64], margin: float | None) -> list[str]:
    """All pairs of a study ``(seeds, arms)``, as ``compare`` judges them."""
    pairs = [table[:, a] - table[:, b] for a, b in combinations(range(table.shape[1]), 2)]
    bound = MARGIN_DEVIATIONS * median(table.std(axis=0, ddof=1)) if margin is None else margin
    return [verdict for _, verdict in decide(pairs, bound, lower_is_better=True)]


def share(
    seeds: int, noise: Noise, margin: float | None, means: list[float], studies: int, *wanted: str
) -> float:
    """Of simulated studies those in which some pair gets such a verdict."""
    chance = np.random.default_rng(seeds * 1000 + len(means))
    found = 0
    for _ in range(studies):
        told = verdicts(noise(chance, (seeds, len(means))) + np.array(means), margin)
        found += any(verdict in wanted for verdict in told)
    return found / studies


def allowed(studies: int, rate: float = 0.05) -> float:
    """What is still compatible with a rate: three standard errors above it."""
    return rate + 3 * (rate * (1 - rate) / studies) ** 0.5


@pytest.mark.parametrize("noise", [normal, skewed, uneven])
@pytest.mark.parametrize("margin", [0.0, None], ids=["margin 0", "usual margin"])
def test_no_winner_where_there_is_no_difference(noise: Noise, margin: float | None) -> None:
    assert share(5, noise, margin, [0.0] * 5, 500, "better", "worse") <= allowed(500)


@pytest.mark.parametrize("noise", [normal, skewed, uneven])
@pytest.mark.parametrize("margin", [0.0, None], ids=["margin 0", "usual margin"])
@pytest.mark.parametrize(
    ("arms", "seeds"), [(2, 3), (2, 5), (2, 10), (5, 3), (5, 10), (10, 3), (10, 5), (10, 10)]
)
def test_false_winners_are_rare(noise: Noise, margin: float | None, arms: int, seeds: int) -> None:
    studies = 800 if arms < 10 else 300
    assert share(seeds, noise, margin, [0.0] * arms, studies, "better", "worse") <= allowed(studies)


@pytest.mark.parametrize(("arms", "difference"), [(2, 8.0), (5, 14.0)])
def test_a_large_difference_is_found(arms: int, difference: float) -> None:
    """With five seeds and the usual margin of two deviations: eight deviations between two arms, fourteen among five."""
    means = [0.0] * (arms - 1) + [difference]
    assert share(5, normal, None, means, 100, "better", "worse") >= 0.9


def test_without_a_margin_less_is_found() -> None:
    """Of two arms with five seeds, four deviations of a seed; with ten, two."""
    assert share(5, normal, 0.0, [0.0, 4.0], 100, "better", "worse") >= 0.9
    assert share(10, normal, 0.0, [0.0, 2.0], 100, "better", "worse") >= 0.9


def test_a_difference_as_large_as_the_margin_is_not_called_equivalent() -> None:
    assert share(5, normal, 2.0, [0.0, 2.0], 400, "equivalent") <= allowed(400)
    assert share(10, normal, 2.0, [0.0, 0.0], 100, "equivalent") >= 0.9
