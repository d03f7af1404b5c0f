"""A run that goes on finds the data it began with: of every task the content counts, not only names and numbers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from memory_cases import CASES, MemoryCase
from tidegate.api import resume, train
from tidegate.config.registry import BUILT_IN, settings_of
from tidegate.errors import CheckpointError
from tidegate.training.callbacks import NullReporter, Validation


class Plug(NullReporter):
    """Ends a run as a power cut would, after its first validation."""

    def validated(self, validation: Validation) -> None:
        raise InterruptedError("the plug was pulled")


def edit(name: str, old: str, new: str) -> Callable[[Path], None]:
    """Write other words into a file, as many as there were."""

    def change(folder: Path) -> None:
        text = (folder / name).read_text(encoding="utf-8")
        assert old in text and len(old) == len(new)
        (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")

    return change


def rotate(folder: Path) -> None:
    for path in folder.glob("*.png"):
        Image.open(path).rotate(180).save(path)


def rename_class(folder: Path) -> None:
    path = folder / "table.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",top", ",zop"), encoding="utf-8")


def shift(folder: Path) -> None:
    with np.load(folder / "tides.npz") as held:
        arrays = dict(held)
    np.savez(folder / "tides.npz", **{**arrays, "values": arrays["values"] + np.float32(0.5)})


CHANGES: list[tuple[str, str, Callable[[Path], None]]] = [
    ("classify", "the answers of train, the answers of valid", rename_class),
    ("classify", "the samples of train, the samples of valid", rotate),
    ("transcribe", "the answers of", edit("01.gt.txt", "abcd", "abdc")),
    ("transcribe", "the samples of train, the samples of valid", rotate),
    ("tag", "the samples of", edit("train.txt", "left", "felt")),
    ("tag", "the answers of", edit("train.txt", "I-LOC", "I-PER")),
    ("document", "the samples of", edit("train.csv", "harbour", "harvour")),
    ("document", "the answers of", edit("train.csv", ",high", ",hihg")),
    ("language", "the samples of train", edit("tide.txt", "gate", "tage")),
    ("forecast", "the answers of train", edit("tides.csv", "5.7279", "5.7297")),
    ("signal", "the samples of train, the samples of valid", shift),
]


def interrupted(task: str, folder: Path, run: Path) -> None:
    case: MemoryCase = CASES[task]()
    folder.mkdir()
    settings = {"epochs": 2, "threads": 1, "batch_size": 8, "checkpoint_minutes": 0, "baselines": False}
    tables: dict[str, Any] = {**case.tables, "data": {settings_of(task).data_key: str(case.write(folder))}}
    with pytest.raises(InterruptedError):
        train(task=task, train=settings, out=run, reporter=Plug(), **tables)


def test_every_task_is_tried() -> None:
    assert {task for task, _, _ in CHANGES} == set(BUILT_IN)


@pytest.mark.parametrize(("task", "what", "change"), CHANGES)
def test_other_content_under_the_same_names_is_refused(
    task: str, what: str, change: Callable[[Path], None], tmp_path: Path
) -> None:
    interrupted(task, tmp_path / "data", tmp_path / "run")
    change(tmp_path / "data")
    with pytest.raises(CheckpointError, match="data have changed") as raised:
        resume(tmp_path / "run")
    assert what in str(raised.value.got)


def test_the_data_put_back_go_on(tmp_path: Path) -> None:
    interrupted("transcribe", tmp_path / "data", tmp_path / "run")
    rotate(tmp_path / "data")
    with pytest.raises(CheckpointError):
        resume(tmp_path / "run")
    rotate(tmp_path / "data")
    assert resume(tmp_path / "run").stopped == "epochs"
