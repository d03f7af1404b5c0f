"""`tidegate check`: what it prints, and that it costs no torch."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from faults import FAULTS, lines, sayings, series, shapes, table, tagged, waves
from tidegate.check.contract import Checks, Found, Subject, found
from tidegate.check.doctor import diagnose, task_of
from tidegate.cli.app import app
from tidegate.config import registry
from tidegate.config.registry import task_names
from tidegate.config.resolve import resolve
from tidegate.config.task import TaskSettings
from tidegate.errors import ConfigError


def run(*arguments: object) -> Any:
    """Run the verb in this process."""
    return CliRunner().invoke(app, ["check", *map(str, arguments)])


def test_sound_data_are_said_to_be_sound(tmp_path: Path) -> None:
    result = run(*series(tmp_path / "s.csv", y=waves(1000)))
    assert result.exit_code == 0, result.stdout
    assert result.stdout.splitlines()[-1].endswith("s.csv, task forecast: nothing looks wrong")
    assert "read " in result.stderr and "1,000 rows" in result.stderr


def test_a_finding_has_its_code_its_cure_and_the_page(tmp_path: Path) -> None:
    result = run(*FAULTS["-999 for no value"].make(tmp_path))
    assert result.exit_code == 1
    assert "warning: column y: 4 values are -999" in result.stdout and "[sentinel]" in result.stdout
    assert "\n    leave these cells empty" in result.stdout
    assert "docs/reference/findings.md" in result.stderr


def test_findings_as_json_name_five_and_count_the_others(tmp_path: Path) -> None:
    result = run(*FAULTS["lines too narrow for CTC"].make(tmp_path), "--json")
    assert result.exit_code == 2
    told = json.loads(result.stdout)
    assert told["task"] == "transcribe" and told["samples"] == {"train": 36, "valid": 4}
    (narrow,) = (one for one in told["findings"] if one["code"] == "too-narrow")
    assert narrow["severity"] == "error" and len(narrow["samples"]) == 5 and narrow["count"] > 5
    assert narrow["page"] == "docs/reference/findings.md#too-narrow"


def test_the_task_is_found_and_several_data_sets_are_looked_at_one_by_one(tmp_path: Path) -> None:
    lines(tmp_path / "lines", sayings(40))
    shapes(tmp_path / "shapes", {"a": 100, "b": 100})
    result = run(tmp_path / "lines", tmp_path / "shapes", "--json")
    assert [one["task"] for one in json.loads(result.stdout)] == ["transcribe", "classify"]


def test_a_file_of_settings_names_data_and_network(tmp_path: Path) -> None:
    lines(tmp_path / "lines", sayings(40))
    narrow = "[1,32,0,1 Cr3,3,8 Mp2,16 S1(1x0)1,3 Lbx16]"
    (tmp_path / "run.toml").write_text(
        f'task = "transcribe"\n[data]\ntrain = "{tmp_path / "lines"}"\n[model]\nspec = "{narrow}"\n'
    )
    told = json.loads(run("--config", tmp_path / "run.toml", "--json").stdout)
    assert "too-narrow" in {one["code"] for one in told["findings"]}
    # A flag wins over the file.
    told = json.loads(run("--config", tmp_path / "run.toml", "--preset", "cnn-bilstm", "--json").stdout)
    assert "too-narrow" not in {one["code"] for one in told["findings"]}


def test_a_page_shows_the_worst_samples(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    run(*FAULTS["blank images"].make(tmp_path), "--html", page)
    text = page.read_text("utf-8")
    assert "blank-image" in text and text.count("data:image/png;base64,") == 2 and "003.png" in text
    assert "What to do" in text and 'src="http' not in text
    page = tmp_path / "series.html"
    (tmp_path / "x").mkdir()
    run(*FAULTS["a series that never moves"].make(tmp_path / "x"), "--html", page)
    assert "constant-label" in page.read_text("utf-8")


def test_what_is_no_data_is_told(tmp_path: Path) -> None:
    result = run(tmp_path, "--task", "transcribe")
    assert result.exit_code == 2 and "[no-data]" in result.stdout
    result = run(tmp_path)
    assert result.exit_code == 2 and "do not tell which task" in result.stderr
    result = run()
    assert result.exit_code == 2 and "no data" in result.stderr
    result = run(tmp_path, tmp_path, "--test", tmp_path)
    assert result.exit_code == 2 and "one DATA" in result.stderr


def test_series_with_gaps_are_looked_at_further(tmp_path: Path) -> None:
    values = [f"{value}" for value in waves(300)]
    values[7] = ""
    values[50:52] = ["-999", "-999"]
    told = json.loads(run(*series(tmp_path / "s.csv", y=values), "--json").stdout)
    codes = [one["code"] for one in told["findings"]]
    assert "bad-rows" in codes and "sentinel" in codes and "filled" not in codes


def test_samples_that_cannot_be_used_are_told_together_and_the_others_looked_at(tmp_path: Path) -> None:
    lines(tmp_path / "d", [*sayings(40), "x"])
    for number in range(3):
        (tmp_path / "d" / f"{number:03}.gt.txt").write_bytes(b"\xff\xfe\xfa")
    (tmp_path / "d" / "040.gt.txt").write_text("")
    told = json.loads(run(tmp_path / "d", "--task", "transcribe", "--json").stdout)
    assert {one["severity"] for one in told["findings"]} >= {"error"}
    assert told["samples"]["train"] + told["samples"]["valid"] == 37


def test_the_verb_imports_no_torch(tmp_path: Path) -> None:
    lines(tmp_path / "lines", sayings(40))
    shapes(tmp_path / "shapes", {"a": 20, "b": 20})
    tagged(tmp_path / "tags.txt", 40, tag=lambda place: ("B-X", "O")[place % 2])
    (tmp_path / "text.txt").write_text("\n".join(sayings(300)))
    series(tmp_path / "series.csv", y=waves(300))
    table(tmp_path / "texts.csv", {"text": sayings(40), "label": ["a", "b"] * 20})
    signals = np.random.default_rng(0).normal(size=(40, 30)).astype(np.float32)
    np.savez(tmp_path / "signals.npz", x=signals, y=np.arange(40) % 2)
    paths = ["lines", "shapes", "tags.txt", "text.txt", "series.csv", "texts.csv", "signals.npz"]
    program = (
        "import sys\nfrom typer.testing import CliRunner\nfrom tidegate.cli.app import app\n"
        "result = CliRunner().invoke(app, ['check', *sys.argv[1:], '--json'])\n"
        "print([name for name in ('torch', 'lightning_fabric', 'scipy') if name in sys.modules])\n"
        "print(result.stdout)\n"
    )
    process = subprocess.run(
        [sys.executable, "-c", program, *(str(tmp_path / path) for path in paths)],
        capture_output=True,
        text=True,
        check=True,
    )
    loaded, _, printed = process.stdout.partition("\n")
    assert loaded == "[]", "that costs seconds"
    assert {one["task"] for one in json.loads(printed)} == set(task_names())


def test_init_says_the_same(tmp_path: Path) -> None:
    command = FAULTS["-999 for no value"].make(tmp_path)
    told = json.loads(run(command[0], "--task", "forecast", "--json").stdout)
    result = CliRunner().invoke(app, ["init", "--train", command[0], "--out", str(tmp_path / "x.toml")])
    assert result.exit_code == 0, result.stderr
    severe = [one for one in told["findings"] if one["severity"] != "note"]
    assert severe
    for one in severe:
        assert one["what"] in result.stderr and one["hint"] in result.stderr


def test_train_says_what_settings_cannot_work(tmp_path: Path) -> None:
    command = [
        str(tmp_path / "t.txt"),
        "--task",
        "tag",
        "--set",
        "optimiser.learning_rate=0.5",
        "--steps",
        "1",
    ]
    tagged(tmp_path / "t.txt", 40, tag=lambda place: ("B-X", "O")[place % 2])
    more = [
        "--set",
        "tag.embedding=4",
        "--preset",
        "crf",
        "--set",
        "tag.characters=none",
        "--set",
        "train.baselines=false",
    ]
    result = CliRunner().invoke(
        app, ["train", "--train", *command, *more, "--out", str(tmp_path / "run"), "--json"]
    )
    assert result.exit_code == 0, result.stderr
    codes = [one["code"] for one in json.loads(result.stdout)["findings"]]
    assert codes.count("high-learning-rate") == 1


def test_a_task_of_ones_own_brings_its_own_doctor(monkeypatch: pytest.MonkeyPatch) -> None:
    def odd(subject: Subject[Any]) -> list[Found]:
        return [found("warning", "odd", "train", f"{subject.spec.data.train} is odd", "make it even")]

    checks = Checks(lambda spec: Subject(spec, {"train": [], "valid": []}), (odd,))
    own = TaskSettings("own-with-doctor", "a test", check=checks)
    none = TaskSettings("own-without", "a test")
    monkeypatch.setattr(registry, "_registered", {one.name: one for one in (own, none)})
    diagnosis = diagnose(
        resolve({"task": "own-with-doctor", "data": {"train": "x"}, "train": {"max_time": 1}})
    )
    assert "odd" in diagnosis.codes and diagnosis.code == 1
    with pytest.raises(ConfigError, match="says nothing of what to check"):
        diagnose(resolve({"task": "own-without", "data": {"train": "x"}}))


def test_texts_beside_images_are_not_taken_for_the_data(tmp_path: Path) -> None:
    for folder, names in {
        "JPEGImages": [f"{n}.jpg" for n in range(9)],
        "Annotations": [f"{n}.xml" for n in range(9)],
        "ImageSets/Main": ["train.txt", "val.txt"],
    }.items():
        (tmp_path / folder).mkdir(parents=True)
        for name in names:
            (tmp_path / folder / name).write_text("1\n2\n3\n")
    assert task_of(str(tmp_path)) == "classify"
