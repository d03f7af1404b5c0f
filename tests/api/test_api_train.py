"""What a run leaves behind, and that the same seed leaves the same."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tidegate.api import RunResult, load, train

LINES = "[1,16,0,1 Cr3,3,4 Mp2,2 S1(1x0)1,3 Gbx8 O1c0]"
IMAGES = "[1,16,16,1 Cr3,3,4 Mp4,4 Do0.2 Fr8 O0s0]"


def read(run: Path, name: str) -> dict[str, Any]:
    return json.loads((run / name).read_text(encoding="utf-8"))


def lines(folder: Path, out: Path, **tables: Any) -> RunResult:
    settings = {"epochs": 2, "threads": 1, **tables.pop("train", {})}
    data = {"source": str(folder), "split": "32/8/8", **tables.pop("data", {})}
    return train(task="transcribe", data=data, model={"spec": LINES}, train=settings, out=out, **tables)


def images(folder: Path, out: Path, **tables: Any) -> RunResult:
    settings = {"epochs": 2, "threads": 1, "batch_size": 16, **tables.pop("train", {})}
    data = {"train": str(folder), **tables.pop("data", {})}
    return train(task="classify", data=data, model={"spec": IMAGES}, train=settings, out=out, **tables)


@pytest.fixture(scope="module")
def run(line_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> RunResult:
    return lines(line_folder, tmp_path_factory.mktemp("runs") / "run")


def test_the_folder_is_complete_and_nothing_else_is_in_it(run: RunResult) -> None:
    files = {path.relative_to(run.run).as_posix() for path in run.run.rglob("*") if path.is_file()}
    assert files == {
        "config.toml", "environment.json", "split.json", "history.jsonl", "metrics.json",
        "error_analysis.json", "samples.json", "report.html",
        "checkpoints/last.safetensors", "checkpoints/best.safetensors", "model/model.safetensors", "model/model.json",
    }  # fmt: skip


def test_metrics_say_what_was_measured_and_what_it_cost(run: RunResult) -> None:
    metrics = read(run.run, "metrics.json")
    assert (metrics["task"], metrics["primary"], metrics["lower_is_better"]) == ("transcribe", "cer", True)
    assert metrics["valid"] == run.valid and metrics["test"] == run.test
    assert set(run.valid) == {"loss", "cer", "wer"}
    assert metrics["samples"] == {"train": 32, "valid": 8, "test": 8}
    assert (metrics["steps"], metrics["epochs"], metrics["stopped"]) == (8, 2.0, "epochs")
    assert 0 < metrics["best"]["step"] <= 8 and metrics["best"]["epoch"] == metrics["best"]["step"] / 4
    assert metrics["seconds"] == run.seconds > 0 and metrics["cpu_seconds"] > 0
    assert metrics["samples_per_second"]["train"] > 0 and metrics["samples_per_second"]["predict"] > 0
    assert metrics["parameters"] == sum(p.numel() for p in load(run.run)._bundle.network.parameters())
    assert set(metrics["baselines"]) == {"same text", "empty"} and metrics["baselines"]["empty"]["cer"] == 1
    assert metrics["notes"] == [str(found) for found in run.notes]


def test_history_has_a_line_a_validation(run: RunResult) -> None:
    history = [
        json.loads(line) for line in (run.run / "history.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    assert [line["step"] for line in history] == [4, 8] and [line["epoch"] for line in history] == [1, 2]
    best = [line for line in history if line["best"]][-1]
    assert best["valid"] == run.valid and best["step"] == read(run.run, "metrics.json")["best"]["step"]
    assert {"seconds", "cpu_seconds", "learning_rate", "train_loss", "gradient_norm"} <= set(history[0])


def test_evidence_shows_the_test_lines(run: RunResult, line_folder: Path) -> None:
    error_analysis = read(run.run, "error_analysis.json")
    assert error_analysis["split"] == "test"
    assert len(error_analysis["samples"]) == 8 and len(error_analysis["worst"]) <= 8
    for one in error_analysis["samples"]:
        text = (line_folder / one["name"]).with_suffix(".gt.txt").read_text(encoding="utf-8")
        assert one["reference"] == text
        assert one["error"] == pytest.approx(one["edits"] / len(text))
        assert base64.b64decode(one["image"]).startswith(b"\x89PNG")
    errors = [one["error"] for one in error_analysis["worst"]]
    assert errors == sorted(errors, reverse=True)
    assert sum(group["samples"] for group in error_analysis["errors_by_length"]) == 8
    total = sum(one["count"] for one in error_analysis["confusions"])
    assert run.test is not None
    assert total == round(run.test["cer"] * sum(len(one["reference"]) for one in error_analysis["samples"]))


def test_the_split_is_recorded_and_made_again(run: RunResult, line_folder: Path, tmp_path: Path) -> None:
    record = read(run.run, "split.json")
    assert record["seed"] == 0 and len(record["valid"]) == len(record["test"]) == 8
    assert not set(record["valid"]) & set(record["test"])
    again = lines(line_folder, tmp_path / "again")
    assert read(again.run, "split.json") == record
    other = lines(line_folder, tmp_path / "other", seed=1)
    assert read(other.run, "split.json")["test"] != record["test"]


def test_evaluate_gives_the_figures_that_train_reported(
    run: RunResult, line_folder: Path, tmp_path: Path
) -> None:
    for part, metrics in (("valid", run.valid), ("test", run.test)):
        names = tmp_path / f"{part}.txt"
        names.write_text("\n".join(read(run.run, "split.json")[part]), encoding="utf-8")
        assert load(run.run, threads=1).evaluate(f"{line_folder}@{names}").metrics == metrics


def test_the_configuration_is_complete_and_trains_the_same_again(run: RunResult, tmp_path: Path) -> None:
    again = train(run.run / "config.toml", out=tmp_path / "again")
    assert again.valid == run.valid and again.test == run.test
    assert (again.run / "config.toml").read_bytes() == (run.run / "config.toml").read_bytes()


def test_same_seed_same_weights_and_other_seed_others(image_folder: Path, tmp_path: Path) -> None:
    tables = {"augment": {"shift": 0.1, "noise": 0.1}, "data": {"valid": str(image_folder)}}
    runs = [
        images(image_folder, tmp_path / str(i), seed=seed, **tables).run for i, seed in enumerate((3, 3, 4))
    ]
    first, same, other = [(run / "model" / "model.safetensors").read_bytes() for run in runs]
    assert first == same
    assert first != other


def test_a_short_training_beats_the_baselines(image_folder: Path, tmp_path: Path) -> None:
    result = images(image_folder, tmp_path / "run", train={"epochs": 20, "average": 0})
    baselines = read(result.run, "metrics.json")["baselines"]
    assert result.valid["accuracy"] == 1 > baselines["majority"]["accuracy"]
    assert result.valid["accuracy"] >= baselines["1-nn"]["accuracy"]
    error_analysis = read(result.run, "error_analysis.json")
    assert error_analysis["split"] == "valid" and error_analysis["classes"] == ["bar", "box", "slope"]
    assert error_analysis["matrix"] == [[2, 0, 0], [0, 2, 0], [0, 0, 2]] and error_analysis["worst"] == []


@pytest.mark.slow
def test_lines_are_learnt(line_folder: Path, tmp_path: Path) -> None:
    result = train(
        task="transcribe",
        data={"source": str(line_folder), "split": "32/8/8"},
        model={"spec": "[1,16,0,1 Cr3,3,8 Mp2,2 S1(1x0)1,3 Gbx24 O1c0]"},
        train={"epochs": 30, "threads": 1, "batch_size": 4, "average": 0},
        optimiser={"learning_rate": 0.02},
        augment={"scale": 0, "shear": 0, "elastic": 0, "stroke": 0, "noise": 0},
        out=tmp_path / "run",
    )
    assert result.test is not None
    assert result.test["cer"] < 0.4 < read(result.run, "metrics.json")["baselines"]["same text"]["cer"]


def test_skipped_files_are_counted(line_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "lines"
    folder.mkdir()
    for path in line_folder.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    (folder / "00.png").write_bytes(b"")
    (folder / "01.gt.txt").write_bytes(b"\xff")
    (folder / "02.gt.txt").write_text("x" * 200, encoding="utf-8")
    result = train(
        task="transcribe",
        data={"train": str(folder), "skip_bad": True},
        model={"spec": LINES},
        train={"epochs": 1, "threads": 1},
        out=tmp_path / "run",
    )
    left_out = [str(note) for note in result.notes if note.code == "left-out"]
    assert len(left_out) == 2 and "01.gt.txt is not UTF-8" in left_out[0]
    assert "00.png" in left_out[1] and "02.png: too narrow" in left_out[1]
    assert sum(read(result.run, "metrics.json")["samples"].values()) == 45


def test_unknown_characters_of_test_lines_are_told(line_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "test"
    folder.mkdir()
    (folder / "a.gt.txt").write_text("tideß", encoding="utf-8")
    Image.open(line_folder / "00.png").resize((90, 20)).save(folder / "a.png")
    data = {"train": str(line_folder), "source": None, "split": None, "test": str(folder)}
    result = lines(line_folder, tmp_path / "run", data=data)
    assert any("'ß' (U+00DF): a.png" in str(note) for note in result.notes)
    assert result.test is not None and result.test["cer"] >= 1 / 5
    scores = load(result.run, threads=1).evaluate(folder)
    assert scores.count == 1 and scores.metrics == result.test
    assert any("'ß'" in str(note) for note in scores.notes)
