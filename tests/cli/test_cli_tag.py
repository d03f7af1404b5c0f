"""``tidegate predict`` with a tagger: files out as they came in, with tags; what is bad is named, the rest is done."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tidegate.api import load, train
from tidegate.cli.app import app

BLOCK = (
    "Anna NNP B-PER\nsees VB O\nNew NNP B-LOC\nYork NNP I-LOC\n\nBert NNP B-PER\nleft VB O\nRio NNP B-LOC\n\n"
)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("words")
    (folder / "train.txt").write_text(BLOCK * 12, encoding="utf-8")
    return train(
        task="tag",
        data={"train": str(folder / "train.txt"), "valid": str(folder / "train.txt")},
        model={"preset": "lstm-crf", "hidden": 6, "layers": 1},
        tag={"embedding": 8, "characters": "none", "direct": False, "n_best": 2},
        train={"epochs": 6, "threads": 1, "average": 0, "batch_size": 4},
        optimiser={"learning_rate": 0.03},
        out=folder / "run",
    ).run


def ask(run: Path, *arguments: str, stdin: str | bytes | None = None) -> Any:
    return CliRunner().invoke(app, ["predict", str(run), *arguments, "--threads", "1"], input=stdin)


def test_text_on_stdin(run: Path) -> None:
    result = ask(run, "-", stdin="Bert sees New York\nAnna left\n")
    assert result.exit_code == 0 and result.stderr == ""
    assert result.stdout == "Bert\tB-PER\nsees\tO\nNew\tB-LOC\nYork\tI-LOC\n\nAnna\tB-PER\nleft\tO\n\n"


def test_words_one_a_line(run: Path) -> None:
    # In a file without tags the column of tags is added.
    result = ask(run, "-", stdin="Anna NNP\nleft VB\n\nRio NNP\n\n")
    assert result.stdout == "Anna NNP B-PER\nleft VB O\n\nRio NNP B-LOC\n\n"
    single = ask(run, "-", stdin="Anna\nleft\n\n")
    assert single.exit_code == 0 and single.stdout.split() == ["Anna", "B-PER", "left", "O"]


def test_columns_come_back_byte_for_byte(run: Path, tmp_path: Path) -> None:
    path = tmp_path / "in.txt"
    content = BLOCK.replace("\n", "\r\n").replace("NNP ", "NNP   ")
    path.write_bytes(("-DOCSTART- -X- O\r\n\r\n" + content).encode())
    result = ask(run, str(path))
    assert result.exit_code == 0 and result.stdout_bytes == path.read_bytes()


def test_several_files_one_of_them_broken(run: Path, tmp_path: Path) -> None:
    first, bad, empty, last = (tmp_path / name for name in ("a.txt", "b.txt", "c.txt", "d.txt"))
    first.write_text(BLOCK, encoding="utf-8")
    bad.write_bytes(BLOCK.encode() + b"caf\xe9 NNP O\n\nAnna NNP\n\nBert NNP x\nleft VB x\n")
    empty.write_text("", encoding="utf-8")
    last.write_text("Bert left\nAnna sees Rio\n", encoding="utf-8")
    result = ask(run, *map(str, (first, bad, tmp_path / "none.txt", empty, last)))
    assert result.exit_code == 1
    assert f"{bad}:10: is not UTF-8 (byte 0xe9" in result.stderr
    assert f"{bad}:12: 3 columns expected, got 2: 'Anna NNP'" in result.stderr
    assert f"{tmp_path / 'none.txt'}: the file cannot be read" in result.stderr
    assert f"{empty}: " in result.stderr and "inputs could not be read" in result.stderr
    done = BLOCK.encode() * 2 + b"caf\xe9 NNP O\n\nAnna NNP\n\nBert NNP B-PER\nleft VB O\n"
    assert result.stdout_bytes.startswith(done)
    assert result.stdout_bytes.endswith(b"Bert\tB-PER\nleft\tO\n\nAnna\tB-PER\nsees\tO\nRio\tB-LOC\n\n")


def test_json_has_spans_confidences_and_alternatives(run: Path) -> None:
    result = ask(run, "-", "--json", stdin="Bert sees New York\n")
    (one,) = json.loads(result.stdout)["predictions"]
    assert one["tags"] == ["B-PER", "O", "B-LOC", "I-LOC"]
    assert [(span["start"], span["end"], span["label"], span["text"]) for span in one["spans"]] == [
        (0, 1, "PER", "Bert"), (2, 4, "LOC", "New York"),
    ]  # fmt: skip
    assert all(0 < sure <= 1 for sure in one["confidences"])
    assert one["spans"][1]["confidence"] == min(one["confidences"][2:])
    assert one["alternatives"][0]["tags"] == one["tags"] and len(one["alternatives"]) == 2
    assert one["alternatives"][0]["log_probability"] > one["alternatives"][1]["log_probability"]
    (answer,) = load(run, threads=1).predict("Bert sees New York")
    assert one["confidences"] == pytest.approx(answer.confidences, abs=1e-4)


@pytest.mark.parametrize("content", ["", "\n\n", "-DOCSTART-\n\n"])
def test_nothing_to_tag(content: str, run: Path, tmp_path: Path) -> None:
    path = tmp_path / "empty.txt"
    path.write_text(content, encoding="utf-8")
    result = ask(run, str(path))
    if content.startswith("-DOC"):  # One line of text, for all that can be told.
        assert result.exit_code == 0
    else:
        assert result.exit_code == 1 and str(path) in result.stderr and result.stdout == ""
    assert "Traceback" not in result.stderr


def test_a_tagger_writes_no_text(run: Path) -> None:
    result = CliRunner().invoke(app, ["generate", str(run), "--prompt", "Anna"])
    assert result.exit_code == 2 and "no model of the task tag generates text" in result.stderr
