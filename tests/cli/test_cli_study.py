"""``tidegate study``: arms from flags, exit codes, and what it shows while it goes."""

from __future__ import annotations

import io
import json
import time
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tidegate.cli.app import app
from tidegate.cli.study.live import LiveStudy
from tidegate.cli.study.progress import PlainStudy
from tidegate.cli.study.state import StudyState
from tidegate.results.study import StudyArm, StudyResults, StudyRun
from tidegate.studies import study as room
from tidegate.studies.callbacks import RunKey, RunOutcome, RunProgress, StudyPlan, StudyReporter
from tidegate.studies.design.plan import StudySpec
from tidegate.studies.study import StudyResult

RUNS = tuple(RunKey(arm, seed) for seed in (0, 1) for arm in ("lstm", "gru"))
PLAN = StudyPlan(("lstm", "gru"), 2, RUNS, (RUNS[0],), 2, 1)


def progress(run: RunKey, cer: float, part: float) -> RunProgress:
    """A validation of a run that has gone for ten seconds."""
    return RunProgress(run, part * 20, 10.0, {"loss": 1.0, "cer": cer}, True, part)


def play(reporter: StudyReporter) -> None:
    """A study of four runs: one kept, one going, one failed, one still to come."""
    reporter.started(PLAN)
    reporter.run_started(RUNS[1], False)
    reporter.run_progress(progress(RUNS[1], 0.5, 0.25))
    reporter.run_started(RUNS[2], True)
    reporter.run_finished(RunOutcome(RUNS[2], "failed", error="the loss is not finite"))
    reporter.message("a note")


def test_the_state_knows_how_far_it_is():
    now = [100.0]
    state = StudyState(lambda: now[0])
    state.start(PLAN)
    assert (state.part, state.ended, state.primary) == (0.0, 1, None)
    state.start_run(RUNS[1])
    state.advance(progress(RUNS[1], 0.5, 0.25))
    assert state.part == pytest.approx(0.25 / 3)
    now[0] += 10
    assert state.part == pytest.approx(0.5 / 3)
    now[0] += 1000
    assert state.part == pytest.approx(0.99 / 3)
    state.end(RunOutcome(RUNS[1], "done", {"cer": 0.25}))
    assert state.part == pytest.approx(1 / 3)
    assert state.primary is not None and state.primary.key == "cer"
    assert [(arm.name, arm.value, arm.done) for arm in state.arms()] == [("gru", 0.25, 1), ("lstm", None, 1)]


def test_plain_lines():
    stream = io.StringIO()
    with PlainStudy(stream, pace=0) as reporter:
        play(reporter)
        reporter.finished(Path("out"), interrupted=False)
    text = stream.getvalue()
    assert "2 arms × 2 seeds: 4 runs, 1 of them finished before; 2 at a time, 1 thread each" in text
    assert "gru, seed 0: epoch 5.0  valid cer 0.5000  loss 1.000" in text
    assert "lstm, seed 1: failed  the loss is not finite" in text
    assert "2 of 4 runs" in text and "a note" in text and "done after 0:00" in text


def test_a_log_is_never_silent_for_long():
    stream = io.StringIO()
    with PlainStudy(stream, quiet=0.05) as reporter:
        reporter.started(PLAN)
        while stream.getvalue().count("1 of 4 runs") < 2:
            time.sleep(0.01)


@pytest.mark.parametrize("width", [60, 80])
def test_the_live_display_fits_its_terminal(width: int):
    stream = io.StringIO()
    with LiveStudy(stream, width=width) as live:
        play(live)
        with live.console.capture() as capture:
            live.console.print(live)
    shown = capture.get()
    assert max(map(len, shown.splitlines())) <= width
    assert "…" not in shown
    for text in ("2/4 runs", "valid cer", "0.5000", "going, 25%", "1 failed", "left"):
        assert text in " ".join(shown.split())
    assert "lstm, seed 1 failed: the loss is not finite" in stream.getvalue()


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What ``run_study`` was asked for; it trains nothing."""
    calls: list[Any] = []

    def run_study(
        study: StudySpec, out: Path, *, workers: int | None, reporter: StudyReporter, **others: Any
    ) -> StudyResult:
        calls.append((study, out, workers))
        reporter.started(PLAN)
        run = StudyRun(seed=0, folder="runs/gru/seed-0", status="done", valid={"cer": 0.1}, seconds=3.0)
        arms = (StudyArm(arm="gru", runs=(run,), n=1),)
        results = StudyResults(task="transcribe", primary="cer", lower_is_better=True, arms=arms)
        failed = RunOutcome(RUNS[1], "failed", error="out of memory")
        return StudyResult(out, results, (failed,) if study.seeds == 2 else (), study.seeds == 3)

    monkeypatch.setattr(room, "run_study", run_study)
    return calls


BASE = ("study", "--task", "transcribe", "--train", "digit-lines", "--out", "s")


def run(*arguments: str) -> Any:
    """Run the command line in this process."""
    return CliRunner().invoke(app, [*BASE, *arguments])


def test_arms_by_preset_and_by_setting(asked: list[Any]):
    result = run(
        "--arms", "lstm,both=bigru", "--arm", "wide: model.hidden=400 train.batch_size=8", "--workers", "2"
    )
    assert result.exit_code == 0, result.stderr
    study, out, workers = asked[0]
    assert [arm.name for arm in study.arms] == ["lstm", "both", "wide"]
    assert study.arms[2].overrides == {"model": {"hidden": 400}, "train": {"batch_size": 8}}
    assert (out, workers) == (Path("s"), 2)
    assert "gru" in result.stdout and "report: s/report.html" in result.stdout
    assert "4 runs" in result.stderr


def test_json(asked: list[Any]):
    result = run("--arms", "gru", "--json")
    assert json.loads(result.stdout)["arms"][0]["arm"] == "gru"


@pytest.mark.parametrize(("seeds", "code"), [("1", 0), ("2", 1), ("3", 130)])
def test_exit_codes(asked: list[Any], seeds: str, code: int):
    result = run("--arms", "gru", "--seeds", seeds)
    assert result.exit_code == code
    assert ("out of memory" in result.stderr) == (seeds == "2")


@pytest.mark.parametrize("arguments", [(), ("--arms", "grue"), ("--arm", "wide"), ("--arms", "gru,gru")])
def test_arms_that_cannot_be(asked: list[Any], arguments: tuple[str, ...]):
    result = run(*arguments)
    assert result.exit_code == 2
    assert result.stderr.startswith("error: ")
    assert not asked


FILE = """
task = "classify"
[data]
train = "digits"
[study]
arms = ["lstm", "gru"]
factors = { "model.layers" = [1, 2] }
seeds = 4
match = "parameters"
tune = 3
search = { "optimiser.learning_rate" = { low = 0.001, high = 0.01, log = true } }
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "digits.toml"
    path.write_text(FILE)
    return path


def study_of(asked: list[Any], *arguments: str) -> StudySpec:
    result = CliRunner().invoke(app, ["study", *arguments, "--out", "s"])
    assert result.exit_code in (0, 1, 130), result.stderr
    return asked[-1][0]


def test_a_file_says_what_is_compared(asked: list[Any], file: Path):
    study = study_of(asked, str(file))
    assert [arm.name for arm in study.arms] == [
        "lstm-layers-1",
        "lstm-layers-2",
        "gru-layers-1",
        "gru-layers-2",
    ]
    assert (study.seeds, study.design.match, study.design.tune) == (4, "parameters", 3)
    assert study.design.search["optimiser.learning_rate"]["low"] == 0.001


def test_flags_win_over_the_file(asked: list[Any], file: Path):
    study = study_of(
        asked, str(file), "--factor", "model.cell=rnn,lstm,gru", "--factor", "model.bidirectional=false,true",
        "--match", "none", "--tune", "0", "--seeds", "5", "--margin", "0.01",
        "--search", "train.batch_size={choices=[8,16]}",
    )  # fmt: skip
    assert [arm.name for arm in study.arms] == ["rnn", "birnn", "lstm", "bilstm", "gru", "bigru"]
    assert (study.seeds, study.design.match, study.design.tune, study.design.margin) == (5, "none", 0, 0.01)
    assert study.design.search["train.batch_size"] == {"choices": [8, 16]}
    assert [arm.name for arm in study_of(asked, str(file), "--arms", "cnn,mlp").arms] == ["cnn", "mlp"]


def test_one_run_of_a_file_with_a_study(file: Path):
    from tidegate.cli.flags import RunFlags
    from tidegate.cli.request import run_spec

    assert run_spec(RunFlags(config=file)).data.train == "digits"


def test_the_folder_alone_goes_on_and_takes_seeds(asked: list[Any], file: Path, tmp_path: Path):
    from tidegate.studies.design.folder import StudyFolder

    folder = tmp_path / "s"
    StudyFolder(folder).create(study_of(asked, str(file)))
    for flags, seeds in ((), 4), (("--add-seeds", "3"), 7), (("--margin", "0.5"), 4):
        result = CliRunner().invoke(app, ["study", "--out", str(folder), *flags])
        assert result.exit_code == 0, result.stderr
        assert asked[-1][0].seeds == seeds
    assert asked[-1][0].design.margin == 0.5
    again = CliRunner().invoke(app, ["study", str(file), "--add-seeds", "2", "--out", str(folder)])
    assert again.exit_code == 0 and asked[-1][0].seeds == 6


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (("--add-seeds", "5"), "no study to add seeds to"),
        (("--factor", "model.cell=lstm"), "not a factor"),
        (("--arms", "gru", "--match", "weights"), "'none', 'parameters' or 'flops'"),
        (("--arms", "gru", "--engine", "slurm"), "no such backend"),
        (("--arms", "gru", "--address", "10.0.0.1:6379"), "only Ray has an address"),
    ],
)
def test_what_cannot_be_asked(asked: list[Any], flags: tuple[str, ...], told: str, tmp_path: Path):
    result = CliRunner().invoke(
        app, ["study", "--task", "classify", "--train", "digits", "--out", str(tmp_path / "s"), *flags]
    )
    assert result.exit_code == 2
    assert told in result.stderr
    assert not asked


def test_several_files_are_several_data_sets(asked: list[Any], file: Path, tmp_path: Path):
    second = tmp_path / "lines.toml"
    second.write_text('task = "transcribe"\n[data]\ntrain = "digit-lines"\n[study]\narms = ["lstm", "gru"]\n')
    out = tmp_path / "all"
    result = CliRunner().invoke(app, ["study", str(file), str(second), "--out", str(out)])
    assert [call[1] for call in asked] == [out / "digits", out / "lines"]
    assert [call[0].base.task for call in asked] == ["classify", "transcribe"]
    assert "== digits" in result.stderr
    wrong = CliRunner().invoke(app, ["study", str(file), str(file), "--out", str(tmp_path / "twice")])
    assert wrong.exit_code == 2 and "two data sets have one name" in wrong.stderr


def test_a_dry_run_prints_and_leaves_nothing(
    asked: list[Any], file: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    from tidegate.studies.execution import estimate

    def survey(kind: str, request: dict[str, Any], threads: int | None) -> dict[str, Any]:
        assert (kind, request["match"], request["seconds"]) == ("survey", "parameters", 20.0)
        told = {
            "parameters": 1000,
            "off": 0.02,
            "flops": 2000,
            "architecture": "[net]",
            "train_speed": 100.0,
            "valid_seconds": 1.0,
        }
        sizes = {"steps_per_epoch": 10, "samples": {"train": 1000}}
        return {
            "target": 1000,
            "arms": [{"key": one["key"], **told, **sizes} for one in request["specs"]],
            "notes": [],
        }

    monkeypatch.setattr(estimate, "call_worker", survey)
    out = tmp_path / "s"
    result = CliRunner().invoke(
        app, ["study", str(file), "--dry-run", "--workers", "2", "--threads", "1", "--out", str(out)]
    )
    assert result.exit_code == 0, result.stderr
    assert "has 1,000 parameters, +2.0% of the 1,000" in result.stderr
    assert "4 arms, equal parameters: 3 trials each (20 runs), then 4 seeds (16 runs)" in result.stdout
    assert "; 2 at a time, 1 thread each" in result.stdout and not out.exists() and not asked
    # 15 epochs of 10 seconds and a validation, and what stands around them; 36 runs, two at a time.
    assert "estimate: 51:" in result.stdout
