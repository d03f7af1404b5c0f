"""Paths of images as users write them, and lists that choose."""

from __future__ import annotations

from pathlib import Path

import pytest
from drawing import idx_folder, line, save

from tidegate.data.format import Formats
from tidegate.data.images.formats import CLASSES, LINES
from tidegate.data.images.listing import ImageFormat, read_listing
from tidegate.errors import ConfigError, DataError, EmptyDataError


def test_auto_prefers_the_particular_format(tmp_path: Path):
    folder = idx_folder(tmp_path)
    save(folder / "cat" / "preview.png")
    assert len(read_listing(CLASSES, str(folder)).samples) == 6
    chosen = read_listing(CLASSES, str(folder), "train", "image-folder").samples
    assert [one.name for one in chosen] == ["cat/preview.png"]


def test_wrong_requests(tmp_path: Path):
    with pytest.raises(DataError, match="no such file or folder"):
        read_listing(CLASSES, str(tmp_path / "gone"))
    with pytest.raises(ConfigError, match="no format 'line-folder' for images with classes"):
        read_listing(CLASSES, str(tmp_path), "train", "line-folder")
    with pytest.raises(EmptyDataError, match="built in: images of lines"):
        read_listing(CLASSES, "digit-lines")
    with pytest.raises(EmptyDataError, match="an empty folder"):
        read_listing(LINES, str(tmp_path))


def names(path: str, formats: Formats[ImageFormat] = LINES) -> list[str]:
    return [one.name for one in read_listing(formats, path).samples]


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
    assert "1 names stand there twice" in str(read_listing(LINES, f"{data}@{fold}").notes[-1])


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
    bad = read_listing(LINES, f"{tmp_path}@fold.txt").bad
    assert [one.where for one in bad] == ["b.png"]


def test_lists_serve_classes_too(tmp_path: Path):
    idx_folder(tmp_path / "digits")
    (tmp_path / "few.txt").write_text("train-00001\ntrain-00004\n")
    assert names(f"{tmp_path / 'digits'}@{tmp_path / 'few.txt'}", CLASSES) == [
        "train-00001",
        "train-00004",
    ]


def test_a_path_with_an_at_sign(tmp_path: Path):
    data = tmp_path / "me@home"
    line(data, "a")
    assert names(str(data)) == ["a.png"]
