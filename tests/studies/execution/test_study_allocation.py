"""How a machine is divided among the runs of a study."""

import json
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.config.run import RunSpec
from tidegate.errors import BundleError, ConfigError, DataError, TrainingError
from tidegate.studies.design.folder import StudyFolder
from tidegate.studies.execution import allocation, worker_client
from tidegate.studies.execution.allocation import candidates, probe
from tidegate.studies.execution.backend import LOCAL
from tidegate.studies.execution.resources import Share, share
from tidegate.studies.execution.worker_client import call_worker

SPEC = RunSpec.model_validate({"task": "classify"})


@given(st.integers(1, 64), st.integers(0, 70))
def test_candidates_use_every_core_within_what_memory_allows(cores: int, most: int) -> None:
    found = candidates(cores, most)
    assert all(workers * threads == cores and workers <= max(1, most) for workers, threads in found)
    assert found == sorted(found, reverse=True) and (1, cores) in found


@pytest.fixture
def four(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(allocation, "cpu_count", lambda: 4)
    monkeypatch.setattr(allocation, "fitting", lambda megabytes: 100)


def measuring(monkeypatch: pytest.MonkeyPatch, totals: dict[int, float | Exception]) -> None:
    def measured(spec: RunSpec, workers: int, threads: int, seconds: float) -> float:
        total = totals[workers]
        if isinstance(total, Exception):
            raise total
        return total

    monkeypatch.setattr(allocation, "_measured", measured)


@pytest.mark.usefixtures("four")
@pytest.mark.parametrize(
    ("totals", "best"),
    [
        ({4: 100, 2: 120, 1: 90}, (2, 2)),
        ({4: 100, 2: 102, 1: 102.9}, (4, 1)),  # within 3 %: more workers
        ({4: 100, 2: 102, 1: 104}, (1, 4)),
        ({4: TrainingError("crashed"), 2: 50, 1: 40}, (2, 2)),
    ],
)
def test_the_fastest_way_wins(
    monkeypatch: pytest.MonkeyPatch, totals: dict[int, Any], best: tuple[int, int]
) -> None:
    measuring(monkeypatch, totals)
    found = probe(SPEC)
    assert (found.workers, found.threads) == best
    for workers, total in totals.items():
        shown = "crashed" if isinstance(total, Exception) else f"{total:,.0f}"
        assert f"{workers} × {4 // workers}: {shown}" in found.why


@pytest.mark.usefixtures("four")
def test_a_probe_in_which_all_crash_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    measuring(monkeypatch, dict.fromkeys((4, 2, 1), TrainingError("no memory")))
    with pytest.raises(TrainingError, match="no memory"):
        probe(SPEC)


@pytest.mark.usefixtures("four")
def test_bad_data_are_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    measuring(monkeypatch, {4: DataError("nothing to read"), 2: 1.0, 1: 1.0})
    with pytest.raises(DataError, match="nothing to read"):
        probe(SPEC)


@pytest.mark.usefixtures("four")
@pytest.mark.parametrize(
    ("runs", "budget", "variable", "probed"),
    [
        (16, {}, "", True),
        (15, {}, "", False),
        (16, {}, "off", False),
        (16, {"max_time": 149.0}, "", False),
        (16, {"max_time": 151.0}, "", True),
    ],
)
def test_a_probe_only_where_it_pays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, runs: int, budget: Any, variable: str, probed: bool
) -> None:
    monkeypatch.setenv("TIDEGATE_PROBE", variable)
    monkeypatch.setattr(allocation, "probe", lambda spec: Share(2, 2, "probed"))
    spec = SPEC.model_copy(update={"train": SPEC.train.model_copy(update=budget)})
    found = allocation.allocate(spec, runs, StudyFolder(tmp_path), None, None, LOCAL)
    assert (found.why == "probed") == probed
    assert json.loads((tmp_path / "machine.json").read_text())["why"] == found.why


def test_a_division_is_kept(tmp_path: Path) -> None:
    (tmp_path / "machine.json").write_text('{"workers": 3, "threads": 5, "why": "measured"}')
    folder = StudyFolder(tmp_path)
    assert allocation.allocate(SPEC, 1, folder, None, None, LOCAL) == Share(3, 5, "measured")
    # Fewer workers for the one run that is left must not give it more threads than those before it had.
    assert allocation.allocate(SPEC, 1, folder, 2, None, LOCAL) == Share(1, 5, "as asked")
    assert allocation.allocate(SPEC, 9, folder, 4, 2, LOCAL) == Share(4, 2, "as asked")


def test_a_broken_division_is_named(tmp_path: Path) -> None:
    (tmp_path / "machine.json").write_text('{"workers": 3, "threads": "5"}')
    with pytest.raises(BundleError, match="does not hold what it should"):
        allocation.allocate(SPEC, 1, StudyFolder(tmp_path), None, None, LOCAL)


def test_share_says_why() -> None:
    assert share(4, 0, workers=2, threads=1) == Share(2, 1, "as asked")
    assert "core" in share(4, 0).why


def test_all_begin_together_and_the_total_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[int, int]] = []

    def pace(kind: str, request: Any, threads: int) -> Any:
        spec = RunSpec.model_validate(request["spec"])
        Path(request["ready"]).touch()
        while not Path(request["go"]).exists():
            time.sleep(0.005)
        seen.append((spec.train.threads or 0, len(list(Path(request["go"]).parent.glob("ready-*")))))
        return {"samples_per_second": 10.0}

    monkeypatch.setattr(allocation, "call_worker", pace)
    assert allocation._measured(SPEC, 3, 2, 1.0) == 30.0
    assert seen == [(2, 3)] * 3


def test_one_that_fails_lets_the_others_go(monkeypatch: pytest.MonkeyPatch) -> None:
    first = threading.Lock()

    def pace(kind: str, request: Any, threads: int) -> Any:
        if first.acquire(blocking=False):
            raise TrainingError("crashed")
        while not Path(request["go"]).exists():
            time.sleep(0.005)
        return {"samples_per_second": 10.0}

    monkeypatch.setattr(allocation, "call_worker", pace)
    with pytest.raises(TrainingError, match="crashed"):
        allocation._measured(SPEC, 2, 1, 1.0)


def worker(monkeypatch: pytest.MonkeyPatch, lines: str) -> None:
    program = f"import json, os, sys\njob = json.loads(sys.stdin.readline())\n{lines}"
    monkeypatch.setattr(worker_client, "WORKER", (sys.executable, "-c", program))


def test_an_answer_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    worker(
        monkeypatch,
        "told = {'status': 'done', 'answer': {**job['request'], 'threads': os.environ['OMP_NUM_THREADS']}}\n"
        "open(job['outcome'], 'w').write(json.dumps(told))",
    )
    assert call_worker("survey", {"a": 1}, 3) == {"a": 1, "threads": "3"}


def test_an_error_of_the_worker_is_raised_here(monkeypatch: pytest.MonkeyPatch) -> None:
    told = {"status": "failed", "error": "no such key\n  where:    here", "type": "ConfigError"}
    worker(monkeypatch, f"open(job['outcome'], 'w').write({json.dumps(told)!r})")
    with pytest.raises(ConfigError, match="where:    here"):
        call_worker("survey", {}, 1)


def test_a_crash_shows_the_last_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    worker(monkeypatch, "print('almost there', flush=True)\nos.abort()")
    with pytest.raises(TrainingError, match="almost there"):
        call_worker("pace", {}, 1)


def test_a_question_about_missing_data(tmp_path: Path) -> None:
    """Through the real worker."""
    spec = {"task": "classify", "data": {"train": str(tmp_path / "gone")}, "model": {"preset": "lenet"}}
    request = {"specs": [{"key": "a", "spec": spec}], "match": "none"}
    with pytest.raises(DataError, match="gone"):
        call_worker("survey", request, 1)


@pytest.mark.slow
def test_a_real_probe(image_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(allocation, "cpu_count", lambda: 2)
    spec = RunSpec.model_validate(
        {"task": "classify", "data": {"train": str(image_folder)}, "model": {"preset": "gru", "rows": 16}}
    )
    found = probe(spec, seconds=1.0)
    assert found.workers * found.threads == 2
    assert "2 × 1: " in found.why and "1 × 2: " in found.why and "crashed" not in found.why
