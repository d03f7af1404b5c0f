"""Studies with real worker processes and a stub in place of training."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tidegate.config.run import RunSpec
from tidegate.config.study import Design
from tidegate.errors import ConfigError, OutputError
from tidegate.results.split import RunSplit
from tidegate.studies import Arm, RunProgress, StudySpec, parse_arms, run_study
from tidegate.studies.callbacks import NullReporter, RunKey

STUB = (sys.executable, str(Path(__file__).parents[1] / "cases" / "stub_worker.py"))


class Recorder(NullReporter):
    """Keeps what it is told; may interrupt as Ctrl-C does."""

    def __init__(self, at: Callable[[RunProgress], bool] = lambda progress: False) -> None:
        self.told: list[tuple[str, Any]] = []
        self._at = at

    def started(self, plan: Any) -> None:
        self.told.append(("started", plan))

    def run_started(self, run: RunKey, resumed: bool) -> None:
        self.told.append(("run_started", (str(run), resumed)))

    def run_progress(self, progress: RunProgress) -> None:
        self.told.append(("run_progress", progress))
        if self._at(progress):
            self._at = lambda progress: False
            raise KeyboardInterrupt

    def run_finished(self, outcome: Any) -> None:
        self.told.append(("run_finished", outcome))

    def finished(self, study: Path, interrupted: bool) -> None:
        self.told.append(("finished", interrupted))

    def of(self, kind: str) -> list[Any]:
        return [what for name, what in self.told if name == kind]


def plan(arms: str = "gru,lstm", seeds: int = 2, **changes: Any) -> StudySpec:
    base = RunSpec.model_validate({"task": "classify", "train": {"epochs": 3}, **changes})
    return StudySpec(base, parse_arms(arms), seeds)


def test_every_arm_with_every_seed(tmp_path: Path) -> None:
    reporter = Recorder()
    result = run_study(plan(), tmp_path / "s", workers=2, reporter=reporter, command=STUB)
    assert not result.interrupted and not result.failed
    gru = result.results.arms[0]
    assert [run.seed for run in gru.runs] == [0, 1]
    assert gru.mean.on("test")["accuracy"] == pytest.approx(0.915)
    assert gru.spread.on("test")["accuracy"] == pytest.approx(0.01 / 2**0.5)
    assert (gru.n, gru.parameters, gru.spec) == (2, 1234, "[1,28,28,1 Lfys64 O0s10]")
    assert result.results.baselines == {"majority class": {"accuracy": 0.1}}
    assert result.results.notes == ("two files were left out",)
    assert "gru" in (tmp_path / "s" / "report.html").read_text()
    plans = reporter.of("started")
    assert (plans[0].workers, len(plans[0].runs)) == (2, 4)
    assert [name for name, _ in reporter.told][-1] == "finished"
    assert reporter.of("run_progress")[-1].progress == 1.0


def test_runs_share_the_split_and_the_threads(tmp_path: Path) -> None:
    run_study(plan(seed=7), tmp_path / "s", workers=2, command=STUB)
    jobs = [json.loads(path.read_text()) for path in sorted((tmp_path / "s").glob("runs/*/*/job.json"))]
    assert [job["spec"]["seed"] for job in jobs] == [7, 8, 7, 8]
    assert {job["spec"]["data"]["split_seed"] for job in jobs} == {7}
    assert [job["spec"]["data"]["resample"] for job in jobs] == [0, 1, 0, 1]
    assert [job["spec"]["train"]["baselines"] for job in jobs] == [True, True, False, False]
    assert len({job["threads"] for job in jobs}) == 1
    assert {str(job["spec"]["train"]["threads"]) for job in jobs} == {jobs[0]["threads"]}


@pytest.mark.parametrize(("resample", "draws", "pool"), [(True, {0, 1}, True), (False, {None}, False)])
def test_a_study_may_pool_the_parts_or_keep_one_split(
    tmp_path: Path, resample: bool, draws: set[int | None], pool: bool
) -> None:
    study = replace(plan(), design=Design(resample=resample))
    assert {study.run_spec(run).data.resample for run in study.runs} == draws
    assert {study.run_spec(run).data.pool for run in study.runs} == {pool}
    baselines = [study.run_spec(run).train.baselines for run in study.runs]
    assert baselines == ([True, False, True, False] if resample else [True, False, False, False])
    trials = [study.trial("gru", 3), study.trial("gru", 3, repeat=True)]
    assert [study.run_spec(run).data.resample for run in trials] == ([0, 1] if resample else [None, None])
    results = run_study(study, tmp_path / "s", workers=2, command=STUB).results
    assert results.design.resample == resample
    splits = [run.split for run in results.arms[0].runs]
    kind = "resampled" if resample else "one"
    assert splits == [RunSplit(kind, number if resample else 0, 80_000, 10_000) for number in (0, 1)]
    assert results.comparison and results.comparison.splits == kind


def test_a_failed_run_does_not_stop_the_others(tmp_path: Path) -> None:
    result = run_study(plan("rnn,mlp,lenet,gru", seeds=1), tmp_path / "s", workers=2, command=STUB)
    errors = {outcome.run.arm: outcome.error or "" for outcome in result.failed}
    assert set(errors) == {"rnn", "mlp", "lenet"}
    assert "the loss is not finite" in errors["rnn"] and "step 412" in errors["rnn"]
    assert "SIGKILL" in errors["mlp"] and "memory" in errors["mlp"]
    assert "ZeroDivisionError: a bug" in errors["lenet"]
    assert result.results.arms[3].n == 1
    report = (tmp_path / "s" / "report.html").read_text()
    assert "Failed runs" in report and "step 412" in report


def test_started_again_it_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run_study(plan("rnn,gru", seeds=1), tmp_path / "s", command=STUB)
    kept = (tmp_path / "s" / "runs" / "gru" / "seed-0" / "metrics.json").stat().st_mtime_ns
    monkeypatch.setenv("STUB_MENDED", "1")
    reporter = Recorder()
    result = run_study(plan("gru,lstm", seeds=2), tmp_path / "s", reporter=reporter, command=STUB)
    assert [arm.arm for arm in result.results.arms] == ["rnn", "gru", "lstm"]
    assert [arm.n for arm in result.results.arms] == [2, 2, 2]
    assert [str(run) for run in reporter.of("started")[0].kept] == ["gru, seed 0"]
    assert (tmp_path / "s" / "runs" / "gru" / "seed-0" / "metrics.json").stat().st_mtime_ns == kept


def test_interrupt_keeps_what_is_done_and_resumes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run_study(plan("gru", seeds=1), tmp_path / "s", command=STUB)
    with monkeypatch.context() as held:
        held.setenv("STUB_HOLD", "2")
        reporter = Recorder(at=lambda progress: progress.run.arm == "lstm")
        study = plan("gru,lstm,bilstm", seeds=1)
        result = run_study(study, tmp_path / "s", workers=1, reporter=reporter, command=STUB)
    assert result.interrupted and reporter.of("finished") == [True]
    assert {o.run.arm: o.status for o in result.outcomes} == {"gru": "done", "lstm": "interrupted"}
    assert result.results.arms[1].n == 0 and result.results.arms[1].runs[0].status == "interrupted"
    assert "1 of 3 runs have not ended" in " ".join(result.results.notes)
    assert (tmp_path / "s" / "report.html").is_file()

    again = Recorder()
    result = run_study(study, tmp_path / "s", workers=1, reporter=again, command=STUB)
    assert again.of("run_started") == [("lstm, seed 0", True), ("bilstm, seed 0", False)]
    assert [arm.n for arm in result.results.arms] == [1, 1, 1]
    history = (tmp_path / "s" / "runs" / "lstm" / "seed-0" / "history.jsonl").read_text().splitlines()
    assert [json.loads(line)["epoch"] for line in history] == list(range(1, len(history) + 1))


def test_a_run_that_died_before_its_first_checkpoint_starts_anew(tmp_path: Path) -> None:
    left = tmp_path / "s" / "runs" / "gru" / "seed-0"
    run_study(plan("lstm", seeds=1), tmp_path / "s", command=STUB)
    left.mkdir(parents=True)
    (left / "config.toml").write_text("")
    result = run_study(plan("gru", seeds=1), tmp_path / "s", command=STUB)
    assert not result.failed


@pytest.mark.parametrize("arms", ["gru", "gru=lstm"])
def test_another_study_is_refused(tmp_path: Path, arms: str) -> None:
    run_study(plan("gru", seeds=1), tmp_path / "s", command=STUB)
    epochs = {"epochs": 9} if arms == "gru" else {"epochs": 3}
    with pytest.raises(ConfigError, match="holds another study"):
        run_study(plan(arms, seeds=1, train=epochs), tmp_path / "s", command=STUB)


def test_a_folder_with_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(OutputError, match="holds no study"):
        run_study(plan(), tmp_path, command=STUB)


def test_an_arm_that_cannot_be_built_is_refused_before_anything_starts(tmp_path: Path) -> None:
    study = plan("gru,lenet", seeds=1, task="transcribe")
    with pytest.raises(ConfigError, match="does not do the task"):
        run_study(study, tmp_path / "s", command=STUB)
    assert not (tmp_path / "s").exists()


PROGRAM = f"""
from pathlib import Path
import sys
from tidegate.config.run import RunSpec
from tidegate.studies import Arm, StudySpec, run_study
base = RunSpec.model_validate({{"task": "classify", "train": {{"epochs": 50}}}})
arms = (Arm("gru", {{"model": {{"preset": "gru"}}}}),)
run_study(StudySpec(base, arms), Path(sys.argv[1]), workers=1, command={STUB!r})
"""


@pytest.mark.skipif(os.name != "posix", reason="sends POSIX signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_workers_stop_and_save_when_the_study_is_stopped_or_killed(
    tmp_path: Path, number: signal.Signals
) -> None:
    environment = {**os.environ, "STUB_HOLD": "1"}
    study = subprocess.Popen([sys.executable, "-c", PROGRAM, str(tmp_path / "s")], env=environment)
    run = tmp_path / "s" / "runs" / "gru" / "seed-0"
    _wait_for(run / "history.jsonl")
    study.send_signal(number)
    study.wait()
    _wait_for(run / "metrics.json")
    assert json.loads((run / "metrics.json").read_text())["stopped"] == "interrupted"
    if number == signal.SIGINT:
        assert (
            json.loads((tmp_path / "s" / "results.json").read_text())["arms"][0]["runs"][0]["status"]
            == "interrupted"
        )


def test_arm_names_are_folder_names() -> None:
    with pytest.raises(ConfigError, match="cannot have this name"):
        Arm("../up")


def _wait_for(path: Path) -> None:
    while not path.is_file():
        time.sleep(0.02)
