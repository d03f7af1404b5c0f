"""A task of one's own: named once, trained, killed, resumed, loaded and compared like those that are built in."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import pytest
import torch
from torch import Tensor, nn

import tidegate
from tidegate.api import resume
from tidegate.config.registry import unregister
from tidegate.config.run import RunSpec
from tidegate.data.memory import InMemory, reference
from tidegate.errors import ConfigError
from tidegate.network.layers import Architecture
from tidegate.network.layers import Output as OutputSpec
from tidegate.network.vgsl import parse, render
from tidegate.nn.linear import Output
from tidegate.results.analysis.samples import Sample, SampleAnalysis
from tidegate.tasks.contract import Answer, Baselines, Carried, EvalResult, Json, Prepared, Problem, Task
from tidegate.tasks.registry import register, task_named


@dataclass(frozen=True)
class Pairs:
    """Points and their values."""

    points: Tensor
    values: Tensor

    @property
    def samples(self) -> int:
        return len(self.points)


class Drawn:
    """Points drawn by a seed, whose values are sums of their coordinates."""

    def __init__(self, count: int, features: int, seed: int) -> None:
        generator = torch.Generator().manual_seed(seed)
        self.points = torch.rand(count, features, generator=generator)
        self.values = self.points.sum(dim=1, keepdim=True)

    def __len__(self) -> int:
        return len(self.points)

    def sizes(self) -> Sequence[int]:
        return [1] * len(self)

    def plan(self, batch_size: int, seed: int, epoch: int) -> list[list[int]]:
        generator = torch.Generator().manual_seed(seed * 1000 + epoch)
        order = torch.randperm(len(self), generator=generator)
        return [batch.tolist() for batch in order.split(batch_size)]

    def batch(self, indices: Sequence[int]) -> Pairs:
        return Pairs(self.points[list(indices)], self.values[list(indices)])


@dataclass(frozen=True)
class Sums(Problem):
    """Learns to add; each batch hands its mean error to the next, which is held to it."""

    architecture: Architecture
    spec: RunSpec
    task = "sums"
    steps: ClassVar[int] = 0
    breaks_at: ClassVar[int] = 0

    @property
    def definition(self) -> str:
        return "error = mean squared distance"

    def network(self) -> nn.Module:
        return Output(self.architecture.input.channels, OutputSpec(0, "linear", 1))

    def learn(self, network: nn.Module, batch: Pairs, carried: Carried) -> tuple[Tensor, Carried]:
        Sums.steps += 1
        if Sums.steps == Sums.breaks_at:
            raise InterruptedError("the plug was pulled")
        error = network(batch.points, None)[0] - batch.values
        before = carried[0] if carried else torch.zeros(1)
        return (error + 0.1 * before).square().mean(), (error.mean().detach().view(1),)

    def evaluate(self, network: nn.Module, split: Drawn, *, labelled: bool) -> EvalResult:
        error = float((network(split.points, None)[0] - split.values).square().mean())
        return EvalResult({"loss": error, "error": error}, [])

    def error_analysis(
        self, network: nn.Module, split: Drawn, answers: Sequence[Answer]
    ) -> tuple[SampleAnalysis, None]:
        points = split.points[:2].tolist()
        return SampleAnalysis(
            samples=tuple(
                Sample(name=str(i), reference=str(one), predicted="1") for i, one in enumerate(points)
            )
        ), None

    def open_split(self, path: str, *, skip_bad: bool) -> tuple[Drawn, list[str]]:
        return Drawn(int(path), self.architecture.input.channels, 7), []

    def to_json(self) -> Json:
        return {"architecture": render(self.architecture)}


class SumsTask(Task):
    summary = "points → their sums"
    primary = "error"
    lower_is_better = True

    def __init__(self, name: str = "sums") -> None:
        self.name = name

    def prepare(self, spec: RunSpec) -> Prepared:
        features = int(spec.params["features"])
        problem = Sums(parse(f"[1,1,1,{features} O0l1]"), spec)
        splits = {
            name: Drawn(count, features, number)
            for number, (name, count) in enumerate((("train", int(spec.params["points"])), ("valid", 20)))
        }
        return Prepared(
            spec, problem, splits, {"how": "drawn"}, baselines=lambda: Baselines({"zero": {"error": 4.0}})
        )

    def restore(self, data: Json, spec: RunSpec) -> Sums:
        return Sums(parse(data["architecture"]), spec)


TASK = SumsTask()
KEYS = {
    "train": {"epochs": 6, "batch_size": 8, "threads": 1, "checkpoint_minutes": 0},
    "optimiser": {"name": "sgd", "learning_rate": 0.05, "weight_decay": 0.0},
    "schedule": {"name": "constant"},
    "params": {"features": 3, "points": 40},
}


@pytest.fixture
def registered() -> Iterator[None]:
    tidegate.register(TASK, KEYS)
    Sums.steps, Sums.breaks_at = 0, 0
    yield
    unregister("sums")


def weights(run: Path) -> bytes:
    return (run / "model" / "model.safetensors").read_bytes()


@pytest.mark.usefixtures("registered")
def test_a_task_of_ones_own_trains_is_kept_and_compared(tmp_path: Path):
    result = tidegate.train(task="sums", params={"points": 80}, out=tmp_path / "run")
    assert result.valid["error"] < 0.1
    assert result.definition == "error = mean squared distance"
    metrics = json.loads((tmp_path / "run" / "metrics.json").read_text(encoding="utf-8"))
    assert (metrics["task"], metrics["primary"], metrics["parameters"]) == ("sums", "error", 4)
    assert metrics["steps"] == 60 and metrics["samples"] == {"train": 80, "valid": 20}
    assert metrics["baselines"] == {"zero": {"error": 4.0}}
    assert "sums" in (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    model = tidegate.load(tmp_path / "run", threads=1)
    assert model.task == "sums" and model.spec.params == {"features": 3, "points": 80}
    scores = model.evaluate("30")
    assert (scores.count, scores.definition) == (30, "error = mean squared distance")
    assert scores.metrics["error"] < 0.1
    with pytest.raises(ConfigError, match="no model of the task sums generates text"):
        model.generate("a", 3)
    with pytest.raises(ConfigError, match="no model of the task sums predicts anything"):
        model.predict("a")
    with pytest.raises(ConfigError, match="no model of the task sums answers for a stream"):
        model.stream()


@pytest.mark.usefixtures("registered")
@pytest.mark.parametrize("step", [8, 16])
def test_it_resumes_to_the_same_bits_with_what_a_batch_handed_on(step: int, tmp_path: Path):
    whole = tidegate.train(task="sums", out=tmp_path / "whole")
    assert Sums.steps == 30
    Sums.breaks_at = 30 + step
    with pytest.raises(InterruptedError):
        tidegate.train(task="sums", out=tmp_path / "broken")
    Sums.breaks_at = 0
    went_on = resume(tmp_path / "broken")
    assert Sums.steps == 60 + 1  # the step that broke is done twice, and no other
    assert went_on.valid == whole.valid
    assert weights(tmp_path / "broken") == weights(tmp_path / "whole")


@pytest.mark.usefixtures("registered")
def test_names_of_tidegates_own_are_taken():
    for name in ("classify", "tag"):
        with pytest.raises(ConfigError, match="Tidegate has a task of this name"):
            register(SumsTask(name))


@pytest.mark.usefixtures("registered")
def test_a_task_of_ones_own_can_be_registered_again():
    again = SumsTask()
    register(again)
    assert task_named("sums") is again


def test_a_task_that_is_not_registered_is_unknown(tmp_path: Path):
    with pytest.raises(ConfigError, match="no task sums"):
        tidegate.train(task="sums", train={"epochs": 1}, out=tmp_path / "run")


@pytest.mark.usefixtures("registered")
def test_a_task_takes_data_in_memory_when_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(ConfigError, match="takes no data in memory"):
        tidegate.train(task="sums", data=[1, 2], out=tmp_path / "run")
    monkeypatch.setattr(SumsTask, "in_memory", "a list of numbers", raising=False)
    held: list[object] = []
    usual = SumsTask.prepare

    def prepare(self: SumsTask, spec: RunSpec) -> Prepared:
        held.append(reference(spec.data, "train"))
        return usual(self, spec)

    monkeypatch.setattr(SumsTask, "prepare", prepare)
    tidegate.train(task="sums", data=[1, 2], out=tmp_path / "run")
    assert [one.value for one in held if isinstance(one, InMemory)] == [[1, 2]]
