"""Asking a model of signals from Python: files, arrays, sound, streams."""

from __future__ import annotations

import json
import wave
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from signal_cases import signals, written
from tidegate.api import Model, load, train
from tidegate.errors import ConfigError, DataError
from tidegate.tasks.signal.neighbours import Nearest

RATE = 4000


def tone(high: bool, seed: int, samples: int = 1500) -> NDArray[np.float64]:
    chance = np.random.default_rng(seed)
    pitch = (900 if high else 300) * chance.uniform(0.9, 1.1)
    sound = 0.5 * np.sin(2 * np.pi * pitch * np.arange(samples) / RATE) + chance.normal(0, 0.02, samples)
    return np.round(sound * 32767) / 32768


def write(path: Path, sound: NDArray[np.float64], rate: int = RATE) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((sound * 32768).astype("<i2").tobytes())
    return path


@pytest.fixture(scope="module")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> Model:
    folder = tmp_path_factory.mktemp("sounds")
    for number in range(16):
        name = "high" if number % 2 else "low"
        (folder / "data" / name).mkdir(parents=True, exist_ok=True)
        write(folder / "data" / name / f"{number}.wav", tone(bool(number % 2), number))
    out = train(
        task="signal",
        data={"source": str(folder / "data"), "split": "0.7/0.3"},
        model={"preset": "gru", "hidden": 6, "pooling": "mean"},
        signal={"mels": 8},
        train={"epochs": 8, "threads": 1, "average": 0, "batch_size": 4, "baselines": False},
        optimiser={"learning_rate": 0.05},
        out=folder / "run",
    )
    assert out.valid["accuracy"] == 1
    return load(out.run, threads=1)


def test_folders_of_classes_that_training_never_saw(sounds: Model, tmp_path: Path) -> None:
    for name in ("shrill", "dull"):
        (tmp_path / name).mkdir()
        write(tmp_path / name / "a.wav", tone(name == "shrill", 98))
    rows = sounds.predict([tmp_path])
    assert {Path(row.name).parent.name: row.answer for row in rows} == {"shrill": "high", "dull": "low"}


def test_notes_of_the_baselines_stand_beside_the_figures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left_out = Nearest(None, "left out: it would take long")
    monkeypatch.setattr("tidegate.tasks.signal.baselines.nearest_dtw", lambda *_: left_out)
    path = str(written(tmp_path / "train.ts", signals(12)))
    run = train(
        task="signal",
        data={"train": path, "valid": path},
        model={"preset": "gru", "hidden": 2},
        train={"steps": 1, "epochs": None, "threads": 1},
        out=tmp_path / "run",
    ).run
    metrics = json.loads((run / "metrics.json").read_text())
    assert "the baseline 1-nn dtw was left out: it would take long" in metrics["notes"]


def test_sound_as_a_file_as_an_array_and_as_a_stream(sounds: Model, tmp_path: Path) -> None:
    sound = tone(True, 99, 1777)
    by_file, by_array = sounds.predict([write(tmp_path / "a.wav", sound), sound])
    assert (by_file.answer, by_array.answer) == ("high", "high")
    assert by_file.name == str(tmp_path / "a.wav") and by_array.name == "sequence 2"
    assert by_file.probabilities == pytest.approx(by_array.probabilities, abs=1e-5)
    stream = sounds.stream()
    for start in range(0, len(sound), 123):
        stream.push(sound[start : start + 123])
    last = stream.finish()
    assert last.answer == "high" and last.confidence == pytest.approx(by_array.confidence, abs=1e-5)
    for one in (tmp_path / "a.wav", str(tmp_path / "a.wav"), sound, sound.tolist()):
        (alone,) = sounds.predict(one)
        assert (alone.answer, alone.confidence) == ("high", pytest.approx(by_file.confidence, abs=1e-5))


def test_sound_of_another_rate_is_named(sounds: Model, tmp_path: Path) -> None:
    good, other = write(tmp_path / "a.wav", tone(False, 5)), write(tmp_path / "b.wav", tone(False, 6), 8000)
    one, two, three = sounds.predict([good, other, good])
    assert one.answer == three.answer == "low" and one.error is None
    assert two.error is not None and two.name == str(other) and "8000" in two.error and "4000" in two.error


def test_arrays_that_cannot_be_used(sounds: Model) -> None:
    bad = tone(True, 1)
    bad[7] = np.nan
    empty, holes, wide, good = sounds.predict([np.zeros(0), bad, np.zeros((20, 3)), tone(False, 2)])
    assert empty.error is not None and "0 steps" in empty.error
    assert holes.error is not None and "sample 8" in holes.error
    assert wide.error is not None and "1 column" in wide.error
    assert good.answer == "low" and sounds.predict([]) == []


def test_values_and_missing_ones(tmp_path: Path) -> None:
    chance = np.random.default_rng(0)
    x = chance.normal(size=(40, 20, 2)).astype(np.float32) + np.arange(40)[:, None, None] / 10
    np.savez(tmp_path / "data.npz", x=x, y=np.arange(40) / 10 + 0.05)
    out = train(
        task="signal",
        data={"train": str(tmp_path / "data.npz")},
        model={"preset": "lstm", "hidden": 6},
        signal={"missing": "linear"},
        train={"epochs": 2, "threads": 1, "average": 0, "batch_size": 8},
        out=tmp_path / "run",
    )
    assert {"rmse", "mae", "r2"} <= set(out.valid)
    model = load(out.run, threads=1)
    holes = x[3].copy()
    holes[5, 0] = np.nan
    gone = x[3].copy()
    gone[:, 1] = np.nan
    whole, filled, none = model.predict([x[3], holes, gone])
    assert np.isfinite(whole.value) and whole.answer and np.isnan(whole.confidence)
    assert filled.error is None and filled.value != whole.value
    assert none.error is not None and "channel" in none.error
    with pytest.raises(DataError, match="missing"):
        model.stream().push(holes)
    with pytest.raises(ConfigError, match="no model of the task signal generates"):
        model.generate("x", 1)
