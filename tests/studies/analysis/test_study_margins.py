"""The scale and the margins: there and back, shares of the error, and never less than one unit of the test part."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.config.metrics import METRICS
from tidegate.errors import ConfigError
from tidegate.studies.analysis.margins import margin_of, metric_kind, parse_margin
from tidegate.studies.analysis.scale import Scale


@given(
    st.sampled_from(["share", "error", "log", "plain"]),
    st.booleans(),
    st.floats(0.001, 0.999),
    st.sampled_from([None, 20.0, 5000.0]),
)
def test_there_and_back(kind: str, lower: bool, value: float, units: float | None) -> None:
    scale = Scale(kind, lower, units)
    assert scale.metric(float(scale.judged([value])[0])) == pytest.approx(value, abs=1e-9)


@pytest.mark.parametrize("kind", ["share", "error", "log", "plain"])
@pytest.mark.parametrize("lower", [True, False])
def test_less_is_better_on_the_scale(kind: str, lower: bool) -> None:
    low, high = Scale(kind, lower, 100).judged([0.2, 0.3])
    assert (low < high) == lower


def test_no_error_at_all_has_a_logarithm() -> None:
    none, one = Scale("share", lower_is_better=True, units=100).judged([0.0, 0.01])
    assert np.exp(one - none) == pytest.approx(3), "half a count stands for none"


def test_a_difference_in_both_forms() -> None:
    scale = Scale("error", lower_is_better=True)
    found = scale.difference(np.log(0.2), np.log(0.1), np.log(1.25))
    assert found.factor is not None
    assert (found.points.value, found.factor.value) == pytest.approx((0.1, 2.0))
    assert (found.factor.low, found.factor.high) == pytest.approx((1.6, 2.5))
    assert (found.points.low, found.points.high) == pytest.approx((0.06, 0.15))
    accuracy = Scale("share", lower_is_better=False, units=1e9).difference(
        np.log(0.2), np.log(0.1), np.log(1.25)
    )
    assert accuracy.points.low == pytest.approx(-0.15) and accuracy.points.high == pytest.approx(-0.06)


def margin(
    metric: str, best: float, given: str | float | None = None, units: float | None = None, lower: bool = True
):
    kind = metric_kind(metric, [best], lower_is_better=lower)
    scale = Scale(kind.kind, lower, units)
    return margin_of(kind, given, scale, float(scale.judged([best])[0]))


@pytest.mark.parametrize(
    ("metric", "best", "lower", "size"),
    [
        ("cer", 0.05, True, 0.005), ("accuracy", 0.9, False, 0.01), ("f1", 0.9, False, 0.005),
        ("mase", 0.8, True, 0.016), ("nats_per_symbol", 1.5, True, 0.02), ("perplexity", 4.0, True, 0.08),
        ("r2", 0.8, False, 0.01), ("mse", 2.0, True, 0.08), ("rmse_units", 50.0, True, 1.0),
        ("window_accuracy", 0.5, False, 0.05),
    ],
)  # fmt: skip
def test_usual_margins(metric: str, best: float, lower: bool, size: float) -> None:
    found, _ = margin(metric, best, lower=lower, units=1e7)
    assert found.size == pytest.approx(size, rel=1e-3) and not found.set


def test_margins_that_are_set() -> None:
    share, on_scale = margin("cer", 0.05, "20%", 1e7)
    assert (share.value, share.kind, share.set) == (0.2, "relative", True)
    assert share.size == pytest.approx(0.01, rel=1e-3) and on_scale == pytest.approx(np.log(1.2), rel=1e-4)
    points, on_scale = margin("cer", 0.05, 0.01, 1e7)
    assert (points.value, points.kind) == (0.01, "absolute") and on_scale == pytest.approx(
        np.log(1.2), rel=1e-4
    )
    nats, _ = margin("nats_per_symbol", 1.5, "10%")
    assert nats.size == pytest.approx(0.15)


def test_never_less_than_one_unit_of_the_test_part() -> None:
    found, _ = margin("accuracy", 0.99, units=200, lower=False)
    assert found.size == pytest.approx(1 / 200) and found.value == 0.1
    exact, _ = margin("accuracy", 0.99, 0.0, units=200, lower=False)
    assert exact.size == pytest.approx(1 / 200)


@pytest.mark.parametrize("text", ["ten", "-1", "10 percent", "%", "inf", "nan%"])
def test_what_is_no_margin(text: str) -> None:
    with pytest.raises(ConfigError, match="no margin"):
        parse_margin(text)


def test_an_error_of_nothing_is_taken_as_it_is() -> None:
    assert metric_kind("mse", [0.0, 0.1], lower_is_better=True).kind == "plain"
    assert metric_kind("own", [0.2, 0.4], lower_is_better=True).kind == "share"
    assert metric_kind("own", [2.0, 4.0], lower_is_better=True).kind == "error"
    assert metric_kind("pinball_90", [2.0], lower_is_better=True) is METRICS["pinball"]
