"""Folders of real runs and of a real study, tiny ones, made once for all processes of a test session."""

from __future__ import annotations

import fcntl
from pathlib import Path
from typing import Any

import pytest
from real_runs import Real

import tide_series
import tide_texts
import tide_words
from signal_cases import signals, written
from tidegate.api import train
from tidegate.config.resolve import resolve
from tidegate.studies import StudySpec, parse_arms, run_study

QUICK = {"epochs": 2, "threads": 1, "batch_size": 8}


def tables(kind: str, folder: Path, images: Path, lines: Path) -> dict[str, Any]:
    """The configuration of a run, whose data are written into a folder."""
    usual = {"train": QUICK, "model": {"preset": "gru", "hidden": 4}}
    if kind == "classify":
        return {**usual, "task": kind, "data": {"train": str(images)}, "model": {"preset": "lenet"}}
    if kind == "transcribe":
        return {**usual, "task": kind, "data": {"train": str(lines)}}
    if kind == "tag":
        data = tide_words.written(folder)
        begin, documents = (
            "-DOCSTART- -X- O\n\n",
            [tide_words.columns(tide_words.sentences(20, i)) for i in (2, 3)],
        )
        (folder / "test.txt").write_text(begin + f"\n{begin}".join(documents), encoding="utf-8")
        data["test"] = str(folder / "test.txt")
        return {**usual, "task": kind, "data": data, "tag": tide_words.SMALL}
    if kind == "language":
        (folder / "text.txt").write_text("the tide comes in and the gate goes up\n" * 60, encoding="utf-8")
        return {
            **usual,
            "task": kind,
            "data": {"train": str(folder / "text.txt")},
            "language": {"window": 10},
        }
    if kind == "document":
        return {**usual, "task": kind, "data": tide_texts.written(folder), "document": tide_texts.SMALL}
    if kind == "forecast":
        path = tide_series.written(folder, tide_series.long())
        data = {"source": path, "split": "36/12/12"}
        return {**usual, "task": kind, "data": data, "forecast": tide_series.SIZES}
    valued = kind == "values"
    path = written(folder / "signals.ts", signals(60, valued=valued), valued=valued)
    return {**usual, "task": "signal", "data": {"train": str(path)}}


@pytest.fixture(scope="session")
def real(tmp_path_factory: pytest.TempPathFactory, image_folder: Path, line_folder: Path) -> Real:
    """Gives the folder of a run of a kind, or of ``study``; nobody may write into it."""
    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if base.name.startswith("popen-") else base) / "real-runs"

    def folder(kind: str) -> Path:
        shared.mkdir(exist_ok=True)
        out = shared / kind
        with (shared / f"{kind}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (out / "report.html").exists():
                data = shared / f"{kind}-data"
                data.mkdir(exist_ok=True)
                given = tables("tag" if kind == "study" else kind, data, image_folder, line_folder)
                if kind == "study":
                    spec = resolve({**given, "train": {**QUICK, "baselines": False}})
                    run_study(StudySpec(spec, parse_arms("gru,bilstm"), 2), out, workers=2, threads=1)
                else:
                    train(given, out=out)
        return out

    return folder
