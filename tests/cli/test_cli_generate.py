"""``tidegate generate``: text as it comes, the prompt before it, and no traceback whoever ends it."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tidegate.api import load, train
from tidegate.cli.app import app
from tidegate.ops.generation.generate import Sampling

TEXT = "the tide comes in and the gate goes up\n春眠不覺曉\n" * 12


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("text")
    (folder / "tide.txt").write_text(TEXT, encoding="utf-8")
    return train(
        task="language",
        data={"train": str(folder / "tide.txt")},
        model={"preset": "gru", "hidden": 12, "layers": 1, "dropout": 0},
        language={"embedding": 8, "window": 12},
        train={"epochs": 1, "threads": 1, "batch_size": 4, "average": 0},
        out=folder / "run",
    ).run


def ask(run: Path, *arguments: str, stdin: str | None = None) -> Any:
    return CliRunner().invoke(app, ["generate", str(run), *arguments], input=stdin)


def test_the_prompt_and_what_follows(run: Path) -> None:
    result = ask(
        run, "--prompt", "the tide", "--length", "40", "--seed", "5", "--temperature", "0.7", "--top-p", "0.9"
    )
    sampling = Sampling(temperature=0.7, top_p=0.9, seed=5)
    expected = "".join(load(run, threads=1).generate("the tide", 40, sampling))
    assert result.exit_code == 0 and len(expected) == 40
    assert result.stdout == f"the tide{expected}\n"
    assert "symbols/s, seed 5" in result.stderr


def test_a_seed_that_was_drawn_is_told(run: Path) -> None:
    first, second = (ask(run, "--prompt", "the", "--length", "60") for _ in range(2))
    assert first.stdout != second.stdout
    seed = first.stderr.strip().rpartition(" ")[2]
    assert ask(run, "--prompt", "the", "--length", "60", "--seed", seed).stdout == first.stdout


def test_prompts_of_all_kinds(run: Path) -> None:
    assert ask(run, "--prompt", "春", "--length", "9", "--seed", "1").stdout.startswith("春")
    assert ask(run, "--prompt", "-", "--length", "9", stdin="the gate").stdout.startswith("the gate")
    assert len(ask(run, "--length", "9", "--seed", "1").stdout) == 10
    assert ask(run, "--prompt", "the", "--length", "0").stdout == "the\n"
    likeliest = [ask(run, "--prompt", "the", "--seed", str(n), "--temperature", "0").stdout for n in range(2)]
    assert likeliest[0] == likeliest[1] == ask(run, "--prompt", "the", "--top-k", "1").stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--prompt", "the Ω"], "'Ω'"),
        (["--top-p", "1.5"], "top_p"),
        (["--length", "-1"], "length"),
        (["--temperature", "-1"], "temperature"),
        (["--top-k", "0"], "top-k"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_written(arguments: list[str], said: str, run: Path) -> None:
    result = ask(run, *arguments)
    assert result.exit_code == 2 and said in result.stderr and result.stdout == ""
    assert "Traceback" not in result.stderr


def started(run: Path) -> subprocess.Popen[bytes]:
    command = [
        sys.executable,
        "-m",
        "tidegate",
        "generate",
        str(run),
        "--length",
        str(1 << 40),
        "--seed",
        "1",
    ]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def test_a_reader_that_has_enough(run: Path) -> None:
    with started(run) as process:
        assert process.stdout is not None and process.stderr is not None
        assert len(process.stdout.read(200)) == 200
        process.stdout.close()
        assert process.wait(timeout=200) == 141
        assert process.stderr.read() == b""


def test_ctrl_c(run: Path) -> None:
    with started(run) as process:
        assert process.stdout is not None and process.stderr is not None
        first = process.stdout.read(100)
        process.send_signal(signal.SIGINT)
        rest = process.stdout.read()
        assert process.wait(timeout=200) == 130
        assert b"Traceback" not in process.stderr.read()
    text = (first + rest).decode("utf-8", "ignore")
    assert set(text) <= set(TEXT) and len(text) > 50


def test_predict_is_refused(run: Path) -> None:
    result = CliRunner().invoke(app, ["predict", str(run), str(run.parent / "tide.txt")])
    assert result.exit_code == 2 and "tidegate generate" in result.stderr
