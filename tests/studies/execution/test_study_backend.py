"""Runs handed out on this machine: real worker processes, with a stub in place of training."""

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tidegate.config.run import RunSpec
from tidegate.errors import BundleError, ConfigError, MissingExtraError, OutputError
from tidegate.results.run_signs import RunEnded
from tidegate.studies import RunOutcome, RunProgress, StudySpec, parse_arms
from tidegate.studies.callbacks import NullReporter, RunKey
from tidegate.studies.design.folder import StudyFolder
from tidegate.studies.execution.backend import Backend, Job
from tidegate.studies.execution.executor import execute, give_back, request_stop
from tidegate.studies.execution.job import WORKER
from tidegate.studies.execution.pool import Pool
from tidegate.studies.execution.process import RunProcess

STUB = (sys.executable, str(Path(__file__).parents[2] / "cases" / "stub_worker.py"))
HELD = (*STUB, "150", "0", "3")
"""Waits after its third epoch."""
SPEC = RunSpec.model_validate({"task": "classify", "train": {"epochs": 3, "threads": 1}})


class Talk(NullReporter):
    """Keeps what it is told, and does something at a validation."""

    def __init__(self, at: Callable[[RunProgress], None] = lambda progress: None) -> None:
        self.began: list[tuple[str, bool]] = []
        self.messages: list[str] = []
        self.ended: list[RunOutcome] = []
        self._at = at

    def run_started(self, run: RunKey, resumed: bool) -> None:
        self.began.append((str(run), resumed))

    def run_progress(self, progress: RunProgress) -> None:
        self._at(progress)

    def message(self, text: str) -> None:
        self.messages.append(text)

    def of(self, arm: str) -> RunOutcome:
        return next(outcome for outcome in self.ended if outcome.run.arm == arm)


@pytest.fixture
def folder(tmp_path: Path) -> StudyFolder:
    made = StudyFolder(tmp_path / "s")
    made.create(StudySpec(SPEC, parse_arms("gru,lstm,rnn"), 2))
    return made


def job(folder: StudyFolder, arm: str = "gru", command: tuple[str, ...] = STUB, **key: Any) -> Job:
    spec = SPEC.model_copy(update={"model": SPEC.model.model_copy(update={"preset": arm})})
    run = RunKey(arm, 0, **key)
    folder.run(run).parent.mkdir(parents=True, exist_ok=True)
    return Job(run, spec, folder.path, command, ("tidegate", "study", "here"))


def epochs(folder: StudyFolder, run: RunKey) -> list[int]:
    text = (folder.run(run) / "history.jsonl").read_text()
    return [json.loads(line)["epoch"] for line in text.splitlines()]


def pool(folder: StudyFolder, reporter: Talk, workers: int = 2, **more: Any) -> Pool:
    return Pool(folder, workers, reporter, reporter.ended.append, **more)


def wait_for(what: Callable[[], bool]) -> None:
    while not what():
        time.sleep(0.02)


def signs_left(folder: StudyFolder) -> list[str]:
    kinds = ("stop", ".going.json", ".ended.json", ".claim")
    return [path.name for path in folder.path.rglob("*") if path.name.endswith(kinds)]


def test_runs_end_and_leave_no_signs(folder: StudyFolder) -> None:
    reporter = Talk()
    assert pool(folder, reporter).run([job(folder, "gru"), job(folder, "lstm"), job(folder, "rnn")])
    assert {outcome.run.arm: outcome.status for outcome in reporter.ended} == {
        "gru": "done", "lstm": "done", "rnn": "failed",
    }  # fmt: skip
    assert signs_left(folder) == []
    told = json.loads((folder.run(RunKey("gru", 0)) / "job.json").read_text())
    assert told["argv"] == ["tidegate", "study", "here"]


def test_no_more_at_a_time_than_workers(folder: StudyFolder) -> None:
    reporter = Talk()
    pool(folder, reporter, workers=1).run([job(folder, arm, (*STUB, "3", "0.1")) for arm in ("gru", "lstm")])
    first, second = (folder.run(RunKey(arm, 0)) for arm in ("gru", "lstm"))
    begun = json.loads((second / "job.json").read_text())["begun"]
    assert (first / "metrics.json").stat().st_mtime <= begun


def test_what_a_killed_study_has_left_stops_nothing(folder: StudyFolder) -> None:
    one = job(folder)
    request_stop(folder.stop, kill=True)
    request_stop(folder.stop_of(one.run))
    folder.claim(one.run).write_text("")
    RunOutcome(one.run, "failed", error="long ago").ended("a").write(folder.ended(one.run))
    reporter = Talk()
    assert pool(folder, reporter).run([one])
    assert reporter.of("gru").status == "done"


def test_what_runs_tell_the_study_is_read_strictly(tmp_path: Path) -> None:
    run, path = RunKey("gru", 0), tmp_path / "gru.ended.json"
    outcome = RunOutcome(run, "done", {"cer": None}, {"cer": 0.5}, 2.5)
    outcome.ended("here").write(path)
    assert RunOutcome.of(run, RunEnded.read(path)) == outcome
    for text in ('{"status": "gone"}', '{"status": "done", "second": 1}', '{"seconds": 1.0}', "{"):
        path.write_text(text)
        with pytest.raises(BundleError, match=r"gru\.ended\.json"):
            RunEnded.read(path)


def test_a_trial_that_is_pruned_keeps_its_best_validation(folder: StudyFolder) -> None:
    asked: list[int] = []

    def prune(run: RunKey, rows: Any) -> bool:
        asked.append(len(rows))
        return run.arm == "gru" and len(rows) >= 2

    jobs = [job(folder, "gru", HELD, trial=0), job(folder, "lstm", trial=0)]
    reporter = Talk()
    assert pool(folder, reporter, prune=prune).run(jobs)
    assert reporter.of("gru").status == "pruned" and reporter.of("lstm").status == "done"
    assert reporter.of("gru").valid == {"accuracy": 0.92}
    assert epochs(folder, jobs[0].run) == [1, 2, 3] and max(asked) >= 2


def test_a_first_interrupt_saves_and_starts_nothing_new(folder: StudyFolder) -> None:
    def interrupt(progress: RunProgress) -> None:
        reporter._at = lambda progress: None
        raise KeyboardInterrupt

    reporter = Talk(interrupt)
    assert not pool(folder, reporter, workers=1).run([job(folder, "gru", HELD), job(folder, "lstm", HELD)])
    assert [(outcome.run.arm, outcome.status) for outcome in reporter.ended] == [("gru", "interrupted")]
    assert reporter.of("gru").valid == {"accuracy": 0.92}
    assert reporter.messages and "once more" in reporter.messages[0]
    assert signs_left(folder) == []


def test_a_second_interrupt_kills(folder: StudyFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUB_DEAF", "1")
    interrupted: list[RunProgress] = []

    def interrupt(progress: RunProgress) -> None:
        if len(interrupted) < 2:
            interrupted.append(progress)
            raise KeyboardInterrupt

    reporter = Talk(interrupt)
    # It does not end by itself, and says something new between the two.
    assert not pool(folder, reporter).run([job(folder, "gru", (*STUB, "1e9", "0.05"))])
    outcome = reporter.of("gru")
    assert (outcome.status, outcome.error, len(interrupted)) == ("interrupted", None, 2)
    assert folder.state(outcome.run) == "started"


@pytest.mark.skipif(sys.platform == "win32", reason="has no such locks")
def test_a_run_waits_for_its_earlier_process(folder: StudyFolder) -> None:
    """A study that was killed and started again at once: its old worker may still be saving."""
    one = job(folder, "gru", HELD)
    earlier = RunProcess(one)
    wait_for(lambda: (folder.run(one.run) / "checkpoints" / "last.safetensors").is_file())
    with pytest.raises(BlockingIOError):
        RunProcess(one)

    class Patient(Talk):
        def message(self, text: str) -> None:
            super().message(text)
            earlier.stop()

    reporter = Patient()
    assert pool(folder, reporter).run([job(folder, "gru", (*STUB, "150", "0"))])
    wait_for(lambda: earlier.ended)
    assert reporter.of("gru").status == "done"
    assert reporter.messages == [
        "gru, seed 0: waits for its earlier process, which is still saving and evaluating"
    ]
    assert reporter.began == [("gru, seed 0", True)]
    assert epochs(folder, one.run) == list(range(1, 151))


def test_a_program_that_is_not_there_fails_its_run_only(folder: StudyFolder) -> None:
    reporter = Talk()
    assert pool(folder, reporter).run([job(folder, "gru", ("/nowhere/python",)), job(folder, "lstm")])
    assert reporter.of("gru").status == "failed" and "/nowhere/python" in (reporter.of("gru").error or "")
    assert reporter.of("lstm").status == "done"


def test_a_folder_that_cannot_be_used_is_said_before_anything_starts(folder: StudyFolder) -> None:
    jobs = [job(folder, "lstm"), job(folder, "gru")]
    spoil(folder)
    with pytest.raises(OutputError, match="cannot be used"):
        pool(folder, Talk()).run(jobs)
    assert folder.state(jobs[0].run) == "new"


def test_a_folder_that_fails_on_the_way_is_said_when_the_others_have_ended(folder: StudyFolder) -> None:
    jobs = [job(folder, "lstm", (*STUB, "5", "0", "1")), job(folder, "gru")]

    def spoil_and_go_on(progress: RunProgress) -> None:
        spoil(folder)
        (folder.run(jobs[0].run) / "go").touch()

    reporter = Talk(spoil_and_go_on)
    with pytest.raises(OutputError, match="cannot write a result"):
        pool(folder, reporter, workers=1).run(jobs)
    assert folder.state(jobs[0].run) == "done"


def spoil(folder: StudyFolder) -> None:
    """Put a file where the runs of an arm belong."""
    arm = folder.path / "runs" / "gru"
    if arm.is_dir():
        arm.rmdir()
        arm.write_text("a file")


def test_an_error_of_the_study_ends_its_runs(folder: StudyFolder) -> None:
    jobs = [job(folder, "lstm"), job(folder, "gru", HELD)]

    def fail(outcome: RunOutcome) -> None:
        wait_for(lambda: (folder.run(jobs[1].run) / "history.jsonl").is_file())
        raise OutputError("the disk is full")

    with pytest.raises(OutputError, match="disk is full"):
        Pool(folder, 2, Talk(), fail).run(jobs)
    pid = json.loads((folder.run(RunKey("gru", 0)) / "job.json").read_text())["pid"]
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_executors_share_runs_out_and_give_back_what_was_lost(folder: StudyFolder) -> None:
    jobs = [job(folder, "gru"), job(folder, "lstm")]
    folder.claim(jobs[0].run).touch()
    assert execute(jobs) is None
    assert [folder.state(one.run) for one in jobs] == ["new", "done"]
    give_back(jobs)
    (folder.run(jobs[1].run) / "job.json").unlink()
    assert execute(jobs) is None
    assert [folder.state(one.run) for one in jobs] == ["done", "done"]
    assert not (folder.run(jobs[1].run) / "job.json").exists(), "a run that was over was made again"


def test_an_executor_without_its_folder_says_so(tmp_path: Path) -> None:
    one = Job(RunKey("gru", 0), SPEC, tmp_path / "gone", STUB)
    error = execute([one])
    assert isinstance(error, OutputError) and str(tmp_path / "gone") in str(error)


def test_the_worker_is_the_python_of_the_node() -> None:
    assert Job(RunKey("gru", 0), SPEC, Path("s"), WORKER).program[0] == sys.executable


@pytest.mark.parametrize(
    ("name", "address", "text"), [("dask", None, "no such backend"), ("local", "a:1", "only Ray has")]
)
def test_backends_that_are_refused(name: str, address: str | None, text: str) -> None:
    with pytest.raises(ConfigError, match=text):
        Backend(name, address)


def test_a_missing_ray_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'tidegate\[cluster\]'"):
        Backend("ray", "127.0.0.1:6379").workers(1)
