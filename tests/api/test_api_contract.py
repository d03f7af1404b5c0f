"""Whatever the registries and the specification offer trains, is kept, and answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest

from tidegate.api import load, train
from tidegate.config.presets.known import known_presets
from tidegate.config.tables import InitialiseSpec, OptimiserSpec, ScheduleSpec, TrainSpec

PRESETS = known_presets()

NETWORKS = {
    "transcribe": "[1,16,0,1 Cr3,3,4 Mp2,2 S1(1x0)1,3 Gbx8 O1c0]",
    "classify": "[1,16,16,1 Cr3,3,4 Mp4,4 Fr8 O0s0]",
    "tag": "[1,1,0,0 Gbx8 Dl0.1 O1f0]",
    "language": "[1,1,0,0 Lfx8 O1s0]",
    "signal": "[1,1,0,0 Gbxs8 O0s0]",
}
ON_IMAGES = ("classify", "transcribe")
PAIRS = [(name, task) for name, preset in PRESETS.items() for task in preset.tasks if task in NETWORKS]
FORECASTING = [name for name, preset in PRESETS.items() if "forecast" in preset.tasks]


def choices(section: type[Any], key: str) -> tuple[str, ...]:
    """What a key of the specification can be."""
    return get_args(section.model_fields[key].annotation)


@pytest.fixture
def few(line_folder: Path, image_folder: Path, tmp_path: Path) -> dict[str, str]:
    """Nine samples a task: with batches of four, one is left over. Of text, two windows of eight symbols in four rows."""
    lists = {
        "transcribe": [f"{i:02}" for i in range(9)],
        "classify": [f"{n}/{i}" for n in ("bar", "box", "slope") for i in range(3)],
    }
    paths: dict[str, str] = {}
    for task, folder in (("transcribe", line_folder), ("classify", image_folder)):
        (tmp_path / f"{task}.txt").write_text("\n".join(lists[task]), encoding="utf-8")
        paths[task] = f"{folder}@{tmp_path / f'{task}.txt'}"
    sentence = "the DT B-NP\ntide NN I-NP\nturns VBZ B-VP\n"
    contents = {
        "tag": f"{sentence}. . O\n\n{sentence}\n" * 4 + f"{sentence}\n",
        "language": "The tide turns. " * 5,
    }
    for task, content in contents.items():
        (tmp_path / f"{task}.txt").write_text(content, encoding="utf-8")
        paths[task] = str(tmp_path / f"{task}.txt")
    random = np.random.default_rng(0)
    answers = np.arange(9) % 3
    np.savez(
        tmp_path / "few.npz",
        x=(random.normal(size=(9, 24, 2)) + answers[:, None, None]).astype(np.float32),
        y=np.array(["ebb", "flood", "slack"])[answers],
    )
    paths["signal"] = str(tmp_path / "few.npz")
    return paths


def short(few: dict[str, str], task: str, out: Path, **tables: dict[str, Any]) -> dict[str, Any]:
    """Two epochs of two batches; the metrics that the run left."""
    model = tables.pop("model", {"spec": NETWORKS[task]})
    settings = {"epochs": 2, "threads": 1, "batch_size": 4, **tables.pop("train", {})}
    data = {"train": few[task], "valid": few[task], **tables.pop("data", {})}
    if task == "language":
        tables = {"language": {"window": 8}, **tables}
    result = train(task=task, data=data, model=model, train=settings, out=out, **tables)
    assert result.stopped == "epochs"
    metrics = json.loads((out / "metrics.json").read_text(encoding="utf-8"))
    assert metrics["steps"] == 4
    assert load(out, threads=1).evaluate(few[task]).metrics == result.valid
    return metrics


def ratio(run: Path) -> tuple[str, float]:
    """The metric that samples.json takes apart, put together again."""
    told = json.loads((run / "samples.json").read_text(encoding="utf-8"))
    value = sum(told["numerator"]) / sum(told["denominator"])
    assert told["of"] == len(told["numerator"]) and len(told["length"]) in (0, told["of"])
    return told["metric"], value**0.5 if told["root"] else value


@pytest.mark.parametrize("task", sorted(NETWORKS))
def test_the_metric_sample_by_sample_is_the_metric(task: str, few: dict[str, str], tmp_path: Path) -> None:
    metrics = short(few, task, tmp_path / "run")
    name, value = ratio(tmp_path / "run")
    assert name == metrics["primary"] and value == pytest.approx(metrics["valid"][name], rel=1e-6)
    costs = metrics["costs"]
    assert 0 < costs["latency_ms"]["p50"] <= costs["latency_ms"]["p95"] and costs["model_bytes"] > 0
    assert costs["peak_memory_mb"] is None or costs["peak_memory_mb"] > 50


@pytest.mark.parametrize("select", ["mse", "mae", "smape", "mase"])
@pytest.mark.parametrize("columns", [1, 2])
def test_the_error_series_by_series_is_the_error(select: str, columns: int, tmp_path: Path) -> None:
    """Long tables of three series; of a single series nothing is told by sample."""
    chance = np.random.default_rng(0)
    lines = [
        f"s{series},{np.datetime64('2024-01-01') + np.int64(day)},"
        + ",".join(f"{v:.3f}" for v in chance.random(columns) + series)
        for series in range(3)
        for day in range(60 + 5 * series)
    ]
    heads = [f"y{i}" for i in range(columns)]
    (tmp_path / "t.csv").write_text(
        "\n".join([",".join(["unique_id", "ds", *heads]), *lines]), encoding="utf-8"
    )
    result = train(
        task="forecast",
        data={"source": str(tmp_path / "t.csv"), "split": "rest/10/10"},
        model={"preset": "gru", "hidden": 8},
        forecast={"horizon": 4, "lookback": 14, "select": select, "target": heads},
        train={"epochs": 1, "threads": 1},
        out=tmp_path / "run",
    )
    assert result.test is not None
    assert ratio(tmp_path / "run") == (select, pytest.approx(result.test[select], rel=1e-6))


def test_a_value_sample_by_sample(tmp_path: Path) -> None:
    x = np.random.default_rng(0).normal(size=(12, 20, 1)).astype(np.float32)
    np.savez(tmp_path / "v.npz", x=x, y=x.mean(axis=(1, 2)).astype(np.float64) + 0.5)
    result = train(
        task="signal",
        data={"source": str(tmp_path / "v.npz"), "split": "6/3/3"},
        model={"spec": "[1,1,0,0 Gbxs8]"},
        train={"epochs": 1, "threads": 1},
        out=tmp_path / "run",
    )
    assert result.test is not None
    assert ratio(tmp_path / "run") == ("rmse", pytest.approx(result.test["rmse"], rel=1e-6))


def test_a_trial_reads_no_test_part_and_leaves_no_model(few: dict[str, str], tmp_path: Path) -> None:
    result = train(
        task="classify",
        data={"train": few["classify"], "valid": few["classify"], "test": few["classify"]},
        model={"spec": NETWORKS["classify"]},
        train={"epochs": 1, "threads": 1, "validation_only": True},
        out=tmp_path / "run",
    )
    metrics = json.loads((tmp_path / "run" / "metrics.json").read_text(encoding="utf-8"))
    assert result.test is None and metrics["test"] is None and metrics["valid"] == result.valid
    assert metrics["baselines"] == {} and metrics["costs"] is None
    left = {path.name for path in (tmp_path / "run").rglob("*") if path.is_file()}
    assert not left & {"error_analysis.json", "samples.json", "report.html", "model.json"}


@pytest.mark.slow
@pytest.mark.parametrize(("preset", "task"), PAIRS)
def test_every_preset_trains_and_answers(preset: str, task: str, few: dict[str, str], tmp_path: Path) -> None:
    model: dict[str, Any] = {"preset": preset}
    if preset.startswith("vgg"):
        model["width"] = 0.1
    data = {"rows": 32, "columns": 32} if preset in ("alexnet", "lenet") or preset.startswith("vgg") else {}
    short(few, task, tmp_path / "run", model=model, data=data)


@pytest.mark.slow
@pytest.mark.parametrize("preset", FORECASTING)
def test_every_preset_forecasts(preset: str, tmp_path: Path) -> None:
    days = np.datetime64("2024-01-01") + np.arange(60)
    lines = [f"{day},{np.sin(i / 3):.3f},{i % 7}" for i, day in enumerate(days)]
    table = tmp_path / "tides.csv"
    table.write_text("\n".join(["date,high,low", *lines]), encoding="utf-8")
    result = train(
        task="forecast",
        data={"source": str(table), "split": "40/10/10"},
        model={"preset": preset},
        forecast={"horizon": 4, "lookback": 14},
        train={"epochs": 1, "threads": 1},
        out=tmp_path / "run",
    )
    assert result.test is not None
    model = load(tmp_path / "run", threads=1)
    assert model.evaluate(table).metrics["mse"] == result.test["mse"]
    frame = model.predict(table).frame
    assert list(frame["date"]) == ["2024-03-01", "2024-03-02", "2024-03-03", "2024-03-04"]
    assert np.isfinite(frame[["high", "low"]].to_numpy()).all()


@pytest.mark.parametrize("name", choices(OptimiserSpec, "name"))
def test_every_optimiser_trains(name: str, few: dict[str, str], tmp_path: Path) -> None:
    short(
        few, "classify", tmp_path / "run", optimiser={"name": name, "l1": 1e-4, "l2": 1e-4, "clip_value": 0.5}
    )


@pytest.mark.parametrize("name", choices(ScheduleSpec, "name"))
def test_every_schedule_trains(name: str, few: dict[str, str], tmp_path: Path) -> None:
    short(few, "transcribe", tmp_path / "run", schedule={"name": name, "every": 1, "patience": 1})


@pytest.mark.parametrize("scheme", choices(InitialiseSpec, "scheme"))
@pytest.mark.parametrize("orthogonal", [True, False])
def test_every_start_trains(scheme: str, orthogonal: bool, few: dict[str, str], tmp_path: Path) -> None:
    initialise = {"scheme": scheme, "orthogonal": orthogonal, "forget_bias": 0.0}
    short(few, "transcribe", tmp_path / "run", initialise=initialise)


@pytest.mark.parametrize("precision", choices(TrainSpec, "precision"))
@pytest.mark.parametrize("task", sorted(NETWORKS))
def test_every_precision_of_a_cpu_trains(
    task: str, precision: str, few: dict[str, str], tmp_path: Path
) -> None:
    short(
        few,
        task,
        tmp_path / "run",
        train={"precision": precision, "device": "cpu"},
        augment={"elastic": 0.02} if task in ON_IMAGES else {},
    )


AMOUNTS = {
    "shift": 0.1, "scale": 0.2, "rotation": 2.0, "shear": 10.0, "elastic": 0.02, "stroke": 0.5, "blur": 0.5, "noise": 0.1,
    "contrast": 0.3,
}  # fmt: skip


@pytest.mark.parametrize("task", ON_IMAGES)
def test_every_augmentation_trains(task: str, few: dict[str, str], tmp_path: Path) -> None:
    from tidegate.config.tables import AugmentSpec
    from tidegate.tasks.images.augment import ONLY_SIGNALS

    assert set(AMOUNTS) | {"flip", *ONLY_SIGNALS} == set(AugmentSpec.model_fields)
    short(few, task, tmp_path / "run", augment={**AMOUNTS, "flip": task == "classify"})


@pytest.mark.parametrize("loss", ["cross-entropy", "mse"])
def test_both_losses_train_with_smoothing(loss: str, few: dict[str, str], tmp_path: Path) -> None:
    short(
        few,
        "classify",
        tmp_path / "run",
        classify={"loss": loss},
        train={"label_smoothing": 0.1, "average": 0.9},
    )


def test_the_beam_decoder_reads(few: dict[str, str], tmp_path: Path) -> None:
    short(few, "transcribe", tmp_path / "run", transcribe={"decoder": "beam", "beam_width": 4})


def test_a_sample_that_is_left_over_does_not_stop_batch_normalisation(
    few: dict[str, str], tmp_path: Path
) -> None:
    short(few, "classify", tmp_path / "run", model={"spec": "[1,16,16,1 Fl8 Bnr O0s0]"})
