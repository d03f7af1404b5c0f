"""Arms over several data sets: Wilcoxon's test, factors, ties, and no winner where none can be."""

from itertools import pairwise

import numpy as np
import pytest
from scipy import stats

from tidegate.studies.analysis.several import matrix

# AUC of Demšar 2006 (JMLR 7), table 6: C4.5, and with m tuned, on 14 data sets. Wilcoxon: T = 12, so p < 0.02.
PLAIN = (0.763, 0.599, 0.954, 0.628, 0.882, 0.936, 0.661, 0.583, 0.775, 1.000, 0.940, 0.619, 0.972, 0.957)
TUNED = (0.768, 0.591, 0.971, 0.661, 0.888, 0.931, 0.668, 0.583, 0.838, 1.000, 0.962, 0.666, 0.981, 0.978)


def judged(**arms: tuple[float, ...]) -> dict[str, dict[str, float]]:
    count = len(next(iter(arms.values())))
    return {f"data {i}": {name: values[i] for name, values in arms.items()} for i in range(count)}


def test_demsars_example() -> None:
    table = judged(plain=tuple(-value for value in PLAIN), tuned=tuple(-value for value in TUNED))
    found = matrix(table, dict.fromkeys(table, 0.0))
    assert found is not None and found.arms == ("tuned", "plain") and found.winner == "tuned"
    (pair,) = found.pairs
    assert (pair.wins, pair.ties, pair.losses) == (10, 2, 2) and pair.p < 0.02 and pair.verdict == "better"
    apart = np.round(np.array(PLAIN) - np.array(TUNED), 12)
    assert pair.p == pytest.approx(stats.wilcoxon(apart, zero_method="zsplit").pvalue)


def test_factors_are_geometric_means() -> None:
    table = judged(a=(np.log(0.1), np.log(0.2)), b=(np.log(0.2), np.log(0.1)))
    found = matrix(table, dict.fromkeys(table, 0.05))
    assert found is not None and found.pairs[0].factor.value == pytest.approx(1.0)
    low, high = found.pairs[0].factor.low, found.pairs[0].factor.high
    assert low is not None and high is not None and low * high == pytest.approx(1.0)
    assert (found.pairs[0].wins, found.pairs[0].losses) == (1, 1)


def test_within_the_margin_of_its_data_set_is_a_tie() -> None:
    table = judged(a=(0.0, 0.0, 0.0), b=(0.04, 0.06, -0.06))
    found = matrix(table, {"data 0": 0.05, "data 1": 0.05, "data 2": 0.1})
    assert found is not None
    wins = {(pair.a, pair.b): (pair.wins, pair.ties, pair.losses) for pair in found.pairs}
    assert wins == {("a", "b"): (1, 2, 0)}


def test_five_data_sets_decide_nothing() -> None:
    table = judged(a=(0.0,) * 5, b=(1.0, 1.1, 1.2, 1.3, 1.4), c=(2.0, 2.1, 2.2, 2.3, 2.4))
    found = matrix(table, dict.fromkeys(table, 0.1))
    assert found is not None and found.smallest_p == 0.0625 and found.winner is None
    assert {pair.verdict for pair in found.pairs} == {"undecided"} and found.arms == ("a", "b", "c")


def test_what_is_said_of_a_pair_does_not_change_with_the_arms_beside_it() -> None:
    chance = np.random.default_rng(2)
    rows = {name: tuple(chance.standard_normal(12).tolist()) for name in "abcd"}
    two, four = judged(a=rows["a"], b=rows["b"]), judged(**rows)
    one, other = (matrix(table, dict.fromkeys(table, 0.1)) for table in (two, four))
    assert one is not None and other is not None
    (pair,) = one.pairs
    beside = next(each for each in other.pairs if {each.a, each.b} == {"a", "b"})
    same = (pair.factor, pair.wins, pair.ties, pair.losses)
    assert same == (beside.factor, beside.wins, beside.ties, beside.losses) and pair.p <= beside.p
    means = [np.mean(rows[name]) for name in other.arms]
    assert all(low <= high for low, high in pairwise(means))


def test_arms_that_some_lack_and_too_few() -> None:
    table = {"x": {"a": 1.0, "b": 2.0, "c": 0.0}, "y": {"a": 1.0, "b": 2.0}}
    found = matrix(table, dict.fromkeys(table, 0.1))
    assert found is not None and found.arms == ("a", "b")
    assert matrix({"x": {"a": 1.0, "b": 2.0}}, {"x": 0.1}) is None and matrix({}, {}) is None
    assert matrix({"x": {"a": 1.0}, "y": {"a": 2.0}}, {"x": 0.1, "y": 0.1}) is None
    same = matrix(judged(a=(1.0, 1.0), b=(1.0, 1.0)), {"data 0": 0.1, "data 1": 0.1})
    assert same is not None and same.pairs[0].p == 1.0 and same.pairs[0].ties == 2
