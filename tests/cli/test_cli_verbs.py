"""The verbs, with a stand-in for the api: what they ask of it, what they print, how they exit."""

from __future__ import annotations

import inspect
import json
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

import tidegate.api
from tidegate.cli.app import app
from tidegate.cli.predict import predict
from tidegate.config.registry import BUILT_IN, settings_of
from tidegate.data.finding import read_as, warning
from tidegate.errors import Finding
from tidegate.tasks.images.inputs import file_portions
from tidegate.tasks.prediction.inputs import paths_of
from tidegate.tasks.prediction.rows import Prediction, Predictions
from tidegate.training.callbacks import RunPlan


@dataclass
class Result:
    """Stands for ``RunResult``."""

    run: Path
    stopped: str = "epochs"
    valid: dict[str, float] = field(default_factory=lambda: {"cer": 0.25, "loss": float("nan")})
    test: dict[str, float] | None = None
    seconds: float = 1.5
    notes: list[Finding] = field(default_factory=lambda: [read_as("digit-lines", "8 lines")])
    definition: str = ""
    leads: bool = True


def run(*arguments: str, stdin: str | None = None) -> Any:
    """Run the command line in this process."""
    return CliRunner().invoke(app, list(arguments), input=stdin)


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the api was asked for; it trains nothing."""
    asked: list[Any] = []

    def train(spec: Any, *, out: Path, reporter: Any) -> Result:
        asked.append((spec, out))
        reporter.started(RunPlan("transcribe", {"train": 8, "valid": 2}, 4, 2, None, 100, "cer"))
        reporter.finished("epochs")
        return Result(out, stopped="interrupted" if spec.seed == 9 else "epochs")

    def resume(folder: Path, *, reporter: Any) -> Result:
        asked.append(folder)
        return Result(folder)

    import sys

    module = SimpleNamespace(train=train, resume=resume)
    monkeypatch.setitem(sys.modules, "tidegate.api.training", module)  # pyright: ignore[reportArgumentType]
    assert tidegate.api
    return asked


BASE = ("train", "--task", "transcribe", "--train", "digit-lines")


def test_train_prints_results_to_stdout_and_progress_to_stderr(calls: list[Any], tmp_path: Path):
    out = str(tmp_path / "r")
    result = run(*BASE, "--out", out)
    assert result.exit_code == 0
    assert "cer 0.2500" in result.stdout and f"{out}/report.html" in result.stdout
    assert "8 train" in result.stderr and "8 train" not in result.stdout
    spec, folder = calls[0]
    assert (spec.task, spec.data.train, folder) == ("transcribe", "digit-lines", Path(out))


@pytest.mark.parametrize("option", ["--train", "--threads", "--preset"])
def test_an_option_that_stands_twice_is_refused(calls: list[Any], option: str):
    result = run(*BASE, "--preset", "lstm", "--threads", "1", option, "2")
    assert result.exit_code == 2 and not calls
    assert f"an option stands twice\n  where:    {option}" in result.stderr


def test_keys_may_be_set_one_by_one_and_a_flag_repeated(calls: list[Any]):
    result = run(*BASE, "--out", "r", "--set", "seed=3", "--set", "train.batch_size=2", "--json", "--json")
    assert result.exit_code == 0 and calls[0][0].train.batch_size == 2


def test_train_json(calls: list[Any]):
    result = run(*BASE, "--out", "r", "--json")
    assert json.loads(result.stdout) == {
        "run": "r",
        "valid": {"cer": 0.25},
        "test": None,
        "seconds": 1.5,
        "findings": [read_as("digit-lines", "8 lines").to_json()],
    }


def test_an_interrupted_run_reports_and_exits_130(calls: list[Any]):
    result = run(*BASE, "--out", "r", "--seed", "9", "--json")
    assert result.exit_code == 130
    assert json.loads(result.stdout)["run"] == "r"


def test_resume_stands_alone(calls: list[Any]):
    assert run("train", "--resume", "r").exit_code == 0
    assert calls == [Path("r")]
    refused = run("train", "--resume", "r", "--epochs", "3", "--seed", "0")
    assert refused.exit_code == 2
    assert "--seed, --epochs" in refused.stderr
    assert calls == [Path("r")]


def test_train_without_a_folder_says_what_to_give(calls: list[Any]):
    result = run(*BASE)
    assert result.exit_code == 2
    assert "--out" in result.stderr
    assert not calls


class Reader:
    """Stands for ``Model``: answers with the file's name; a file called bad… cannot be read."""

    task = "transcribe"
    definition = ""

    def __init__(self) -> None:
        self.portions: list[int] = []

    @property
    def problem(self) -> Any:
        def portions(arguments: list[str], stdin: Any) -> Any:
            return file_portions(paths_of(arguments, stdin))

        return SimpleNamespace(portions=portions)

    def predict(self, inputs: list[Path | Finding]) -> Predictions[Prediction]:
        self.portions.append(len(inputs))
        return Predictions(
            Prediction(str(path), finding=Finding("error", "unreadable", str(path), "not an image"))
            if path.name.startswith("bad")
            else Prediction(str(path), path.stem.upper(), 0.9)
            for path in inputs
            if isinstance(path, Path)
        )

    def evaluate(self, path: str, *, skip_bad: bool) -> Any:
        metrics, notes = (
            {"cer": 0.125, "wer": 0.5},
            [read_as(path, f"skip_bad {skip_bad}"), warning("leak", "2 lines are in train too")],
        )
        return SimpleNamespace(metrics=metrics, count=1200, notes=notes, definition=self.definition)


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> Reader:
    import sys

    model = Reader()
    module = SimpleNamespace(load=lambda run, threads=None: model)
    monkeypatch.setitem(sys.modules, "tidegate.api.model", module)  # pyright: ignore[reportArgumentType]
    return model


def test_predict_prints_a_line_an_image(reader: Reader, tmp_path: Path):
    for name in ("b.png", "a.PNG", "notes.txt", "deep/c.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    result = run("predict", "r", str(tmp_path), "z.png")
    assert result.exit_code == 0
    names = [str(tmp_path / name) for name in ("a.PNG", "b.png", "deep/c.jpg")]
    assert result.stdout.splitlines() == [
        f"{names[0]}\tA",
        f"{names[1]}\tB",
        f"{names[2]}\tC",
        "z.png\tZ",
    ]


def test_predict_answers_the_others_and_exits_1(reader: Reader):
    result = run("predict", "r", "bad.png", "a.png", "--json")
    assert result.exit_code == 1
    answers = json.loads(result.stdout)
    assert answers["predictions"] == [{"name": "a.png", "answer": "A", "confidence": 0.9}]
    assert [(one["where"], one["what"]) for one in answers["findings"]] == [("bad.png", "not an image")]
    assert "bad.png: not an image" in result.stderr and "1 of 2" in result.stderr


def test_predict_reads_paths_from_stdin_in_portions(reader: Reader):
    result = run("predict", "r", "-", stdin="".join(f"{index}.png\n" for index in range(300)))
    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) == 300
    assert reader.portions == [256, 44]


def test_predict_takes_only_what_the_record_of_the_task_names(reader: Reader):
    flags = {"horizon": ["3"], "out": ["x.csv"], "stream": [], "every": ["2"]}
    named = {
        name for task in BUILT_IN for name in (*settings_of(task).options, *settings_of(task).predict_flags)
    }
    assert named == set(flags) < set(inspect.signature(predict).parameters)
    for name, value in flags.items():
        refused = run("predict", "r", "a.png", f"--{name}", *value)
        assert refused.exit_code == 2
        assert f"a model of the task transcribe takes no --{name}" in refused.stderr


def test_predict_without_an_image_is_an_error(reader: Reader, tmp_path: Path):
    result = run("predict", "r", str(tmp_path))
    assert result.exit_code == 2
    assert "nothing to answer for" in result.stderr


def test_evaluate(reader: Reader):
    shown = run("evaluate", "r", "--data", "lines", "--skip-bad")
    assert shown.exit_code == 0
    assert "cer      0.1250" in shown.stdout and "1,200" in shown.stdout
    assert shown.stderr == "read lines: skip_bad True\nwarning: 2 lines are in train too\n"
    again = json.loads(run("evaluate", "r", "--data", "lines", "--json").stdout)
    assert again["metrics"] == {"cer": 0.125, "wer": 0.5}
    assert [finding["code"] for finding in again["findings"]] == ["read-as", "leak"]


def test_evaluate_says_what_the_figures_mean_where_that_must_be_said(reader: Reader):
    asked = ("evaluate", "r", "--data", "a.txt")
    assert "where" not in run(*asked).stdout and "definition" not in json.loads(run(*asked, "--json").stdout)
    reader.definition = "token = byte"
    assert "token = byte" in run(*asked).stdout
    assert json.loads(run(*asked, "--json").stdout)["definition"] == "token = byte"
