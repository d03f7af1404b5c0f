"""Asking a trained network: order, what cannot be read, and that company changes no answer."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from PIL import Image

from tidegate.api import load, train
from tidegate.errors import BadFilesError, BundleError, DataError, EmptyDataError


@pytest.fixture(scope="module")
def lines_run(line_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train(
        task="transcribe",
        data={"train": str(line_folder)},
        model={"spec": "[1,16,0,1 Cl3,3,4 Bnr Mp2,2 S1(1x0)1,3 Lbx8 Do0.2 O1c0]"},
        train={"epochs": 2, "threads": 1},
        out=tmp_path_factory.mktemp("runs") / "lines",
    ).run


@pytest.fixture(scope="module")
def images_run(image_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train(
        task="classify",
        data={"train": str(image_folder)},
        model={"spec": "[1,16,16,1 Cl3,3,4 Bnr Mp4,4 Fr8 O0s0]"},
        train={"epochs": 2, "threads": 1, "batch_size": 16},
        out=tmp_path_factory.mktemp("runs") / "images",
    ).run


def test_answers_come_in_the_order_of_the_inputs(lines_run: Path, line_folder: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes((line_folder / "03.png").read_bytes()[:60])
    inputs = [
        line_folder / "05.png",
        tmp_path / "nothing.png",
        line_folder / "01.png",
        broken,
        line_folder / "05.png",
    ]
    predictions = load(lines_run, threads=1).predict(inputs)
    assert [one.name for one in predictions] == [str(path) for path in inputs]
    assert [one.error is None for one in predictions] == [True, False, True, False, True]
    assert predictions[0] == predictions[4]
    assert "No such file" in str(predictions[1].error) and "damaged" in str(predictions[3].error)
    assert predictions[1].answer == "" and math.isnan(predictions[1].confidence)


def test_a_folder_stands_for_its_images(lines_run: Path, line_folder: Path, tmp_path: Path) -> None:
    predictions = load(lines_run, threads=1).predict([line_folder])
    assert [one.name for one in predictions] == [str(line_folder / f"{i:02}.png") for i in range(48)]
    assert all(0 <= one.confidence <= 1 for one in predictions)
    with pytest.raises(EmptyDataError, match="no image"):
        load(lines_run, threads=1).predict([tmp_path])


def test_a_folder_named_like_a_built_in_data_set_is_a_folder(
    lines_run: Path, line_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "digits").mkdir()
    (tmp_path / "digits" / "a.png").write_bytes((line_folder / "00.png").read_bytes())
    monkeypatch.chdir(tmp_path)
    assert [one.name for one in load(lines_run, threads=1).predict(["digits"])] == [str(Path("digits/a.png"))]


def test_nothing_asked_nothing_answered(lines_run: Path) -> None:
    assert load(lines_run, threads=1).predict([]) == []


def test_company_changes_no_answer(lines_run: Path, line_folder: Path, tmp_path: Path) -> None:
    # A very long line pads all others; alone there is no padding at all.
    long = tmp_path / "long.png"
    Image.open(line_folder / "01.png").resize((400, 20)).save(long)
    paths = [line_folder / f"{i:02}.png" for i in range(15)]
    model = load(lines_run, threads=1)
    together = model.predict([*paths, long])[:-1]
    alone = [model.predict([path])[0] for path in paths]
    assert [one.answer for one in together] == [one.answer for one in alone]
    assert [one.confidence for one in together] == pytest.approx([one.confidence for one in alone], rel=1e-4)


def test_predictions_make_the_figures_of_evaluate(images_run: Path, image_folder: Path) -> None:
    model = load(images_run, threads=1)
    predictions = model.predict([image_folder])
    right = [Path(one.name).parent.name == one.answer for one in predictions]
    assert model.evaluate(image_folder).metrics["accuracy"] == pytest.approx(sum(right) / len(right))


def test_evaluate_refuses_an_unknown_class(images_run: Path, image_folder: Path, tmp_path: Path) -> None:
    for name in ("bar", "circle"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "1.png").write_bytes((image_folder / "bar" / "1.png").read_bytes())
    with pytest.raises(BadFilesError, match="cannot be used") as caught:
        load(images_run, threads=1).evaluate(tmp_path)
    assert "circle/1.png: its class 'circle' does not occur in the training data (bar, box, slope)" in str(
        caught.value
    )
    scores = load(images_run, threads=1).evaluate(tmp_path, skip_bad=True)
    assert scores.count == 1 and any("left out 1 of 2" in str(note) for note in scores.notes)


def test_a_folder_that_cannot_be_read_is_an_error(
    lines_run: Path, line_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import os

    def refuse(path: object) -> object:
        raise PermissionError(13, "Permission denied", str(path))

    model = load(lines_run, threads=1)
    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(DataError, match="folder cannot be read"):
        model.predict([line_folder])


def test_a_model_folder_alone_is_enough(lines_run: Path, line_folder: Path) -> None:
    picture = line_folder / "00.png"
    assert load(lines_run / "model", threads=1).predict([picture]) == load(lines_run, threads=1).predict(
        [picture]
    )


def test_no_run_no_model(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="no readable model"):
        load(tmp_path)
    with pytest.raises(BundleError, match="no readable model"):
        load(tmp_path / "nowhere")


def test_a_prediction_is_plain_data(images_run: Path, image_folder: Path) -> None:
    (one,) = load(images_run, threads=1).predict([str(image_folder / "bar" / "0.png")])
    assert json.dumps([one.name, one.answer, one.confidence, one.error])
    assert one.answer in ("bar", "box", "slope")
