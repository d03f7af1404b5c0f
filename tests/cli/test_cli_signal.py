"""Signals on the command line: train, evaluate, predict files and streams, look at data; what is bad is named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from tidegate.api import load
from tidegate.cli.app import app

WAYS = {"ebb": -1.0, "flow": 1.0}


def table(count: int, seed: int, *, label: bool = True) -> str:
    """A row a step, two channels, falling or rising, 10 to 16 steps."""
    chance = np.random.default_rng(seed)
    lines = ["id,time,depth,speed" + (",label" if label else "")]
    for number in range(count):
        name, way = list(WAYS.items())[number % 2]
        for step in range(int(chance.integers(10, 17))):
            depth, speed = 50 + way * step + chance.normal(0, 0.3), way + chance.normal(0, 0.3)
            lines.append(f"s{number},{step},{depth:.3f},{speed:.3f}" + (f",{name}" if label else ""))
    return "\n".join(lines) + "\n"


def call(*arguments: str, stdin: str | None = None) -> Any:
    return CliRunner().invoke(app, list(arguments), input=stdin)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tides")
    (folder / "train.csv").write_text(table(30, 0))
    (folder / "test.csv").write_text(table(12, 1))
    return folder


def trained(folder: Path, name: str, *sets: str) -> Path:
    out = folder / name
    keys = ["model.hidden=6", "optimiser.learning_rate=0.03", "train.average=0", "train.batch_size=6", *sets]
    result = call(
        *(
            "train",
            "--task",
            "signal",
            "--train",
            str(folder / "train.csv"),
            "--test",
            str(folder / "test.csv"),
        ),
        *("--preset", "gru", "--epochs", "8", "--threads", "1", "--out", str(out)),
        *(part for key in keys for part in ("--set", key)),
    )
    assert result.exit_code == 0, result.stderr
    return out


@pytest.fixture(scope="module")
def run(folder: Path) -> Path:
    return trained(folder, "whole")


@pytest.fixture(scope="module")
def windowed(folder: Path) -> Path:
    return trained(folder, "windows", "signal.window=6", "signal.stride=3")


def test_train_evaluate_and_report(run: Path, folder: Path) -> None:
    metrics = json.loads((run / "metrics.json").read_text())
    assert metrics["test"]["accuracy"] >= 0.9 and metrics["primary"] == "accuracy"
    assert set(metrics["baselines"]) == {"majority", "logistic regression", "1-nn euclid", "1-nn dtw"}
    assert (run / "report.html").stat().st_size > 10_000
    result = call("evaluate", str(run), "--data", str(folder / "test.csv"), "--json")
    assert json.loads(result.stdout)["metrics"]["accuracy"] == pytest.approx(metrics["test"]["accuracy"])
    error_analysis = json.loads((run / "error_analysis.json").read_text())
    shown = error_analysis["samples"][0]["signal"]
    assert shown["channels"] == ["depth", "speed"] and len(shown["values"][0]) == shown["steps"]
    assert np.sum(error_analysis["matrix"]) == 12 and error_analysis["classes"] == ["ebb", "flow"]


def test_predict_in_order_and_name_what_is_bad(run: Path, tmp_path: Path) -> None:
    good, bad, last = tmp_path / "a.csv", tmp_path / "b.csv", tmp_path / "c.csv"
    good.write_text(table(3, 5, label=False))
    bad.write_text("id,time,depth\nx,0,1\nx,1,2\n")
    rows = table(2, 6, label=False).splitlines()
    last.write_text("\n".join([*rows[:3], "s0,2,deep,1", *rows[3:]]) + "\n")
    result = call("predict", str(run), *map(str, (good, bad, tmp_path / "none.csv", last)), "--threads", "1")
    assert result.exit_code == 1
    lines = [line.split("\t") for line in result.stdout.splitlines()]
    assert [answer for _, answer in lines] == ["ebb", "flow", "ebb", "flow"]
    assert all(str(good) in name for name, _ in lines[:3]) and str(last) in lines[3][0]
    assert str(bad) in result.stderr and "speed" in result.stderr
    assert f"{tmp_path / 'none.csv'}: no such file" in result.stderr
    assert "deep" in result.stderr and "3 of 7 inputs could not be read" in result.stderr


def test_windows_in_json(windowed: Path, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(table(2, 5))
    result = call("predict", str(windowed), str(tmp_path / "a.csv"), "--json", "--threads", "1")
    first, _ = json.loads(result.stdout)["predictions"]
    assert first["answer"] == "ebb" and sum(first["probabilities"].values()) == pytest.approx(1, abs=1e-3)
    assert [(one["start"], one["end"]) for one in first["windows"][:2]] == [(0, 6), (3, 9)]
    assert set(first["windows"][0]) == {"start", "end", "answer", "confidence"}


@pytest.mark.parametrize("head", [None, "depth;speed", "speed;extra;depth"])
def test_a_stream(head: str | None, run: Path) -> None:
    rows = [line.split(",")[2:4] for line in table(1, 9).splitlines()[1:]]
    ordered = [";".join((row[1], "0", row[0]) if head == "speed;extra;depth" else row) for row in rows]
    stdin = "\n".join([*([head] if head else []), "# a remark", "", *ordered]) + "\n"
    result = call("predict", str(run), "-", "--stream", "--every", "4", "--threads", "1", stdin=stdin)
    assert result.exit_code == 0, result.stderr
    lines = [line.split("\t") for line in result.stdout.splitlines()]
    expected = sorted({*range(4, len(rows) + 1, 4), len(rows)})
    assert [int(row) for row, _, _ in lines] == expected
    (whole,) = load(run, threads=1).predict(np.array(rows, float))
    assert (lines[-1][1], float(lines[-1][2])) == (whole.answer, pytest.approx(whole.confidence, abs=1e-4))


def test_a_stream_with_bad_rows(run: Path) -> None:
    result = call("predict", str(run), "-", "--stream", "--json", stdin="1,2\n1,x\n1\n1,nan\n3,4\n")
    assert result.exit_code == 1
    assert [json.loads(line)["row"] for line in result.stdout.splitlines()] == [1, 2]
    assert "line 2: 'x' is no number" in result.stderr
    assert "line 3: 2 numbers expected, got 1" in result.stderr
    assert "line 4: 'nan' is no value that the model can take" in result.stderr
    assert "3 rows could not be read" in result.stderr


def test_a_stream_of_windows(windowed: Path) -> None:
    rows = "".join(f"{50 - step},-1\n" for step in range(13))
    result = call("predict", str(windowed), "-", "--stream", "--json", stdin=rows)
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert lines[0]["row"] == 6 and lines[0]["window"]["end"] == 6  # Nothing is said before the first window.
    assert lines[-1]["window"]["end"] == 13 and lines[-1]["answer"] == "ebb"


@pytest.mark.parametrize(
    ("arguments", "stdin", "said"),
    [
        (["x.csv", "--stream"], "", "a stream comes on stdin"),
        (["-", "--every", "3"], "", "--every is of --stream"),
        (["-", "--horizon", "3"], "", "a model of the task signal takes no --horizon"),
        (["-", "--out", "x.csv"], "", "a model of the task signal takes no --out"),
        (["-", "--stream"], "", "no row came"),
        (["-", "--stream"], "a,b,c\n1,2,3\n", "not in the head of the stream"),
    ],
)
def test_what_does_not_go_together(arguments: list[str], stdin: str, said: str, run: Path) -> None:
    result = call("predict", str(run), *arguments, stdin=stdin)
    assert result.exit_code == 2 and said in result.stderr and "Traceback" not in result.stderr


def test_a_network_that_looks_ahead_answers_no_stream(folder: Path) -> None:
    both = trained(folder, "both", "model.bidirectional=true")
    result = call("predict", str(both), "-", "--stream", stdin="1,2\n")
    assert result.exit_code == 2 and "bidirectional" in result.stderr


def test_init_says_what_was_found(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "x.toml"
    path = str(folder / "train.csv")
    result = call("init", "--train", path, "--task", "signal", "--out", str(out))
    assert result.exit_code == 0, result.stderr
    assert "30 sequences of 2 channels (depth, speed), 10 to 16 steps" in result.stderr
    assert "2 classes; most: ebb (15); fewest: flow (15)" in result.stderr
    assert 'task = "signal"' in out.read_text()


def test_show_a_run(run: Path) -> None:
    result = call("show", str(run))
    assert result.exit_code == 0 and "2 channels" in result.stdout and "O0s2" in result.stdout


def test_show_a_run_of_values(tmp_path: Path) -> None:
    chance = np.random.default_rng(0)
    np.savez(tmp_path / "x.npz", x=chance.normal(size=(20, 12)), y=chance.normal(size=20))
    result = call(
        *(
            "train",
            "--task",
            "signal",
            "--train",
            str(tmp_path / "x.npz"),
            "--preset",
            "gru",
            "--epochs",
            "1",
        ),
        *("--set", "model.hidden=4", "--threads", "1", "--out", str(tmp_path / "run")),
    )
    assert result.exit_code == 0 and "rmse" in result.stdout, result.stderr
    assert json.loads((tmp_path / "run" / "metrics.json").read_text())["lower_is_better"] is True
    shown = call("show", str(tmp_path / "run"))
    assert shown.exit_code == 0 and "O0l1 " in shown.stdout


def test_init_tries_keys_before_training(tmp_path: Path) -> None:
    values = np.arange(40, dtype=float).reshape(8, 5)
    values[2, 3] = np.nan
    np.savez(tmp_path / "x.npz", x=values, y=np.arange(8) % 2, who=np.arange(8) // 2)
    first = call(
        "init", "--train", str(tmp_path / "x.npz"), "--task", "signal", "--out", str(tmp_path / "a.toml")
    )
    assert "1 cannot be used" in first.stderr
    keys = ("--set", "signal.missing=linear", "--group", "who", "--format", "npz")
    out = tmp_path / "b.toml"
    second = call("init", "--train", str(tmp_path / "x.npz"), "--task", "signal", *keys, "--out", str(out))
    assert second.exit_code == 0, second.stderr
    assert "1 missing values: interpolated" in second.stderr and "4 groups" in second.stderr
    assert {'missing = "linear"', 'group = "who"', 'format = "npz"'} <= {
        line.split("  #")[0].strip() for line in out.read_text(encoding="utf-8").splitlines()
    }
