"""Data in memory: for every task the same run as on files, known again by a digest, and refused with reasons."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import tidegate
from memory_cases import CASES, MemoryCase
from tide_series import long
from tidegate.api import RunResult, load, resume, train
from tidegate.cli.app import app
from tidegate.config.registry import BUILT_IN, settings_of
from tidegate.config.resolve import resolve
from tidegate.config.toml import load as load_toml
from tidegate.data.digest import digest_of
from tidegate.errors import CheckpointError, ConfigError, TidegateError
from tidegate.tasks.registry import task_named
from tidegate.training.callbacks import NullReporter, Validation

TASKS = sorted(BUILT_IN)
BROKEN = [(task, name) for task, case in CASES.items() for name in case().broken]
FORMS = [(task, name) for task, case in CASES.items() for name in case().forms]
case_of = cache(lambda task: CASES[task]())


def run_of(task: str, data: Any, out: Path, **more: Any) -> RunResult:
    """Two short epochs, a checkpoint after each."""
    case: MemoryCase = case_of(task)
    settings = {"epochs": 2, "threads": 1, "batch_size": 8, "checkpoint_minutes": 0, "baselines": False}
    return train(task=task, data=data, train=settings, out=out, **{**case.tables, **more})


def left(run: Path) -> dict[str, Any]:
    """Weights and figures, without what the clock, the names of samples and the notes say."""
    metrics = json.loads((run / "metrics.json").read_text(encoding="utf-8"))
    split = json.loads((run / "split.json").read_text(encoding="utf-8"))
    return {
        "weights": (run / "model" / "model.safetensors").read_bytes(),
        **{key: metrics[key] for key in ("valid", "test", "best", "samples", "steps", "parameters")},
        **{key: split[key] for key in ("seed", "counts")},
    }


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The run of a task on its data in memory, made once."""

    @cache
    def made(task: str) -> Path:
        out = tmp_path_factory.mktemp("memory") / task
        run_of(task, case_of(task).given, out)
        return out

    return made


def test_every_task_has_a_case_and_says_what_it_takes() -> None:
    assert set(CASES) == set(BUILT_IN)
    assert all(task_named(task).in_memory for task in BUILT_IN)


@pytest.mark.parametrize("task", TASKS)
def test_a_run_on_data_in_memory_says_so_and_predicts(task: str, runs: Any) -> None:
    run = runs(task)
    spec = resolve(load_toml(run / "config.toml"))
    key = settings_of(task).data_key
    assert getattr(spec.data, key) == "<memory>" and len(spec.data.digest or "") == 64
    said = f"trained on data in memory (digest {spec.data.digest[:12]}…)"  # type: ignore[index]
    assert said in json.loads((run / "metrics.json").read_text(encoding="utf-8"))["notes"]
    assert said in (run / "report.html").read_text(encoding="utf-8")
    assert said in CliRunner().invoke(app, ["show", str(run)]).stdout
    assert CliRunner().invoke(app, ["report", str(run)]).exit_code == 0
    model = load(run, threads=1)
    if case_of(task).probe is not None:
        assert model.predict(case_of(task).probe).good
    if task != "forecast":  # whose future is not in its own data
        assert model.evaluate(case_of(task).given).count > 0


@pytest.mark.parametrize("task", TASKS)
def test_it_is_the_run_on_the_same_data_in_files(task: str, runs: Any, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    path = case_of(task).write(tmp_path / "data")
    run_of(task, {settings_of(task).data_key: path}, tmp_path / "run")
    assert left(tmp_path / "run") == left(runs(task))


@pytest.mark.parametrize("task", TASKS)
def test_parts_by_name_and_a_split_are_those_of_files(task: str, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    path, given = case_of(task).write(tmp_path / "data"), case_of(task).given
    split = "0.7/0.1/0.2"
    run_of(task, {"source": given, "split": split}, tmp_path / "memory")
    run_of(task, {"source": path, "split": split}, tmp_path / "files")
    assert left(tmp_path / "memory") == left(tmp_path / "files")
    if settings_of(task).data_key == "train":
        run_of(task, {"train": given, "valid": given, "test": path}, tmp_path / "both")
        run_of(task, dict.fromkeys(("train", "valid", "test"), path), tmp_path / "named")
        assert left(tmp_path / "both") == left(tmp_path / "named")


@pytest.mark.parametrize(("task", "form"), FORMS)
def test_other_forms_of_the_same_data_train_the_same(task: str, form: str, runs: Any, tmp_path: Path) -> None:
    run_of(task, case_of(task).forms[form], tmp_path / "run")
    assert left(tmp_path / "run") == left(runs(task))


@pytest.mark.parametrize(("task", "name"), BROKEN)
def test_what_cannot_be_used_is_said(task: str, name: str, tmp_path: Path) -> None:
    data, message = case_of(task).broken[name]
    with pytest.raises(TidegateError) as raised:
        run_of(task, data, tmp_path / "run")
    assert message in str(raised.value)
    assert len(str(raised.value)) < 4000 and not (tmp_path / "run").exists()


class Plug(NullReporter):
    """Ends a run as a power cut would, after some validations."""

    def __init__(self, after: int) -> None:
        self.after = after

    def validated(self, validation: Validation) -> None:
        self.after -= 1
        if self.after == 0:
            raise InterruptedError("the plug was pulled")


@pytest.mark.parametrize("task", TASKS)
def test_resume_takes_the_same_data_and_no_others(task: str, runs: Any, tmp_path: Path) -> None:
    case, run = case_of(task), tmp_path / "run"
    with pytest.raises(InterruptedError):
        run_of(task, case.given, run, reporter=Plug(1))
    with pytest.raises(CheckpointError, match="needs them again") as raised:
        resume(run)
    assert "data=…" in str(raised.value)
    digest = resolve(load_toml(run / "config.toml")).data.digest
    with pytest.raises(CheckpointError, match="not those that the run began with") as raised:
        resume(run, data=case.other)
    assert digest and digest in str(raised.value) and str(raised.value).count("digest ") == 2
    resume(run, data=case.given)
    assert left(run) == left(runs(task))


def test_resume_names_the_parts_that_are_missing(tmp_path: Path) -> None:
    given, run = case_of("document").given, tmp_path / "run"
    with pytest.raises(InterruptedError):
        run_of("document", {"train": given, "valid": given[:9]}, run, reporter=Plug(1))
    with pytest.raises(CheckpointError, match="other parts in memory"):
        resume(run, data={"train": given})
    assert resume(run, data={"train": given, "valid": given[:9]}).stopped == "epochs"


def test_the_command_line_says_what_it_cannot_know(runs: Any) -> None:
    run = runs("document")
    evaluated = CliRunner().invoke(app, ["evaluate", str(run)])
    assert evaluated.exit_code == 2
    assert "--data PATH" in evaluated.stderr and ".evaluate(data)" in evaluated.stderr
    resumed = CliRunner().invoke(app, ["train", "--resume", str(run)])
    assert resumed.exit_code == 2 and "tidegate.resume(" in resumed.stderr


def test_what_other_processes_would_need_is_refused(tmp_path: Path) -> None:
    given, tables = case_of("document").given, case_of("document").tables
    with pytest.raises(ConfigError, match="other processes of the run cannot see"):
        train(
            task="document", data=given, train={"epochs": 1, "processes": 2}, out=tmp_path / "run", **tables
        )
    with pytest.raises(ConfigError, match="runs are processes of their own") as raised:
        tidegate.study({"task": "document"}, data=given, arms="gru", out=tmp_path / "study")
    assert "write the data to files" in str(raised.value)


def test_keys_beside_the_data(tmp_path: Path) -> None:
    given = case_of("document").given
    with pytest.raises(ConfigError, match="data in memory have no format"):
        run_of("document", {"train": given, "format": "table"}, tmp_path / "run")
    with pytest.raises(TidegateError, match="a key that names none") as raised:
        run_of("document", {"trian": given}, tmp_path / "run")
    assert "did you mean train?" in str(raised.value)
    with pytest.raises(ConfigError, match=r"data\.source stands alone"):
        run_of("document", {"train": given, "source": given, "split": "8/2"}, tmp_path / "run")


def test_a_configuration_of_a_run_in_memory_can_be_used_again(runs: Any, tmp_path: Path) -> None:
    case = case_of("document")
    (tmp_path / "data").mkdir()
    config = runs("document") / "config.toml"
    with pytest.raises(TidegateError, match="were in memory, and are not here"):
        train(config, out=tmp_path / "none")
    train(config, data=case.given, out=tmp_path / "again")
    assert left(tmp_path / "again") == left(runs("document"))
    train(config, data=case.write(tmp_path / "data"), out=tmp_path / "files")
    assert left(tmp_path / "files") == left(runs("document"))
    assert resolve(load_toml(tmp_path / "files" / "config.toml")).data.digest is None


def test_evaluate_takes_what_training_takes(runs: Any, tmp_path: Path) -> None:
    case = case_of("document")
    path = case.write(tmp_path)
    model = load(runs("document"), threads=1)
    assert model.evaluate(case.given).metrics == model.evaluate(path).metrics
    with pytest.raises(TidegateError, match="takes no such data"):
        model.evaluate(3)


def test_a_forecast_is_measured_on_newer_rows_in_memory(runs: Any, tmp_path: Path) -> None:
    newer = long(rows=90).drop(columns=["moon", "wind", "coast"])
    newer.to_csv(tmp_path / "newer.csv", index=False)
    model = load(runs("forecast"), threads=1)
    assert model.evaluate(newer).metrics == model.evaluate(tmp_path / "newer.csv").metrics


def test_a_table_may_hold_the_data_too(runs: Any, tmp_path: Path) -> None:
    """A configuration as a dictionary, with keys over it: what is over it wins, part by part."""
    given = case_of("document").given
    config = {"task": "document", "data": {"train": given, "valid": given[:5]}, **case_of("document").tables}
    train(config, train={"epochs": 1, "threads": 1}, data={"valid": given[:9]}, out=tmp_path / "run")
    spec = resolve(load_toml(tmp_path / "run" / "config.toml"))
    assert (spec.data.train, spec.data.valid) == ("<memory>", "<memory>")
    assert left(tmp_path / "run")["samples"] == {"train": 40, "valid": 9}
    assert spec.data.digest == digest_of({"train": given, "valid": given[:9]})


def test_the_guide_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = Path(__file__).parents[2] / "docs" / "how-to" / "from-python.md"
    snippets = re.findall(r"```python\n(.*?)```", page.read_text("utf-8"), flags=re.DOTALL)
    monkeypatch.chdir(tmp_path)
    exec(compile("\n".join(snippets), str(page), "exec"), {})
    trained = {resolve(load_toml(run / "config.toml")).task for run in (tmp_path / "runs").iterdir()}
    assert trained == set(BUILT_IN)
