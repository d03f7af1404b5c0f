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
from tidegate.cli.study_live import LiveStudy
from tidegate.cli.study_progress import PlainStudy
from tidegate.cli.study_state import StudyState
from tidegate.study import study as room
from tidegate.study.plan import StudySpec
from tidegate.study.study import StudyResult
from tidegate.study.watch import RunKey, RunOutcome, RunProgress, StudyPlan, StudyWatcher

RUNS = tuple(RunKey(arm, seed) for seed in (0, 1) for arm in ("lstm", "gru"))
PLAN = StudyPlan(("lstm", "gru"), 2, RUNS, (RUNS[0],), 2, 1)


def progress(run: RunKey, cer: float, part: float) -> RunProgress:
    """A validation of a run that has gone for ten seconds."""
    return RunProgress(run, part * 20, 10.0, {"loss": 1.0, "cer": cer}, True, part)


def play(watch: StudyWatcher) -> None:
    """A study of four runs: one kept, one going, one failed, one still to come."""
    watch.started(PLAN)
    watch.run_started(RUNS[1], False)
    watch.run_progress(progress(RUNS[1], 0.5, 0.25))
    watch.run_started(RUNS[2], True)
    watch.run_finished(RunOutcome(RUNS[2], "failed", error="the loss is not finite"))
    watch.message("a note")


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
    with PlainStudy(stream, pace=0) as watch:
        play(watch)
        watch.finished(Path("out"), interrupted=False)
    text = stream.getvalue()
    assert "2 arms × 2 seeds: 4 runs, 1 of them finished before; 2 at a time, 1 thread each" in text
    assert "gru, seed 0: epoch 5.0  valid cer 0.5000  loss 1.000" in text
    assert "lstm, seed 1: failed  the loss is not finite" in text
    assert "2 of 4 runs" in text and "a note" in text and "done after 0:00" in text


def test_a_log_is_never_silent_for_long():
    stream = io.StringIO()
    with PlainStudy(stream, quiet=0.05) as watch:
        watch.started(PLAN)
        time.sleep(0.3)
    assert stream.getvalue().count("1 of 4 runs") >= 2


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

    def run_study(study: StudySpec, out: Path, *, workers: int | None, watch: StudyWatcher) -> StudyResult:
        calls.append((study, out, workers))
        watch.started(PLAN)
        run = {"seed": 0, "status": "done", "valid": {"cer": 0.1}, "seconds": 3.0}
        results = {"primary": "cer", "lower_is_better": True, "arms": [{"arm": "gru", "runs": [run]}]}
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
