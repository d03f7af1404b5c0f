"""When nobody can take the results: a full disk behind stdout, a reader that has gone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-m", "tidegate", "datasets"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="/dev/full is Linux's")
def test_a_full_disk_behind_stdout_is_one_message() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(COMMAND, stdout=full, stderr=subprocess.PIPE, text=True, timeout=200)
    assert done.returncode == 2
    assert (
        "No space left" in done.stderr and "Traceback" not in done.stderr and "Exception" not in done.stderr
    )


def test_a_reader_that_has_gone_is_no_error() -> None:
    process = subprocess.Popen(COMMAND, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    stderr = process.stderr.read()
    process.stderr.close()
    assert process.wait(timeout=200) in (0, 141) and stderr == ""
