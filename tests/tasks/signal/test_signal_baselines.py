"""Answers to signals without a network: the nearest sequence, and statistics."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tidegate.tasks.signal import dtw
from tidegate.tasks.signal.dtw import dtw_distances
from tidegate.tasks.signal.neighbours import nearest_dtw, nearest_euclid, resampled
from tidegate.tasks.signal.statistics_baselines import (
    LAGS,
    STATISTICS,
    logistic_regression,
    mean_value,
    most_frequent,
    ridge_regression,
    statistics,
)

UCR = Path(__file__).parents[4] / "shared" / "data" / "ucr_open"
Values = NDArray[np.float64]


def slow(one: Values, other: Values, band: float | None) -> float:
    """The table cell by cell."""
    longer = max(len(one), len(other))
    reach = longer if band is None else max(int(band * longer + 1e-9), abs(len(one) - len(other)))
    table = np.full((len(one) + 1, len(other) + 1), np.inf)
    table[0, 0] = 0
    for i in range(len(one)):
        for j in range(len(other)):
            if abs(i - j) <= reach:
                cost = np.square(one[i] - other[j]).sum()
                table[i + 1, j + 1] = cost + min(table[i, j], table[i, j + 1], table[i + 1, j])
    return float(np.sqrt(table[-1, -1]))


def drawn(seed: int, lengths: list[int], channels: int = 1) -> list[Values]:
    chance = np.random.default_rng(seed)
    return [chance.normal(size=(length, channels)) for length in lengths]


@given(
    lengths=st.tuples(
        st.lists(st.integers(1, 14), min_size=1, max_size=4),
        st.lists(st.integers(1, 14), min_size=1, max_size=5),
    ),
    channels=st.integers(1, 3),
    band=st.sampled_from([None, 0.0, 0.1, 0.29, 0.5, 1.0]),
    at_once=st.sampled_from([1, 30, 1 << 16]),
)
@settings(max_examples=150, deadline=None)
def test_warping_equals_a_plain_table(
    lengths: tuple[list[int], list[int]], channels: int, band: float | None, at_once: int
) -> None:
    queries, sequences = (drawn(seed, part, channels) for seed, part in enumerate(lengths))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dtw, "AT_ONCE", at_once)
        ours = dtw_distances(queries, sequences, band)
    theirs = [[slow(one, other, band) for other in sequences] for one in queries]
    np.testing.assert_allclose(ours, theirs, rtol=1e-12)


def test_no_band_is_euclid() -> None:
    queries, sequences = drawn(0, [9, 9], 2), drawn(1, [9, 9, 9], 2)
    euclid = [[np.sqrt(np.square(one - other).sum()) for other in sequences] for one in queries]
    np.testing.assert_allclose(dtw_distances(queries, sequences, 0.0), euclid)
    assert (dtw_distances(queries, sequences) <= np.array(euclid)).all()


def test_nearest_by_euclid_equals_a_loop() -> None:
    train, queries = drawn(2, [12] * 30, 3), drawn(3, [12] * 20, 3)
    theirs = [int(np.argmin([np.square(one - other).sum() for other in train])) for one in queries]
    assert nearest_euclid(train, queries).places is not None
    np.testing.assert_array_equal(nearest_euclid(train, queries).places, theirs)


def test_nearest_of_unequal_lengths() -> None:
    """The same shapes, sampled more or less finely."""
    times = [np.linspace(0, 1, length)[:, None] for length in (20, 33, 41)]
    train = [np.sin(9 * times[0]), times[1], np.cos(5 * times[2])]
    queries = [np.cos(5 * times[0]), np.sin(9 * times[2]), times[2]]
    for nearest in (nearest_euclid, nearest_dtw):
        assert nearest(train, queries).places is not None
        np.testing.assert_array_equal(nearest(train, queries).places, [2, 0, 1])
        np.testing.assert_array_equal(nearest(train, []).places, [])


def test_a_sequence_of_one_step() -> None:
    assert resampled(np.array([[3.0]]), 4).ravel().tolist() == [3.0] * 4
    assert resampled(np.array([[3.0], [5.0]]), 1).ravel().tolist() == [3.0]
    for nearest in (nearest_euclid, nearest_dtw):
        np.testing.assert_array_equal(
            nearest([np.zeros((1, 1)), np.ones((4, 1))], [np.ones((1, 1))]).places, [1]
        )


def test_what_takes_too_long_is_left_out() -> None:
    train = drawn(4, [50] * 200)
    at_once = nearest_dtw(train, train, budget=1e-6)
    assert (at_once.places, "at least" in at_once.note) == (None, True)
    measured = nearest_dtw(train, train, budget=0.06)  # above the bound of 0.05 s, which nothing reaches
    assert (measured.places, "about" in measured.note) == (None, True)
    assert nearest_euclid(train, train, budget=1e-9).places is None
    places = nearest_dtw(train, train, budget=60).places
    np.testing.assert_array_equal(places, np.arange(200))


def test_statistics() -> None:
    """One channel's figures, against their definitions; the second channel's stand behind them."""
    signal = np.array([2.0, 4.0, 1.0, 3.0, 6.0, 5.0, 9.0])
    found = statistics([np.stack([signal, signal * 0], axis=1).astype(np.float32)])[0]
    assert len(found) == 2 * len(STATISTICS) + 1
    assert found[-1] == 7
    named = dict(zip(STATISTICS, found[: len(STATISTICS)], strict=True))
    centred = signal - signal.mean()
    expected = {
        "mean": signal.mean(),
        "deviation": signal.std(),
        "least": 1,
        "quarter": np.quantile(signal, 0.25),
        "median": 4,
        "three quarters": np.quantile(signal, 0.75),
        "most": 9,
        "slope": np.polyfit(np.arange(7), signal, 1)[0],
        "first": 2,
        "last": 9,
        "squared difference": np.square(np.diff(signal)).mean(),
        "crossings": 1 / 6,
    } | {f"autocorrelation {lag}": (centred[lag:] @ centred[:-lag]) / (centred @ centred) for lag in LAGS}
    assert named == pytest.approx(expected)
    assert not found[len(STATISTICS) : -1].any()


@pytest.mark.parametrize("length", [1, 2])
def test_statistics_of_short_and_constant_sequences(length: int) -> None:
    for value in (0.0, 0.1, 1e6):
        assert np.isfinite(statistics([np.full((length, 2), value)])).all()
    noisy = statistics([np.full((50, 1), 0.1)])[0]
    assert not noisy[len(STATISTICS) - len(LAGS) - 1 : len(STATISTICS)].any()


def test_regressions_learn() -> None:
    chance = np.random.default_rng(5)
    lengths = chance.integers(10, 30, size=80)
    frequencies = chance.uniform(0.1, 1.5, size=80)
    signals = [np.sin(f * np.arange(n))[:, None] for f, n in zip(frequencies, lengths, strict=True)]
    classes = ["fast" if f > 0.8 else "slow" for f in frequencies]
    answers = logistic_regression(signals[:50], classes[:50], signals[50:])
    assert np.mean([a == b for a, b in zip(answers, classes[50:], strict=True)]) > 0.9
    values = np.array(ridge_regression(signals[:50], frequencies[:50].tolist(), signals[50:]))
    guess = mean_value(frequencies[:50].tolist(), 30)
    assert np.abs(values - frequencies[50:]).mean() < 0.3 * np.abs(guess - frequencies[50:]).mean()


def test_regressions_with_next_to_nothing() -> None:
    signals = drawn(6, [5, 6])
    assert logistic_regression(signals, ["a", "a"], signals[:1]) == ["a"]
    assert ridge_regression(signals[:1], [2.5], signals) == [2.5, 2.5]


def test_most_frequent() -> None:
    assert most_frequent(["b", "a", "a", "b", "c"], 3) == ["b"] * 3


def read(name: str, part: str) -> tuple[list[Values], NDArray[np.str_]]:
    signals: list[Values] = []
    classes: list[str] = []
    for line in (UCR / name / f"{name}_{part}.ts").read_text().splitlines():
        if line and line[0] not in "#@":
            *channels, label = line.split(":")
            signals.append(np.array([[float(value) for value in one.split(",")] for one in channels]).T)
            classes.append(label)
    return signals, np.array(classes)


@pytest.mark.parametrize(
    ("name", "euclid", "warped"),
    [("GunPoint", 0.913, 0.907), ("ItalyPowerDemand", 0.955, 0.950), ("ArrowHead", 0.800, 0.703)],
)
def test_published_accuracies(name: str, euclid: float, warped: float) -> None:
    """1-NN of the UCR archive (Dau et al. 2019)."""
    if not UCR.exists():
        pytest.skip("ucr_open is not here")
    (train, classes), (test, right) = read(name, "TRAIN"), read(name, "TEST")
    for nearest, published in ((nearest_euclid, euclid), (nearest_dtw, warped)):
        places = nearest(train, test).places
        assert places is not None
        assert (classes[places] == right).mean() == pytest.approx(published, abs=0.0005)


def test_unequal_lengths_of_speech() -> None:
    """JapaneseVowels: 12 channels, 7 to 29 steps."""
    if not UCR.exists():
        pytest.skip("ucr_open is not here")
    (train, classes), (test, right) = read("JapaneseVowels", "TRAIN"), read("JapaneseVowels", "TEST")
    places = nearest_dtw(train, test).places
    assert places is not None
    assert (classes[places] == right).mean() == pytest.approx(0.949, abs=0.001)
    assert np.mean(np.array(logistic_regression(train, classes.tolist(), test)) == right) > 0.97
