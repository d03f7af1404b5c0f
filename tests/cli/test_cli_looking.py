"""The verbs that look and do not train: init, show, datasets."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from typer.testing import CliRunner

from tidegate.cli.app import app
from tidegate.config.presets.known import known_presets
from tidegate.config.registry import BUILT_IN
from tidegate.config.resolve import resolve
from tidegate.config.run import RunSpec
from tidegate.data.catalogue import DATASETS
from tidegate.data.format import formats_of
from tidegate.data.images.decode import Geometry
from tidegate.data.images.sample import Sample
from tidegate.data.text.tokens import tokens_from_json
from tidegate.data.words.schemes import Scheme
from tidegate.network.vgsl import parse
from tidegate.tasks.images.alphabet import Alphabet
from tidegate.tasks.images.describe import describe_lines
from tidegate.tasks.images.transcribe import Transcribe
from tidegate.tasks.language.problem import Language
from tidegate.tasks.tag.problem import Tag
from tidegate.tasks.tag.reading import TagReading
from tidegate.tasks.tag.vocabulary import TagVocabulary
from tidegate.tasks.words.vocabulary import WordVocabulary

PRESETS = known_presets()


def run(*arguments: str) -> Any:
    """Run the command line in this process."""
    return CliRunner().invoke(app, list(arguments))


@pytest.fixture
def lines(tmp_path: Path) -> Path:
    """Three lines in two folders; one has no text."""
    folder = tmp_path / "lines"
    for name, text in (("a/1", "the sea"), ("a/2", "the tide"), ("b/1", None)):
        path = folder / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", (60, 20), 255).save(path)
        if text:
            path.with_suffix(".gt.txt").write_text(text)
    return folder


def test_init_tells_lines_and_says_what_is_in_them(lines: Path, tmp_path: Path):
    out = tmp_path / "x.toml"
    result = run("init", "--train", str(lines), "--out", str(out))
    assert result.exit_code == 0, result.stderr
    assert result.stdout.strip() == str(out)
    assert "2 lines, 15 characters" in result.stderr and "1 cannot be used, b/1.png" in result.stderr
    text = out.read_text()
    assert "# 2 lines" in text.replace(f"{lines}: ", "") and "# samples a step" in text
    spec = resolve(tomllib.loads(text))
    assert (spec.task, spec.data.train) == ("transcribe", str(lines))


def test_init_tells_images_of_classes(tmp_path: Path):
    for name in ("cat", "dog"):
        (tmp_path / "images" / name).mkdir(parents=True)
        Image.new("L", (8, 8)).save(tmp_path / "images" / name / "1.png")
    out = tmp_path / "x.toml"
    result = run("init", "--train", str(tmp_path / "images"), "--preset", "lenet", "--out", str(out))
    assert result.exit_code == 0, result.stderr
    assert "2 images of 2 classes" in result.stderr
    config = tomllib.loads(out.read_text())
    assert (config["task"], config["model"]["preset"]) == ("classify", "lenet")


def test_init_overwrites_nothing(lines: Path, tmp_path: Path):
    out = tmp_path / "x.toml"
    out.write_text("mine")
    assert run("init", "--train", str(lines), "--out", str(out)).exit_code == 2
    assert out.read_text() == "mine"


def test_init_says_what_it_cannot_tell(tmp_path: Path):
    (tmp_path / "notes.md").touch()
    result = run("init", "--train", str(tmp_path), "--out", str(tmp_path / "x.toml"))
    assert result.exit_code == 2
    assert "classify: " in result.stderr and "transcribe: " in result.stderr and "--task" in result.stderr


def test_rare_characters_are_named():
    samples = [Sample("1", "aaaaaaaaaaaaQ"), Sample("2", "aßa")]
    assert describe_lines(samples)[-1] == "seen fewer than ten times: Qß"


@pytest.mark.parametrize("name", PRESETS)
def test_show_every_preset(name: str):
    result = run("show", name, "--columns", "200")
    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith("[1,")
    assert "total" in result.stdout.splitlines()[-1]


def test_show_a_string_counts_what_can_be_counted_by_hand():
    result = run("show", "[1,48,0,1 S1(1x0)1,3 Lfx10 O1c80]")
    assert result.exit_code == 0, result.stderr
    # An LSTM of 10 on 48 features has 4·10·(48 + 10 + 2), and 80 outputs have 10 + 1 each.
    assert "2,400" in result.stdout and "880" in result.stdout and "3,280" in result.stdout


def leave(run: Path, problem: Transcribe | Tag | Language) -> None:
    """A run's model.json."""
    (run / "model").mkdir(exist_ok=True)
    spec = problem.spec.model_dump(mode="json")
    described = {"format": 1, "task": problem.task, "problem": problem.to_json(), "spec": spec}
    (run / "model" / "model.json").write_text(json.dumps(described), encoding="utf-8")


def test_show_a_run_knows_its_symbols(tmp_path: Path):
    assert run("show", str(tmp_path)).exit_code == 2
    layers = parse("[1,48,0,1 S1(1x0)1,3 O1c0]")
    leave(tmp_path, Transcribe(Alphabet(("a", "b", "c")), Geometry(48), layers, RunSpec(task="transcribe")))
    result = run("show", str(tmp_path))
    assert result.exit_code == 0, result.stderr
    # Three characters and the blank, on 48 features.
    assert f" {4 * 49} " in result.stdout and "3 symbols" in result.stdout


def test_show_a_string_without_an_output():
    alone = run("show", "[1,48,0,1 Cr3,3,32 S1(1x0)1,3]")
    assert alone.exit_code == 0, alone.stderr
    assert "symbols" not in alone.stdout
    with_task = run("show", "[1,48,0,1 Cr3,3,32 S1(1x0)1,3]", "--task", "transcribe", "--symbols", "9")
    assert "O1c0]" in with_task.stdout and "9 symbols" in with_task.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "nothing to show"),
        (("lenet", "--task", "transcribe"), "transcribe"),
        (("bilstm", "--task", "language"), "nothing could be generated"),
        (("nowhere",), "neither"),
        (("[1,48,0,1 Xq3]",), "column"),
    ],
)
def test_show_says_what_is_wrong(arguments: tuple[str, ...], message: str):
    result = run("show", "--symbols", "9", *arguments)
    assert result.exit_code == 2
    assert message in result.stderr


@pytest.mark.parametrize(
    ("arguments", "line", "numbers"),
    [
        # An LSTM of 100 each way on 234 features, 2·4·100·(234 + 100 + 2); 20 tags with 200 + 1 each, and 20·22 scores
        # of one after another.
        (
            ("[1,1,0,0 Lbx100 O1f0]",),
            "for a sentence of 25 words with 234 features each, 20 tags",
            (268_800, 4_460),
        ),
        (
            ("[1,1,0,0 Lbx100]", "--task", "tag", "--symbols", "9", "--columns", "40"),
            "for a sentence of 40 words with 234 features each, 9 tags",
            (268_800, 9 * 201),
        ),
        (
            ("gru", "--task", "language", "--symbols", "65"),
            "for 128 symbols with 128 features each, 65 different ones",
            (3 * 256 * (128 + 256 + 2), 65 * 257),
        ),
    ],
)
def test_show_networks_on_words_and_symbols(arguments: tuple[str, ...], line: str, numbers: tuple[int, ...]):
    result = run("show", *arguments)
    assert result.exit_code == 0, result.stderr
    assert result.stdout.splitlines()[1] == line
    assert "on top of these parameters" in result.stdout.splitlines()[2]
    for number in numbers:
        assert f" {number:,} " in result.stdout


def test_show_runs_on_words_and_symbols(tmp_path: Path):
    words = WordVocabulary(("the",), ("t",), (), (), lowercase=False, zero_digits=False)
    tags = TagVocabulary(words, (), ("O", "B-X", "I-X"))
    layers = parse("[1,1,0,30 Lbx10 O1f0]")
    leave(tmp_path, Tag(tags, Scheme("iob2"), Scheme("iob2"), TagReading(), layers, RunSpec(task="tag")))
    assert "25 words with 30 features each, 3 tags" in run("show", str(tmp_path)).stdout
    spec, layers = RunSpec(task="language"), parse("[1,1,0,8 Lfx10 O1s0]")
    symbols = {"kind": "characters", "lowercase": False, "symbols": ["<unk>", "a", "b", "春"]}
    for tokens, count in ((symbols, 4), ({"kind": "bytes", "lowercase": False}, 256)):
        leave(tmp_path, Language(tokens_from_json(tokens), layers, spec))
        assert (
            f"128 symbols with 8 features each, {count} different ones" in run("show", str(tmp_path)).stdout
        )


def test_show_tells_of_a_string_that_leaves_the_task_open():
    result = run("show", "[1,1,0,0 Lfx9]")
    assert result.exit_code == 2
    assert "--task NAME" in result.stderr


def test_datasets_lists_everything():
    result = run("datasets")
    assert result.exit_code == 0
    formats = {one.name: task for task in BUILT_IN for one in formats_of(task) or ()}
    for name in DATASETS:
        assert f"\n{name} " in result.stdout
    for name, task in formats.items():
        assert re.search(rf"(?m)^{name} +{task} ", result.stdout)


def test_a_misspelt_data_set_gets_the_nearest_one():
    name = next(iter(DATASETS))
    result = run("datasets", "get", name[:-1] + "x")
    assert result.exit_code == 2
    assert f"did you mean {name}?" in result.stderr
    assert run("datasets", "got").exit_code == 2


def test_init_tells_lines_from_classes(line_folder: Path, tmp_path: Path):
    out = tmp_path / "lines.toml"
    result = run("init", "--train", str(line_folder), "--out", str(out))
    assert result.exit_code == 0, result.stderr
    assert 'task = "transcribe"' in out.read_text(encoding="utf-8")
    assert "48 lines" in result.stderr
