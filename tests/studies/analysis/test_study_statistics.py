"""Each method against the tables and examples of its paper, or against another implementation."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import optimize, special, stats

from tidegate.studies.analysis import pairs
from tidegate.studies.analysis.best import beyond, near
from tidegate.studies.analysis.contrasts import Contrasts, Spread, nadeau_bengio
from tidegate.studies.analysis.critical import critical, exact, exceeds
from tidegate.studies.analysis.holm import holm
from tidegate.studies.analysis.power import Noise, power, seeds_needed
from tidegate.studies.analysis.variance import bartlett, prior, usual
from tidegate.studies.design.looks import LOOKS, level

# Table 1a of Dunnett (1955), as Winer's and other text books have it: one-sided, 0.05, of 2 to 10 comparisons.
DUNNETT = {
    5: (2.44, 2.68, 2.85, 2.98, 3.08, 3.16, 3.24, 3.30, 3.36),
    10: (2.15, 2.34, 2.47, 2.56, 2.64, 2.70, 2.76, 2.81, 2.85),
    20: (2.03, 2.19, 2.30, 2.39, 2.46, 2.51, 2.56, 2.60, 2.64),
    60: (1.95, 2.10, 2.21, 2.28, 2.35, 2.39, 2.44, 2.48, 2.51),
    np.inf: (1.92, 2.06, 2.16, 2.23, 2.29, 2.34, 2.38, 2.42, 2.45),
}
# Tensile strength of paper by hardwood: Montgomery, Design and analysis of experiments; mean square error 6.51.
PAPER = np.array(
    [[7, 8, 15, 11, 9, 10], [12, 17, 13, 18, 19, 15], [14, 18, 19, 17, 16, 18], [19, 25, 22, 23, 18, 20]]
)
# Extra hours of sleep with two drugs: Student 1908, The probable error of a mean, section 9.
SLEEP = np.array(
    [
        [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0],
        [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4],
    ]
).T


def spread(values: list[float], variances: list[float], freedom: float) -> Spread:
    count = len(values)
    return Spread(np.array(values), np.array(variances), np.full(count, freedom), np.zeros(count))


@pytest.mark.parametrize("freedom", DUNNETT)
def test_dunnetts_own_table(freedom: float) -> None:
    found = [float(critical(others, freedom, 0.05)) for others in range(2, 11)]
    assert found == pytest.approx(DUNNETT[freedom], abs=0.0101)
    assert np.mean(np.abs(np.array(found) - DUNNETT[freedom])) < 0.004


@pytest.mark.parametrize("others", [1, 4, 9])
@pytest.mark.parametrize("alpha", [0.025, 0.00625 / 9])
def test_interpolated_critical_values_are_exact_ones(others: int, alpha: float) -> None:
    freedom = np.array([1.0, 1.7, 3.0, 4.5, 8.0, 19.0, 150.0, np.inf])
    exactly = [exact(others, each, alpha) for each in freedom]
    assert critical(others, freedom, alpha) == pytest.approx(exactly, rel=1e-4)
    assert [exceeds(c, others, each) for c, each in zip(exactly, freedom, strict=True)] == pytest.approx(
        [alpha] * 8, rel=1e-3
    )


def test_scipys_dunnett_says_the_same() -> None:
    control, *others = PAPER.astype(float)
    theirs = stats.dunnett(*others, control=control, alternative="greater", rng=np.random.default_rng(1))
    error = (2 * PAPER.var(axis=1, ddof=1).mean() / 6) ** 0.5
    for found, arm in zip(theirs.pvalue, others, strict=True):
        t = (arm.mean() - control.mean()) / error
        assert exceeds(t, 3, 20) == pytest.approx(found, abs=2e-3)


def test_hsus_comparisons_with_the_best() -> None:
    """Paper with 20 % hardwood is the strongest, by 4.17 − 2.19 · √(2 · 6.51 / 6) = 0.94 at least."""
    means = -PAPER.mean(axis=1)
    apart = means[:, None] - means
    half = float(critical(3, 20, 0.05)) * (2 * 6.51 / 6) ** 0.5
    assert half == pytest.approx(2.19 * 1.473, abs=0.01)
    may, good = near(apart, np.full((4, 4), half), 0.0)
    assert may.tolist() == good.tolist() == [False, False, False, True]
    assert apart[2, 3] - half == pytest.approx(0.94, abs=0.02)
    may, good = near(apart, np.full((4, 4), 4.5), 9.0)
    assert may.tolist() == [False, False, True, True] and good.tolist() == [False, False, True, True]


def test_worse_is_corrected_over_arms_step_by_step() -> None:
    """Of three arms two are corrected for: one needs Dunnett's value at alpha / 2, and then the other that at alpha."""
    error, freedom = np.ones((3, 3)), np.full((3, 3), 40.0)
    first, second = (float(critical(2, 40.0, alpha)) for alpha in (0.0125, 0.025))
    between = (first + second) / 2

    def worse(*means: float) -> list[bool]:
        at = np.array(means)
        return beyond(at[:, None] - at, error, freedom, 0.5, 0.025).tolist()

    assert worse(0.0, 0.5 + between, 0.5 + between) == [False, False, False]
    assert worse(0.0, 0.5 + between, 0.51 + first) == [False, True, True]
    assert worse(0.0, 0.0, 0.49 + second) == [False, False, False]


def test_two_arms_of_very_unequal_noise_are_welchs() -> None:
    """Bartlett tells them apart, so that nothing is shared: the t test of Welch (1947)."""
    chance = np.random.default_rng(3)
    table = chance.standard_normal((6, 2)) * [1.0, 30.0]
    found = Contrasts(table).pairs(np.array([0]), np.array([1]))
    theirs = stats.ttest_ind(table[:, 0], table[:, 1], equal_var=False)
    assert found.freedom[0] == pytest.approx(theirs.df)
    assert pairs.tested(found, 0.0)[0] == [pytest.approx(theirs.pvalue)]


def test_two_arms_on_shared_splits_are_students_paired_test() -> None:
    """t = 4.0621 with 9 degrees of freedom, two-sided p = 0.00283; the mean difference is 1.58 hours."""
    found = Contrasts(SLEEP, paired=True).pairs(np.array([1]), np.array([0]))
    assert found.values[0] == pytest.approx(1.58) and found.freedom[0] == 9
    assert pairs.tested(found, 0.0)[0] == [pytest.approx(0.00283, abs=5e-6)]
    apart, equal = pairs.tested(found, 0.5)
    theirs = stats.ttest_rel(SLEEP[:, 1], SLEEP[:, 0] + 0.5, alternative="greater")
    assert apart == [pytest.approx(2 * theirs.pvalue)] and equal[0] is not None and equal[0] > 0.98


def test_two_one_sided_tests() -> None:
    """Schuirmann (1987): the larger of both p values, against a margin that is known."""
    apart, equal = pairs.tested(spread([0.3, -0.2], [0.04, 0.01], 12), 0.5)
    first = max(stats.t.cdf((0.3 - 0.5) / 0.2, 12), stats.t.sf((0.3 + 0.5) / 0.2, 12))
    second = max(stats.t.cdf((-0.2 - 0.5) / 0.1, 12), stats.t.sf((-0.2 + 0.5) / 0.1, 12))
    assert equal == pytest.approx([first, 2 * second]) and apart == [1.0, 1.0]


def test_moderated_variances_of_smyth() -> None:
    """The moments of section 6.2, with a search for the root in place of Newton's method."""
    s2, d = np.array([0.05, 1.2, 0.8, 9.0, 2.0, 0.3]), np.full(6, 4.0)
    e = np.log(s2) - special.digamma(2.0) + np.log(2.0)
    half = optimize.brentq(
        lambda x: special.polygamma(1, x) - (e.var(ddof=1) - special.polygamma(1, 2.0)), 0.01, 1e6
    )
    found = prior(s2, d)
    assert found.freedom == pytest.approx(2 * half)
    assert found.variance == pytest.approx(np.exp(e.mean() + special.digamma(half) - np.log(half)))
    moderated, freedom = found.moderate(s2, d)
    shrunk = (found.freedom * found.variance + 4 * s2) / (found.freedom + 4)
    assert (
        moderated == pytest.approx(np.maximum(s2, shrunk))
        and (moderated >= s2).all()
        and (moderated > s2).any()
    )
    assert freedom == pytest.approx(np.full(6, found.freedom + 4))


def test_the_prior_that_variances_were_drawn_from_is_found() -> None:
    chance = np.random.default_rng(4)
    truth = 8 * 0.7 / chance.chisquare(8, 40_000)
    found = prior(truth * chance.chisquare(4, 40_000) / 4, np.full(40_000, 4.0))
    assert found.freedom == pytest.approx(8, rel=0.05) and found.variance == pytest.approx(0.7, rel=0.02)


def test_variances_that_differ_by_chance_only_are_pooled() -> None:
    found = prior([1.0, 1.1, 0.9], [4, 4, 8])
    assert np.isinf(found.freedom) and found.variance == pytest.approx((4 + 4.4 + 7.2) / 16)
    assert usual([1.0, 1.1, 0.9], [4, 4, 8]) == found
    assert prior([1.0, 0.0], [4, 4]).variance > 0 and prior([0.0, 0.0], [4, 4]).freedom == 0


def test_variances_that_differ_stand_for_themselves() -> None:
    """Bartlett's test, against SciPy's."""
    chance = np.random.default_rng(5)
    groups = [chance.standard_normal(8) * scale for scale in (1, 1.5, 3)]
    s2, d = np.array([group.var(ddof=1) for group in groups]), np.full(3, 7.0)
    assert bartlett(s2, d) == pytest.approx(stats.bartlett(*groups).pvalue)
    assert usual([1.0, 90.0, 0.1], [7, 7, 7]).freedom == 0 < prior([1.0, 90.0, 0.1], [7, 7, 7]).freedom


def test_nadeau_and_bengios_factor() -> None:
    """Ten times nine tenths for training: 1/10 + 1/9 in place of 1/10, so intervals are 1.45 times as wide."""
    assert nadeau_bengio(1.0, 10, 1 / 9) == pytest.approx(0.1 + 1 / 9)
    plain, corrected = (
        Contrasts(SLEEP, paired=True, ratio=ratio).pairs(np.array([1]), np.array([0]))
        for ratio in (0.0, 1 / 9)
    )
    assert (corrected.variances / plain.variances) ** 0.5 == pytest.approx(1.4530, abs=1e-4)
    assert corrected.fixed[0] == pytest.approx(plain.variances[0] * 10 / 9)


@pytest.mark.parametrize(
    ("effect", "runs", "reached"), [(0.5, 64, 0.8015), (0.8, 26, 0.8075), (1.0, 17, 0.8070)]
)
def test_noncentral_t_power_is_cohens(effect: float, runs: int, reached: float) -> None:
    """Cohen (1988), table 2.4.1: n of each of two groups for a power of 0.8, two-sided at 0.05."""
    assert power(effect, Noise(1.0, shared=0.0), runs) == pytest.approx(reached, abs=2e-4)
    assert power(effect, Noise(1.0, shared=0.0), runs - 1) < 0.8


def test_seeds_that_are_recommended() -> None:
    sure = Noise(0.03)
    assert seeds_needed(0.0953, sure, arms=5, now=3) == (5, 5)
    low, high = seeds_needed(0.0953, Noise(0.025, freedom=6, shared=8), arms=5, now=3) or (0, 0)
    assert low == 5 < high and high in LOOKS
    assert seeds_needed(0.0953, Noise(0.3), arms=5, now=3) is None, "more than the last look"
    assert seeds_needed(0.0953, replace_fixed(sure, 0.1), arms=5, now=3) is None, (
        "no seed lowers the test part's error"
    )
    assert seeds_needed(0.0, sure, arms=5, now=3) is None
    assert seeds_needed(0.0953, sure, arms=5, now=5) == (10, 10)


def replace_fixed(noise: Noise, deviation: float) -> Noise:
    return Noise(noise.deviation, noise.freedom, noise.shared, 0.0, deviation**2)


def test_holms_own_example() -> None:
    """Step down: 4 × .005, then never less: 3 × .010, 2 × .030, .040 (Holm 1979, section 3, with these p)."""
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([]) == []


@given(st.lists(st.floats(0, 1), min_size=1, max_size=6))
def test_holm_by_its_definition(values: list[float]) -> None:
    """The largest, over all sets of hypotheses that contain one, of the Bonferroni p of the set (closed testing)."""
    found = holm(values)
    for place, p in enumerate(found):
        sets = (
            chosen
            for size in range(1, len(values) + 1)
            for chosen in itertools.combinations(range(len(values)), size)
            if place in chosen
        )
        assert p == pytest.approx(max(min(1.0, len(c) * min(values[i] for i in c)) for c in sets))


def test_looks_spend_five_percent_together() -> None:
    assert sum(level(look) for look in LOOKS if look > 3) == pytest.approx(0.05)
    assert sum(level(look, (3, 5, 10)) for look in (5, 10)) == pytest.approx(0.05)
    assert level(3) == level(5) and level(30) == level(20)


def test_arms_that_lack_splits_are_compared_on_those_that_they_have() -> None:
    table: NDArray[np.float64] = np.array([[0.0, 0.1], [5.0, 5.1], [9.0, 9.1], [20.0, np.nan]])
    found = Contrasts(table, paired=True)
    assert found.means[1] - found.means[0] == pytest.approx(0.1)
    pair = found.pairs(np.array([1]), np.array([0]))
    assert pair.values[0] == pytest.approx(0.1) and pair.variances[0] == pytest.approx(0, abs=1e-20)
