"""Formats: those that the records of tasks name, and which of them data look like."""

from __future__ import annotations

from pathlib import Path

import pytest

from tidegate.config.registry import BUILT_IN as TASKS
from tidegate.data.format import Format, formats_of
from tidegate.data.source import BUILT_IN, open_source
from tidegate.errors import ConfigError, EmptyDataError

FORMATS = [one for task in TASKS for one in formats_of(task) or ()]


def looking(path: str | Path, task: str | None = None) -> list[str]:
    source = open_source(str(path))
    formats = FORMATS if task is None else formats_of(task) or ()
    return [one.name for one in formats if one.looks_like(source)]


def test_every_format_has_a_name_of_its_own() -> None:
    names = [one.name for one in FORMATS]
    assert len(set(names)) == len(names) > 20
    assert all(one.summary for one in FORMATS)


@pytest.mark.parametrize("name", sorted(BUILT_IN))
def test_every_built_in_matches_its_own_format_only(name: str) -> None:
    assert looking(name) == [name]
    every = [formats for task in TASKS if (formats := formats_of(task)) is not None]
    assert [formats.holds for formats in every if name in formats.names] == [BUILT_IN[name]]


def test_an_empty_folder_matches_nothing(tmp_path: Path) -> None:
    assert looking(tmp_path) == []


@pytest.mark.parametrize("task", TASKS)
def test_a_format_of_another_kind_is_refused(task: str) -> None:
    formats = formats_of(task)
    assert formats is not None
    formats.check("auto")
    other: Format = next(one for one in FORMATS if one.name not in formats.names)
    with pytest.raises(ConfigError, match=f"no format '{other.name}' for {formats.holds}"):
        formats.check(other.name)


WORDS = "the DT B-NP\ntide NN I-NP\n\nturns VBZ B-VP\n\n"
TREE = "1\ttide\ttide\tNOUN\tNN\t_\t0\troot\t_\t_\n\n"


@pytest.mark.parametrize(
    ("files", "task", "name"),
    [
        ({"a.txt": WORDS}, "tag", "columns"),
        ({"README.txt": "Of words and tags.", "train.conll": WORDS, "test.conll": WORDS}, "tag", "columns"),
        ({"en-train.conllu": TREE, "en.txt": "tide\n"}, "tag", "conllu"),
        ({"a.txt": "The tide is out.\n\nIt turns at six, the gate being open.\n"}, "language", "text"),
        ({"a.txt": "title\tpoem\nother\tpoem\n"}, "language", "text"),
        ({"LICENSE.txt": "Public domain.", "poems.tokens": "the tide <unk>\n"}, "language", "text"),
    ],
)
def test_words_are_told_from_text(files: dict[str, str], task: str, name: str, tmp_path: Path) -> None:
    for file, content in files.items():
        (tmp_path / file).write_text(content, encoding="utf-8")
    for path in [tmp_path] if len(files) > 1 else [tmp_path, tmp_path / next(iter(files))]:
        assert looking(path, task) == [name]
        # Tagged words are text too: of the tasks that data serve equally well, `init` takes the first.
        assert bool(looking(path, "tag")) == (task == "tag")


def test_neither_images_nor_notes_about_data_are_text(tmp_path: Path) -> None:
    (tmp_path / "images" / "cat").mkdir(parents=True)
    (tmp_path / "images" / "cat" / "1.png").write_bytes(b"x")
    (tmp_path / "images" / "names.txt").write_text("a cat\n")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "README.txt").write_text("Download it yourself.\n")
    for folder in ("images", "other"):
        for task in ("tag", "language"):
            formats = formats_of(task)
            assert formats is not None
            with pytest.raises(EmptyDataError, match=f"no {formats.holds} found"):
                formats.find(open_source(str(tmp_path / folder)))


@pytest.mark.parametrize(
    ("file", "content", "name"),
    [
        ("a.csv", "text,label\nout,low\n", "table"),
        ("a.jsonl", '{"text": "out", "label": "low"}\n', "json-lines"),
        ("low/1.txt", "out\n", "text-folder"),
    ],
)
def test_a_path_of_texts_says_how_they_are_laid_out(
    file: str, content: str, name: str, tmp_path: Path
) -> None:
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).write_text(content, encoding="utf-8")
    assert looking(tmp_path, "document") == [name]
