"""Ranks over data sets against Demšar's own example and tables, ties, and what cannot be ranked."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tidegate.errors import DataError
from tidegate.results.collection import Friedman
from tidegate.studies.analysis.ranks import critical_difference, groups, rank

NAMES = ("C4.5", "C4.5+m", "C4.5+cf", "C4.5+m+cf")
# AUC of Demšar 2006 (Statistical comparisons of classifiers over multiple data sets, JMLR 7), table 6. Of voting the last
# two round to 0.975, and are ranked 2 and 3: without that the mean ranks would not be his.
AUC = {
    "adult": (0.763, 0.768, 0.771, 0.798), "breast cancer": (0.599, 0.591, 0.590, 0.569),
    "wisconsin": (0.954, 0.971, 0.968, 0.967), "cmc": (0.628, 0.661, 0.654, 0.657),
    "ionosphere": (0.882, 0.888, 0.886, 0.898), "iris": (0.936, 0.931, 0.916, 0.931),
    "liver": (0.661, 0.668, 0.609, 0.685), "lung": (0.583, 0.583, 0.563, 0.625),
    "lymphography": (0.775, 0.838, 0.866, 0.875), "mushroom": (1.000, 1.000, 1.000, 1.000),
    "tumor": (0.940, 0.962, 0.965, 0.962), "rheum": (0.619, 0.666, 0.614, 0.669),
    "voting": (0.972, 0.981, 0.9751, 0.975), "wine": (0.957, 0.978, 0.946, 0.970),
}  # fmt: skip
RESULTS = {data: dict(zip(NAMES, row, strict=True)) for data, row in AUC.items()}


def ranked(results: dict[str, dict[str, float]] = RESULTS, *, lower: bool = False):
    told = rank(results, dict.fromkeys(results, lower))
    assert told is not None
    return told


def test_demsars_mean_ranks() -> None:
    assert [round(ranked().mean_rank[name], 3) for name in NAMES] == [3.143, 2.0, 2.893, 1.964]
    assert list(ranked().table["iris"].values()) == [1.0, 2.5, 4.0, 2.5]


def test_demsars_statistics() -> None:
    """χ² = 9.28, F = 3.69. He leaves ties alone; SciPy divides by what they cost, so χ² is larger here."""
    told = ranked()
    ranks = np.array([list(row.values()) for row in told.table.values()])
    count, arms = ranks.shape
    plain = 12 * count / (arms * (arms + 1)) * ((ranks.mean(axis=0) ** 2).sum() - arms * (arms + 1) ** 2 / 4)
    assert plain == pytest.approx(9.28, abs=0.005)
    assert (count - 1) * plain / (count * (arms - 1) - plain) == pytest.approx(3.69, abs=0.005)
    tied = sum((np.unique(row, return_counts=True)[1] ** 3).sum() - arms for row in ranks)
    corrected = plain / (1 - tied / (count * arms * (arms**2 - 1)))
    assert told.friedman.statistic == pytest.approx(corrected, rel=1e-9)
    assert told.friedman.p == pytest.approx(stats.chi2.sf(corrected, arms - 1), rel=1e-9)


@pytest.mark.parametrize(
    ("arms", "q"),
    list(enumerate((1.960, 2.343, 2.569, 2.728, 2.850, 2.949, 3.031, 3.102, 3.164), start=2)),
)
def test_demsars_critical_values(arms: int, q: float) -> None:
    """Table 5 (a), α = 0.05; with 4 arms and 14 data sets the critical difference is 1.25."""
    assert critical_difference(arms, 14) / (arms * (arms + 1) / (6 * 14)) ** 0.5 == pytest.approx(
        q, abs=0.001
    )
    assert critical_difference(4, 14) == pytest.approx(1.25, abs=0.005)


def test_nemenyi_says_what_the_critical_difference_says() -> None:
    """Demšar finds no pair apart by 1.25; with the worst arm last everywhere both find the same pairs."""
    assert ranked().groups == (("C4.5+m+cf", "C4.5+m", "C4.5+cf", "C4.5"),)
    chance = np.random.default_rng(4)
    told = ranked(
        {
            f"set {i}": dict(zip("abcde", np.arange(5) + chance.normal(0, 1.2, 5), strict=True))
            for i in range(12)
        }
    )
    far = told.critical_difference
    verdicts = set()
    for one, row in told.nemenyi.items():
        for other, p in row.items():
            apart = abs(told.mean_rank[one] - told.mean_rank[other]) > far
            assert (p < told.alpha) == apart
            assert p == told.nemenyi[other][one]
            verdicts.add(apart)
    assert verdicts == {True, False}


def test_each_data_set_has_its_own_direction() -> None:
    told = rank(
        {"error": {"a": 0.1, "b": 0.2, "c": 0.3}, "accuracy": {"a": 0.9, "b": 0.8, "c": 0.7}},
        {"error": True, "accuracy": False},
    )
    assert told is not None and told.mean_rank == {"a": 1.0, "b": 2.0, "c": 3.0}
    turned = ranked({"x": {"a": 1, "b": 2}, "y": {"a": 1, "b": 2}}, lower=False)
    assert turned.mean_rank == {"a": 2.0, "b": 1.0}


def test_arms_that_tie_everywhere_are_one_group() -> None:
    told = ranked({data: {"a": 1.0, "b": 1.0, "c": 1.0} for data in "xyz"})
    assert told.friedman == Friedman(0.0, 1.0) and told.groups == (("a", "b", "c"),)
    assert all(p == 1.0 for row in told.nemenyi.values() for p in row.values())


def test_two_arms_have_ranks_and_no_tests() -> None:
    told = ranked({"x": {"a": 1.0, "b": 2.0}, "y": {"a": 0.3, "b": 0.3}})
    assert told.table["y"] == {"a": 1.5, "b": 1.5}
    assert (told.friedman, told.nemenyi, told.critical_difference, told.groups) == (
        None,
        None,
        None,
        (),
    )


def test_nothing_to_rank() -> None:
    assert rank({}, {}) is None
    assert rank({"x": {"a": 1.0, "b": 2.0}}, {"x": True}) is None
    assert rank({"x": {"a": 1.0}, "y": {"a": 2.0}}, {"x": True, "y": True}) is None


@pytest.mark.parametrize(
    ("row", "got"),
    [
        ({"a": 1.0, "b": 2.0}, "c = missing"),
        ({"a": 1.0, "b": 2.0, "c": 1.0, "d": 4.0}, "d = 4.0"),
        ({"a": 1.0, "b": float("nan"), "c": 1.0}, "b = nan"),
        ({"a": float("inf"), "b": 1.0, "c": 1.0}, "a = inf"),
    ],
)
def test_what_cannot_be_ranked(row: dict[str, float], got: str) -> None:
    with pytest.raises(DataError) as caught:
        rank({"one": {"a": 1.0, "b": 2.0, "c": 3.0}, "two": row}, {"one": True, "two": True})
    assert caught.value.where == "two" and caught.value.got == got


@given(st.lists(st.floats(1, 6), min_size=2, max_size=7), st.floats(0.01, 5))
def test_two_arms_share_a_group_exactly_if_they_are_not_apart(means: list[float], difference: float) -> None:
    ranks = {f"arm {i}": mean for i, mean in enumerate(means)}
    found = groups(ranks, difference)
    for one in ranks:
        for other in set(ranks) - {one}:
            together = any({one, other} <= set(group) for group in found)
            assert together == (abs(ranks[one] - ranks[other]) < difference)
    assert not any(set(a) < set(b) for a in found for b in found)
