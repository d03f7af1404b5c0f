"""Whatever runs give, a comparison is a record that can be written and read, and says nothing that cannot be known."""

import json
import warnings
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.results.comparison import Comparison
from tidegate.studies.analysis.comparison import compare
from tidegate.studies.analysis.runs import ArmResult, Question

SHARES = st.one_of(st.sampled_from([0.0, 1.0, 0.5, float("nan")]), st.floats(0, 1))
NUMBERS = st.one_of(st.sampled_from([0.0, 1e-38, 3e38, float("inf")]), st.floats(-10, 10))


@st.composite
def studies(draw: Any) -> tuple[list[ArmResult], Question]:
    metric, values = draw(
        st.sampled_from([("accuracy", SHARES), ("cer", SHARES), ("mse", NUMBERS), ("own", NUMBERS)])
    )
    paired = draw(st.booleans())
    arms = [
        ArmResult(
            f"arm {number}",
            {seed: value for seed, value in enumerate(row) if value is not None},
            {
                "cell": draw(st.sampled_from(["gru", "lstm"])),
                "direction": draw(st.sampled_from(["both", "forward"])),
            },
            {seed: seed // draw(st.sampled_from([1, 2])) for seed in range(len(row))} if paired else {},
        )
        for number, row in enumerate(
            draw(st.lists(st.lists(st.one_of(st.none(), values), max_size=6), min_size=1, max_size=5))
        )
    ]
    question = Question(
        metric=metric,
        split="test",
        lower_is_better=metric != "accuracy",
        margin=draw(st.sampled_from([None, "10%", 0.0, 0.5])),
        splits="resampled" if paired else "one",
        units=draw(st.sampled_from([None, 10, 5000])),
        baselines=draw(st.sampled_from([{}, {"crf": {0: 0.5, 1: 0.25}}, {"odd": {0: float("nan")}}])),
    )
    return arms, question


@settings(deadline=None, max_examples=200)
@given(studies())
def test_any_study_has_a_comparison_or_none(drawn: tuple[list[ArmResult], Question]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = compare(*drawn)
    if found is None:
        return
    text = json.dumps(found.to_json(), allow_nan=False)
    assert Comparison.from_json(text, "results.json") == found
    assert found.best in found.may_be_best and {row.arm for row in found.arms} >= set(found.good_enough)
    for row in found.arms:
        mean = row.mean
        assert mean.low is None or mean.high is None or mean.low <= mean.value <= mean.high
        points = row.difference.points
        assert points.low is None or points.high is None or points.low <= points.value <= points.high
        assert row.may_be_best or row.verdict not in ("best", "may be best")
        assert found.status != "first look" or row.verdict == "cannot tell"
    worst = [row.verdict for row in found.arms]
    assert worst.count("best") <= 1 and (len(found.seeds) > 1 or found.half_width is None)


def test_a_comparison_is_the_same_in_any_order_of_arms() -> None:
    chance = np.random.default_rng(8)
    rows = (0.1 * np.exp(0.1 * chance.standard_normal((4, 5)))).tolist()
    arms = [ArmResult(name, dict(enumerate(row))) for name, row in zip("abcd", rows, strict=True)]
    question = Question(metric="cer", split="test", lower_is_better=True, units=10_000)
    one, other = compare(arms, question), compare(arms[::-1], question)
    assert one is not None and other is not None and one.best == other.best
    assert {row.arm: row.verdict for row in one.arms} == {row.arm: row.verdict for row in other.arms}
