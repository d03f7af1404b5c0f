"""Ctrl-C on a real process: it saves, evaluates, prints its result and exits 130; the run can go on."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

COMMAND = (sys.executable, "-m", "tidegate", "train")


@pytest.mark.slow
def test_ctrl_c_saves_evaluates_and_exits_130(tmp_path: Path):
    out = tmp_path / "run"
    flags = (
        "--task",
        "classify",
        "--train",
        "digits",
        "--preset",
        "lenet",
        "--threads",
        "1",
        "--epochs",
        "500",
    )
    process = subprocess.Popen(
        [*COMMAND, *flags, "--out", str(out), "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while not (out / "history.jsonl").exists() and process.poll() is None:
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate()
    assert process.returncode == 130, stderr
    assert "stopping" in stderr and "Traceback" not in stderr
    result = json.loads(stdout)
    assert result["run"] == str(out) and 0 <= result["valid"]["accuracy"] <= 1
    for name in ("config.toml", "metrics.json", "model/model.safetensors", "report.html"):
        assert (out / name).is_file(), name
    # What was stopped can go on, and takes no other setting.
    refused = subprocess.run(
        [*COMMAND, "--resume", str(out), "--epochs", "1"], capture_output=True, text=True, timeout=200
    )
    assert refused.returncode == 2
