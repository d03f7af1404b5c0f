"""The model folder: what is not whole is refused with one clear error, and loading runs no code."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tidegate.api import load, train
from tidegate.errors import BundleError

Edit = Callable[[dict[str, Any]], object]


@pytest.fixture(scope="module")
def model(line_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    result = train(
        task="transcribe",
        data={"train": str(line_folder)},
        model={"spec": "[1,16,0,1 Cr3,3,4 Mp2,2 S1(1x0)1,3 Gbx8 O1c0]"},
        train={"epochs": 1, "threads": 1},
        out=tmp_path_factory.mktemp("runs") / "run",
    )
    return result.run / "model"


@pytest.fixture
def copy(model: Path, tmp_path: Path) -> Path:
    for path in model.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    return tmp_path


EDITS: dict[str, Edit] = {
    "unknown task": lambda d: d.update(task="read"),
    "no task": lambda d: d.pop("task"),
    "no specification": lambda d: d.pop("spec"),
    "a specification that is none": lambda d: d.update(spec=3),
    "an unknown key": lambda d: d["spec"]["train"].update(batchsize=3),
    "a value out of range": lambda d: d["spec"].update(seed=-1),
    "no alphabet": lambda d: d["problem"].pop("alphabet"),
    "an alphabet that is a number": lambda d: d["problem"].update(alphabet=3),
    "too short an alphabet": lambda d: d["problem"].update(alphabet=["a"]),
    "a problem that is a list": lambda d: d.update(problem=[]),
    "a geometry that is a list": lambda d: d["problem"].update(geometry=[1]),
    "a geometry of another height": lambda d: d["problem"]["geometry"].update(rows=24),
    "another network": lambda d: d["problem"].update(
        architecture=d["problem"]["architecture"].replace("Gbx8", "Gbx9")
    ),
    "a network that is none": lambda d: d["problem"].update(architecture="[1,16,0,1 Qq8]"),
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS.keys())
def test_an_edited_description_is_refused(edit: Edit, copy: Path) -> None:
    path = copy / "model.json"
    description = json.loads(path.read_text(encoding="utf-8"))
    edit(description)
    path.write_text(json.dumps(description), encoding="utf-8")
    with pytest.raises(BundleError, match="cannot be loaded") as caught:
        load(copy, threads=1)
    assert caught.value.where == str(copy) and caught.value.got and caught.value.hint
    assert len(str(caught.value).splitlines()) < 16


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '{"format": 2}', "\ufeff{}"])
def test_a_description_that_is_none_is_refused(content: str, copy: Path) -> None:
    (copy / "model.json").write_text(content, encoding="utf-8")
    with pytest.raises(BundleError):
        load(copy, threads=1)


@pytest.mark.parametrize("keep", [0, 5, 200, 3000])
def test_truncated_weights_are_refused(keep: int, copy: Path) -> None:
    weights = copy / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:keep])
    with pytest.raises(BundleError, match="cannot be loaded"):
        load(copy, threads=1)


def test_loading_runs_no_code(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> object:
        raise AssertionError("a model file was unpickled")

    monkeypatch.setattr(pickle, "load", refuse)
    monkeypatch.setattr(pickle, "loads", refuse)
    monkeypatch.setattr(pickle, "Unpickler", refuse)
    load(copy, threads=1)


def test_weights_that_would_run_code_are_refused(copy: Path) -> None:
    class Touch:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return (Path.touch, (str(copy / "touched"),))

    (copy / "model.safetensors").write_bytes(pickle.dumps(Touch()))
    with pytest.raises(BundleError):
        load(copy, threads=1)
    assert not (copy / "touched").exists()
