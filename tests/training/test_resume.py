"""Nothing is lost: a run killed at any moment and resumed ends with the same bits as one that was never killed."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tidegate.api import resume, train
from tidegate.config.resolve import resolve
from tidegate.config.run import RunSpec
from tidegate.errors import CheckpointError, OutputError

FLAGS = [
    "--seed=3", "--threads=1", "--epochs=4",
    "--set", "model.spec='[1,16,0,1 Cl3,3,4 Bnr Mp2,2 S1(1x0)1,3 Lbx12 Do0.5 O1c0]'",
    "--set", "train.average=0.9", "--set", "augment.shift=0.05", "--set", "augment.noise=0.1",
    "--set", "augment.elastic=0.02", "--set", "train.batch_size=8", "--set", "schedule.name='plateau'",
    "--set", "train.checkpoint_minutes=0",
]  # fmt: skip


def start(lines: Path, out: Path) -> subprocess.Popen[bytes]:
    command = [
        sys.executable,
        "-m",
        "tidegate",
        "train",
        "--task=transcribe",
        f"--train={lines}",
        f"--out={out}",
    ]
    return subprocess.Popen([*command, *FLAGS], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def weights(run: Path) -> list[bytes]:
    return [(run / name).read_bytes() for name in ("checkpoints/best.safetensors", "model/model.safetensors")]


def comparable(run: Path) -> list[dict[str, object]]:
    """The history without what the clock decides."""
    timed = {"seconds", "cpu_seconds", "samples_per_second"}
    lines = (run / "history.jsonl").read_text(encoding="utf-8").splitlines()
    return [{k: v for k, v in json.loads(line).items() if k not in timed} for line in lines]


@pytest.mark.slow
def test_a_killed_run_resumes_to_the_same_bits(line_folder: Path, tmp_path: Path) -> None:
    whole = tmp_path / "whole"
    assert start(line_folder, whole).wait() == 0
    killed = tmp_path / "killed"
    kills = 0
    process = start(line_folder, killed)
    last = killed / "checkpoints" / "last.safetensors"
    for wait in (0.0, 0.15, 0.4):  # beyond the first checkpoint, at no particular moment
        seen = last.stat().st_mtime_ns if last.exists() else 0
        while process.poll() is None and (not last.exists() or last.stat().st_mtime_ns == seen):
            time.sleep(0.005)
        time.sleep(wait)
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            kills += process.wait() == -signal.SIGKILL
        command = [sys.executable, "-m", "tidegate", "train", "--resume", str(killed)]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    assert process.wait() == 0
    assert kills >= 1
    assert weights(killed) == weights(whole)
    assert comparable(killed) == comparable(whole)


def tiny(lines: Path, **train_keys: object) -> RunSpec:
    return resolve(
        {
            "task": "transcribe",
            "data": {"train": str(lines)},
            "model": {"spec": "[1,16,0,1 Cr3,3,4 Mp2,2 S1(1x0)1,3 Gbx8 O1c0]"},
            "train": {"epochs": 2, "threads": 1, "batch_size": 16, **train_keys},
        }
    )


def test_a_run_that_ended_resumes_to_itself(line_folder: Path, tmp_path: Path) -> None:
    first = train(tiny(line_folder), out=tmp_path / "run")
    before = weights(tmp_path / "run")
    again = resume(tmp_path / "run")
    assert weights(tmp_path / "run") == before
    assert again.valid == first.valid


def test_nothing_to_resume(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="nothing to resume"):
        resume(tmp_path)


def test_changed_configuration_is_refused(line_folder: Path, tmp_path: Path) -> None:
    train(tiny(line_folder), out=tmp_path / "run")
    config = tmp_path / "run" / "config.toml"
    config.write_text(
        config.read_text(encoding="utf-8").replace("epochs = 2", "epochs = 3"), encoding="utf-8"
    )
    with pytest.raises(CheckpointError, match="another configuration"):
        resume(tmp_path / "run")


def test_a_damaged_checkpoint_is_refused(line_folder: Path, tmp_path: Path) -> None:
    train(tiny(line_folder), out=tmp_path / "run")
    last = tmp_path / "run" / "checkpoints" / "last.safetensors"
    last.write_bytes(last.read_bytes()[:1000])
    with pytest.raises(CheckpointError, match="cannot be read"):
        resume(tmp_path / "run")


def test_an_output_folder_that_exists_is_left_alone(line_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(OutputError, match="not empty"):
        train(tiny(line_folder), out=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
