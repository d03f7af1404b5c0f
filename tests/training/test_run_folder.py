"""One process at a time holds a run, whoever was killed leaves nothing in the way, and what does not fit is told."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from tidegate.api import load, resume, train
from tidegate.errors import CheckpointError, OutputError, TidegateError
from tidegate.training.folder import RunFolder


def settings(folder: Path) -> dict[str, Any]:
    return {
        "task": "transcribe",
        "data": {"train": str(folder)},
        "model": {"spec": "[1,16,0,1 Cr3,3,4 Mp2,2 S1(1x0)1,3 Gbx8 O1c0]"},
        "train": {"epochs": 1, "threads": 1, "batch_size": 16},
    }


@pytest.fixture(scope="module")
def whole(line_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train(settings(line_folder), out=tmp_path_factory.mktemp("runs") / "whole").run


@pytest.fixture
def copy(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "run"))


def test_a_run_that_is_held_is_left_alone(line_folder: Path, copy: Path, tmp_path: Path) -> None:
    pytest.importorskip("fcntl", reason="files are locked by flock")
    before = (copy / "history.jsonl").read_bytes()
    with RunFolder(copy).held(), pytest.raises(OutputError, match="another process works on this run"):
        resume(copy)
    assert (copy / "history.jsonl").read_bytes() == before
    begun = RunFolder(tmp_path / "new")
    with begun.held(), pytest.raises(OutputError, match="another process works on this run"):
        train(settings(line_folder), out=begun.path)
    assert not begun.config.exists()
    resume(copy)  # the lock is gone with who held it


def test_what_a_killed_process_left_is_swept(copy: Path) -> None:
    left = [copy / ".metrics.json.123-4.tmp", copy / "checkpoints" / ".last.safetensors.9-0.tmp"]
    others = [copy / ".mine.tmp", copy / "notes.txt"]
    for path in (*left, *others):
        path.write_text("x")
    resume(copy)
    assert not any(path.exists() for path in left)
    assert all(path.exists() for path in others)


def test_a_folder_of_a_run_that_was_killed_at_once_is_free(line_folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    for folder in ("checkpoints", "model"):
        (out / folder).mkdir(parents=True)
    (out / ".config.toml.77-0.tmp").write_text("task")
    with pytest.raises(CheckpointError, match="nothing to resume") as caught:
        resume(out)
    assert caught.value.hint == f"train anew: this folder is free (--out {out})"
    train(settings(line_folder), out=out)
    assert not list(out.glob(".*.tmp"))


@pytest.mark.parametrize("name", ["notes.txt", "model/mine.bin", "checkpoints/last.safetensors", ".env"])
def test_a_folder_with_anything_else_is_not(name: str, tmp_path: Path) -> None:
    path = tmp_path / "run" / name
    path.parent.mkdir(parents=True)
    path.write_text("mine")
    with pytest.raises(OutputError, match="not empty"):
        RunFolder(tmp_path / "run").check_free()


def alter(run: Path, change: str) -> None:
    """Write the checkpoint anew, whole but wrong."""
    path = run / "checkpoints" / "last.safetensors"
    with safe_open(path, framework="pt") as file:
        header = json.loads(file.metadata()["run"])
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no mapping
    weight = next(name for name in tensors if name.startswith("network."))
    if change == "missing":
        del tensors[weight]
    elif change == "shape":
        tensors[weight] = torch.zeros(1)
    elif change == "random":
        tensors["random.cpu"] = torch.zeros(3, dtype=torch.uint8)
    elif change == "no random":
        del tensors["random.cpu"]
    elif change == "groups":
        header["optimiser"]["groups"] = []
    elif change == "progress":
        header["progress"] = 3
    elif change == "scalars":
        header["optimiser"]["scalars"] = {"x": {}}
    save_file(tensors, path, metadata={"run": json.dumps(header)})


@pytest.mark.parametrize(
    "change", ["missing", "shape", "random", "no random", "groups", "progress", "scalars"]
)
def test_a_checkpoint_that_does_not_fit_is_told(change: str, copy: Path) -> None:
    alter(copy, change)
    with pytest.raises(CheckpointError, match=r"last\.safetensors"):
        resume(copy)


@pytest.mark.parametrize(
    ("name", "read"),
    [("split.json", resume), ("history.jsonl", resume), ("config.toml", resume), ("model/model.json", load)],
)
@pytest.mark.parametrize("content", [b"\xff" * 9, b"[" * 100_000, b'{"a": ' + b"9" * 5000 + b"}"])
def test_damaged_files_of_a_run_are_named(
    name: str, read: Callable[[Path], object], content: bytes, copy: Path
) -> None:
    (copy / name).write_bytes(content)
    with pytest.raises(TidegateError) as raised:
        read(copy)
    assert name in str(raised.value)
