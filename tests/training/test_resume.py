"""Nothing is lost: a run killed at any moment and resumed ends with the same bits as one that was never killed."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
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


KILLED_AT = """
import os, pkgutil, signal, sys
from tidegate.cli import main
owner, name, last = sys.argv.pop(1).split()
owner = pkgutil.resolve_name(owner)
original, calls = getattr(owner, name), []
def killed(*given, **named):
    calls.append(name)
    if len(calls) == int(last):
        os.kill(os.getpid(), signal.SIGKILL)
    return original(*given, **named)
setattr(owner, name, killed)
main()
"""


def begin(lines: Path, out: Path) -> list[str]:
    return ["--task=transcribe", f"--train={lines}", f"--out={out}", *FLAGS]


def run(*arguments: str) -> int:
    done = subprocess.run([sys.executable, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return done.returncode


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
    assert run("-m", "tidegate", "train", *begin(line_folder, whole)) == 0
    killed = tmp_path / "killed"
    # Within an epoch, before a checkpoint has its name, in a validation, and after all of it.
    for number, call in enumerate(
        (
            "tidegate.training.loop:Trainer step 7",
            "pathlib:Path replace 3",
            "tidegate.training.loop evaluate 1",
            "tidegate.training.folder:RunFolder load_best 1",
        )
    ):
        goal = [f"--resume={killed}"] if number else begin(line_folder, killed)
        assert run("-c", KILLED_AT, call, "train", *goal) == -signal.SIGKILL, call
    assert run("-m", "tidegate", "train", f"--resume={killed}") == 0
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
    whole = last.read_bytes()
    last.write_bytes(whole[:1000])
    with pytest.raises(CheckpointError, match="cannot be read"):
        resume(tmp_path / "run")
    last.write_bytes(whole.replace(b'\\"step\\":', b'\\"stop\\":', 1))
    with pytest.raises(CheckpointError, match="cannot be read") as caught:
        resume(tmp_path / "run")
    assert "progress.stop" in str(caught.value.got)


def test_an_output_folder_that_exists_is_left_alone(line_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(OutputError, match="not empty"):
        train(tiny(line_folder), out=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
