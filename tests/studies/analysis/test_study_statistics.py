"""Intervals, tests and effects against published examples, and against what they must be by their definition."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tidegate.studies.analysis.ranks import groups, rank
from tidegate.studies.analysis.statistics import (
    better,
    beyond,
    bootstrap,
    hedges,
    holm,
    sign_flips,
    smallest_p,
    student,
    within,
)
from tidegate.studies.analysis.verdicts import judge, more_seeds

# Darwin's maize, in eighths of an inch: Fisher 1935, The design of experiments, sections 17 and 21.
DARWIN = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48]
# Extra hours of sleep with two drugs: Student 1908, The probable error of a mean, section 9.
SLEEP = (
    np.array([0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]),
    np.array([1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]),
)


def test_sign_flips_of_darwins_maize() -> None:
    """Fisher counts 863 of 32,768 on one side; with 10,000 of them drawn at random, to the error of drawing."""
    exact = 2 * 863 / 2**15
    assert sign_flips(DARWIN) == pytest.approx(exact, abs=4 * (exact / 10_000) ** 0.5)
    few = np.array(DARWIN[:9])
    all_ = [abs(np.dot(signs, few)) for signs in itertools.product((-1, 1), repeat=len(few))]
    assert sign_flips(few) == pytest.approx(np.mean(np.array(all_) >= abs(few.sum()) - 1e-9))


def test_student_on_sleep() -> None:
    """t = 4.0621 with 9 degrees of freedom, two-sided p = 0.00283; the mean difference is 1.58 hours."""
    differences = SLEEP[1] - SLEEP[0]
    assert differences.mean() == pytest.approx(1.58)
    assert beyond(differences, 0.0) == pytest.approx(0.00283, abs=5e-6)
    assert beyond(differences, 0.0) == pytest.approx(stats.ttest_1samp(differences, 0.0).pvalue, rel=1e-9)
    shifted = stats.ttest_1samp(differences, 0.5, alternative="greater").pvalue
    assert beyond(differences, 0.5) == pytest.approx(2 * shifted, rel=1e-9)
    interval = student(differences)
    assert interval is not None
    assert (interval.low, interval.high) == pytest.approx((0.7001, 2.4599), abs=5e-4)


def test_holms_own_example() -> None:
    """Step down: 4 × .005, then never less: 3 × .010, 2 × .030, .040 (Holm 1979, section 3, with these p)."""
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([]) == []


def test_vargha_and_delaney() -> None:
    assert better([3, 4, 5], [1, 2, 3], lower_is_better=False) == pytest.approx(8.5 / 9)
    assert better([3, 4, 5], [1, 2, 3], lower_is_better=True) == pytest.approx(0.5 / 9)
    assert better([1, 1], [1, 1], lower_is_better=True) == 0.5


def test_hedges_is_cohens_corrected() -> None:
    """Lakens 2013: the difference over the mean of both deviations, times 1 − 3 / (4 (2n − 2) − 1)."""
    a, b = SLEEP
    expected = (a.mean() - b.mean()) / ((a.std(ddof=1) + b.std(ddof=1)) / 2) * (1 - 3 / (4 * 18 - 1))
    assert hedges(a, b) == pytest.approx(expected)
    assert hedges([1, 1], [2, 2]) is None and hedges([1], [2]) is None


def test_the_bootstrap_is_as_wide_as_theory_says() -> None:
    """Of many values the interval of the mean is ± 1.96 standard errors."""
    values = np.random.default_rng(1).normal(3.0, 2.0, 400)
    found = bootstrap(values)
    assert found is not None
    half = 1.96 * values.std() / 400**0.5
    assert found.low == pytest.approx(values.mean() - half, abs=0.03)
    assert found.high == pytest.approx(values.mean() + half, abs=0.03)


def test_the_bootstrap_of_odd_values() -> None:
    assert bootstrap([0.5, 0.5, 0.5]) == bootstrap([0.5] * 4)
    ties = bootstrap([0.0, 0.0, 1.0])
    assert ties is not None and 0 <= ties.low <= ties.high <= 1
    assert bootstrap([]) is None and bootstrap([1.0, 2.0]) is None


def test_equivalence_of_means() -> None:
    """Two one-sided tests: the larger p of t against −m and m (Schuirmann 1987)."""
    differences = np.array([0.01, -0.02, 0.015, 0.0, -0.01])
    below, above = ((differences.mean() + m) / stats.sem(differences) for m in (0.05, -0.05))
    assert within(differences, 0.05) == pytest.approx(
        max(stats.t.sf(below, 4), stats.t.cdf(above, 4)), rel=1e-9
    )
    assert within(differences, 0.0) == 1.0
    assert within(np.array([0.1, 0.1]), 0.2) == 0.0 and within(np.array([0.3, 0.3]), 0.2) == 1.0


@given(st.lists(st.floats(-1, 1), min_size=2, max_size=8), st.floats(0, 2))
def test_nothing_is_both_beyond_and_within(values: list[float], margin: float) -> None:
    differences = np.array(values)
    assert 0 <= beyond(differences, margin) <= 1 and 0 <= within(differences, margin) <= 1
    if beyond(differences, margin) < 0.05:
        assert within(differences, margin) >= 0.05


def test_equal_differences_leave_no_doubt() -> None:
    assert beyond([0.2, 0.2, 0.2], 0.1) == 0.0 and beyond([0.05, 0.05, 0.05], 0.1) == 1.0
    assert sign_flips([0.0, 0.0]) == 1.0 and sign_flips([1.0]) is None
    assert smallest_p(1) == 1.0 and smallest_p(3) == 0.25


def test_verdicts_of_pairs() -> None:
    clear = np.array([-0.10, -0.11, -0.09, -0.10, -0.12])
    same = np.array([0.001, -0.001, 0.0005, -0.0008, 0.0002])
    wide = np.array([0.05, -0.04, 0.02, -0.03, 0.06])
    told = [one.verdict for one in judge([clear, -clear, same, wide], 0.01, lower_is_better=True)]
    assert told == ["better", "worse", "equivalent", "undecided"]
    assert [one.verdict for one in judge([clear], 0.01, lower_is_better=False)] == ["worse"]
    assert judge([clear[:2]], 0.01, lower_is_better=True)[0].verdict == "undecided"
    assert judge([clear], None, lower_is_better=True)[0].verdict == "undecided"


def test_more_seeds_would_decide() -> None:
    """With the same mean and deviation at so many seeds the verdict is reached, and one seed earlier it is not."""
    differences = np.array([0.03, 0.05, 0.01, 0.06, 0.04])
    more = more_seeds(differences, 0.0, family=10)
    assert more is not None and more > 0

    def decided(count: int) -> bool:
        error = differences.std(ddof=1) / count**0.5
        return differences.mean() / error > stats.t.ppf(1 - 0.05 / 20, count - 1)

    assert decided(len(differences) + more) and not decided(len(differences) + more - 1)
    assert more_seeds(np.array([0.1, -0.1, 0.11, -0.09]), 0.0, family=1) is None
    assert more_seeds(np.array([0.1, 0.1]), 0.0, family=1) == 1


def test_groups_and_few_data_sets() -> None:
    assert groups({"a": 1.0, "b": 1.2, "c": 1.4}, 2.0) == [["a", "b", "c"]]
    assert groups({"a": 1.0, "b": 3.0}, 0.5) == []
    assert rank({"one": {"a": 1.0, "b": 2.0}}, {"one": True}) is None
    two = rank({"one": {"a": 1.0, "b": 2.0}, "two": {"a": 0.3, "b": 0.3}}, {"one": True, "two": False})
    assert two is not None and two.friedman is None and two.table["two"] == {"a": 1.5, "b": 1.5}


def test_differences_equal_but_for_rounding_are_equal() -> None:
    differences = np.array([0.2, 0.3, 0.4]) - np.array([0.1, 0.2, 0.3])
    assert np.ptp(differences) > 0
    assert beyond(differences, 0.05) == 0.0 and beyond(differences, 0.2) == 1.0
    assert within(differences, 0.2) == 0.0 and within(differences, 0.05) == 1.0
    found = bootstrap(differences)
    assert found is not None and found.low == found.high == pytest.approx(0.1)


def test_smallest_p_is_what_sign_flips_give() -> None:
    for count in (2, 5, 13, 14, 20):
        assert sign_flips(np.arange(1.0, count + 1)) == pytest.approx(smallest_p(count))
