"""Readers of text lines: what they take, and what they say of what they cannot take."""

from __future__ import annotations

import io
import json
import tarfile
import zipfile
from pathlib import Path

import pytest
from drawing import line, png, save

from tidegate.data.images.decode import Geometry, decode
from tidegate.data.images.formats import LINES
from tidegate.data.images.listing import read_listing
from tidegate.data.images.normal_form import TextError, normalise, read_line
from tidegate.errors import DataError, EmptyDataError


def reasons(path: Path) -> dict[str, str]:
    return {bad.where: bad.what for bad in read_listing(LINES, str(path)).bad}


def targets(path: Path | str) -> dict[str, str]:
    return {one.name: one.target for one in read_listing(LINES, str(path)).samples}


def test_text_is_nfc_with_single_spaces():
    assert normalise("u\u0308ber \t a\u00a0b\u2003c ") == "\u00fcber a b c"
    assert normalise("\u212b") == "\u00c5"
    assert read_line("\ufeff Zeile\r\n\r\n".encode()) == "Zeile"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b" \n\t\n", "is empty"),
        (b"ab\xff", "is not UTF-8 (byte 0xff at position 2); try --set data.encoding=cp1252"),
        (b"one\ntwo\n", "holds 2 lines of text; one was expected"),
    ],
)
def test_text_that_is_no_line(content: bytes, message: str):
    with pytest.raises(TextError) as caught:
        read_line(content)
    assert str(caught.value) == message


def test_line_folder_reads_nested_and_variants(tmp_path: Path):
    line(tmp_path, "b", "second")
    line(tmp_path / "page", "a", "first\n")
    line(tmp_path / "page", "c", "third", suffix=".txt")
    save(tmp_path / "0001.bin.png")
    (tmp_path / "0001.gt.txt").write_text("fourth")
    line(tmp_path / ".hidden", "d")
    line(tmp_path, ".e")
    assert targets(tmp_path) == {
        "0001.bin.png": "fourth",
        "b.png": "second",
        "page/a.png": "first",
        "page/c.png": "third",
    }


def test_gt_txt_comes_before_txt(tmp_path: Path):
    line(tmp_path, "a", "right")
    (tmp_path / "a.txt").write_text("wrong")
    assert targets(tmp_path) == {"a.png": "right"}


def test_line_folder_lists_every_bad_file_with_its_own_reason(tmp_path: Path):
    line(tmp_path, "good", "text")
    save(tmp_path / "alone.png")
    line(tmp_path, "empty", " \n")
    line(tmp_path, "latin", "Stra\xdfe".encode("latin-1"))
    line(tmp_path, "two", "a\nb")
    (tmp_path / "orphan.gt.txt").write_text("x")
    listing = read_listing(LINES, str(tmp_path))
    assert {bad.where: bad.what for bad in listing.bad} == {
        "alone.png": "has no transcription (alone.gt.txt was expected beside it)",
        "empty.png": "empty.gt.txt is empty",
        "latin.png": "latin.gt.txt is not UTF-8 (byte 0xdf at position 4); try --set data.encoding=cp1252",
        "two.png": "two.gt.txt holds 2 lines of text; one was expected",
    }
    assert [one.name for one in listing.samples] == ["good.png"]
    assert [*map(str, listing.notes[1:])] == [f"1 .gt.txt without an image in {tmp_path.name}: orphan.gt.txt"]


def test_line_folder_without_images(tmp_path: Path):
    (tmp_path / "a.gt.txt").write_text("x")
    with pytest.raises(EmptyDataError, match="no line images"):
        read_listing(LINES, str(tmp_path))


def test_archives_are_read_without_unpacking(tmp_path: Path):
    line(tmp_path / "lines", "a", "one")
    line(tmp_path / "lines" / "page", "b", "two")
    with tarfile.open(tmp_path / "lines.tar.gz", "w:gz") as archive:
        archive.add(tmp_path / "lines", "lines")
        escape = tarfile.TarInfo("lines/../../evil.png")
        archive.addfile(escape, io.BytesIO())
    with zipfile.ZipFile(tmp_path / "lines.zip", "w") as archive:
        for path in sorted((tmp_path / "lines").rglob("*.*")):
            archive.write(path, path.relative_to(tmp_path))
    before = sorted(tmp_path.rglob("*"))
    plain = targets(tmp_path / "lines")
    assert targets(tmp_path / "lines.zip") == plain == {"a.png": "one", "page/b.png": "two"}
    listing = read_listing(LINES, str(tmp_path / "lines.tar.gz"))
    assert {one.name: one.target for one in listing.samples} == plain
    assert (decode(listing.samples[0], Geometry(rows=20)) >= 0).all()
    assert sorted(tmp_path.rglob("*")) == before


def test_broken_archive(tmp_path: Path):
    line(tmp_path / "lines", "a", "one")
    with tarfile.open(tmp_path / "x.tar.gz", "w:gz") as archive:
        archive.add(tmp_path / "lines", "lines")
    content = (tmp_path / "x.tar.gz").read_bytes()
    (tmp_path / "x.tar.gz").write_bytes(content[: len(content) // 2])
    (tmp_path / "y.zip").write_bytes(b"no zip")
    for name in ("x.tar.gz", "y.zip"):
        with pytest.raises(DataError, match="the archive cannot be read"):
            read_listing(LINES, str(tmp_path / name))


def test_line_table(tmp_path: Path):
    save(tmp_path / "images" / "a.png")
    table = tmp_path / "lines.tsv"
    rows = ["path\ttext", "images/a.png\tone  two\r", "no tab", "images/a.png\t ", "gone.png\tx", "\tx", ""]
    table.write_text("\n".join(rows), encoding="utf-8", newline="")
    assert targets(table) == {"images/a.png": "one two"}
    assert [(bad.where, bad.what) for bad in read_listing(LINES, str(table)).bad] == [
        ("lines.tsv:3", "has no tab; path<TAB>text was expected"),
        ("images/a.png", "has an empty text (lines.tsv:4)"),
        ("gone.png", "no such file (lines.tsv:5)"),
        ("lines.tsv:6", "has no path"),
    ]


@pytest.mark.parametrize(("content", "message"), [(b"", "is empty"), (b"a.png\t\xff", "not UTF-8")])
def test_line_table_that_cannot_be_read(tmp_path: Path, content: bytes, message: str):
    (tmp_path / "lines.tsv").write_bytes(content)
    with pytest.raises(DataError, match=message):
        read_listing(LINES, str(tmp_path / "lines.tsv"))


def test_doctr(tmp_path: Path):
    save(tmp_path / "images" / "a.png")
    save(tmp_path / "images" / "unused.png")
    labels = {"a.png": "one\u00a0two", "gone.png": "x", "b.png": 3}
    save(tmp_path / "images" / "b.png")
    (tmp_path / "labels.json").write_text(json.dumps(labels))
    for path in (tmp_path, tmp_path / "labels.json"):
        listing = read_listing(LINES, str(path))
        assert [(one.name, one.target) for one in listing.samples] == [("images/a.png", "one two")]
        assert {bad.where: bad.what for bad in listing.bad} == {
            "gone.png": "no such file in images/",
            "b.png": "its text is no string but 3",
        }
        assert [*map(str, listing.notes[1:])] == [
            "1 images stand in no line of labels.json, for instance images/unused.png"
        ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", "no JSON"),
        (b"[1]", "no JSON object"),
        (b"{}", "no entries"),
        (b'{"a.png": "\xff"}', "not UTF-8"),
    ],
)
def test_doctr_that_cannot_be_read(tmp_path: Path, content: bytes, message: str):
    (tmp_path / "labels.json").write_bytes(content)
    with pytest.raises(DataError, match=message):
        read_listing(LINES, str(tmp_path))


def test_png_bytes_and_path_give_the_same_sample(tmp_path: Path):
    (tmp_path / "a.png").write_bytes(png())
    (tmp_path / "a.gt.txt").write_text("x")
    sample = read_listing(LINES, str(tmp_path)).samples[0]
    assert sample.content() == png()
    assert sample.content() == png()
