"""A run folder after a full disk, an early kill, or a loss of files: it goes on, or says what is missing."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from torch import nn

from tidegate.api import resume, train
from tidegate.errors import BundleError, CheckpointError, OutputError
from tidegate.training.callbacks import NullReporter
from tidegate.training.folder import Best, RunFolder

WEIGHTS = ("checkpoints/best.safetensors", "model/model.safetensors")


def settings(folder: Path) -> dict[str, Any]:
    return {
        "task": "transcribe",
        "data": {"train": str(folder)},
        "model": {"spec": "[1,16,0,1 Cr3,3,4 Mp2,2 S1(1x0)1,3 Gbx8 Do0.2 O1c0]"},
        "train": {"epochs": 2, "threads": 1, "batch_size": 16},
        "schedule": {"name": "plateau"},
    }


@pytest.fixture(scope="module")
def whole(line_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train(settings(line_folder), out=tmp_path_factory.mktemp("runs") / "whole").run


@pytest.fixture
def copy(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "run"))


def weights(run: Path) -> list[bytes]:
    return [(run / name).read_bytes() for name in WEIGHTS]


class Told(NullReporter):
    def __init__(self) -> None:
        self.messages: list[str] = []

    def message(self, text: str) -> None:
        self.messages.append(text)


@pytest.mark.parametrize("room", [500, 5_000, 20_000])
def test_a_full_disk_loses_nothing_that_was_written(
    room: int, line_folder: Path, whole: Path, tmp_path: Path
) -> None:
    resource = pytest.importorskip("resource", reason="file size limits are those of Unix")
    out, before = tmp_path / "run", resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, before[1]))  # room for no file larger than this
    try:
        with pytest.raises(OutputError, match="cannot write") as caught:
            train(settings(line_folder), out=out)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert str(out) in str(caught.value.where) and caught.value.hint
    assert not list(out.rglob("*.tmp"))
    for path in out.rglob("*.json*"):
        assert all(
            json.loads(line)
            for line in path.read_text(encoding="utf-8").splitlines()
            if path.suffix == ".jsonl"
        )
    if (out / "config.toml").exists():
        resume(out)
        assert weights(out) == weights(whole)


def test_a_run_killed_before_its_first_checkpoint_begins_again(whole: Path, copy: Path) -> None:
    for name in ("checkpoints/last.safetensors", "metrics.json", "split.json", "environment.json"):
        (copy / name).unlink()
    told = Told()
    resume(copy, reporter=told)
    assert any("from its beginning" in text for text in told.messages)
    assert weights(copy) == weights(whole)
    assert (copy / "split.json").read_bytes() == (whole / "split.json").read_bytes()
    assert len((copy / "history.jsonl").read_text(encoding="utf-8").splitlines()) == 2


def test_a_finished_run_without_its_checkpoint_is_not_begun_again(whole: Path, copy: Path) -> None:
    (copy / "checkpoints" / "last.safetensors").unlink()
    with pytest.raises(CheckpointError, match="nothing to resume"):
        resume(copy)
    assert weights(copy) == weights(whole)


@pytest.mark.parametrize("content", [None, "", "{"])
def test_a_lost_split_is_told(content: str | None, copy: Path) -> None:
    (copy / "split.json").unlink()
    if content is not None:
        (copy / "split.json").write_text(content, encoding="utf-8")
    with pytest.raises(BundleError, match="cannot be read") as caught:
        resume(copy)
    assert caught.value.where == str(copy / "split.json")


def test_other_data_are_told(line_folder: Path, tmp_path: Path) -> None:
    lines = tmp_path / "lines"
    shutil.copytree(line_folder, lines)
    train(settings(lines), out=tmp_path / "run")
    (lines / "00.png").unlink()
    (lines / "00.gt.txt").unlink()
    with pytest.raises(CheckpointError, match="data have changed"):
        resume(tmp_path / "run")


def test_a_lost_history_is_told(copy: Path) -> None:
    (copy / "history.jsonl").unlink()
    with pytest.raises(CheckpointError, match="lost lines") as caught:
        resume(copy)
    assert caught.value.got == "0"


@pytest.mark.parametrize("content", [None, b"", b"x" * 100])
def test_lost_best_weights_are_told(content: bytes | None, copy: Path) -> None:
    best = copy / "checkpoints" / "best.safetensors"
    best.unlink()
    if content is not None:
        best.write_bytes(content)
    with pytest.raises(CheckpointError, match="best weights cannot be read"):
        resume(copy)


def test_best_weights_carry_their_own_figures(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")
    folder.create()
    best = Best(7, {"cer": 0.1 + 0.2, "loss": 1 / 3})
    saved, loaded = nn.Linear(3, 2), nn.Linear(3, 2)
    folder.save_best(saved, best)
    assert folder.load_best(loaded) == best
    assert loaded.weight.equal(saved.weight) and loaded.bias.equal(saved.bias)
    with pytest.raises(CheckpointError, match="best weights"):
        folder.load_best(nn.Linear(4, 2))


def test_a_place_that_is_taken_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    free = tmp_path / "empty"
    free.mkdir()
    RunFolder(free).check_free()
    RunFolder(tmp_path / "new").check_free()
    with pytest.raises(OutputError, match="not empty") as caught:
        RunFolder(tmp_path).check_free()
    assert "--resume" not in str(caught.value)
    (tmp_path / "config.toml").touch()
    with pytest.raises(OutputError, match="--resume"):
        RunFolder(tmp_path).check_free()
    with pytest.raises(OutputError, match="is a file"):
        RunFolder(tmp_path / "config.toml").check_free()
    with pytest.raises(OutputError, match="cannot be made"):
        RunFolder(tmp_path / "config.toml" / "run").create()

    def refuse(self: Path) -> object:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(OutputError, match="cannot be read"):
        RunFolder(free).check_free()
