"""The benchmark of forecasting and signals: contenders agree, a wrong one is named, a run writes what it measured."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch

from tidegate.errors import TrainingError

FOLDER = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def numbers(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(FOLDER)
    return importlib.import_module("number_models")


@pytest.fixture
def benches(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(FOLDER)
    return importlib.import_module("number_benches")


@pytest.fixture
def baselines(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(FOLDER)
    return importlib.import_module("number_models_torch")


def tiny_forecast(benches: ModuleType, cell: str, **changed: object):
    sizes = {"horizon": 12, "lookback": 24, "segment": 6, "variables": 3, "rows": 300, "batch_size": 4}
    return benches.ForecastRow(cell, 5, **{**sizes, **changed})


def tiny_signal(benches: ModuleType, preset: str):
    return benches.SignalRow(
        preset, hidden=4, channels=2, classes=3, longest=24, sequences=12, batch_size=4, steps=1
    )


@pytest.mark.parametrize(
    ("cell", "changed"),
    [
        ("lstm", {"layers": 2}),
        ("gru", {"layers": 2, "both": True}),
        ("rnn", {}),
        ("gru", {"decoder": "segment"}),
        ("lstm", {"decoder": "segment"}),
        ("gru", {"decoder": "recursive"}),
    ],
)
def test_forecasters_agree_and_train(
    benches: ModuleType, tmp_path: Path, cell: str, changed: dict[str, object]
) -> None:
    training, forecasting = benches.forecast_benches(tiny_forecast(benches, cell, **changed), tmp_path)
    assert training.count(training.make(0)) == 12  # 4 windows of 3 variables
    first = {name: step(training.make(0)) for name, step in training.ways.items()}
    assert set(first) == {"ours", "torch"}
    assert first["ours"] == pytest.approx(first["torch"], abs=1e-4)
    forecasts = {name: step(forecasting.make(0)) for name, step in forecasting.ways.items()}
    assert forecasts["torch"].shape == (*forecasts["ours"].shape[:3],)
    # Both have made the same step, so they go on agreeing.
    np.testing.assert_allclose(forecasts["ours"][..., 0], forecasts["torch"], atol=1e-3)


@pytest.mark.parametrize("preset", ["bilstm", "gru", "lstm-fcn", "crdnn"])
def test_signals_agree_and_train(benches: ModuleType, tmp_path: Path, preset: str) -> None:
    training, predicting = benches.signal_benches(tiny_signal(benches, preset), tmp_path)
    assert training.count(training.make(0)) == 4
    answers = {name: step(predicting.make(0)) for name, step in predicting.ways.items()}
    assert len(answers["ours"]) == len(answers["torch"])
    for mine, theirs in zip(answers["ours"], answers["torch"], strict=True):
        assert mine.confidence == pytest.approx(max(theirs), abs=1e-4)
    assert all(0 < step(training.make(0)) < 20 for step in training.ways.values())


def test_every_row_has_its_lengths(benches: ModuleType, tmp_path: Path) -> None:
    row = benches.SignalRow("gru", sequences=400)
    benches.write_signals(tmp_path / "a.npz", row)
    with np.load(tmp_path / "a.npz") as file:
        lengths, values = file["lengths"], file["values"]
    assert (lengths.min(), lengths.max()) == (50, 200)
    assert abs(lengths.mean() - 125) < 8
    assert values.shape == (lengths.sum(), 12)


def test_rows_are_measured_and_written(
    numbers: ModuleType,
    benches: ModuleType,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(numbers, "PEAK_SIZE", 256)
    rows = [tiny_forecast(benches, "lstm", layers=2), tiny_signal(benches, "bilstm")]
    out = tmp_path / "numbers.json"
    numbers.main(["--rounds", "2", "--out", str(out)], rows)
    result = json.loads(out.read_text())
    assert list(result["rows"]) == [
        "forecast, direct lstm 2x5: training",
        "forecast, direct lstm 2x5: forecasting",
        "signal, bilstm: training",
        "signal, bilstm: predicting",
    ]
    for row in result["rows"].values():
        assert row["parameters"] > 100
        assert set(row["median"]) == {"ours", "torch"}
        assert all(len(rounds) == 2 for rounds in row["rounds"].values())
        assert all(speed > 0 for one in row["median"].values() for speed in one.values())
    assert (
        "windows_per_processor_second"
        in result["rows"]["forecast, direct lstm 2x5: training"]["median"]["ours"]
    )
    assert {"load", "machine", "rounds"} <= set(result)
    assert "NeuralForecast" not in capsys.readouterr().out  # It stands beside the network of equal size only.
    numbers.main(["--rounds", "1", "--only", "bilstm", "--out", str(out)], rows)
    assert len(json.loads(out.read_text())["rows"]) == 2


def test_the_row_of_equal_size_has_neuralforecasts_size(numbers: ModuleType, benches: ModuleType) -> None:
    row = benches.ROWS[0]
    assert f"{row.name}: training" == numbers.EQUAL
    network = benches.torch_forecaster(row)
    assert sum(one.numel() for one in network.parameters()) == pytest.approx(225_025, rel=0.01)


def test_ratios_compare_round_with_round(numbers: ModuleType) -> None:
    def speeds(*found: float) -> list[dict[str, float]]:
        return [{"windows_per_second": 2 * one, "windows_per_processor_second": one} for one in found]

    result = numbers.summary({"ours": speeds(10, 40, 90), "torch": speeds(5, 10, 90)}, "windows")
    assert result["median"]["ours"]["windows_per_processor_second"] == 40
    assert result["ours_over_torch"] == result["ours_over_torch_by_the_clock"] == 2.0  # of 2, 4 and 1


def test_a_wrong_contender_is_named(baselines: ModuleType) -> None:
    networks = {name: torch.nn.Linear(2, 1) for name in ("ours", "torch")}
    networks["torch"].names = {"": ""}
    baselines.take_weights(networks["torch"], networks["ours"])

    def check(change: float = 0.0, more: float = 0.0, steeper: float = 1.0) -> None:
        answers = {name: network(torch.ones(1, 2)) for name, network in networks.items()}
        losses = {name: answer.square().sum() for name, answer in answers.items()}
        losses["torch"] = losses["torch"] * steeper - (steeper - 1) * losses["torch"].detach() + more
        answers["torch"] = answers["torch"] + change
        baselines.check_same("a row", networks, answers, losses)

    check()
    with pytest.raises(TrainingError, match=r"answers of torch[\s\S]*a row"):
        check(change=1e-3)
    with pytest.raises(TrainingError, match="answers of torch"):
        check(change=float("nan"))
    with pytest.raises(TrainingError, match="losses of torch"):
        check(more=1e-3)
    with pytest.raises(TrainingError, match=r"gradients of torch[\s\S]*weight"):
        check(steeper=2.0)
    networks["torch"].names = {"weight": "weight"}
    with pytest.raises(TrainingError, match=r"no such weights[\s\S]*bias"):
        baselines.take_weights(networks["torch"], networks["ours"])
