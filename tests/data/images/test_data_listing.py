"""Paths as users write them, the registry of formats, and lists that choose."""

from __future__ import annotations

from pathlib import Path

import pytest
from drawing import idx_folder, line, save

from tidegate.config.registry import task_names
from tidegate.data.formats import FORMATS
from tidegate.data.listing import find_format, read_listing
from tidegate.data.source import BUILT_IN
from tidegate.errors import ConfigError, DataError, EmptyDataError


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_says_what_it_is(name: str):
    one = FORMATS[name]
    assert one.name == name
    assert one.summary
    assert set(one.tasks) <= set(task_names())
    assert (one.list_samples is None) == (not {"classify", "transcribe"} & set(one.tasks))
    assert bool(one.own_parts) == (name in BUILT_IN)


@pytest.mark.parametrize("name", sorted(BUILT_IN))
def test_every_built_in_matches_its_own_format_only(name: str):
    assert [one.name for one in FORMATS.values() if one.matches(name)] == [name]


def test_an_empty_folder_matches_nothing(tmp_path: Path):
    assert not any(one.matches(tmp_path) for one in FORMATS.values())


def test_auto_prefers_the_particular_format(tmp_path: Path):
    folder = idx_folder(tmp_path)
    save(folder / "cat" / "preview.png")
    assert len(read_listing("classify", str(folder)).samples) == 6
    chosen = read_listing("classify", str(folder), "train", "image-folder").samples
    assert [one.name for one in chosen] == ["cat/preview.png"]


def test_wrong_requests(tmp_path: Path):
    with pytest.raises(DataError, match="no such file or folder"):
        read_listing("classify", str(tmp_path / "gone"))
    with pytest.raises(ConfigError, match="no format 'line-folder' for classify"):
        read_listing("classify", str(tmp_path), "train", "line-folder")
    with pytest.raises(EmptyDataError, match="built in for transcribe"):
        read_listing("classify", "digit-lines")
    with pytest.raises(EmptyDataError, match="an empty folder"):
        read_listing("transcribe", str(tmp_path))


WORDS = "the DT B-NP\ntide NN I-NP\n\nturns VBZ B-VP\n\n"


@pytest.mark.parametrize(
    ("files", "task", "name"),
    [
        ({"a.txt": WORDS}, "tag", "columns"),
        ({"README.txt": "Of words and tags.", "train.conll": WORDS, "test.conll": WORDS}, "tag", "columns"),
        (
            {"en-train.conllu": "1\ttide\ttide\tNOUN\tNN\t_\t0\troot\t_\t_\n\n", "en.txt": "tide\n"},
            "tag",
            "conllu",
        ),
        ({"a.txt": "The tide is out.\n\nIt turns at six, the gate being open.\n"}, "language", "text"),
        ({"a.txt": "title\tpoem\nother\tpoem\n"}, "language", "text"),
        ({"LICENSE.txt": "Public domain.", "poems.tokens": "the tide <unk>\n"}, "language", "text"),
    ],
)
def test_words_and_text_are_told_apart(files: dict[str, str], task: str, name: str, tmp_path: Path):
    for file, content in files.items():
        (tmp_path / file).write_text(content, encoding="utf-8")
    asked = [tmp_path] if len(files) > 1 else [tmp_path, tmp_path / next(iter(files))]
    for path in asked:
        assert find_format(task, str(path)).name == name
        on_words = [one for one in FORMATS.values() if one.list_samples is None]
        assert [one.name for one in on_words if one.matches(path)] == [name]
        with pytest.raises(ConfigError, match="are no list of images"):
            read_listing(task, str(path))


def test_neither_images_nor_notes_about_data_are_text(tmp_path: Path):
    save(tmp_path / "images" / "cat" / "1.png")
    (tmp_path / "images" / "names.txt").write_text("a cat\n")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "README.txt").write_text("Download it yourself.\n")
    for folder in ("images", "other"):
        for task in ("tag", "language"):
            with pytest.raises(EmptyDataError, match=f"no data for {task} found"):
                find_format(task, str(tmp_path / folder))


def names(path: str, task: str = "transcribe") -> list[str]:
    return [one.name for one in read_listing(task, path).samples]


def test_a_list_chooses(tmp_path: Path):
    data = tmp_path / "lines"
    for name in ("a", "b", "c", "d"):
        line(data, name)
    line(data / "page", "e")
    fold = tmp_path / "fold.txt"
    fold.write_text("c\n\na.png\n./b.gt.txt\ne\n")
    assert names(f"{data}@{fold}") == ["a.png", "b.png", "c.png", "page/e.png"]
    (data / "inside.txt").write_text("page/e\n")
    assert names(f"{data}@inside.txt") == ["page/e.png"]
    fold.write_text("a\na\n")
    assert "1 names stand there twice" in str(read_listing("transcribe", f"{data}@{fold}").notes[-1])


def test_a_list_with_faults(tmp_path: Path):
    data = tmp_path / "lines"
    line(data, "a")
    line(data / "x", "b")
    line(data / "y", "b")
    fold = tmp_path / "fold.txt"
    with pytest.raises(DataError, match="no such list"):
        names(f"{data}@{fold}")
    fold.write_text("a\ngone\nlost\n")
    with pytest.raises(DataError, match="2 names of the list are not found") as caught:
        names(f"{data}@{fold}")
    assert caught.value.got == "gone\nlost"
    fold.write_text("b\n")
    with pytest.raises(DataError, match="found in several folders"):
        names(f"{data}@{fold}")
    fold.write_text("x/b\n")
    assert names(f"{data}@{fold}") == ["x/b.png"]
    fold.write_text("\n")
    with pytest.raises(EmptyDataError, match="the list is empty"):
        names(f"{data}@{fold}")
    fold.write_bytes(b"\xff\n")
    with pytest.raises(DataError, match="not UTF-8"):
        names(f"{data}@{fold}")


def test_bad_files_are_those_of_the_list(tmp_path: Path):
    line(tmp_path, "a")
    line(tmp_path, "b", "")
    line(tmp_path, "c", "")
    (tmp_path / "fold.txt").write_text("a\nb\n")
    bad = read_listing("transcribe", f"{tmp_path}@fold.txt").bad
    assert [one.where for one in bad] == ["b.png"]


def test_lists_serve_every_task(tmp_path: Path):
    idx_folder(tmp_path / "digits")
    (tmp_path / "few.txt").write_text("train-00001\ntrain-00004\n")
    assert names(f"{tmp_path / 'digits'}@{tmp_path / 'few.txt'}", "classify") == [
        "train-00001",
        "train-00004",
    ]


def test_a_path_with_an_at_sign(tmp_path: Path):
    data = tmp_path / "me@home"
    line(data, "a")
    assert names(str(data)) == ["a.png"]
