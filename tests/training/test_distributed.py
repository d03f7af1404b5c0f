"""Two processes train what one would have trained, to rounding, and leave nothing behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from tidegate.api import resume, train
from tidegate.errors import ConfigError, DivergenceError, TrainingError
from tidegate.training.callbacks import NullReporter, Step
from tidegate.training.distributed.process_group import ProcessGroup
from tidegate.training.loop import Trainer

Tables = dict[str, dict[str, Any]]
TOGETHER = {"processes": 2, "threads": 1}


def words(folder: Path) -> Path:
    """Sentences of one to six words, tagged by their first letter."""
    chance = np.random.default_rng(0)
    drawn = (chance.choice(["tide", "gate", "ebb"], size=1 + i % 6) for i in range(33))
    blocks = ("\n".join(f"{word} {word[0].upper()}" for word in sentence) for sentence in drawn)
    path = folder / "words.conll"
    path.write_text("\n\n".join(blocks) + "\n", encoding="utf-8")
    return path


def signals(folder: Path) -> Path:
    """Rising and falling lines of 6 to 20 steps."""
    chance = np.random.default_rng(0)
    rows = []
    for number in range(33):
        line = np.linspace(0, 1, int(chance.integers(6, 21))) * (-1) ** number + chance.normal(0, 0.1)
        rows.append(",".join(f"{value:.4f}" for value in line) + f":{'ebb' if number % 2 else 'flow'}")
    head = "@problemName t\n@timeStamps false\n@univariate true\n@equalLength false\n@classLabel true ebb flow\n@data\n"
    path = folder / "lines.ts"
    path.write_text(head + "\n".join(rows) + "\n", encoding="utf-8")
    return path


def series(folder: Path) -> Path:
    """A wave with gaps, so that windows have unequal numbers of values to foresee."""
    values = [f"{np.sin(hour / 2):.4f}" if hour % 7 else "" for hour in range(90)]
    rows = [f"2016-01-{1 + hour // 24:02} {hour % 24:02}:00,{value}" for hour, value in enumerate(values)]
    path = folder / "wave.csv"
    path.write_text("ds,y\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return path


def text(folder: Path) -> Path:
    """Lines that repeat."""
    path = folder / "tide.txt"
    path.write_text("the tide comes in and the gate goes up\n" * 20, encoding="utf-8")
    return path


TAG = {"embedding": 8, "input_dropout": 0, "word_dropout": 0, "direct_dropout": 0}
STILL = dict.fromkeys(("shift", "scale", "rotation", "shear", "elastic", "stroke", "contrast", "noise"), 0)
LANGUAGE: dict[str, Any] = {
    "model": {"preset": "lstm", "hidden": 6, "layers": 1, "dropout": 0},
    "train": {"batch_size": 5},
    "language": {"embedding": 6, "window": 8, "input_dropout": 0, "reset": 0},
}
CASES: dict[str, tuple[Callable[[Path], Path], Tables]] = {
    "tag": (words, {"model": {"spec": "[1,1,0,0 Lbx6 O1s0]"}, "tag": TAG | {"characters": "none"}}),
    "crf": (words, {"model": {"spec": "[1,1,0,0 Gbx6 O1f0]"}, "tag": TAG | {"characters": "cnn"}}),
    "signal": (signals, {"model": {"preset": "lstm", "hidden": 6, "pooling": "mean", "dropout": 0}}),
    "forecast": (
        series,
        {
            "model": {"preset": "gru", "hidden": 6, "dropout": 0},
            "forecast": {"lookback": 8, "horizon": 4, "season": 6, "fill": "mask"},
        },
    ),
    "language": (text, LANGUAGE),
    # Of the clusters of an adaptive softmax a part of a batch may use none.
    "adaptive": (text, LANGUAGE | {"language": LANGUAGE["language"] | {"adaptive": [5]}}),
}


def settings(task: str, data: Path, tables: Tables, **keys: Any) -> dict[str, Any]:
    usual: dict[str, Any] = {"epochs": 2, "batch_size": 7, "average": 0.9, "baselines": False, "threads": 1}
    return {
        "optimiser": {"name": "sgd", "learning_rate": 0.1, "clip_norm": 0.5},
        **tables,
        "task": task,
        "data": {"train": str(data)},
        "train": usual | tables.get("train", {}) | keys,
    }


def weights(run: Path) -> dict[str, torch.Tensor]:
    return load_file(run / "checkpoints" / "last.safetensors")


def same_weights(one: Path, other: Path) -> None:
    mine, theirs = weights(one), weights(other)
    names = [name for name in mine if name.startswith(("network.", "average."))]
    assert names
    for name in names:
        torch.testing.assert_close(mine[name], theirs[name], rtol=1e-5, atol=1e-6)


def compared(configuration: dict[str, Any], folder: Path, processes: int = 2) -> None:
    """One process and several, from the same configuration."""
    one = train(configuration, out=folder / "one")
    two = train(
        {**configuration, "train": configuration["train"] | {"processes": processes}}, out=folder / "two"
    )
    same_weights(folder / "one", folder / "two")
    assert two.valid["loss"] == pytest.approx(one.valid["loss"], rel=1e-4)
    assert not torch.distributed.is_initialized() and "MASTER_PORT" not in os.environ


def test_images_of_classes(image_folder: Path, tmp_path: Path) -> None:
    # 54 images in batches of 13: three processes have 5, 4 and 4 of each, and of the last one 1, 1 and none.
    tables: Tables = {"model": {"spec": "[1,16,16,1 Cr3,3,4 Mp4,4 Fr8 O0s0]"}, "train": {"batch_size": 13}}
    compared(settings("classify", image_folder, tables), tmp_path, processes=3)
    run = tmp_path / "two"
    history = (run / "history.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["epoch"] for line in history] == [1, 2]
    expected = {path.name for path in (tmp_path / "one").rglob("*")}
    assert {path.name for path in run.rglob("*")} == expected


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_every_task(name: str, tmp_path: Path) -> None:
    write, tables = CASES[name]
    task = {"crf": "tag", "adaptive": "language"}.get(name, name)
    compared(settings(task, write(tmp_path), tables), tmp_path)


@pytest.mark.slow
def test_lines_of_text(line_folder: Path, tmp_path: Path) -> None:
    tables: Tables = {"model": {"spec": "[1,16,0,1 Cl3,3,4 Mp2,2 S1(1x0)1,3 Gbx8 O1c0]"}, "augment": STILL}
    compared(settings("transcribe", line_folder, tables), tmp_path)


@pytest.mark.slow
def test_a_killed_run_resumes_to_the_same_bits(tmp_path: Path) -> None:
    # Dropout and states that are carried on: each process has its own of both in the checkpoint.
    tables = LANGUAGE | {"language": LANGUAGE["language"] | {"input_dropout": 0.3, "reset": 0.1}}
    configuration = settings("language", text(tmp_path), tables, **TOGETHER, checkpoint_minutes=0, epochs=3)
    train(configuration, out=tmp_path / "whole")
    run = tmp_path / "killed"
    script = KILLED.format(configuration=configuration, run=str(run))
    process = subprocess.Popen(
        [sys.executable, "-c", script], stderr=subprocess.DEVNULL, start_new_session=True
    )
    assert process.wait() == -signal.SIGKILL
    assert gone(process.pid)
    resume(run)
    mine, theirs = weights(run), weights(tmp_path / "whole")
    assert mine.keys() == theirs.keys() and "process.1.carried.0" in mine and "process.1.random.cpu" in mine
    assert all(torch.equal(mine[name], theirs[name]) for name in mine)
    assert not torch.equal(mine["random.cpu"], mine["process.1.random.cpu"])


def gone(session: int) -> bool:
    """Wait until every process of a session has ended."""
    while True:
        listed = subprocess.run(["ps", "-o", "stat=", "-s", str(session)], capture_output=True, text=True)
        if not [line for line in listed.stdout.split() if not line.startswith("Z")]:
            return True
        time.sleep(0.1)


KILLED = """
import os, signal, tidegate
from tidegate.training.callbacks import NullReporter
class Killed(NullReporter):
    def stepped(self, step):
        if step.step == 4:
            os.kill(os.getpid(), signal.SIGKILL)
tidegate.train({configuration!r}, out={run!r}, reporter=Killed())
"""
"""Three steps are in the checkpoint, and the fourth one is done."""


class Stops(NullReporter):
    """Does something after so many steps, and remembers what was said."""

    def __init__(self, after: int, what: Callable[[], None]) -> None:
        self._after, self._what = after, what
        self.said: list[str] = []

    def stepped(self, step: Step) -> None:
        if step.step == self._after:
            self._what()

    def message(self, text: str) -> None:
        self.said.append(text)


def images(folder: Path, **keys: Any) -> dict[str, Any]:
    tables: Tables = {"model": {"spec": "[1,16,16,1 Fr8 O0s0]"}}
    return settings("classify", folder, tables, **TOGETHER, **keys)


def test_an_interrupt_ends_all_after_saving(image_folder: Path, tmp_path: Path) -> None:
    reporter = Stops(3, lambda: signal.raise_signal(signal.SIGINT))
    result = train(images(image_folder, epochs=1000), out=tmp_path / "run", reporter=reporter)
    assert result.stopped == "interrupted" and reporter.said[-1].startswith("stopping")
    assert json.loads((tmp_path / "run" / "metrics.json").read_text("utf-8"))["steps"] == 3


def test_an_error_here_ends_the_others(
    image_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[subprocess.Popen[bytes]] = []
    original = ProcessGroup.__exit__

    def leave(group: ProcessGroup, *error: Any) -> None:
        started.extend(group.started)
        original(group, *error)

    monkeypatch.setattr(ProcessGroup, "__exit__", leave)

    def fail() -> None:
        raise DivergenceError("of its own")

    with pytest.raises(DivergenceError, match="of its own"):
        train(images(image_folder), out=tmp_path / "run", reporter=Stops(2, fail))
    assert [process.returncode for process in started] == [-signal.SIGKILL]
    assert not torch.distributed.is_initialized()


@pytest.mark.slow
def test_another_that_dies_is_told(
    image_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainers: list[Trainer] = []
    original = Trainer.fit

    def fit(trainer: Trainer, *, resume: bool = False) -> Any:
        trainers.append(trainer)
        return original(trainer, resume=resume)

    monkeypatch.setattr(Trainer, "fit", fit)
    reporter = Stops(2, lambda: trainers[0].group.started[0].kill())
    with pytest.raises(TrainingError, match="another process") as caught:
        train(images(image_folder), out=tmp_path / "run", reporter=reporter)
    assert "process 1" in str(caught.value)


@pytest.mark.slow
def test_a_launcher_starts_the_command_itself(image_folder: Path, tmp_path: Path) -> None:
    command = [
        sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2", "-m", "tidegate", "train",
        "--task=classify", f"--train={image_folder}", f"--out={tmp_path / 'run'}", "--steps=4", "--processes=2", "--json",
    ]  # fmt: skip
    ended = subprocess.run(command, capture_output=True, text=True, env=os.environ | {"OMP_NUM_THREADS": "1"})
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout)["run"] == str(tmp_path / "run")


def test_more_processes_than_samples_are_refused(image_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="more processes than samples"):
        train(images(image_folder, batch_size=1), out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


SCRIPT = """
import sys, numpy as np, tidegate
X = np.random.default_rng(0).normal(size=(24, 10, 1))
y = np.arange(24) % 2
run = tidegate.train(task="signal", data=(X, y), model={"preset": "gru", "hidden": 6}, out=sys.argv[1],
                     train={"steps": 4, "batch_size": 8, "processes": 2, "threads": 1, "baselines": False})
print(run.leads)
"""


@pytest.mark.slow
def test_a_script_that_a_launcher_starts_has_its_data_in_every_process(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(SCRIPT, encoding="utf-8")
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    ended = subprocess.run(
        [*command, str(tmp_path / "script.py"), str(tmp_path / "run")],
        capture_output=True,
        text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )
    assert ended.returncode == 0, ended.stderr
    assert sorted(ended.stdout.split()) == ["False", "True"]
    assert (tmp_path / "run" / "metrics.json").exists()
