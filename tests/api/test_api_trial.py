"""Trials of a study, ``train.validation_only = true``: they train as a run does, and end after their validation."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import tidegate.api.training as training
from tidegate.api import resume, train
from tidegate.config.resolve import resolve
from tidegate.config.toml import load
from tidegate.training.callbacks import NullReporter

LEFT = {"config.toml", "environment.json", "split.json", "history.jsonl", "metrics.json",
        "best.safetensors", "last.safetensors"}  # fmt: skip


def settings(folder: Path, *, trial: bool = True) -> dict[str, Any]:
    return {
        "task": "classify",
        "data": {"source": str(folder), "split": "40/10/10"},
        "model": {"spec": "[1,16,16,1 Cr3,3,4 Mp4,4 Fr8 Do0.2 O0s0]"},
        "train": {
            "epochs": 3,
            "threads": 1,
            "batch_size": 8,
            "checkpoint_minutes": 0,
            "validation_only": trial,
        },
    }


def metrics_of(run: Path) -> dict[str, Any]:
    return json.loads((run / "metrics.json").read_text(encoding="utf-8"))


def comparable(run: Path) -> list[dict[str, Any]]:
    """The history without what the clock decides."""
    timed = {"seconds", "cpu_seconds", "samples_per_second"}
    lines = (run / "history.jsonl").read_text(encoding="utf-8").splitlines()
    return [{key: value for key, value in json.loads(line).items() if key not in timed} for line in lines]


def best(run: Path) -> bytes:
    return (run / "checkpoints" / "best.safetensors").read_bytes()


class Plug(NullReporter):
    """Pulls the plug at the first validation."""

    def validated(self, *_: Any, **__: Any) -> None:
        raise InterruptedError("the plug was pulled")


@pytest.fixture(scope="module")
def trial(image_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train(settings(image_folder), out=tmp_path_factory.mktemp("trials") / "whole").run


def test_a_trial_learns_as_a_run_does(trial: Path, image_folder: Path, tmp_path: Path) -> None:
    """What is tuned is what is trained in the end."""
    run = train(settings(image_folder, trial=False), out=tmp_path / "run").run
    assert comparable(trial) == comparable(run) and best(trial)[8:] == best(run)[8:]
    told, counted = metrics_of(trial), metrics_of(run)
    assert told["valid"] == counted["valid"] and told["best"] == counted["best"]
    assert {key for key in counted if told.get(key) != counted[key]} <= {
        "test", "baselines", "costs", "seconds", "cpu_seconds", "samples_per_second",
    }  # fmt: skip
    assert counted["test"] and counted["costs"] and (run / "samples.json").is_file()


def test_what_a_trial_leaves(trial: Path) -> None:
    assert {path.name for path in trial.rglob("*") if path.is_file()} == LEFT
    told = metrics_of(trial)
    assert told["test"] is None and told["baselines"] == {} and told["costs"] is None
    assert load(trial / "config.toml")["train"]["validation_only"] is True


def test_a_trial_does_nothing_with_the_test_part(
    image_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a trial came here")

    for name in ("evaluate", "costs", "save_bundle", "write_run_report", "_error_analysis", "_finished"):
        monkeypatch.setattr(training, name, refuse)
    result = train(settings(image_folder), out=tmp_path / "run")
    assert result.test is None and result.stopped == "epochs" and result.valid
    with pytest.raises(AssertionError, match="a trial came here"):
        train(settings(image_folder, trial=False), out=tmp_path / "counts")


def test_a_trial_that_was_killed_goes_on_as_a_trial(trial: Path, image_folder: Path, tmp_path: Path) -> None:
    killed = tmp_path / "killed"
    with pytest.raises(InterruptedError):
        train(settings(image_folder), out=killed, reporter=Plug())
    assert not (killed / "metrics.json").exists()
    result = resume(killed)
    assert result.test is None and best(killed) == best(trial) and comparable(killed) == comparable(trial)
    assert metrics_of(killed)["valid"] == metrics_of(trial)["valid"]
    assert {path.name for path in killed.rglob("*") if path.is_file()} == LEFT


def test_a_trial_that_ended_resumes_to_itself(trial: Path) -> None:
    before = best(trial)
    assert resume(trial).valid == metrics_of(trial)["valid"] and best(trial) == before
    assert {path.name for path in trial.rglob("*") if path.is_file()} == LEFT


def test_trials_are_no_default() -> None:
    assert resolve(settings(Path("pictures"), trial=False)).train.validation_only is False
    without = settings(Path("pictures"))
    del without["train"]["validation_only"]
    assert resolve(without).train.validation_only is False
