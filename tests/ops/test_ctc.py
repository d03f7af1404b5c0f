"""CTC against every path there is, on tiny alphabets."""

from __future__ import annotations

import itertools
import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.ops.ctc import beam, ctc_loss, decode, greedy, steps_needed


def collapse(path: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(k for k, _ in itertools.groupby(path) if k != 0)


def every_text(log_probabilities: torch.Tensor) -> dict[tuple[int, ...], float]:
    """Probability of every text, summed over all of its paths."""
    steps, symbols = log_probabilities.shape
    texts: dict[tuple[int, ...], float] = {}
    for path in itertools.product(range(symbols), repeat=steps):
        p = math.exp(sum(float(log_probabilities[t, k]) for t, k in enumerate(path)))
        texts[collapse(path)] = texts.get(collapse(path), 0.0) + p
    return texts


@given(seed=st.integers(0, 10_000), steps=st.integers(1, 5), symbols=st.integers(2, 4))
@settings(max_examples=40, deadline=None)
def test_loss_is_the_sum_over_all_paths(seed: int, steps: int, symbols: int) -> None:
    logits = torch.randn(1, steps, symbols, generator=torch.Generator().manual_seed(seed))
    for text, p in every_text(logits[0].double().log_softmax(-1)).items():
        if not text:
            continue
        targets, lengths = torch.tensor(text), torch.tensor([steps])
        loss = ctc_loss(logits, lengths, targets, torch.tensor([len(text)]))
        assert float(loss) * len(text) == pytest.approx(-math.log(p), rel=1e-4, abs=1e-5)


@given(seed=st.integers(0, 10_000), steps=st.integers(1, 5), symbols=st.integers(2, 4))
@settings(max_examples=60, deadline=None)
def test_a_wide_beam_finds_the_most_likely_text(seed: int, steps: int, symbols: int) -> None:
    logits = 2 * torch.randn(1, steps, symbols, generator=torch.Generator().manual_seed(seed))
    texts = every_text(logits[0].double().log_softmax(-1))
    reading = beam(logits, torch.tensor([steps]), width=1000)[0]
    best = max(texts.values())
    assert texts[reading.symbols] == pytest.approx(best, rel=1e-9)
    assert reading.confidence ** max(1, len(reading.symbols)) == pytest.approx(best, rel=1e-6)


def test_greedy_merges_repeats_and_drops_blanks_within_the_length() -> None:
    path = [1, 1, 0, 1, 2, 2, 0, 3]
    logits = torch.nn.functional.one_hot(torch.tensor([path, path]), 4).float() * 20
    readings = greedy(logits, torch.tensor([8, 5]))
    assert [reading.symbols for reading in readings] == [(1, 1, 2, 3), (1, 1, 2)]
    assert all(0.99 < reading.confidence <= 1 for reading in readings)


def test_the_best_text_is_not_always_the_best_path() -> None:
    # Graves et al. 2006, figure 2's point: blank is the best path, "a" the best text.
    probabilities = torch.tensor([[[0.6, 0.4], [0.6, 0.4]]])
    lengths = torch.tensor([2])
    assert decode(probabilities.log(), lengths)[0].symbols == ()
    assert decode(probabilities.log(), lengths, beam_width=4)[0].symbols == (1,)


def test_nothing_to_read() -> None:
    assert greedy(torch.zeros(1, 3, 2), torch.tensor([0]))[0].symbols == ()
    assert beam(torch.zeros(1, 3, 2), torch.tensor([0]), 3)[0].symbols == ()


@pytest.mark.parametrize(("text", "steps"), [("", 0), ("a", 1), ("aa", 3), ("hello", 6), ("aaa", 5)])
def test_steps_needed(text: str, steps: int) -> None:
    assert steps_needed(text) == steps


def test_a_line_that_is_too_narrow_adds_nothing() -> None:
    logits = torch.randn(2, 3, 4)
    both = ctc_loss(logits, torch.tensor([3, 3]), torch.tensor([1, 2, 1, 1, 1]), torch.tensor([2, 3]))
    assert torch.isfinite(both)
