"""The draw itself: both engines to the bit, its distribution, its limits, and values that are refused."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import chisquare, kstest

from tidegate.errors import ConfigError, DivergenceError
from tidegate.ops.generation.native_engine import choose_natively
from tidegate.ops.generation.sampling import Sampling, choose, uniform
from tidegate.ops.native_library import library

native = pytest.param(
    choose_natively, marks=pytest.mark.skipif(library() is None, reason="no native library")
)
both = pytest.mark.parametrize("draw", [native, choose])
SCORES = np.array([0.5, -1.0, 2.0, 0.0, 1.0, -3.0], dtype=np.float32)


def probabilities(scores: NDArray[np.float32], temperature: float = 1.0) -> NDArray[np.float64]:
    weights = np.exp(scores.astype(np.float64) / temperature)
    return weights / weights.sum()


def drawn_set(draw: Any, sampling: dict[str, Any], scores: NDArray[np.float32] = SCORES) -> set[int]:
    return {draw(scores, Sampling(**sampling, seed=9), position) for position in range(3000)}


# Few values, so that many are equal; both zeros, and minus infinity.
scores_of = st.lists(
    st.sampled_from([-math.inf, -40.0, -1.0, -0.0, 0.0, 0.25, 0.5, 3.0]), min_size=1, max_size=70
)


@pytest.mark.skipif(library() is None, reason="no native library")
@given(
    scores=scores_of | st.lists(st.floats(-20, 20, width=32), min_size=1, max_size=70),
    temperature=st.sampled_from([0.0, 1e-300, 0.3, 1.0, 50.0]),
    top_k=st.none() | st.integers(1, 80) | st.just(2**70),
    top_p=st.none() | st.sampled_from([1e-300, 0.25, 0.5, 0.9, 1 - 2**-53, 1.0]),
    seed=st.integers(0, 2**64 - 1),
    position=st.integers(0, 2**62),
)
@settings(max_examples=300, deadline=None)
def test_both_draw_the_same(
    scores: list[float], temperature: float, top_k: int | None, top_p: float | None, seed: int, position: int
) -> None:
    numbers = np.array(scores, dtype=np.float32)
    never = tuple(k for k in range(len(scores)) if k % 5 == 3)
    sampling = Sampling(temperature, top_k, top_p, seed, never)
    if np.delete(numbers, never).max() == -math.inf:
        for draw in (choose, choose_natively):
            with pytest.raises(DivergenceError):
                draw(numbers, sampling, position)
    else:
        assert choose(numbers, sampling, position) == choose_natively(numbers, sampling, position)


@both
@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_symbols_come_as_often_as_they_are_likely(draw: Any, temperature: float) -> None:
    sampling = Sampling(temperature=temperature, seed=1)
    counts = np.bincount([draw(SCORES, sampling, i) for i in range(4000)], minlength=len(SCORES))
    assert chisquare(counts, 4000 * probabilities(SCORES, temperature)).pvalue > 0.01
    assert chisquare(counts, 4000 * probabilities(SCORES, temperature * 1.3)).pvalue < 1e-4


@both
def test_a_nucleus_is_drawn_from_in_proportion(draw: Any) -> None:
    sampling = Sampling(top_p=0.8, seed=4)
    counts = np.bincount([draw(SCORES, sampling, i) for i in range(4000)], minlength=len(SCORES))
    kept = [2, 4, 0]  # 0.57, 0.21, 0.13: the first two are 0.78
    assert counts.sum() == counts[kept].sum()
    expected = probabilities(SCORES)[kept]
    assert chisquare(counts[kept], 4000 * expected / expected.sum()).pvalue > 0.01


@both
def test_limits(draw: Any) -> None:
    greedy = {int(SCORES.argmax())}
    assert drawn_set(draw, {"temperature": 0}) == greedy
    assert drawn_set(draw, {"temperature": 0, "top_k": 3, "top_p": 0.9}) == greedy
    assert drawn_set(draw, {"top_k": 1}) == greedy
    assert drawn_set(draw, {"top_p": 1e-9}) == greedy
    assert drawn_set(draw, {"temperature": 5e-324}) == greedy
    assert drawn_set(draw, {"top_k": 2}) == {2, 4}
    assert drawn_set(draw, {"top_k": 2, "never": (2,)}) == {4, 0}
    assert drawn_set(draw, {"top_k": 3, "top_p": 0.5}) == {2}
    assert drawn_set(draw, {"top_k": 2**70, "top_p": 1.0}) == set(range(6))


@both
def test_among_equals_the_first_ones_are_kept(draw: Any) -> None:
    equal = np.array([1, 2, -0.0, 2, 2, 0.0], dtype=np.float32)
    assert drawn_set(draw, {"temperature": 0}, equal) == {1}
    assert drawn_set(draw, {"top_k": 2}, equal) == {1, 3}
    assert drawn_set(draw, {"top_p": 0.4}, equal) == {1, 3}
    assert drawn_set(draw, {"top_k": 1, "never": (0, 1, 3, 4)}, equal) == {2}


@both
@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_scores_that_are_not_finite(draw: Any, bad: float) -> None:
    scores = np.array([0.0, bad, 1.0], dtype=np.float32)
    with pytest.raises(DivergenceError, match="symbol 8"):
        draw(scores, Sampling(), 7)
    assert draw(scores, Sampling(temperature=0, never=(1,)), 7) == 2
    assert draw(np.array([-math.inf, 0.0], dtype=np.float32), Sampling(), 0) == 1


def test_random_numbers_are_splitmix64() -> None:
    # The first numbers of the generator that begins at 0, as its authors' program prints them.
    known = [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F]
    assert [uniform(0, position) for position in range(3)] == [(one >> 11) / 2**53 for one in known]


@pytest.mark.parametrize("seed", [0, 1, 2, 2**64 - 1])
def test_random_numbers_are_uniform_along_positions_and_along_seeds(seed: int) -> None:
    along = [uniform(seed, position) for position in range(5000)]
    across = [uniform((seed + other) % 2**64, 0) for other in range(5000)]
    for numbers in (along, across):
        assert kstest(numbers, "uniform").pvalue > 0.001
        assert 0 <= min(numbers) < max(numbers) < 1
    assert abs(np.corrcoef(along[:-1], along[1:])[0, 1]) < 0.05


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("temperature", -0.1),
        ("temperature", math.nan),
        ("temperature", math.inf),
        ("top_k", 0),
        ("top_p", 0.0),
        ("top_p", 1.01),
        ("top_p", math.nan),
        ("seed", -1),
        ("seed", 2**64),
    ],
)
def test_values_outside_their_range(name: str, value: float) -> None:
    with pytest.raises(ConfigError, match=name):
        Sampling(**{name: value})  # type: ignore[arg-type]
