"""Studies over a real Ray cluster of two nodes, started on this machine; a stub stands in place of training."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from tidegate.config.run import RunSpec
from tidegate.errors import ConfigError, OutputError
from tidegate.files import whole_lines
from tidegate.studies import RunOutcome, StudySpec, parse_arms, run_study
from tidegate.studies.callbacks import NullReporter
from tidegate.studies.execution import pool
from tidegate.studies.execution import ray_cluster as cluster
from tidegate.studies.execution.backend import Backend

ray = pytest.importorskip("ray")

pytestmark = pytest.mark.slow

STUB = (sys.executable, str(Path(__file__).parents[2] / "cases" / "stub_worker.py"))
SPEC = RunSpec.model_validate({"task": "classify", "train": {"epochs": 3}})


class Talk(NullReporter):
    """Keeps messages."""

    def __init__(self) -> None:
        self.messages: list[str] = []

    def message(self, text: str) -> None:
        self.messages.append(text)


@pytest.fixture(scope="module")
def nodes() -> Generator[Any]:
    """Two nodes of one core. Ports are the system's choice, and only what was started here is ended."""
    with (
        TemporaryDirectory(prefix="ray-", ignore_cleanup_errors=True) as folder,
        pytest.MonkeyPatch.context() as own,
    ):
        own.setenv("RAY_USAGE_STATS_ENABLED", "0")
        own.setenv("RAY_raylet_start_wait_time_s", "60")
        # Not under the test's own folder: sockets lie in it, and their paths have little room.
        own.setenv("RAY_TMPDIR", folder)
        started = start()
        try:
            yield started
        finally:
            ray.shutdown()
            started.shutdown()


def start(tries: int = 3) -> Any:
    """Ray gives a node 30 seconds to come up, and a busy machine may need more."""
    from ray.cluster_utils import Cluster

    started = Cluster()
    try:
        for _ in range(2):
            started.add_node(num_cpus=1, object_store_memory=80 * 2**20, include_dashboard=False)
        started.wait_for_nodes()
    except Exception:
        started.shutdown()
        if tries == 1:
            raise
        return start(tries - 1)
    return started


@pytest.fixture
def backend(nodes: Any) -> Backend:
    return Backend("ray", nodes.address)


def study(arms: str, seeds: int = 1) -> StudySpec:
    return StudySpec(SPEC, parse_arms(arms), seeds)


def told(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(path.read_text()) for path in sorted(folder.glob("runs/*/*/job.json"))]


def epochs(folder: Path, arm: str) -> list[dict[str, Any]]:
    path = folder / "runs" / arm / "seed-0" / "history.jsonl"
    return [json.loads(line) for line in whole_lines(path)] if path.is_file() else []


def wait_for(what: Callable[[], bool]) -> None:
    while not what():
        time.sleep(0.05)


def alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def statuses(outcomes: tuple[RunOutcome, ...]) -> dict[str, str]:
    return {str(outcome.run): outcome.status for outcome in outcomes}


def test_runs_go_over_both_nodes_and_one_that_dies_takes_no_other(tmp_path: Path, backend: Backend) -> None:
    over = threading.Event()

    def let_go() -> None:
        # Nobody goes on before two runs have begun, so both nodes have one.
        wait_for(lambda: len(told(tmp_path / "s")) > 1 or over.is_set())
        while not over.wait(0.05):
            for started in (tmp_path / "s").glob("runs/*/*/job.json"):
                started.with_name("go").touch()

    thread = threading.Thread(target=let_go)
    thread.start()
    try:
        command = (*STUB, "3", "0", "1")
        result = run_study(study("gru,lstm,mlp", 2), tmp_path / "s", backend=backend, command=command)
    finally:
        over.set()
        thread.join()
    assert statuses(result.outcomes) == {
        "gru, seed 0": "done", "lstm, seed 0": "done", "mlp, seed 0": "failed",
        "gru, seed 1": "done", "lstm, seed 1": "done", "mlp, seed 1": "failed",
    }  # fmt: skip
    assert "SIGKILL" in (result.failed[0].error or "")
    jobs = told(tmp_path / "s")
    assert len({job["raylet"] for job in jobs}) == 2, "one node did all the work"
    assert os.getpid() not in {job["parent"] for job in jobs}
    assert {job["threads"] for job in jobs} == {"1"}
    assert json.loads((tmp_path / "s" / "machine.json").read_text())["workers"] == 2
    left = [path.name for path in (tmp_path / "s").rglob("*")]
    assert not [name for name in left if name.endswith(("stop", "going.json", "ended.json", "claim"))]
    assert not [name for name in left if name.startswith(".seen-")]


def test_a_run_does_not_wait_behind_a_long_one(tmp_path: Path, backend: Backend) -> None:
    """Ray's own pool gives every second run to the node where the long one is, though the other node is free."""
    command = (sys.executable, "-c", GRU_AFTER_BIGRU, STUB[1])
    result = run_study(study("gru,lstm,bilstm,bigru"), tmp_path / "s", backend=backend, command=command)
    assert set(statuses(result.outcomes).values()) == {"done"}


# The first arm ends only after the last one. The worker's job is the first line of stdin, hence by the log's name.
GRU_AFTER_BIGRU = """
import os, sys, time
from pathlib import Path
log = Path(os.readlink("/proc/self/fd/1"))
other = log.parent.with_name("bigru") / "seed-0" / "metrics.json"
while log.parent.name == "gru" and not other.exists():
    time.sleep(0.05)
os.execv(sys.executable, [sys.executable, sys.argv[1]])
"""


def metrics(folder: Path, arm: str) -> Path:
    return folder / "runs" / arm / "seed-0" / "metrics.json"


def test_a_single_run_is_made_on_the_cluster_too(tmp_path: Path, backend: Backend) -> None:
    result = run_study(study("gru"), tmp_path / "s", backend=backend, command=STUB)
    assert statuses(result.outcomes) == {"gru, seed 0": "done"}
    (job,) = told(tmp_path / "s")
    assert job["raylet"] is not None and job["parent"] != os.getpid()


@pytest.mark.parametrize(("lost", "other"), [("gru", "lstm"), ("lstm", "gru")])
def test_a_lost_worker_of_the_cluster_costs_no_run(
    tmp_path: Path, backend: Backend, lost: str, other: str
) -> None:
    folder = tmp_path / "s"

    def lose() -> None:
        # Both wait after their third epoch until they are stopped.
        wait_for(lambda: len(epochs(folder, lost)) > 2 and len(epochs(folder, other)) > 2)
        job = json.loads((folder / "runs" / lost / "seed-0" / "job.json").read_text())
        os.kill(job["parent"], signal.SIGKILL)

    thread = threading.Thread(target=lose)
    thread.start()
    result = run_study(study("gru,lstm"), folder, backend=backend, command=(*STUB, "60", "0", "3"))
    thread.join()
    assert statuses(result.outcomes) == {"gru, seed 0": "done", "lstm, seed 0": "done"}
    for arm in ("gru", "lstm"):
        rows = epochs(folder, arm)
        assert [row["epoch"] for row in rows] == list(range(1, 61))
        assert len({row["learning_rate"] for row in rows}) == 2, "it was resumed by a second process"


def test_interrupted_runs_save_and_go_on(tmp_path: Path, backend: Backend) -> None:
    folder = tmp_path / "s"

    class Interrupt(Talk):
        def run_progress(self, progress: Any) -> None:
            if progress.epoch >= 3:
                raise KeyboardInterrupt

    first = run_study(
        study("gru"), folder, backend=backend, command=(*STUB, "60", "0", "3"), reporter=Interrupt()
    )
    assert first.interrupted and statuses(first.outcomes) == {"gru, seed 0": "interrupted"}
    assert json.loads(metrics(folder, "gru").read_text())["stopped"] == "interrupted"
    again = run_study(study("gru"), folder, backend=backend, command=(*STUB, "60", "0"))
    assert statuses(again.outcomes) == {"gru, seed 0": "done"}
    assert [row["epoch"] for row in epochs(folder, "gru")] == list(range(1, 61))


PROGRAM = f"""
import sys
from pathlib import Path
from tidegate.config.run import RunSpec
from tidegate.studies import StudySpec, parse_arms, run_study
from tidegate.studies.execution.backend import Backend
spec = RunSpec.model_validate({{"task": "classify", "train": {{"epochs": 3}}}})
command = {(*STUB, "60", "0", "3")!r}
backend = Backend("ray", sys.argv[2])
run_study(StudySpec(spec, parse_arms("gru,lstm"), 1), Path(sys.argv[1]), backend=backend, command=command)
"""


def test_no_worker_outlives_a_killed_study_and_it_goes_on(tmp_path: Path, backend: Backend) -> None:
    folder = tmp_path / "s"
    driver = subprocess.Popen([sys.executable, "-c", PROGRAM, str(folder), str(backend.address)])
    try:
        wait_for(lambda: len(epochs(folder, "gru")) > 2)
    finally:
        driver.kill()
        driver.wait()
    workers = [job["pid"] for job in told(folder)]
    wait_for(lambda: not any(alive(worker) for worker in workers))
    result = run_study(study("gru,lstm"), folder, backend=backend, command=(*STUB, "60", "0"))
    assert statuses(result.outcomes) == {"gru, seed 0": "done", "lstm, seed 0": "done"}
    for arm in ("gru", "lstm"):
        assert [row["epoch"] for row in epochs(folder, arm)] == list(range(1, 61))
    assert len({row["learning_rate"] for row in epochs(folder, "gru")}) == 2


def test_a_full_cluster_can_be_left(
    tmp_path: Path, backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "_LONG_SECONDS", 2.0)
    backend.connect()
    hold = ray.remote(num_cpus=1)(lambda: time.sleep(600))
    held = [hold.remote() for _ in range(2)]
    wait_for(lambda: not ray.available_resources().get("CPU"))

    class Impatient(Talk):
        def message(self, text: str) -> None:
            super().message(text)
            if "no room" in text:
                raise KeyboardInterrupt

    try:
        result = run_study(
            study("gru,lstm"), tmp_path / "s", backend=backend, command=STUB, reporter=Impatient()
        )
    finally:
        for one in held:
            ray.cancel(one, force=True)
    assert result.interrupted and result.outcomes == ()
    assert not told(tmp_path / "s")


def test_a_node_that_does_not_see_the_folder_is_said_before_any_run(
    tmp_path: Path, backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "_seen", lambda token: False)
    with pytest.raises(OutputError, match="not there on all nodes") as error:
        run_study(study("gru,lstm"), tmp_path / "s", backend=backend, command=STUB)
    assert socket.gethostname() in str(error.value) and str(tmp_path / "s") in str(error.value)
    assert not told(tmp_path / "s")


def test_a_node_that_cannot_run_tidegate_is_said(
    tmp_path: Path, backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(token: str) -> bool:
        raise ModuleNotFoundError("No module named 'tidegate'")

    monkeypatch.setattr(cluster, "_seen", broken)
    with pytest.raises(ConfigError, match="cannot run Tidegate"):
        run_study(study("gru,lstm"), tmp_path / "s", backend=backend, command=STUB)


def test_more_threads_than_a_node_has_are_refused(tmp_path: Path, backend: Backend) -> None:
    with pytest.raises(ConfigError, match="no node of the Ray cluster has room"):
        run_study(study("gru"), tmp_path / "s", backend=backend, threads=2, command=STUB)


def test_more_workers_than_the_cluster_has_places_are_cut(tmp_path: Path, backend: Backend) -> None:
    result = run_study(study("gru,lstm", 2), tmp_path / "s", backend=backend, workers=8, command=STUB)
    assert set(statuses(result.outcomes).values()) == {"done"}
    assert json.loads((tmp_path / "s" / "machine.json").read_text())["workers"] == 2


def test_a_mistyped_address_is_said() -> None:
    ray.shutdown()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(ConfigError, match="does not answer"):
        Backend("ray", address).workers(1)


def test_a_folder_that_is_not_there_is_not_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "_SEEN_SECONDS", 0.5)
    token = tmp_path / "here"
    token.touch()
    assert cluster._seen(str(token))
    assert not cluster._seen(str(tmp_path / "other"))
    assert not cluster._seen(str(tmp_path / "gone" / "other"))
