"""N-gram baselines against a reference of dictionaries, and as distributions."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.errors import ConfigError, EmptyDataError
from tidegate.tasks.language.baselines import KneserNey, kneser_ney, unigram

SHARED = Path(__file__).parents[4] / "shared" / "data"
FALLBACK = (0.0, 0.5, 1.0, 1.5)


class Reference:
    """The equations, one sequence at a time."""

    def __init__(self, train: list[int], symbols: int, order: int) -> None:
        self.symbols = symbols
        seen = [
            Counter(zip(*(train[n:] for n in range(length)), strict=False)) for length in range(1, order + 1)
        ]
        self.counts: list[Counter[tuple[int, ...]]] = []
        for length in range(1, order):
            before: dict[tuple[int, ...], set[int]] = defaultdict(set)
            for gram in seen[length]:
                before[gram[1:]].add(gram[0])
            self.counts.append(Counter({gram: len(some) for gram, some in before.items()}))
        self.counts.append(seen[-1])
        self.discounts = [self.discount(counts) for counts in self.counts]

    @staticmethod
    def discount(counts: Counter[tuple[int, ...]]) -> tuple[float, ...]:
        times = Counter(counts.values())
        if not (times[1] and times[2] and times[3]):
            return FALLBACK
        share = times[1] / (times[1] + 2 * times[2])
        found = [n - (n + 1) * share * times[n + 1] / times[n] for n in (1, 2, 3)]
        return (0.0, *found) if all(0 <= one <= n for n, one in enumerate(found, 1)) else FALLBACK

    def chance(self, context: tuple[int, ...], symbol: int) -> float:
        shorter = self.chance(context[1:], symbol) if context else 1 / self.symbols
        counts, discounts = self.counts[len(context)], self.discounts[len(context)]
        here = {gram: count for gram, count in counts.items() if gram[:-1] == context}
        total = sum(here.values())
        if not total:
            return shorter
        given = sum(discounts[min(count, 3)] for count in here.values())
        count = here.get((*context, symbol), 0)
        return (count - discounts[min(count, 3)] + given * shorter) / total

    def nats(self, test: list[int]) -> float:
        order = len(self.counts)
        logs = [
            math.log(self.chance(tuple(test[max(0, at - order + 1) : at]), symbol))
            for at, symbol in enumerate(test)
        ]
        return -sum(logs) / len(logs)


def text(seed: int, length: int, symbols: int) -> list[int]:
    """Symbols of falling frequency, with some memory."""
    generator = np.random.default_rng(seed)
    found = [0]
    for _ in range(length - 1):
        found.append((found[-1] + int(generator.geometric(0.45))) % symbols)
    return found


@pytest.mark.parametrize("order", [1, 2, 3, 4])
@pytest.mark.parametrize("symbols", [4, 11])
def test_against_the_twin(order: int, symbols: int):
    train, test = text(0, 600, symbols), text(1, 90, symbols)
    reference = Reference(train, symbols + 1, order)
    fast = kneser_ney(np.array(train, np.int32), np.array(test, np.int32), symbols + 1, order)
    assert fast == pytest.approx(reference.nats(test), rel=1e-12)


def test_discounts_are_estimated_somewhere():
    """Otherwise the comparison above would only see the fallback."""
    assert Reference(text(0, 600, 11), 12, 4).discounts[3] != FALLBACK
    assert Reference(text(0, 600, 4), 5, 1).discounts[0] == FALLBACK


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.integers(0, 3), max_size=25),
    st.lists(st.integers(0, 4), min_size=1, max_size=8),
    st.integers(1, 5),
)
def test_tiny_texts(train: list[int], test: list[int], order: int):
    """Texts shorter than the order, empty training text, symbols that training lacks."""
    fast = kneser_ney(np.array(train, np.int64), np.array(test), 5, order)
    assert fast == pytest.approx(Reference(train, 5, order).nats(test), rel=1e-12)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(0, 8), max_size=6), st.integers(1, 5), st.integers(0, 3))
def test_chances_sum_to_one(context: list[int], order: int, seed: int):
    symbols = 9  # of which training has eight
    model = KneserNey.fit(np.array(text(seed, 300, 8)), symbols, order)
    chances = [
        math.exp(model.log_probabilities(np.array([*context, symbol]))[-1]) for symbol in range(symbols)
    ]
    assert sum(chances) == pytest.approx(1, rel=1e-12)
    assert min(chances) > 0


def test_only_the_past_counts():
    model = KneserNey.fit(np.array(text(0, 500, 6)), 6, 3)
    whole = np.array(text(5, 40, 6))
    np.testing.assert_array_equal(model.log_probabilities(whole)[:25], model.log_probabilities(whole[:25]))


def test_unigram():
    train, test = np.array([0, 0, 1]), np.array([0, 1, 2])
    assert unigram(train, test, 3) == pytest.approx(
        -(math.log(3 / 6) + math.log(2 / 6) + math.log(1 / 6)) / 3
    )


@pytest.mark.parametrize("baseline", [unigram, kneser_ney])
def test_refused(baseline: object):
    assert callable(baseline)
    with pytest.raises(EmptyDataError, match="no tokens"):
        baseline(np.array([1]), np.array([], np.int32), 2)
    with pytest.raises(ValueError, match="from 0 to 2 of 2 symbols"):
        baseline(np.array([0, 2]), np.array([1]), 2)
    with pytest.raises(ValueError, match="from -1"):
        baseline(np.array([0]), np.array([-1]), 2)


def test_no_order():
    with pytest.raises(ConfigError, match="no such order"):
        kneser_ney(np.array([0]), np.array([0]), 1, order=0)


def test_tiny_shakespeare():
    """The figure that stands in the tables; 65 characters, order 5, the last tenth predicted."""
    path = SHARED / "tiny_shakespeare" / "input.txt"
    if not path.exists():
        pytest.skip("tiny_shakespeare is not here")
    numbers = np.unique(np.frombuffer(path.read_bytes(), np.uint8), return_inverse=True)[1]
    cut = int(0.9 * len(numbers))
    train, test = numbers[:cut], numbers[cut:]
    assert unigram(train, test, 65) == pytest.approx(3.347, abs=1e-3)
    assert kneser_ney(train, test, 65, 5) == pytest.approx(1.561, abs=1e-3)
