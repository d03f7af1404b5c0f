"""The comparison as a whole: what results.json holds of it."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tidegate.results.comparison import ArmComparison
from tidegate.results.record import Record
from tidegate.results.samples import Samples
from tidegate.studies.analysis.bootstrap import sampling
from tidegate.studies.analysis.comparison import ArmResult, compare

RNG = np.random.default_rng(3)


def arm(name: str, mean: float, deviation: float = 0.001, seeds: int = 5, **signature: str) -> ArmResult:
    values = mean + deviation * np.random.default_rng(len(name) * 7 + seeds).standard_normal(seeds)
    return ArmResult(name, dict(enumerate(values.tolist())), signature)


def told(*arms: ArmResult, margin: float | None = None, lower: bool = True, **others: object):
    found = compare(arms, metric="cer", split="test", lower_is_better=lower, margin=margin, **others)  # type: ignore[arg-type]
    assert found is not None
    return plain(found)


def plain(found: Record) -> dict[str, Any]:
    """As the file has it."""
    return json.loads(json.dumps(found.to_json()))


def test_arms_against_the_best() -> None:
    found = told(arm("lstm", 0.020), arm("gru", 0.0201), arm("elman", 0.080), margin=0.005)
    rows = {row["arm"]: row for row in found["arms"]}
    assert found["best"] in ("lstm", "gru") and rows[found["best"]]["verdict"] == "best"
    assert (
        rows["elman"]["verdict"] == "worse"
        and rows["elman"]["difference"] > 0
        and rows["elman"]["effect"] > 10
    )
    assert (
        rows["elman"]["better"] == 0.0
        and rows["elman"]["low"] < rows["elman"]["mean"] < rows["elman"]["high"]
    )
    other = "gru" if found["best"] == "lstm" else "lstm"
    assert rows[other]["verdict"] == "equivalent" and not found["winner"]
    assert found["margin"] == {"value": 0.005, "set": True} and found["smallest_p"] == 0.0625
    assert [(pair["a"], pair["b"]) for pair in found["pairs"]] == [
        ("lstm", "gru"),
        ("lstm", "elman"),
        ("gru", "elman"),
    ]
    assert found["pairs"][1]["verdict"] == "better"


def test_higher_is_better_turns_it_round() -> None:
    found = told(arm("lstm", 0.9), arm("elman", 0.8), lower=False, margin=0.01)
    assert found["best"] == "lstm" and found["winner"]
    assert found["arms"][1]["difference"] < 0 and found["arms"][1]["effect"] > 0


def test_the_margin_that_nobody_set_follows_from_the_seeds() -> None:
    arms = arm("a", 0.5, 0.01), arm("bb", 0.5, 0.02), arm("ccc", 0.5, 0.2)
    middle = np.median([np.std(list(one.values.values()), ddof=1) for one in arms])
    assert told(*arms)["margin"] == {"value": pytest.approx(2 * middle), "set": False}
    assert told(arm("a", 0.5, seeds=1), arm("b", 0.6, seeds=1))["margin"]["value"] is None


def test_only_seeds_that_all_have() -> None:
    short = ArmResult("short", {0: 0.5, 2: 0.6, 9: 0.1}, {})
    found = told(arm("a", 0.5), short)
    assert found["seeds"] == [0, 2] and found["arms"][1]["n"] == 2
    assert compare([arm("a", 0.5)], metric="x", split="test", lower_is_better=True, margin=None) is None
    assert (
        compare(
            [arm("a", 0.5), ArmResult("none", {}, {})],
            metric="x",
            split="test",
            lower_is_better=True,
            margin=None,
        )
        is None
    )
    apart = ArmResult("apart", {77: 0.5}, {})
    assert (
        compare([arm("a", 0.5), apart], metric="x", split="test", lower_is_better=True, margin=None) is None
    )


def test_effects_pair_arms_that_differ_in_one_trait() -> None:
    def one(name: str, mean: float, cell: str, direction: str, front: str, rest: str = "R") -> ArmResult:
        network = "cnn-rnn" if front == "cnn" else "rnn"
        return arm(name, mean, cell=cell, direction=direction, front=front, network=network, rest=rest)

    found = told(
        one("gru", 0.10, "gru", "forward", "none"),
        one("cnn-gru", 0.04, "gru", "forward", "cnn"),
        one("bigru", 0.08, "gru", "both", "none"),
        one("cnn-bigru", 0.02, "gru", "both", "cnn"),
        one("cnn-bilstm-2", 0.02, "lstm", "both", "cnn", rest="R R"),
        margin=0.001,
    )
    effects = {(one["trait"], one["level"], one["against"]): one for one in found["effects"]}
    assert set(effects) == {("front", "cnn", "none"), ("direction", "both", "forward")}
    front = effects["front", "cnn", "none"]
    assert front["pairs"] == [["cnn-gru", "gru"], ["cnn-bigru", "bigru"]]
    assert front["difference"] == pytest.approx(-0.06, abs=0.002) and front["verdict"] == "better"
    assert effects["direction", "both", "forward"]["difference"] == pytest.approx(-0.02, abs=0.002)


def row(arm: str, mean: float) -> ArmComparison:
    ends = dict.fromkeys(("low", "high", "difference_low", "difference_high"))
    return ArmComparison(arm=arm, n=2, mean=mean, difference=0.0, better=0.5, verdict="best", **ends)


def samples(rate: float, count: int, seed: int, root: bool = False) -> Samples:
    chance = np.random.default_rng(seed)
    wrong = (chance.random(count) < rate).astype(int).tolist()
    ones = (1,) * count
    return Samples(metric="error", root=root, of=count, numerator=tuple(wrong), denominator=ones)


@pytest.mark.parametrize(("count", "small"), [(100, True), (20_000, False)])
def test_a_small_test_part_is_told(count: int, small: bool) -> None:
    rows = [row("a", 0.10), row("b", 0.12), row("c", 0.5)]
    kept = {
        name: [samples(rate, count, seed + int(1000 * rate)) for seed in (1, 2)]
        for name, rate in (("a", 0.1), ("b", 0.12), ("c", 0.5))
    }
    found = sampling(rows, kept, 0.001, lower_is_better=True)
    assert found is not None
    assert found.between == ("a", "b") and found.samples == count and found.too_small is small
    # Independent errors of two arms of two runs each: the standard error of a difference of proportions.
    expected = 1.96 * ((0.1 * 0.9 + 0.12 * 0.88) / 2 / count) ** 0.5
    if not small:
        assert found.half_width == pytest.approx(expected, rel=0.25)


def test_without_samples_nothing_is_said_of_them() -> None:
    rows = [row("a", 0.10), row("b", 0.12)]
    assert sampling(rows, {}, 0.001, lower_is_better=True) is None
    uneven = {"a": [samples(0.1, 10, 1)], "b": [samples(0.1, 11, 1)]}
    assert sampling(rows, uneven, 0.001, lower_is_better=True) is None


@pytest.mark.parametrize("value", [0.1, 1.0])
def test_arms_that_are_always_the_same(value: float) -> None:
    arms = [ArmResult(name, dict.fromkeys(range(5), value), {}) for name in "ab"]
    assert told(*arms)["arms"][1]["verdict"] == "equivalent"


@pytest.mark.parametrize("odd", [float("nan"), float("inf")])
def test_a_figure_that_is_not_finite_is_none(odd: float) -> None:
    arms = [
        ArmResult("odd", {0: odd, 1: 0.3, 2: 0.3, 3: 0.31}, {}),
        ArmResult("b", dict(enumerate([0.1, 0.11, 0.1, 0.12])), {}),
        ArmResult("none", {0: odd}, {}),
    ]
    found = told(*arms)
    assert found["seeds"] == [1, 2, 3] and found["best"] == "b"
    assert [row["arm"] for row in found["arms"]] == ["odd", "b"]


def test_an_arm_whose_runs_failed_does_not_hide_the_others() -> None:
    found = told(arm("a", 0.5), arm("bb", 0.6), ArmResult("failed", {3: 0.1}, {}), margin=0.01)
    assert found["seeds"] == [0, 1, 2, 3, 4] and [row["arm"] for row in found["arms"]] == ["a", "bb"]


def test_samples_that_were_left_out_count() -> None:
    rows = [row("a", 0.10), row("b", 0.12)]
    some = {name: [samples(0.1, 500, seed)] for seed, name in enumerate("ab")}
    all_ = {name: [replace(runs[0], of=2000)] for name, runs in some.items()}
    few, many = (sampling(rows, one, 0.0, lower_is_better=True) for one in (some, all_))
    assert few is not None and many is not None
    assert many.samples == 2000 and many.half_width == pytest.approx(few.half_width / 2)
    nothing = {name: [replace(samples(0.1, 50, 1), denominator=(0,) * 50)] for name in "ab"}
    empty = sampling(rows, nothing, 0.0, lower_is_better=True)
    assert empty is not None and empty.half_width == 0.0
