"""The task through the loop of training: every decoder with every cell, kept and gone on with; gaps; the model folder."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pandas as pd
import pytest
import torch

from tide_series import long, network_of, prepared, problem_of, spec_of, split_of, trained, wide, written
from tidegate.api import load, resume, train
from tidegate.config.presets.known import known_presets
from tidegate.config.tables import TrainSpec
from tidegate.config.tasks.forecast import ForecastSpec
from tidegate.data.finding import note
from tidegate.data.series.reader import panel_from_frame
from tidegate.errors import CheckpointError, ConfigError, Finding
from tidegate.tasks.contract import Prepared
from tidegate.tasks.forecast.predict import Future, forecast_future
from tidegate.tasks.forecast.task import FORECAST
from tidegate.training.callbacks import NullReporter, Step

PRESETS = known_presets()

DECODERS = ("direct", "recursive", "segment", "encoder-decoder")
CELLS = ("rnn", "lstm", "gru")
KEYS: list[dict[str, Any]] = [
    {},
    {"known": ["moon"], "observed": ["wind"], "static": ["coast"], "identity": 2},
    {"decoder": "segment", "scaling": "global", "transform": "log"},
    {"loss": "quantile", "levels": [0.8], "scaling": "none"},
]
ON_NUMBERS = [name for name, preset in PRESETS.items() if "forecast" in preset.tasks]


class StopError(Exception):
    """A power cut."""


class Cut(NullReporter):
    """Cuts a run off at a step."""

    def __init__(self, step: int) -> None:
        self.step = step

    def stepped(self, step: Step) -> None:
        if step.step == self.step:
            raise StopError


@pytest.fixture
def only_quick_baselines(monkeypatch: pytest.MonkeyPatch) -> None:
    """Methods that are fitted anew for each window take minutes, and have tests of their own."""
    nothing: tuple[dict[str, Any], list[Finding]] = ({}, [note("no-baseline", "left out", "AutoETS")])
    monkeypatch.setattr("tidegate.tasks.forecast.baselines.statistical_forecasts", lambda *_: nothing)


def weights(run: Path) -> list[bytes]:
    names = (
        "checkpoints/best.safetensors",
        "model/model.safetensors",
        "model/model.json",
        "error_analysis.json",
    )
    return [(run / name).read_bytes() for name in names]


@pytest.mark.parametrize(("decoder", "cell"), list(itertools.product(DECODERS, CELLS)))
def test_every_decoder_with_every_cell_trains_and_is_resumed_to_the_same_bits(
    decoder: str, cell: str, tmp_path: Path
) -> None:
    path = written(tmp_path, long())
    layers = {"rnn": "Rfx4", "lstm": "Lfx4 Do0.2", "gru": "Gfx4 Dl0.1 Gfx3"}[cell]
    observed = {} if decoder == "recursive" else {"observed": ["wind"]}
    keys = {
        "decoder": decoder,
        "segment": 4,
        "known": ["moon"],
        "static": ["coast"],
        "identity": 2,
        **observed,
    }
    spec = spec_of(
        path,
        forecast=keys,
        model={"spec": f"[1,1,0,0 {layers} O0l0]"},
        train={"epochs": 2, "batch_size": 20, "checkpoint_minutes": 0, "average": 0.9},
    )
    whole = train(spec, out=tmp_path / "whole")
    with pytest.raises(StopError):
        train(spec, out=tmp_path / "cut", reporter=Cut(4))
    again = resume(tmp_path / "cut")
    assert again.valid == whole.valid and again.test == whole.test
    assert weights(tmp_path / "cut") == weights(tmp_path / "whole")
    # What was kept answers as it did, and learnt something on the way.
    model = load(whole.run, threads=1)
    assert model.evaluate(path).metrics == pytest.approx(whole.test, rel=1e-6)
    history = [json.loads(line) for line in (whole.run / "history.jsonl").read_text().splitlines()]
    assert all(np.isfinite(one["train_loss"]) for one in history if "train_loss" in one) and history


@pytest.mark.parametrize("cell", ["lstm", "gru", "bigru"])
def test_tides_are_learnt(cell: str, tmp_path: Path, only_quick_baselines: None) -> None:
    path = written(tmp_path, long(rows=200, noise=0.05))
    result = trained(
        path,
        tmp_path / "run",
        split="120/40/40",
        model={"preset": cell, "hidden": 8},
        train={"epochs": 20, "batch_size": 16, "baselines": True},
        optimiser={"learning_rate": 0.02},
    )
    metrics = json.loads((result.run / "metrics.json").read_text())
    assert result.test is not None and result.test["mse"] < 0.1 * metrics["baselines"]["last value"]["mse"]
    assert metrics["primary"] == "mse" and metrics["lower_is_better"]
    assert {"last value", "seasonal naive", "drift", "linear", "nlinear"} <= set(metrics["baselines"])


@pytest.mark.parametrize("preset", ON_NUMBERS)
def test_every_preset_takes_a_step(preset: str, tmp_path: Path) -> None:
    ready = prepared(written(tmp_path, wide()), model={"preset": preset}, forecast={"lookback": 24})
    network = ready.problem.network()
    batch = split_of(ready, "train").batch(range(4))
    loss, carried = ready.problem.learn(network.train(), batch, ())
    torch.autograd.backward(loss)
    assert carried == () and torch.isfinite(loss)
    missing = [name for name, one in network.named_parameters() if one.requires_grad and one.grad is None]
    assert not missing


@pytest.mark.parametrize("precision", get_args(TrainSpec.model_fields["precision"].annotation))
def test_every_precision_of_a_cpu_trains(precision: str, tmp_path: Path) -> None:
    path = written(tmp_path, long())
    keys = {"known": ["moon"], "observed": ["wind"], "fill": "mask"}
    settings = {"precision": precision, "device": "cpu"}
    result = trained(path, tmp_path / "run", forecast=keys, train=settings)
    assert result.test is not None and np.isfinite(result.test["mse"])
    assert load(result.run, threads=1).evaluate(path).metrics == pytest.approx(result.test, rel=1e-6)


@pytest.mark.parametrize("channels", ["independent", "joint"])
@pytest.mark.parametrize("decoder", DECODERS)
def test_the_network_has_the_outputs_that_are_counted(decoder: str, channels: str, tmp_path: Path) -> None:
    keys = {"decoder": decoder, "channels": channels, "segment": 4, "loss": "quantile", "levels": [0.8]}
    ready = prepared(written(tmp_path, wide()), forecast=keys)
    problem = problem_of(ready)
    head = network_of(ready).decoder.head
    assert head.out_features == problem.symbols
    forecast = network_of(ready)(split_of(ready, "test").batch([0, 1]).window)
    assert forecast.shape == (2, 4, 2, 3)


def test_resume_refuses_a_table_that_changed(tmp_path: Path) -> None:
    frame = long()
    path = written(tmp_path, frame)
    trained(path, tmp_path / "run", split="0.6/0.2/0.2")
    written(tmp_path, frame[:-3])
    with pytest.raises(CheckpointError, match="data have changed"):
        resume(tmp_path / "run")


def test_select_chooses_the_best_weights(tmp_path: Path) -> None:
    path = written(tmp_path, long())
    result = trained(path, tmp_path / "run", forecast={"select": "smape"}, train={"epochs": 2})
    assert json.loads((result.run / "metrics.json").read_text())["primary"] == "smape"


def test_the_model_folder_is_plain_json(tmp_path: Path) -> None:
    frame = pd.concat([long(["ebb"]), long(["brief"], rows=40)])
    path = written(tmp_path, frame)
    result = trained(path, tmp_path / "run", split="0.6/0.2/0.2", forecast={"season": 24})
    for name in ("model/model.json", "metrics.json", "error_analysis.json", "split.json"):
        text = (result.run / name).read_text(encoding="utf-8")
        json.loads(text, parse_constant=lambda word: pytest.fail(f"{word} in a file"))
    again = load(result.run, threads=1).evaluate(path).metrics
    assert again == pytest.approx(result.test, rel=1e-6) and np.isfinite(again["mase"])


def test_the_report_names_the_series(tmp_path: Path, only_quick_baselines: None) -> None:
    path = written(tmp_path, long(["Ebb & Co", "flow"]))
    result = trained(path, tmp_path / "run", train={"baselines": True})
    assert "AutoETS: left out" in json.loads((result.run / "metrics.json").read_text())["notes"]
    page = (result.run / "report.html").read_text(encoding="utf-8")
    assert "Ebb &amp; Co" in page and "flow" in page and "seasonal naive" in page
    assert "NaN" not in page and "Ebb & Co" not in page


def test_one_file_in_a_folder_is_found(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    written(tmp_path / "data", long())
    assert len(split_of(prepared(str(tmp_path / "data")), "train")) == 50


def test_no_data_at_all() -> None:
    with pytest.raises(ConfigError):
        prepared("x.csv", data={"source": None, "split": None})


def future_of(ready: Prepared, frame: pd.DataFrame) -> Future:
    problem = problem_of(ready)
    panel = panel_from_frame(frame, "x", problem.spec.settings(ForecastSpec), like=problem.layout)
    return forecast_future(problem, network_of(ready), panel, None)


def masked(frame: pd.DataFrame, fill: str, tmp_path: Path) -> Prepared:
    return prepared(written(tmp_path, frame), forecast={"fill": fill})


@pytest.mark.parametrize("fill", ["mask", "forward", "linear", "zero"])
def test_what_was_filled_in_is_never_scored(fill: str, tmp_path: Path) -> None:
    frame = long()
    frame.loc[[51, 52, 112], "y"] = np.nan
    gap = frame.drop(index=[54])  # a row of ebb's test part that is not there at all
    ready = masked(gap, fill, tmp_path)
    problem, split = problem_of(ready), split_of(ready, "test")
    assert not split.grid.given[[51, 52, 54, 112], 0].any() and int((~split.grid.given).sum()) == 4
    if fill == "mask":
        assert (split.grid.values[[51, 52, 54], 0] == 0).all()
    forecasts = np.concatenate([one for _, one in problem.answers(network_of(ready), split)])
    squares: list[float] = []
    truth = frame["y"].to_numpy()
    for place, forecast in enumerate(forecasts):
        number, origin = int(split.number[place]), int(split.origin[place])
        own = problem.scaler.of(split.grid.series[number])
        for step in range(4):
            row = 60 * number + origin + step
            if row in (51, 52, 54, 112):
                continue
            squares.append((float(forecast[step, 0, 0]) - (truth[row] - own.mean[0]) / own.deviation[0]) ** 2)
    figures = problem.evaluate(network_of(ready), split, labelled=True).metrics
    assert figures["mse"] == pytest.approx(np.mean(squares), rel=1e-4)


def test_a_gap_at_the_end_of_the_history(tmp_path: Path) -> None:
    frame = long()
    frame.loc[20, "y"] = np.nan
    ready = masked(frame, "mask", tmp_path)
    other = long()
    other.loc[[53, 56], "y"] = np.nan
    first, second = future_of(ready, other).forecasts
    assert np.isfinite(first.values).all() and first.stamps[0] == np.datetime64("2016-01-03T12", "s")
    plain, same = future_of(ready, long()).forecasts
    assert not np.allclose(first.values, plain.values) and np.allclose(second.values, same.values)


def test_a_series_too_short_for_a_season_survives_the_model_folder(tmp_path: Path) -> None:
    frame = pd.concat([long(["ebb"]), long(["brief"], rows=40)])
    ready = prepared(written(tmp_path, frame), split="0.6/0.2/0.2", forecast={"season": 24})
    problem = problem_of(ready)
    assert np.isnan(problem.season_errors["brief"]).all() and np.isfinite(problem.season_errors["ebb"]).all()
    as_file = json.loads(json.dumps(problem.to_json()).replace("NaN", "null"))
    again = FORECAST.restore(as_file, ready.spec)
    split = split_of(ready, "test")
    figures = [one.evaluate(network_of(ready), split, labelled=True).metrics for one in (problem, again)]
    assert figures[0] == figures[1] and np.isfinite(figures[0]["mase"])


@pytest.mark.parametrize("keys", KEYS, ids=str)
def test_a_problem_is_the_same_after_json(keys: dict[str, Any], tmp_path: Path) -> None:
    ready = prepared(written(tmp_path, long()), forecast=keys)
    problem = problem_of(ready).calibrated(network_of(ready), split_of(ready, "valid"))
    again = FORECAST.restore(json.loads(json.dumps(problem.to_json())), ready.spec)
    assert again.to_json() == problem.to_json()
    assert (again.architecture, again.shape, again.layout) == (
        problem.architecture,
        problem.shape,
        problem.layout,
    )
    assert again.network().state_dict().keys() == problem.network().state_dict().keys()
