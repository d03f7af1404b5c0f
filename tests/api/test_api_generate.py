"""A language model through the Python face: trained, loaded, evaluated, and asked to write."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from tidegate.api import load, train
from tidegate.errors import ConfigError, SymbolError
from tidegate.ops.generation.generate import Sampling

TEXT = "the tide comes in and the gate goes up\n春眠不覺曉\n" * 12


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("text") / "tide.txt"
    path.write_text(TEXT, encoding="utf-8")
    return path


def trained(text: Path, out: Path, **language: Any) -> Path:
    return train(
        task="language",
        data={"train": str(text), "test": str(text)},
        model={"preset": "gru", "hidden": 16, "layers": 1, "dropout": 0},
        language={"embedding": 16, "window": 12, **language},
        train={"epochs": 2, "threads": 1, "batch_size": 4, "average": 0},
        optimiser={"learning_rate": 0.02},
        out=out,
    ).run


@pytest.fixture(scope="module")
def run(text: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return trained(text, tmp_path_factory.mktemp("runs") / "characters")


@pytest.mark.parametrize(
    "keys",
    [
        {"tokens": "bytes"},
        {"tokens": "bpe", "vocabulary": 290},
        {"adaptive": [8]},
        {
            "tokens": "words",
            "tied": False,
            "weight_drop": 0.2,
            "activation_penalty": 1.0,
            "change_penalty": 1.0,
            "vary_window": True,
        },
    ],
)
def test_every_kind_trains_and_writes(keys: dict[str, Any], text: Path, tmp_path: Path) -> None:
    model = load(trained(text, tmp_path / "run", **keys), threads=1)
    written = "".join(model.generate("the gate ", 30, Sampling(seed=1)))
    assert written == "".join(model.generate("the gate ", 30, Sampling(seed=1))) != ""
    assert "<unk>" not in written
    scores = model.evaluate(text)
    assert scores.metrics["perplexity"] == pytest.approx(math.exp(scores.metrics["nats_per_symbol"]))
    assert scores.definition.startswith("token = ")


def test_figures_do_not_depend_on_being_saved(run: Path, text: Path) -> None:
    import json

    test = json.loads((run / "metrics.json").read_text(encoding="utf-8"))["test"]
    scores = load(run, threads=1).evaluate(text)
    assert scores.metrics["nats_per_symbol"] == pytest.approx(test["nats_per_symbol"], rel=1e-6)
    assert scores.count == len(TEXT) - 1


def test_the_default_is_as_the_model_learnt_with_seed_0(run: Path) -> None:
    model = load(run, threads=1)
    assert "".join(model.generate("the", 20)) == "".join(model.generate("the", 20, Sampling(1.0, seed=0)))
    assert len("".join(model.generate("春", 20))) == 20
    assert list(model.generate("the", 0)) == []


def test_what_cannot_be_written_is_refused_at_once(run: Path) -> None:
    model = load(run, threads=1)
    with pytest.raises(SymbolError, match="training never saw"):
        model.generate("Ω", 3)
    with pytest.raises(ConfigError, match="negative"):
        model.generate("the", -3)


def test_another_task_is_refused(run: Path, text: Path) -> None:
    model = load(run, threads=1)
    with pytest.raises(ConfigError, match="no model of the task language answers for a stream"):
        model.stream()
    with pytest.raises(ConfigError, match="nothing to predict"):
        model.predict([text])
