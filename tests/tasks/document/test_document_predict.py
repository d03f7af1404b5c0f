"""Answers for texts, files and tables, and what is told of data before training."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pandas as pd
import pytest

from cases.tide_texts import network_of, prepared, problem_of, written
from tidegate.check.kinds.documents import unlikeness
from tidegate.config.resolve import resolve
from tidegate.errors import DataError
from tidegate.tasks.document.task import DOCUMENT
from tidegate.tasks.evaluation import not_training


def test_strings_are_texts_and_paths_are_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    task = prepared(written(tmp_path))
    network, problem = network_of(task, 40), problem_of(task)
    monkeypatch.chdir(tmp_path)
    Path("lines.txt").write_text("In Brest the water is ebb.\n\nthe water is full.\n", encoding="utf-8")
    frame = pd.DataFrame({"text": ["the water is empty", " "]})
    with not_training(network):
        one = problem.predict(network, "In London the water is flow.")
        rows = problem.predict(network, ["", Path("lines.txt"), frame, Path("none.csv"), "lines.txt"])
        piped = [
            row
            for part in problem.portions(["-"], io.BytesIO(b"ebb\n"))
            for row in problem.predict(network, part)
        ]
        with pytest.raises(DataError, match="no such input"):
            problem.predict(network, 3)
    assert [row.answer for row in one] == ["high"] and list(one[0].probabilities) == ["high", "low"]
    assert sum(one[0].probabilities.values()) == pytest.approx(1.0)
    assert [row.answer for row in rows][:5] == ["", "low", "high", "low", ""]
    assert [row.finding.code for row in rows.bad if row.finding] == ["empty-text", "empty-text", "unreadable"]
    assert [note.code for note in rows.notes] == ["names-a-file"]
    assert rows[1].name.endswith("lines.txt, line 1") and rows[1].text().endswith("\tlow")
    plain = json.loads(json.dumps(one[0].to_json()))
    assert plain["labels"] == ["high"] and set(plain["probabilities"]) == {"high", "low"}
    assert [row.name for row in piped] == ["stdin, line 1"]


def test_labels_and_values_in_json(tmp_path: Path) -> None:
    several = prepared(written(tmp_path, answers={"high": "water|high", "low": "water"}), separator="|")
    values = prepared(written(tmp_path, answers={"high": "12.5", "low": "2.5"}))
    for task, key in ((several, "probabilities"), (values, "value")):
        network = network_of(task, 5)
        with not_training(network):
            plain = task.problem.predict(network, "the water is ebb")[0].to_json()
        assert key in plain and ("confidence" in plain) == (key == "probabilities")


def test_what_is_told_before_training(tmp_path: Path) -> None:
    written(tmp_path, 20)
    (tmp_path / "train.csv").write_text("text,label\nebb,low\nflow now,high\n,low\n", encoding="utf-8")
    spec = resolve({"task": "document", "data": {"train": str(tmp_path)}})
    found = DOCUMENT.describe(spec, str(tmp_path))
    assert found.lines[:2] == [
        "2 texts of 1 to 2 words (median 1.5), 3 different",
        "2 classes; most: low (1); fewest: high (1)",
    ]
    assert found.lines[2].startswith("valid: 20 texts, ") and [one.code for one in found.bad] == [
        "empty-text"
    ]


def test_data_of_the_task_are_known_as_such(tmp_path: Path) -> None:
    assert (unlikeness(written(tmp_path, 4)["train"]) or 0) < 0
    (tmp_path / "series.csv").write_text("ds,y\n2020-01-01,3\n2020-01-02,4\n", encoding="utf-8")
    with pytest.raises(DataError, match="cannot be told which column holds the text"):
        unlikeness(str(tmp_path / "series.csv"))
