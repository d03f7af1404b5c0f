"""What the loop does over a run: when it stops, what the rate does, what is validated, what is clipped."""

from __future__ import annotations

import itertools
import json
import math
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from tidegate.api import RunResult, train
from tidegate.config.resolve import resolve
from tidegate.errors import ConfigError, DivergenceError
from tidegate.tasks.evaluation import evaluate
from tidegate.tasks.images.classify import Classify
from tidegate.tasks.registry import task_named
from tidegate.tasks.split import TaskBatch
from tidegate.training.callbacks import NullReporter, Step, Validation
from tidegate.training.folder import RunFolder
from tidegate.training.loop import Trainer

NETWORK = "[1,16,16,1 Cr3,3,4 Mp4,4 Fr8 O0s0]"


class Record(NullReporter):
    """Keeps what the loop tells."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.validations: list[Validation] = []
        self.stopped = ""

    def stepped(self, step: Step) -> None:
        self.steps.append(step)

    def validated(self, validation: Validation) -> None:
        self.validations.append(validation)

    def finished(self, stopped: str) -> None:
        self.stopped = stopped


def settings(folder: Path, **tables: Any) -> dict[str, Any]:
    usual = {
        "task": "classify",
        "data": {"train": str(folder)},
        "model": {"spec": NETWORK},
        "train": {"epochs": 3, "threads": 1, "batch_size": 16, "average": 0},
        "optimiser": {"learning_rate": 2e-3},
    }
    return {name: {**usual.get(name, {}), **table} for name, table in tables.items()} | {
        name: table for name, table in usual.items() if name not in tables
    }


def run(folder: Path, out: Path, **tables: Any) -> tuple[RunResult, Record]:
    record = Record()
    return train(settings(folder, **tables), out=out, reporter=record), record


def history(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / "history.jsonl").read_text(encoding="utf-8").splitlines()]


def trainer(folder: Path, out: Path, **tables: Any) -> Trainer:
    spec = resolve(settings(folder, **tables))
    task = task_named(spec.task)
    one = Trainer(task, task.prepare(spec), RunFolder(out), NullReporter())
    one.folder.create()
    (out / "config.toml").touch()
    (out / "split.json").touch()
    return one


def test_it_validates_as_often_as_asked(image_folder: Path, tmp_path: Path) -> None:
    _, record = run(image_folder, tmp_path / "run", train={"evaluate_every": 0.5})
    assert [one.step for one in record.validations] == [2, 4, 6, 8, 10, 12]  # four steps an epoch
    assert [one.step for one in record.steps] == list(range(1, 13))
    assert record.steps[-1].progress == 1 and record.stopped == "epochs"


def test_patience_stops(image_folder: Path, tmp_path: Path) -> None:
    # A rate of nearly nothing: the first validation stays the best.
    result, record = run(
        image_folder,
        tmp_path / "run",
        train={"epochs": 50, "patience": 3},
        optimiser={"learning_rate": 1e-12},
    )
    assert result.stopped == record.stopped == "patience"
    assert len(record.validations) == 4 and [one.best for one in record.validations] == [
        True,
        False,
        False,
        False,
    ]


def test_plateau_drops_the_rate(image_folder: Path, tmp_path: Path) -> None:
    run(
        image_folder, tmp_path / "run", train={"epochs": 7}, optimiser={"learning_rate": 1e-12},
        schedule={"name": "plateau", "factor": 0.1, "patience": 2},
    )  # fmt: skip
    # The best is the first; two more without progress drop it, and two more again.
    rates = [line["learning_rate"] for line in history(tmp_path / "run")]
    assert rates == pytest.approx([1e-12] * 3 + [1e-13] * 2 + [1e-14] * 2, rel=1e-9, abs=0)


def test_time_ends_the_run_and_its_schedule(
    image_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticks = itertools.count(0.0, 0.01)
    clock = SimpleNamespace(monotonic=lambda: next(ticks), process_time=lambda: 0.0, perf_counter=lambda: 0.0)
    monkeypatch.setattr("tidegate.training.progress.time", clock)
    monkeypatch.setattr("tidegate.training.loop.time", clock)
    result, record = run(image_folder, tmp_path / "run", train={"epochs": 10**6, "max_time": 1.5})
    assert result.stopped == "max_time" and result.seconds == pytest.approx(1.5, abs=0.02)
    rates = [step.learning_rate for step in record.steps]
    assert rates[-1] < 0.2 * max(rates)


def test_epochs_end_it_where_they_come_first(image_folder: Path, tmp_path: Path) -> None:
    result, record = run(image_folder, tmp_path / "run", train={"epochs": 2, "max_time": 1000.0})
    assert result.stopped == "epochs" and len(record.steps) == 8


def test_training_without_an_end_is_refused(image_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="nothing ends"):
        run(image_folder, tmp_path / "run", train={"epochs": None})
    assert not (tmp_path / "run").exists()


def test_the_gradient_is_clipped_and_its_norm_told(image_folder: Path, tmp_path: Path) -> None:
    # Plain SGD moves the weights by rate × gradient: with a clipped gradient by rate × clip_norm at most.
    moved: dict[float, float] = {}
    for norm in (1e-3, 0.0):
        one = trainer(
            image_folder, tmp_path / str(norm), schedule={"name": "constant"},
            optimiser={"name": "sgd", "momentum": 0.0, "learning_rate": 1.0, "weight_decay": 0.0, "clip_norm": norm},
        )  # fmt: skip
        before = torch.cat([p.detach().flatten() for p in one.network.parameters()])
        one.step(next(one.batches()))
        after = torch.cat([p.detach().flatten() for p in one.network.parameters()])
        moved[norm] = float((after - before).norm())
        assert one.gradient_norm > 0.01  # as it was before clipping
        unclipped = one.gradient_norm
    assert moved[1e-3] == pytest.approx(1e-3, rel=1e-3)
    assert moved[0.0] == pytest.approx(unclipped, rel=1e-3)


def test_the_average_is_what_is_validated_and_kept(image_folder: Path, tmp_path: Path) -> None:
    one = trainer(image_folder, tmp_path / "run", train={"average": 0.99}, optimiser={"learning_rate": 0.05})
    outcome = one.fit()
    assert one.average is not None
    best = load_file(tmp_path / "run" / "checkpoints" / "best.safetensors")
    assert outcome.best.valid == evaluate(outcome.network, one.problem, one.prepared.splits["valid"]).metrics
    if outcome.best.step == outcome.progress.step:
        kept = one.average.module.state_dict()
        assert all(torch.equal(best[name], kept[name]) for name in best)
    last = load_file(tmp_path / "run" / "checkpoints" / "last.safetensors")
    assert any(not torch.equal(last[f"network.{name}"], last[f"average.module.{name}"]) for name in best)


@pytest.mark.parametrize(
    ("choose", "second_loss", "kept"), [("best", 0.6, 4), ("best", 0.4, 8), ("last", 0.4, 12)]
)
def test_the_best_or_the_last_weights_are_kept(
    choose: str,
    second_loss: float,
    kept: int,
    image_folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one = trainer(image_folder, tmp_path / "run", train={"choose": choose})
    figures = iter([(0.9, 0.5), (0.9, second_loss), (0.8, 0.1)])
    seen: dict[int, torch.Tensor] = {}

    def worse(network: torch.nn.Module, *others: Any) -> Any:
        seen[one.progress.step] = list(network.parameters())[-1].detach().clone()
        result = evaluate(network, *others)
        accuracy, loss = next(figures)
        return replace(result, metrics={**result.metrics, one.goal.metric: accuracy, "loss": loss})

    monkeypatch.setattr(sys.modules[Trainer.__module__], "evaluate", worse)
    outcome = one.fit()
    assert outcome.best.step == kept and one.progress.best == 0.9
    assert outcome.best.valid[one.goal.metric] == (0.9 if choose == "best" else 0.8)
    assert torch.equal(list(outcome.network.parameters())[-1], seen[kept])
    assert not torch.equal(seen[4], seen[12])


def test_only_training_batches_are_augmented(
    image_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []

    def paint(self: Classify, batch: TaskBatch, *_: object) -> TaskBatch:
        seen.extend(batch.indices)
        return replace(batch, inputs=torch.full_like(batch.inputs, 0.123))

    monkeypatch.setattr(Classify, "augment", paint)
    inputs: dict[bool, list[float]] = {True: [], False: []}
    one = trainer(image_folder, tmp_path / "run", augment={"noise": 0.1}, train={"epochs": 2})
    forward = type(one.network).forward

    def look(self: torch.nn.Module, x: torch.Tensor, lengths: torch.Tensor | None) -> Any:
        inputs[self.training].append(float(x.std()))
        return forward(self, x, lengths)  # pyright: ignore[reportArgumentType]

    monkeypatch.setattr(type(one.network), "forward", look)
    one.fit()
    assert max(inputs[True]) < 1e-5 < 0.1 < min(inputs[False])
    assert sorted(seen) == sorted([*range(len(one.train_split))] * 2)


def test_divergence_names_the_step_and_what_to_try(image_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(DivergenceError, match="diverged") as caught:
        run(
            image_folder, tmp_path / "run", optimiser={"name": "sgd", "learning_rate": 1e30, "clip_norm": 0.0}
        )
    message = str(caught.value)
    assert "step " in message and "epoch 0." in message and "smaller optimiser.learning_rate" in message
    assert "checkpoint" not in message  # there is none yet


def test_a_divergence_later_keeps_the_checkpoint(
    image_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = trainer(image_folder, tmp_path / "run")
    usual = Classify.loss

    def explode(self: Classify, logits: torch.Tensor, lengths: Any, batch: TaskBatch) -> torch.Tensor:
        loss = usual(self, logits, lengths, batch)
        return loss * math.nan if one.progress.step >= 5 and torch.is_grad_enabled() else loss

    monkeypatch.setattr(Classify, "loss", explode)
    with pytest.raises(DivergenceError, match="diverged") as caught:
        one.fit()
    assert "step 6 (epoch 1.25)" in str(caught.value) and "last checkpoint" in str(caught.value)
    again = trainer(image_folder, tmp_path / "again")
    again.folder = one.folder
    monkeypatch.setattr(Classify, "loss", usual)
    assert again.fit(resume=True).progress.step == 12


@pytest.mark.parametrize("device", ["gpu0", "cuda:9"])
def test_a_device_that_is_not_there(device: str, image_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="device cannot be used") as caught:
        run(image_folder, tmp_path / "run", train={"device": device})
    assert caught.value.where == "train.device" and device in str(caught.value.got)
    assert not (tmp_path / "run").exists()
