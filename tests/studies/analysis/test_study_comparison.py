"""The comparison as a whole: what results.json holds of it."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tidegate.config.metrics import MetricKind
from tidegate.results.record import Record
from tidegate.results.samples import Samples
from tidegate.studies.analysis.comparison import compare
from tidegate.studies.analysis.runs import ArmResult, Question


def arm(name: str, mean: float, deviation: float = 0.02, seeds: int = 5, **signature: str) -> ArmResult:
    """Errors that vary by so much of themselves; means as they are said."""
    noise = np.random.default_rng(len(name) * 7 + seeds).standard_normal(seeds)
    values = mean * np.exp(deviation * (noise - noise.mean()))
    return ArmResult(name, dict(enumerate(values.tolist())), signature)


def plain(found: Record) -> dict[str, Any]:
    """As the file has it."""
    return json.loads(json.dumps(found.to_json()))


def told(*arms: ArmResult, lower: bool = True, metric: str = "cer", **others: Any) -> dict[str, Any]:
    question = Question(
        metric=metric, split="test", lower_is_better=lower, units=others.pop("units", 10_000), **others
    )
    found = compare(arms, question)
    assert found is not None
    assert type(found).from_json(json.dumps(found.to_json()), "results.json") == found
    return plain(found)


def verdicts(found: dict[str, Any]) -> dict[str, str]:
    return {row["arm"]: row["verdict"] for row in found["arms"]}


def test_arms_against_the_best() -> None:
    found = told(arm("lstm", 0.100), arm("gru", 0.1005), arm("elman", 0.200), margin="10%")
    assert found["best"] == "lstm" and found["may_be_best"] == ["lstm", "gru"]
    assert found["good_enough"] == ["lstm", "gru"] and found["status"] == "planned"
    assert verdicts(found) == {"lstm": "good enough", "gru": "good enough", "elman": "worse"}
    rows = {row["arm"]: row for row in found["arms"]}
    factor = rows["elman"]["difference"]["factor"]
    assert factor["value"] == pytest.approx(2, rel=0.01) and 1.8 < factor["low"] < 2 < factor["high"] < 2.2
    points = rows["elman"]["difference"]["points"]
    assert (
        points["value"] == pytest.approx(0.1, rel=0.01) and points["low"] < points["value"] < points["high"]
    )
    assert rows["elman"]["mean"]["value"] == pytest.approx(0.2, rel=1e-3) and rows["elman"]["better"] == 0.0
    margin = found["margin"]
    assert (margin["value"], margin["kind"], margin["set"]) == (0.1, "relative", True)
    assert margin["size"] == pytest.approx(0.01, rel=0.01)
    pairs = {(pair["a"], pair["b"]): pair["verdict"] for pair in found["pairs"]}
    assert pairs == {("lstm", "gru"): "equivalent", ("lstm", "elman"): "better", ("gru", "elman"): "better"}


def test_higher_is_better_turns_it_round() -> None:
    found = told(arm("lstm", 0.9, 0.001), arm("elman", 0.8, 0.001), lower=False, metric="accuracy")
    assert found["best"] == "lstm" and verdicts(found) == {"lstm": "best", "elman": "worse"}
    points = found["arms"][1]["difference"]["points"]
    assert points["value"] == pytest.approx(-0.1, abs=0.002) and points["low"] < points["high"] < 0
    assert found["arms"][1]["difference"]["factor"]["value"] == pytest.approx(2, rel=0.02)
    assert found["pairs"][0]["verdict"] == "better"


def test_noise_buys_no_verdict() -> None:
    """A fixed margin turns noise into "cannot tell" or "may be best", never into "good enough"."""
    noisy = told(arm("a", 0.1, 0.4), arm("bb", 0.11, 0.4), arm("ccc", 0.12, 0.4))
    assert noisy["good_enough"] == [] and set(verdicts(noisy).values()) == {"may be best"}
    assert (
        noisy["too_noisy"] and noisy["half_width"] > noisy["margin"]["size"] and noisy["seeds_needed"] is None
    )
    calm = told(arm("a", 0.1, 0.02), arm("bb", 0.11, 0.02), arm("ccc", 0.12, 0.02))
    assert calm["margin"]["value"] == noisy["margin"]["value"] and not calm["too_noisy"]


def test_a_first_look_decides_nothing() -> None:
    found = told(arm("a", 0.1, seeds=3), arm("bb", 0.9, seeds=3))
    assert found["status"] == "first look" and set(verdicts(found).values()) == {"cannot tell"}
    assert found["arms"][1]["difference"]["factor"]["low"] > 1 and found["good_enough"] == []
    assert {pair["verdict"] for pair in found["pairs"]} == {"undecided"}
    assert found["seeds_needed"] == [5, 5] and found["arms"][1]["seeds_needed"] == [5, 5]


def test_one_seed_has_no_intervals() -> None:
    found = told(arm("a", 0.1, seeds=1), arm("bb", 0.2, seeds=1))
    assert found["best"] == "a" and found["half_width"] is None and not found["too_noisy"]
    assert found["may_be_best"] == ["a", "bb"] and found["pairs"][0]["p"] is None
    assert found["arms"][0]["mean"]["low"] is None and found["seeds_needed"] is None


def test_looks_outside_the_plan_are_exploratory() -> None:
    assert told(arm("a", 0.1, seeds=8), arm("bb", 0.2, seeds=8))["status"] == "exploratory"
    assert told(arm("a", 0.1, seeds=8), arm("bb", 0.2, seeds=8), looks=(8,))["alpha"] == 0.05
    found = told(arm("a", 0.1, seeds=10), arm("bb", 0.2, seeds=10), looked=(5, 7))
    assert found["status"] == "exploratory" and found["alpha"] == 0.0125


def test_arms_that_were_found_worse_have_fewer_seeds() -> None:
    found = told(arm("a", 0.1, seeds=10), arm("bb", 0.101, seeds=10), arm("ccc", 0.3))
    assert [row["n"] for row in found["arms"]] == [10, 10, 5] and len(found["seeds"]) == 10
    assert verdicts(found)["ccc"] == "worse"


def test_an_arm_whose_runs_failed_is_left_out() -> None:
    failed, none = ArmResult("failed", {3: 0.1}), ArmResult("none", {0: float("nan")})
    found = told(arm("a", 0.5), arm("bb", 0.6), failed, none)
    assert [row["arm"] for row in found["arms"]] == ["a", "bb"]
    question = Question(metric="cer", split="test", lower_is_better=True)
    assert compare([arm("a", 0.5)], question) is None and compare([arm("a", 0.5), none], question) is None


@pytest.mark.parametrize("odd", [float("nan"), float("inf")])
def test_a_figure_that_is_not_finite_is_none(odd: float) -> None:
    found = told(ArmResult("odd", {0: odd, 1: 0.3, 2: 0.3, 3: 0.31, 4: 0.3}), arm("b", 0.1))
    assert [row["n"] for row in found["arms"]] == [4, 5] and found["best"] == "b"


@pytest.mark.parametrize("value", [0.0, 0.1, 1.0])
def test_arms_that_are_always_the_same(value: float) -> None:
    found = told(*(ArmResult(name, dict.fromkeys(range(5), value)) for name in "ab"))
    assert set(verdicts(found).values()) == {"good enough"} and found["pairs"][0]["verdict"] == "equivalent"


def test_effects_are_told_pair_by_pair_where_they_differ() -> None:
    def one(name: str, mean: float, cell: str, direction: str, front: str, rest: str = "R") -> ArmResult:
        network = "cnn-rnn" if front == "cnn" else "rnn"
        return arm(name, mean, cell=cell, direction=direction, front=front, network=network, rest=rest)

    found = told(
        one("gru", 0.10, "gru", "forward", "none"),
        one("cnn-gru", 0.04, "gru", "forward", "cnn"),
        one("bigru", 0.05, "gru", "both", "none"),
        one("cnn-bigru", 0.02, "gru", "both", "cnn"),
        one("cnn-bilstm-2", 0.02, "lstm", "both", "cnn", rest="R R"),
    )
    effects = {(one["trait"], one["level"], one["against"]): one for one in found["effects"]}
    assert set(effects) == {("front", "cnn", "none"), ("direction", "both", "forward")}
    front, direction = effects["front", "cnn", "none"], effects["direction", "both", "forward"]
    assert front["verdict"] == direction["verdict"] == "better"
    assert (
        front["difference"]["factor"]["value"] == pytest.approx(0.4, rel=0.02) and front["interaction"] > 0.1
    )
    assert [(pair["arm"], pair["against"]) for pair in front["pairs"]] == [
        ("cnn-gru", "gru"),
        ("cnn-bigru", "bigru"),
    ]
    apart = told(
        one("gru", 0.90, "gru", "forward", "none"),
        one("cnn-gru", 0.04, "gru", "forward", "cnn"),
        one("bigru", 0.05, "gru", "both", "none"),
        one("cnn-bigru", 0.048, "gru", "both", "cnn"),
    )["effects"][0]
    assert apart["verdict"] == "depends" and apart["difference"] is None and apart["interaction"] < 1e-6
    assert [pair["verdict"] for pair in apart["pairs"]] == ["better", "equivalent"]


def samples(rate: float, count: int, seed: int, root: bool = False) -> Samples:
    chance = np.random.default_rng(seed)
    wrong = (chance.random(count) < rate).astype(int).tolist()
    return Samples(metric="error", root=root, of=count, numerator=tuple(wrong), denominator=(1,) * count)


def sampled_arm(name: str, rate: float, count: int) -> ArmResult:
    """All runs are wrong on the same samples."""
    runs = [samples(rate, count, int(10_000 * rate))] * 5
    values = {seed: sum(run.numerator) / count for seed, run in enumerate(runs)}
    return ArmResult(name, values, samples=runs)


def test_the_test_part_is_in_the_error() -> None:
    """Independent errors of two arms, the same of all runs: the standard error of a difference of proportions."""
    arms = [sampled_arm("a", 0.1, 20_000), sampled_arm("b", 0.12, 20_000)]
    found = told(*arms)
    drawn = found["sampling"]
    assert drawn["between"] == ["a", "b"] and drawn["samples"] == drawn["units"] == 20_000
    expected = 1.96 * ((0.1 * 0.9 + 0.12 * 0.88) / 20_000) ** 0.5
    assert drawn["half_width"] == pytest.approx(expected, rel=0.1) and not drawn["about_these_test_data"]
    few = told(sampled_arm("a", 0.1, 25), sampled_arm("b", 0.12, 25))
    assert few["sampling"]["about_these_test_data"]
    steady = [
        replace(one, values=dict.fromkeys(range(5), value))
        for one, value in zip(arms, (0.1, 0.12), strict=True)
    ]
    assert (
        told(*steady)["half_width"] > 0 == told(*(replace(one, samples=()) for one in steady))["half_width"]
    )


def test_what_is_a_runs_own_is_counted_once() -> None:
    """Runs that are wrong on other samples each: all of that is in the variance over seeds already."""
    arms = [
        ArmResult(name, {}, samples=[samples(rate, 20_000, seed + int(10_000 * rate)) for seed in range(5)])
        for name, rate in (("a", 0.1), ("b", 0.12))
    ]
    arms = [
        replace(one, values={seed: sum(run.numerator) / 20_000 for seed, run in enumerate(one.samples)})
        for one in arms
    ]
    alone = 1.96 * ((0.1 * 0.9 + 0.12 * 0.88) / 5 / 20_000) ** 0.5
    assert told(*arms)["sampling"]["half_width"] < alone / 3


def test_samples_that_vary_together_are_one_unit() -> None:
    """Ten copies of each sample tell no more than one: the error is that of a tenth of the samples."""
    few = [sampled_arm(name, rate, 200) for name, rate in (("a", 0.1), ("b", 0.12))]
    many = [
        replace(
            one,
            samples=[
                replace(
                    run, of=2000, numerator=run.numerator * 10, denominator=run.denominator * 10,
                    unit="speaker", cluster=tuple(range(200)) * 10,
                )
                for run in one.samples
            ],
        )
        for one in few
    ]  # fmt: skip
    found, apart = told(*many)["sampling"], told(*few)["sampling"]
    assert (found["samples"], found["units"], found["unit"]) == (2000, 200, "speaker")
    assert found["half_width"] == pytest.approx(apart["half_width"], rel=0.05)


def test_without_samples_nothing_is_said_of_them() -> None:
    assert told(arm("a", 0.10), arm("b", 0.12))["sampling"] is None
    assert told(sampled_arm("a", 0.1, 100), sampled_arm("b", 0.12, 110))["sampling"] is None


def test_samples_that_were_left_out_count() -> None:
    few = [sampled_arm(name, rate, 500) for name, rate in (("a", 0.1), ("b", 0.12))]
    many = [replace(one, samples=[replace(run, of=2000) for run in one.samples]) for one in few]
    halves = [told(*arms)["sampling"]["half_width"] for arms in (few, many)]
    assert halves[1] == pytest.approx(halves[0] / 2, rel=0.1)


def test_splits_drawn_anew_are_compared_within_a_split() -> None:
    """All arms are worse on a hard split by the same factor: the difference knows nothing of it."""
    hard = np.exp(np.random.default_rng(5).standard_normal(5)).tolist()
    arms = [
        ArmResult(
            name,
            {seed: rate * value for seed, value in enumerate(hard)},
            splits={seed: seed for seed in range(5)},
        )
        for name, rate in (("a", 0.01), ("b", 0.015), ("c", 0.0151))
    ]
    arms = [replace(one, values={seed: value * (1 + 0.001 * ((7 * seed + at) % 5)) for seed, value in one.values.items()})
            for at, one in enumerate(arms)]  # fmt: skip
    found = told(*arms, splits="resampled", units=1_000_000)
    assert verdicts(found) == {"a": "best", "b": "worse", "c": "worse"} and found["sampling"] is None
    assert set(verdicts(told(*arms, units=1_000_000)).values()) == {"may be best"}


def test_baselines_are_beaten_by_a_test() -> None:
    found = told(
        arm("a", 0.1),
        arm("bb", 0.148, 0.2),
        arm("ccc", 0.3),
        baselines={"crf": {0: 0.15}, "majority": {0: 0.5}},
    )
    rows = {row["arm"]: row for row in found["baselines"]}
    assert {name: row["verdict"] for name, row in rows.items()} == {
        "a": "beats", "bb": "cannot tell", "ccc": "does not beat",
    }  # fmt: skip
    assert {row["baseline"] for row in rows.values()} == {"crf"}
    assert rows["a"]["difference"]["factor"]["value"] == pytest.approx(2 / 3, rel=0.01)


def test_baselines_of_each_split_are_compared_within_it() -> None:
    hard = np.exp(np.random.default_rng(6).standard_normal(5)).tolist()
    noise = np.exp(0.01 * np.random.default_rng(7).standard_normal((2, 5)))
    splits = {seed: seed for seed in range(5)}
    arms = [
        ArmResult(name, {seed: rate * hard[seed] * noise[at, seed] for seed in splits}, splits=splits)
        for at, (name, rate) in enumerate((("a", 0.01), ("b", 0.012)))
    ]
    crf = {seed: 0.011 * value for seed, value in enumerate(hard)}
    found = told(*arms, splits="resampled", units=1_000_000, baselines={"crf": crf})
    assert [row["verdict"] for row in found["baselines"]] == ["beats", "does not beat"]
    assert found["baselines"][0]["difference"]["factor"]["value"] == pytest.approx(0.01 / 0.011, rel=0.02)
    once = told(*arms, units=1_000_000, baselines={"crf": crf})
    assert [row["verdict"] for row in once["baselines"]] == ["cannot tell"] * 2


def test_one_split_in_time_is_one_split() -> None:
    arms = [
        replace(arm(name, rate), splits=dict.fromkeys(range(5), 0))
        for name, rate in (("a", 0.1), ("bb", 0.2))
    ]
    found = told(*arms, splits="time")
    assert verdicts(found) == {"a": "best", "bb": "worse"} and [row["n"] for row in found["arms"]] == [5, 5]


def test_a_task_says_how_its_metric_is_judged() -> None:
    arms = [
        ArmResult(name, {seed: value + 0.001 * seed for seed in range(5)})
        for name, value in (("a", 40.0), ("b", 39.0))
    ]
    plain_ = told(*arms, lower=False, metric="reward")
    assert plain_["margin"]["factor"] is None and plain_["margin"]["size"] == pytest.approx(0.8, rel=0.01)
    assert (
        plain_["arms"][1]["difference"]["points"]["value"] == pytest.approx(-1)
        and verdicts(plain_)["b"] == "worse"
    )
    declared = told(*arms, lower=False, metric="reward", kind=MetricKind("plain", 2.0, absolute=True))
    assert declared["margin"]["size"] == 2.0 and verdicts(declared) == {"a": "best", "b": "good enough"}
