"""Intervals: split conformal against its definition, how often they hold, quantiles, and what is told of both."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from tide_series import (
    SIZES,
    long,
    network_of,
    prepared,
    problem_of,
    spec_of,
    split_of,
    stamps,
    trained,
    written,
)
from tidegate.api import load
from tidegate.config.tasks.forecast import ForecastSpec
from tidegate.tasks.forecast.intervals import Intervals, conformal, needed
from tidegate.tasks.forecast.network import quantiles
from tidegate.tasks.forecast.task import FORECAST
from tidegate.tasks.forecast.window import Window


def slow_width(residuals: list[float], level: float) -> float:
    """The smallest residual that as many are not above as the definition wants."""
    ordered = sorted(abs(one) for one in residuals if one == one)
    if not ordered:
        return math.nan
    rank = math.ceil(round((len(ordered) + 1) * level, 9))
    return ordered[min(rank, len(ordered)) - 1]


@given(
    count=st.integers(1, 60),
    horizon=st.integers(1, 3),
    holes=st.sampled_from([0.0, 0.3]),
    seed=st.integers(0, 99),
)
@settings(max_examples=100, deadline=None)
def test_widths_equal_their_definition(count: int, horizon: int, holes: float, seed: int) -> None:
    chance = np.random.default_rng(seed)
    residuals = chance.normal(size=(count, horizon, 2))
    residuals[chance.random(residuals.shape) < holes] = np.nan
    residuals[0] = 1.0
    levels = [0.5, 0.8, 0.95]
    found = conformal(residuals, levels)
    assert found.pooled == (int((~np.isnan(residuals)).sum(axis=0).min()) < 19)
    for level in levels:
        for step in range(horizon):
            for column in range(2):
                own = residuals[:, :, column] if found.pooled else residuals[:, step, column]
                expected = slow_width(own.ravel().tolist(), level)
                assert found.widths[level][step, column] == expected
    ordered = [found.widths[level] for level in levels]
    assert (ordered[0] <= ordered[1]).all() and (ordered[1] <= ordered[2]).all()


def test_steps_with_enough_residuals_have_widths_of_their_own() -> None:
    found = conformal(np.stack([np.arange(1.0, 40.0), 10 * np.arange(1.0, 40.0)], axis=1)[..., None], [0.9])
    assert (found.pooled, found.residuals) == (False, 39)
    assert found.widths[0.9][:, 0].tolist() == [36.0, 360.0]


@pytest.mark.parametrize(
    ("levels", "count"), [([0.8], 4), ([0.8, 0.95], 19), ([0.5], 1), ([0.99], 99), ([], 0)]
)
def test_residuals_that_a_level_takes(levels: list[float], count: int) -> None:
    assert needed(levels) == count


def test_a_longer_horizon_has_the_width_of_the_last_step() -> None:
    intervals = Intervals({0.8: np.array([[1.0], [2.0]])}, 50, False)
    lower, upper = intervals.around(np.zeros((1, 4, 1)))[0.8]
    assert upper[0, :, 0].tolist() == [1, 2, 2, 2] and (lower == -upper).all()
    assert intervals.around(np.zeros((1, 1, 1)))[0.8][1].tolist() == [[[1.0]]]
    again = Intervals.from_json(json.loads(json.dumps(intervals.to_json())))
    assert again.widths[0.8].tolist() == [[1.0], [2.0]] and again.residuals == 50


class Naive(nn.Module):
    """0 for every step: the right forecast of noise around 0."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Linear(1, 1)

    def forward(self, window: Window) -> Tensor:
        return window.past.new_zeros(len(window.past), window.horizon, window.past.shape[2], 1)


def test_intervals_of_noise_hold_as_often_as_they_say(tmp_path: Path) -> None:
    chance = np.random.default_rng(7)
    heights = np.round(chance.standard_t(4, 5000), 5)
    lines = [f"{stamp},{height}" for stamp, height in zip(stamps(5000), heights, strict=True)]
    (tmp_path / "noise.csv").write_text("\n".join(["ds,y", *lines]) + "\n", encoding="utf-8")
    ready = prepared(
        str(tmp_path / "noise.csv"), split="1000/2000/2000", forecast={"levels": [0.5, 0.8, 0.95]}
    )
    problem = problem_of(ready)
    assert "coverage_80" not in problem.evaluate(Naive(), split_of(ready, "test"), labelled=True).metrics
    calibrated = problem.calibrated(Naive(), split_of(ready, "valid"))
    figures = calibrated.evaluate(Naive(), split_of(ready, "test"), labelled=True).metrics
    for level, name in ((0.5, "50"), (0.8, "80"), (0.95, "95")):
        assert figures[f"coverage_{name}"] == pytest.approx(level, abs=0.04)
    assert figures["width_50"] < figures["width_80"] < figures["width_95"]
    # Widths are learnt of the validation alone.
    truth = split_of(ready, "valid").grid.values[1000:3000, 0].abs().sort().values
    widths = calibrated.intervals.widths[0.8][:, 0] if calibrated.intervals else np.zeros(4)
    assert widths == pytest.approx([float(truth[1600])] * 4, abs=0.05)


def test_too_few_residuals_are_told(tmp_path: Path) -> None:
    path = written(tmp_path, long(["ebb"]))
    few = prepared(path, split="40/4/12", forecast={"levels": [0.99]})
    assert any(
        "4 values of the validation are too few for an interval of 99%" in str(note) for note in few.notes
    )
    enough = prepared(path, forecast={"levels": [0.9]})
    assert not any("too few" in str(note) for note in enough.notes)


def test_no_levels_no_intervals(tmp_path: Path) -> None:
    path = written(tmp_path, long())
    result = trained(path, tmp_path / "run", forecast={"levels": []})
    assert result.test is not None and not any(name.startswith(("coverage", "width")) for name in result.test)
    assert load(result.run, threads=1).predict(path).frame.columns.tolist() == ["unique_id", "ds", "y"]


def test_quantiles_are_in_order_and_told(tmp_path: Path) -> None:
    path = written(tmp_path, long())
    result = trained(path, tmp_path / "run", forecast={"loss": "quantile", "levels": [0.5, 0.9]})
    assert result.test is not None
    assert {"coverage_50", "width_90", "pinball", "pinball_5", "pinball_25", "pinball_50"} <= set(result.test)
    assert all(result.test[f"width_{level}"] >= 0 for level in (50, 90))
    assert json.loads((result.run / "model" / "model.json").read_text())["problem"]["intervals"] is None
    frame = load(result.run, threads=1).predict(path).frame
    ordered = frame[["y_lo_90", "y_lo_50", "y", "y_hi_50", "y_hi_90"]].to_numpy()
    assert (np.diff(ordered, axis=1) >= 0).all()


def test_a_network_whose_quantiles_cross_gives_them_in_order(tmp_path: Path) -> None:
    ready = prepared(written(tmp_path, long()), forecast={"loss": "quantile", "levels": [0.5, 0.9]})
    network, problem, split = network_of(ready), problem_of(ready), split_of(ready, "test")
    raw = np.concatenate([network(batch.window).numpy() for batch in split.in_order()])
    assert (np.diff(raw, axis=-1) < 0).any()
    found = np.concatenate([forecast for _, forecast in problem.answers(network, split)])
    np.testing.assert_allclose(found, np.sort(raw, axis=-1), rtol=1e-6)


@pytest.mark.parametrize("loss", ["mse", "mae", "huber", "quantile"])
def test_losses_equal_a_plain_loop(loss: str, tmp_path: Path) -> None:
    frame = long()
    frame.loc[30:33, "y"] = np.nan
    keys = {"loss": loss, "levels": [0.8], "huber_delta": 0.3, "fill": "forward"}
    ready = FORECAST.prepare(spec_of(written(tmp_path, frame), forecast={**SIZES, **keys}))
    problem, split = problem_of(ready), split_of(ready, "train")
    batch = split.batch([17, 20, 25])
    assert not batch.given.all()
    forecast = network_of(ready)(batch.window)
    levels = quantiles(ForecastSpec.model_validate(keys))
    terms: list[float] = []
    for place in np.argwhere(batch.given.numpy()):
        truth, answers = float(batch.targets[tuple(place)]), forecast[tuple(place)].tolist()
        error = truth - answers[0]
        by_quantile = [
            max(q * (truth - a), (q - 1) * (truth - a)) for q, a in zip(levels, answers, strict=True)
        ]
        small = abs(error) <= 0.3
        terms.append(
            {
                "mse": error**2,
                "mae": abs(error),
                "huber": 0.5 * error**2 if small else 0.3 * (abs(error) - 0.15),
                "quantile": float(np.mean(by_quantile)),
            }[loss]
        )
    assert float(problem.loss(forecast, batch.targets, batch.given)) == pytest.approx(
        np.mean(terms), rel=1e-5
    )
