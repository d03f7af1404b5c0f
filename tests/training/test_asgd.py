"""Averaged SGD, and states that are carried: what is averaged from when on, and that a stop changes no bit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file
from torch import nn

from tidegate.api import resume, train
from tidegate.config.resolve import resolve
from tidegate.tasks.registry import task_named
from tidegate.training.averaging import begin, mean_of
from tidegate.training.callbacks import NullReporter, Step
from tidegate.training.folder import RunFolder
from tidegate.training.loop import Trainer


class StoppedError(Exception):
    """Stands for whatever kills a run."""


class StopAt(NullReporter):
    def __init__(self, step: int) -> None:
        self.last = step

    def stepped(self, step: Step) -> None:
        if step.step == self.last:
            raise StoppedError


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("text") / "tide.txt"
    path.write_text("the tide comes in and the gate goes up\n" * 15, encoding="utf-8")
    return str(path)


def settings(text: str, **tables: dict[str, Any]) -> dict[str, Any]:
    usual: dict[str, Any] = {
        "task": "language",
        "data": {"train": text},
        "model": {"preset": "lstm", "hidden": 6, "layers": 1, "dropout": 0.2},
        "language": {
            "embedding": 6,
            "window": 20,
            "weight_drop": 0.2,
            "reset": 0.3,
            "embedding_dropout": 0.1,
        },
        "train": {"epochs": 2, "threads": 1, "batch_size": 4, "average": 0, "checkpoint_minutes": 0},
        "schedule": {"name": "constant"},
    }
    return {**usual, **{name: {**usual.get(name, {}), **table} for name, table in tables.items()}}


ASGD: dict[str, dict[str, Any]] = {
    # A rate that improves nothing, so that averaging begins.
    "optimiser": {"name": "asgd", "learning_rate": 1e-12, "momentum": 0.0, "trigger": 2, "weight_decay": 0},
}


def test_the_mean_of_weights_by_hand() -> None:
    network = nn.Linear(1, 1, bias=False)
    average = mean_of(network)
    network.weight.data.fill_(100)
    average.update_parameters(network)
    begin(average, network)
    assert float(average.module.weight.detach()) == 100 and int(average.n_averaged) == 0
    for value in (1.0, 2.0, 6.0):
        network.weight.data.fill_(value)
        average.update_parameters(network)
    assert float(average.module.weight.detach()) == pytest.approx(3.0)


def test_what_is_no_number_is_not_averaged_but_followed() -> None:
    network = nn.Module()
    network.register_parameter("weight", nn.Parameter(torch.zeros(2)))
    network.register_buffer("allowed", torch.tensor([True, False]))
    network.register_buffer("seen", torch.tensor(0))
    average = mean_of(network)
    for count in (1, 2, 3):
        network.weight.data.fill_(float(count))
        network.allowed.logical_not_()
        network.seen.fill_(count)
        average.update_parameters(network)
    assert average.module.weight.tolist() == pytest.approx([2.0, 2.0])
    assert average.module.allowed.tolist() == [False, True]
    assert int(average.module.seen) == 3


def trainer_of(text: str, folder: Path, **tables: dict[str, Any]) -> Trainer:
    spec = resolve(settings(text, **{**ASGD, **tables}))
    task = task_named("language")
    run = RunFolder(folder)
    run.create()
    return Trainer(task, task.prepare(spec), run, NullReporter())


def test_averaging_begins_at_the_trigger_and_not_before(text: str, tmp_path: Path) -> None:
    trainer = trainer_of(text, tmp_path / "run")
    assert trainer.average is not None
    for value, stale, averaging in (
        (2.0, 0, False),
        (3.0, 1, False),
        (1.0, 0, False),
        (1.5, 1, False),
        (1.5, 2, True),
    ):
        trainer._remember(value, value)
        assert (trainer.progress.stale, trainer.progress.averaging) == (stale, averaging)
    trainer.progress.averaging = False
    seen: list[torch.Tensor] = []
    for number, batch in enumerate(trainer.batches()):
        if number == 2:
            begin(trainer.average, trainer.network)
            trainer.progress.averaging = True
        trainer.optimiser.param_groups[0]["lr"] = 0.1
        trainer.step(batch)
        if number >= 2:
            seen.append(trainer.network.get_parameter("embedding.weight").detach().clone())
    assert int(trainer.average.n_averaged) == len(seen) > 3
    torch.testing.assert_close(
        trainer.average.module.get_parameter("embedding.weight").detach(), torch.stack(seen).mean(dim=0)
    )


def test_what_is_validated_and_kept_is_the_mean(text: str, tmp_path: Path) -> None:
    result = train(
        settings(text, **{**ASGD, "train": {"epochs": 5, "checkpoint_minutes": 5}}), out=tmp_path / "run"
    )
    with safe_open(tmp_path / "run" / "checkpoints" / "last.safetensors", framework="pt") as file:
        progress = json.loads(file.metadata()["run"])["progress"]
    steps = progress["step"] // 5
    last = load_file(tmp_path / "run" / "checkpoints" / "last.safetensors")
    assert progress["averaging"] and progress["best_step"] == steps
    assert int(last["average.n_averaged"]) == 2 * steps  # Stale after epochs 2 and 3, averaged in 4 and 5.
    assert result.stopped == "epochs"


@pytest.mark.parametrize(("name", "stop"), [("adamw", 4), ("asgd", 10)])
def test_a_stop_within_an_epoch_changes_no_bit(name: str, stop: int, text: str, tmp_path: Path) -> None:
    keys = {**ASGD, "optimiser": {**ASGD["optimiser"], "trigger": 1}} if name == "asgd" else {}
    config = settings(text, **{**keys, "train": {"evaluate_every": 0.4}})
    train(config, out=tmp_path / "whole")
    with pytest.raises(StoppedError):
        train(config, out=tmp_path / "cut", reporter=StopAt(stop))
    last = tmp_path / "cut" / "checkpoints" / "last.safetensors"
    with safe_open(last, framework="pt") as file:
        assert json.loads(file.metadata()["run"])["progress"]["step"] == stop - 1
        assert {"carried.0", "carried.1"} <= set(file.keys())
    assert torch.count_nonzero(load_file(last)["carried.0"])
    resume(tmp_path / "cut")
    for part in ("checkpoints/best.safetensors", "model/model.safetensors"):
        assert (tmp_path / "cut" / part).read_bytes() == (tmp_path / "whole" / part).read_bytes(), part
    ends = [load_file(tmp_path / run / "checkpoints" / "last.safetensors") for run in ("whole", "cut")]
    assert ends[0].keys() == ends[1].keys()
    assert all(torch.equal(ends[0][key], ends[1][key]) for key in ends[0])


def test_the_states_begin_anew_with_every_epoch(text: str, tmp_path: Path) -> None:
    trainer = trainer_of(text, tmp_path / "run")
    trainer.state.carried = (torch.full((1, 4, 6), 9.0),) * 2
    batch = next(iter(trainer.batches()))
    torch.manual_seed(0)
    first = float(trainer.loss(batch).detach())
    trainer.state.carried = ()
    torch.manual_seed(0)
    assert float(trainer.loss(batch).detach()) == first
