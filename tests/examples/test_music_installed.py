"""The example of music as an installed package: the command knows its task as it knows Tidegate's own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from scipy.io import savemat

EXAMPLE = Path(__file__).parents[2] / "examples" / "music"
Command = Callable[..., str]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of piano rolls, ``tunes.mat``: scales of four notes."""
    made = tmp_path_factory.mktemp("music")
    arrays = dict[str, np.ndarray]()
    for name in ("traindata", "validdata", "testdata"):
        arrays[name] = np.empty((1, 4), object)
        for number in range(4):
            roll = np.zeros((12 + number, 88), np.uint8)
            steps = np.arange(len(roll))
            roll[steps, 40 + (steps + number) % 4] = 1
            arrays[name][0, number] = roll
    savemat(made / "tunes.mat", arrays)
    return made


@pytest.fixture(scope="module")
def tidegate(folder: Path) -> Command:
    """The command, where the package is installed."""
    source, site = folder / "source", folder / "site"
    # Building leaves files beside what is built.
    shutil.copytree(EXAMPLE, source, ignore=shutil.ignore_patterns("__pycache__"))
    flags = ("--quiet", "--no-deps", "--no-index", "--no-build-isolation", "--disable-pip-version-check")
    subprocess.run(
        [sys.executable, "-m", "pip", "install", *flags, "--target", str(site), str(source)], check=True
    )

    def run(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "tidegate", *arguments],
            env={**os.environ, "PYTHONPATH": str(site)},
            cwd=folder,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


@pytest.fixture(scope="module")
def trained(folder: Path, tidegate: Command) -> Path:
    """A run folder of a configuration that ``init`` wrote."""
    tidegate("init", "--task", "music", "--train", "tunes.mat", "--preset", "gru", "--out", "music.toml")
    keys = ("model.hidden=32", "train.average=0.8", "optimiser.learning_rate=0.02", "train.threads=1")
    flags = [flag for key in keys for flag in ("--set", key)]
    told = json.loads(tidegate("train", "music.toml", "--out", "run", "--epochs", "120", *flags, "--json"))
    known = json.loads((folder / "run/metrics.json").read_text(encoding="utf-8"))["baselines"]
    assert told["test"]["nats_per_frame"] < 0.5 * min(one["nats_per_frame"] for one in known.values())
    return folder / "run"


def test_init_writes_its_table_with_what_its_keys_mean(trained: Path, folder: Path) -> None:
    text = (folder / "music.toml").read_text(encoding="utf-8")
    assert 'source = "tunes.mat"' in text and "[music]" in text and "semitones" in text
    assert "[tag]" not in text and "[music]" in (trained / "config.toml").read_text(encoding="utf-8")


def test_a_run_is_evaluated_and_predicts(trained: Path, tidegate: Command) -> None:
    measured = json.loads(tidegate("evaluate", "run", "--data", "tunes.mat", "--json"))
    assert measured["metrics"]["nats_per_frame"] > 0
    # The first test piece ends on the fourth of its notes, C#4 D4 D#4 E4 from key 40 up, and begins anew.
    rows = [line.split("\t") for line in tidegate("predict", "run", "tunes.mat").splitlines()]
    assert [answer for _, answer in rows] == ["C#4", "D#4", "C#4", "D#4"]
    told = json.loads(tidegate("predict", "run", "tunes.mat", "--json"))
    assert [row["answer"] for row in told["predictions"]] == ["C#4", "D#4", "C#4", "D#4"]


def test_a_run_has_a_report_in_its_own_words(trained: Path, tidegate: Command) -> None:
    page = (trained / "report.html").read_text(encoding="utf-8")
    assert "frames" in page and "nats" in page
    tidegate("report", "run")
    assert (trained / "report.html").is_file()


def test_its_networks_are_shown(trained: Path, tidegate: Command) -> None:
    assert "Gfx256" in tidegate("show", "gru", "--task", "music")
    assert "Gfx32" in tidegate("show", "run")


def test_its_networks_are_compared(trained: Path, tidegate: Command, folder: Path) -> None:
    flags = ("--arms", "gru,lstm", "--seeds", "1", "--epochs", "1", "--threads", "1", "--workers", "1")
    tidegate("study", "music.toml", *flags, "--out", "cells")
    results = json.loads((folder / "cells/results.json").read_text(encoding="utf-8"))
    assert {arm["arm"]: arm["n"] for arm in results["arms"]} == {"gru": 1, "lstm": 1}
    assert "nats" in (folder / "cells/report.html").read_text(encoding="utf-8")
