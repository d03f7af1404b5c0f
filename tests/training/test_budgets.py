"""Steps and examples end a run as epochs and seconds do: whichever is reached first."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tidegate.api import RunResult, train
from tidegate.cli.flags import RunFlags
from tidegate.cli.printing import planned
from tidegate.cli.request import flag_table
from tidegate.config.resolve import resolve
from tidegate.errors import ConfigError
from tidegate.tasks.registry import task_named
from tidegate.training.callbacks import NullReporter, RunPlan, Step
from tidegate.training.folder import RunFolder
from tidegate.training.loop import Trainer


class Record(NullReporter):
    """Keeps what the loop tells."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.plan: RunPlan | None = None

    def started(self, plan: RunPlan) -> None:
        self.plan = plan

    def stepped(self, step: Step) -> None:
        self.steps.append(step)


def settings(folder: Path, **keys: Any) -> dict[str, Any]:
    usual = {"epochs": None, "threads": 1, "batch_size": 16, "average": 0, "baselines": False}
    return {
        "task": "classify",
        "data": {"train": str(folder)},
        "model": {"spec": "[1,16,16,1 Fr8 O0s0]"},
        "train": usual | keys,
    }


def run(folder: Path, out: Path, **keys: Any) -> tuple[RunResult, Record]:
    record = Record()
    return train(settings(folder, **keys), out=out, reporter=record), record


@pytest.mark.parametrize(
    ("limits", "stopped", "steps"),
    [
        ({"steps": 6}, "steps", 6),
        ({"steps": 6, "epochs": 1}, "epochs", 4),
        ({"examples": 40}, "examples", 3),  # 54 images of training in batches of 16: the third brings 48
        ({"examples": 10**6, "steps": 5, "max_time": 1000.0}, "steps", 5),
        ({"examples": 16, "steps": 5}, "examples", 1),
    ],
)
def test_the_nearest_limit_ends_the_run(
    limits: dict[str, Any], stopped: str, steps: int, image_folder: Path, tmp_path: Path
) -> None:
    result, record = run(image_folder, tmp_path / "run", **limits)
    assert result.stopped == stopped and len(record.steps) == steps
    told = json.loads((tmp_path / "run" / "metrics.json").read_text("utf-8"))
    assert (told["steps"], told["stopped"]) == (steps, stopped)
    assert record.steps[-1].progress == 1


def test_the_schedule_ends_with_the_steps(image_folder: Path, tmp_path: Path) -> None:
    _, record = run(image_folder, tmp_path / "run", steps=20)
    assert [step.progress for step in record.steps] == pytest.approx([n / 20 for n in range(1, 21)])
    rates = [step.learning_rate for step in record.steps]
    assert rates[-1] < 0.1 * max(rates)


def test_a_run_without_any_limit_is_refused(image_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="nothing ends") as caught:
        run(image_folder, tmp_path / "run")
    assert "--steps" in str(caught.value)


class StopError(Exception):
    """Raised in the middle of a run."""


class Breaks(Record):
    """Breaks off after a validation, which is after a checkpoint of the epoch before."""

    def stepped(self, step: Step) -> None:
        super().stepped(step)
        if step.step == 6:
            raise StopError


@pytest.mark.parametrize("limit", [{"steps": 9}, {"examples": 120}])
def test_resuming_keeps_the_limit(limit: dict[str, int], image_folder: Path, tmp_path: Path) -> None:
    whole, _ = run(image_folder, tmp_path / "whole", **limit)
    spec = resolve(settings(image_folder, **limit))
    with pytest.raises(StopError):
        train(spec, out=tmp_path / "broken", reporter=Breaks())
    task = task_named(spec.task)
    outcome = Trainer(task, task.prepare(spec), RunFolder(tmp_path / "broken"), NullReporter()).fit(
        resume=True
    )
    assert outcome.stopped == whole.stopped
    last = "checkpoints/best.safetensors"
    assert (tmp_path / "broken" / last).read_bytes() == (tmp_path / "whole" / last).read_bytes()


def test_a_flag_puts_epochs_out_of_force() -> None:
    assert flag_table(RunFlags(steps=10))["train"] == {"steps": 10, "epochs": None}
    assert flag_table(RunFlags(examples=10))["train"] == {"examples": 10, "epochs": None}
    assert flag_table(RunFlags(examples=10, epochs=2))["train"] == {"examples": 10, "epochs": 2}
    assert flag_table(RunFlags(processes=2))["train"] == {"processes": 2}


def test_the_plan_names_every_limit(image_folder: Path, tmp_path: Path) -> None:
    _, record = run(image_folder, tmp_path / "run", steps=2, examples=5000)
    assert record.plan is not None
    assert planned(record.plan).endswith("at most 2 steps or 5,000 images seen")
