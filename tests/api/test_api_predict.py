"""The one way to a prediction: kinds of inputs, what is one input, and that a call leaves the process as it was."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

import tidegate
from tidegate.errors import BundleError, ConfigError, DataError


@pytest.fixture(scope="module")
def run(image_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tidegate.train(
        task="classify",
        data={"train": str(image_folder)},
        model={"spec": "[1,16,16,1 Cl3,3,4 Bnr Mp4,4 Fr8 O0s0]"},
        train={"epochs": 1, "threads": 1, "batch_size": 16, "baselines": False},
        out=tmp_path_factory.mktemp("runs") / "images",
    ).run


def test_files_pictures_and_arrays_get_the_same_answer(run: Path, image_folder: Path) -> None:
    path = image_folder / "bar" / "0.png"
    picture = Image.open(path)
    pixels = np.asarray(picture)
    kinds = [path, str(path), picture, pixels, pixels / 255.0, [path], pixels[None]]
    answers = [tidegate.predict(run, kind, threads=1) for kind in kinds]
    assert {(len(one), one[0].answer, round(one[0].confidence, 6)) for one in answers} == {
        (1, answers[0][0].answer, round(answers[0][0].confidence, 6))
    }
    assert [one[0].name for one in answers] == [str(path)] * 3 + ["image 1"] * 2 + [str(path), "image 1.1"]


def test_what_is_no_picture_is_named_or_refused(run: Path) -> None:
    model = tidegate.load(run, threads=1)
    gone, flat, hot = model.predict([Path("gone.png"), np.zeros(5), np.full((4, 4), 1.5)])
    assert "No such file" in str(gone.error)
    assert "shape" in str(flat.error) and flat.name == "image 2"
    assert "pixels" in str(hot.error) and "1.5" in str(hot.error)
    for inputs in (None, 3, {"a": 1}, [3]):
        with pytest.raises(DataError, match="no such input"):
            model.predict(inputs)
    with pytest.raises(ConfigError, match="takes no horizon"):
        model.predict([], horizon=3)


def test_rows_say_what_they_are(run: Path, image_folder: Path) -> None:
    model = tidegate.load(run, threads=1)
    answers = model.predict([image_folder / "bar" / "0.png", "gone.png"])
    plain = json.loads(json.dumps(answers.to_json()))
    assert list(plain) == ["predictions", "findings"]
    assert set(plain["predictions"][0]) == {"name", "answer", "confidence"}
    assert plain["findings"][0]["where"] == "gone.png"
    assert answers.frame["answer"].tolist() == [answers[0].answer]
    assert repr(answers[0].answer) in repr(answers) and "cannot be read" in repr(answers)
    assert "classify" in repr(model) and "parameters" in repr(model)
    assert "accuracy=" in repr(model.evaluate(image_folder))


def test_threads_are_as_before_whatever_happens(run: Path, image_folder: Path, tmp_path: Path) -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        model = tidegate.load(run, threads=1)
        model.predict(image_folder)
        model.evaluate(image_folder)
        for fail in (
            lambda: model.predict(None),
            lambda: model.evaluate(tmp_path / "none"),
            lambda: tidegate.load(tmp_path, threads=1),
            lambda: tidegate.train(
                task="classify", data={"train": str(tmp_path)}, train={"epochs": 1}, out=tmp_path
            ),
        ):
            with pytest.raises((DataError, BundleError)):
                fail()
        assert torch.get_num_threads() == 3
        result = tidegate.train(
            task="classify",
            data={"train": str(image_folder)},
            model={"spec": "[1,16,16,1 Mp4,4 Fr8 O0s0]"},
            train={"steps": 1, "threads": 1, "baselines": False},
            out=tmp_path / "run",
        )
        assert torch.get_num_threads() == 3
        assert "valid accuracy=" in repr(result) and "stopped by steps" in repr(result)
    finally:
        torch.set_num_threads(before)
