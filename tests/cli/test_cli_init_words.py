"""`tidegate init` on words and text: which task they are for, and what it says of them."""

from __future__ import annotations

import gzip
import tomllib
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tidegate.cli.app import app
from tidegate.config.resolve import resolve
from tidegate.data.words.sentence import Sentence
from tidegate.tasks.language.describe import describe_text
from tidegate.tasks.tag.describe import describe_sentences

CHUNKS = "the DT B-NP\ntide NN I-NP\nturns VBZ B-VP\n\nturns VBZ B-VP\n. . O\n\n"
TREE = "1\tWords\tword\tNOUN\tNNS\t_\t0\troot\t_\t_\n2\tend\tend\tVERB\tVBP\t_\t1\tdep\t_\t_\n\n"


def init(path: Path, out: Path, *more: str) -> Any:
    """Run the verb in this process."""
    return CliRunner().invoke(app, ["init", "--train", str(path), "--out", str(out), *more])


def test_columns(tmp_path: Path):
    (tmp_path / "train.txt").write_text(CHUNKS)
    out = tmp_path / "x.toml"
    result = init(tmp_path / "train.txt", out, "--preset", "lstm-crf")
    assert result.exit_code == 0, result.stderr
    assert "2 sentences, 5 words, 4 different (75% of these once)" in result.stderr
    assert "4 tags, scheme iob2; most: B-VP (2); fewest: O (1)" in result.stderr
    assert "longest sentence: 3 words (train.txt:1)" in result.stderr
    text = out.read_text(encoding="utf-8")
    assert text.startswith(f"# {tmp_path / 'train.txt'}: 2 sentences")
    spec = resolve(tomllib.loads(text))
    assert (spec.task, spec.model.preset, spec.data.train) == ("tag", "lstm-crf", str(tmp_path / "train.txt"))


def test_a_folder_with_parts_of_its_own(tmp_path: Path):
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "README.txt").write_text("What this is.\n")
    (folder / "a.train.txt").write_text(CHUNKS + "the\n\n")
    (folder / "a.test.txt").write_text("tide NN O\nebbs VBZ B-VP\n\n")
    result = init(folder, tmp_path / "x.toml")
    assert result.exit_code == 0, result.stderr
    assert "test: 1 sentences, 2 words, 50.0% of them not in training" in result.stderr
    assert "1 cannot be used, a.train.txt:8 first: 3 columns expected, got 1" in result.stderr


def test_packed_conllu(tmp_path: Path):
    path = tmp_path / "en-ud-train.conllu.gz"
    path.write_bytes(gzip.compress(TREE.encode()))
    result = init(path, tmp_path / "x.toml")
    assert result.exit_code == 0, result.stderr
    assert "2 tags, scheme none" in result.stderr
    assert 'task = "tag"' in (tmp_path / "x.toml").read_text(encoding="utf-8")


def test_text(tmp_path: Path):
    (tmp_path / "play.txt").write_text("To be,\nor not to be\n" * 10 + "Q\n", encoding="utf-8")
    result = init(tmp_path / "play.txt", tmp_path / "x.toml")
    assert result.exit_code == 0, result.stderr
    assert "1 document, 21 lines, 202 characters, 11 different" in result.stderr
    assert "seen fewer than ten times: Q" in result.stderr
    assert 'task = "language"' in (tmp_path / "x.toml").read_text(encoding="utf-8")


def test_text_in_parts_counts_the_training_part(tmp_path: Path):
    folder = tmp_path / "text"
    folder.mkdir()
    for part, text in (("train", "abc\n"), ("valid", "abcdefgh\n")):
        (folder / f"x.{part}.txt").write_text(text)
    result = init(folder, tmp_path / "x.toml")
    assert result.exit_code == 0, result.stderr
    assert "4 characters" in result.stderr and "parts of its own: train, valid" in result.stderr


def test_the_user_may_read_columns_as_text(tmp_path: Path):
    (tmp_path / "a.txt").write_text(CHUNKS)
    result = init(tmp_path / "a.txt", tmp_path / "x.toml", "--task", "language")
    assert result.exit_code == 0, result.stderr
    assert f"1 document, 7 lines, {len(CHUNKS)} characters" in result.stderr


@pytest.mark.parametrize("tabs", [False, True])
def test_a_table_of_lines_is_still_one(tabs: bool, line_folder: Path, tmp_path: Path):
    """Columns of words look like a table of images, and the other way round: what stands in the first column tells."""
    table = tmp_path / "table.txt"
    rows = [f"{line_folder / f'{i:02}.png'}\tthe tide" for i in range(9)]
    table.write_text("\n\n".join(rows) + "\n" if not tabs else CHUNKS.replace(" ", "\t"), encoding="utf-8")
    result = init(table, tmp_path / "x.toml")
    assert result.exit_code == 0, result.stderr
    wanted = "tag" if tabs else "transcribe"
    assert f'task = "{wanted}"' in (tmp_path / "x.toml").read_text(encoding="utf-8")


def test_what_cannot_be_used_is_refused(tmp_path: Path):
    (tmp_path / "bad.txt").write_bytes("caf\xe9".encode("latin-1"))
    refused = init(tmp_path / "bad.txt", tmp_path / "x.toml")
    assert refused.exit_code == 2 and "not UTF-8" in refused.stderr
    (tmp_path / "empty.conll").write_text("\n\n")
    refused = init(tmp_path / "empty.conll", tmp_path / "x.toml", "--task", "tag")
    assert refused.exit_code == 2 and "empty" in refused.stderr
    assert not (tmp_path / "x.toml").exists()


def test_tags_are_told_with_what_is_wrong_with_them():
    def told(*tags: str) -> str:
        words = ("word",) * max(1, len(tags))
        sentence = Sentence("a.txt:1", words, tags, lines=tuple(range(1, 1 + len(words))))
        return "\n".join(describe_sentences([sentence]))

    assert "scheme bioes" in told("B-PER", "E-PER", "O", "S-LOC")
    assert "mix several schemes, so tag.scheme must say" in told("B-PER", "O", "I-PER")
    assert "no tags" in told()
    slip = told(*("B-PER", "O") * 20, "I-LOC")
    assert "scheme iob2" in slip
    assert "tags that break the scheme: 1, a.txt:41 first: I-LOC without a B-LOC before it" in slip


def test_positions_of_characters_are_told():
    sentence = Sentence("a:1", ("科0", "技1", "在0"), ("B-ORG", "I-ORG", "O"), lines=(1, 2, 3))
    assert any("with their positions" in line for line in describe_sentences([sentence]))


def test_many_rare_characters_are_counted():
    text = "".join(chr(0x4E00 + number) for number in range(500))
    assert describe_text([text])[-1] == "seen fewer than ten times: 500 of them"
