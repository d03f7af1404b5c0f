"""``tidegate report``: its forms, where they go, and what it says of what it cannot do."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from result_cases import run_metrics
from tidegate.cli.app import app


def report(*arguments: str) -> Any:
    """Run the verb in this process."""
    return CliRunner().invoke(app, ["report", *arguments])


def write_run(folder: Path, cer: float) -> Path:
    folder.mkdir(parents=True)
    values = {"cer": cer}
    run_metrics(task="transcribe", primary="cer", lower_is_better=True, valid=values, test=values).write(
        folder / "metrics.json"
    )
    (folder / "config.toml").write_text("seed = 0\n")
    return folder


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """Two arms with two seeds each, and no comparison, as studies were before they had one."""
    arms: list[dict[str, Any]] = []
    for arm, cer in (("gru", 0.03), ("lstm", 0.02)):
        runs: list[dict[str, Any]] = []
        for seed in (0, 1):
            folder = f"runs/{arm}/seed-{seed}"
            value = cer + 0.001 * seed
            write_run(tmp_path / "cells" / folder, value)
            figures = {"valid": {"cer": value}, "test": {"cer": value}}
            runs.append({"seed": seed, "folder": folder, "status": "done", "seconds": 9.0, **figures})
        arms.append({"arm": arm, "spec": "[1,48,0,1 Lfx9 O1c0]", "parameters": 1234, "runs": runs, "n": 2})
    told = {"task": "transcribe", "primary": "cer", "lower_is_better": True, "arms": arms, "notes": ["a | b"]}
    (tmp_path / "cells" / "study.toml").write_text("seeds = 2\n")
    (tmp_path / "cells" / "results.json").write_text(json.dumps(told))
    return tmp_path / "cells"


def test_html_lies_in_the_folder_and_its_path_is_printed(study: Path) -> None:
    done = report(str(study))
    assert done.exit_code == 0 and done.stdout == f"{study / 'report.html'}\n"
    assert "<h1>cells" in (study / "report.html").read_text()


def test_csv_has_a_line_for_each_run(study: Path) -> None:
    done = report(str(study), "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [(row["arm"], row["seed"], row["test_cer"]) for row in rows] == [
        ("gru", "0", "0.03"),
        ("gru", "1", "0.031"),
        ("lstm", "0", "0.02"),
        ("lstm", "1", "0.021"),
    ]
    assert not (study / "report.html").exists()


def test_json_is_all_of_it_and_says_what_it_is(study: Path) -> None:
    told = json.loads(report(str(study), "--format", "json").stdout)
    assert told["kind"] == "study" and told["verdict"] is None and len(told["arms"]) == 2
    assert json.loads(report(str(study / "runs/gru/seed-0"), "--format", "json").stdout)["kind"] == "run"


def test_markdown_is_a_table_best_first(study: Path) -> None:
    lines = report(str(study), "--format", "markdown").stdout.splitlines()
    assert lines[0] == "# cells"
    assert lines[-1] == "- a | b"
    assert [line.split(" | ")[0] for line in lines if line.startswith("| ")] == ["| arm", "| lstm", "| gru"]


@pytest.mark.parametrize("form", ["markdown", "json", "csv"])
def test_a_file_holds_what_stdout_would(study: Path, form: str) -> None:
    out = study / "told"
    done = report(str(study), "--format", form, "--out", str(out))
    assert done.stdout == f"{out}\n"
    assert out.read_text() == report(str(study), "--format", form).stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--format", "latex"), "html, markdown, json, csv"),
        (("--out", "page.html"), "has its place in the folder"),
    ],
)
def test_what_it_cannot_do(study: Path, arguments: tuple[str, str], said: str) -> None:
    done = report(str(study), *arguments)
    assert done.exit_code == 2 and said in done.stderr and done.stdout == ""


def test_a_folder_of_something_else(tmp_path: Path) -> None:
    done = report(str(tmp_path), "--format", "json")
    assert done.exit_code == 2 and "neither a run nor a study" in done.stderr


@pytest.mark.parametrize("form", ["markdown", "json", "csv"])
def test_a_study_without_results(tmp_path: Path, form: str) -> None:
    (tmp_path / "study.toml").write_text("seeds = 2\n")
    done = report(str(tmp_path), "--format", form)
    assert done.exit_code == 2 and "there are no results yet" in done.stderr and done.stdout == ""
