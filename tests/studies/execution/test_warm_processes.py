"""Runs as forks of a warm process: what they share, and what they do not take from each other."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from tidegate.config.run import RunSpec
from tidegate.report import page
from tidegate.report.page import read_templates
from tidegate.studies import StudySpec, parse_arms, run_study
from tidegate.studies.execution import starting
from tidegate.studies.execution.starting import Fork, WarmProcesses

STUB = (sys.executable, str(Path(__file__).parents[2] / "cases" / "stub_worker.py"))
pytestmark = pytest.mark.skipif(not starting.FORKS, reason="forks on Linux alone")

# Says how it was started and what stands in its environment, and waits for the end of its input.
PROGRAM = """
import os, sys
sys.modules["tidegate.api"] = None  # nothing to import: quick
from tidegate.studies.execution.warm_process import SOCKET, fork_when_asked
warm = os.environ.pop(SOCKET, None)
if warm is not None and not fork_when_asked(int(warm)):
    sys.exit(0)
word = sys.stdin.readline().strip()
print(word, os.getpid(), os.getppid(), os.getsid(0), flush=True)
if word == "crash":
    os.abort()
sys.stdin.read()
sys.exit(7)
"""
WARM = (sys.executable, "-c", PROGRAM)


@pytest.fixture
def warm() -> Generator[WarmProcesses]:
    with WarmProcesses() as processes:
        yield processes


def started(warm: WarmProcesses, log: Path, word: str, program: tuple[str, ...] = WARM) -> Any:
    with log.open("ab") as file:
        process = warm.start(program, dict(os.environ), file)
    assert process.stdin is not None
    process.stdin.write(f"{word}\n".encode())
    process.stdin.flush()
    return process


def ended(process: Any) -> int:
    process.stdin.close()
    return process.wait()


def test_forks_have_one_parent_and_everything_else_of_their_own(tmp_path: Path, warm: WarmProcesses) -> None:
    runs = [started(warm, tmp_path / f"{n}.log", f"word{n}") for n in range(3)]
    assert all(isinstance(run, Fork) for run in runs) and [run.poll() for run in runs] == [None] * 3
    assert [ended(run) for run in runs] == [7] * 3
    told = [(tmp_path / f"{n}.log").read_text().split() for n in range(3)]
    assert [each[0] for each in told] == ["word0", "word1", "word2"]
    assert len({each[1] for each in told}) == 3 and len({each[2] for each in told}) == 1
    assert [each[1] for each in told] == [each[3] for each in told], "each leads a session"


def test_a_crash_takes_nobody_with_it(tmp_path: Path, warm: WarmProcesses) -> None:
    other = started(warm, tmp_path / "a.log", "stays")
    crash = started(warm, tmp_path / "b.log", "crash")
    assert ended(crash) == -signal.SIGABRT and other.poll() is None
    assert ended(other) == 7


def test_one_is_killed_alone(tmp_path: Path, warm: WarmProcesses) -> None:
    one, other = (started(warm, tmp_path / f"{n}.log", "x") for n in range(2))
    one.kill()
    assert ended(one) == -signal.SIGKILL and other.poll() is None
    assert ended(other) == 7


def test_runs_outlive_the_warm_process_and_the_next_ones_are_started_anew(
    tmp_path: Path, warm: WarmProcesses
) -> None:
    first = started(warm, tmp_path / "a.log", "first")
    while not (tmp_path / "a.log").read_text():
        time.sleep(0.01)
    os.kill(int((tmp_path / "a.log").read_text().split()[2]), signal.SIGKILL)
    # Its exit code has nobody to tell it, but its end is seen.
    assert first.poll() is None
    assert ended(first) == -signal.SIGKILL
    second = started(warm, tmp_path / "b.log", "second")
    assert not isinstance(second, Fork) and ended(second) == 7


def test_a_program_that_is_no_warm_process_is_started_anew(tmp_path: Path, warm: WarmProcesses) -> None:
    plain = (sys.executable, "-c", "import sys; print(sys.stdin.readline()); sys.exit(3)")
    process = started(warm, tmp_path / "a.log", "hello", plain)
    assert not isinstance(process, Fork) and ended(process) == 3
    assert "hello" in (tmp_path / "a.log").read_text()


def test_all_runs_of_a_study_come_from_one_warm_process(tmp_path: Path) -> None:
    base = RunSpec.model_validate({"task": "classify", "train": {"epochs": 3}})
    run_study(StudySpec(base, parse_arms("gru,lstm"), 2), tmp_path / "s", workers=2, command=STUB)
    jobs = [json.loads(path.read_text()) for path in (tmp_path / "s").glob("runs/*/*/job.json")]
    assert len(jobs) == 4 and len({job["pid"] for job in jobs}) == 4
    assert len({job["parent"] for job in jobs}) == 1 and os.getpid() not in {job["parent"] for job in jobs}


def test_a_worker_ends_at_once_with_its_code_and_all_that_it_printed() -> None:
    program = (
        "import atexit, sys\n"
        "from tidegate.studies.execution.worker import leave\n"
        "atexit.register(print, 'taken apart')\n"
        "print('said')\n"
        "leave(3)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (3, "said\n")


def test_a_warm_process_has_read_the_templates() -> None:
    read_templates()
    environment = page._environment()  # pyright: ignore[reportPrivateUsage]
    read = [key[1] for key in environment.cache or ()]
    assert {"run.html", "study.html", "sections/samples.html"} <= set(read)
