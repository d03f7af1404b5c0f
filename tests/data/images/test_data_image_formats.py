"""Readers of labelled images: folders, tables and IDX files."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest
from drawing import idx, idx_folder, line, save

from tidegate.data.images.formats import CLASSES
from tidegate.data.images.idx import read_array
from tidegate.data.images.listing import read_listing
from tidegate.errors import DataError, EmptyDataError


def pairs(path: Path | str, role: str = "train") -> list[tuple[str, str]]:
    return [(one.name, one.target) for one in read_listing(CLASSES, str(path), role).samples]


def test_image_folder(tmp_path: Path):
    save(tmp_path / "cat" / "1.PNG")
    save(tmp_path / "cat" / "inside" / "2.jpeg")
    save(tmp_path / "dog" / "1.bmp")
    save(tmp_path / "loose.png")
    (tmp_path / "empty").mkdir()
    (tmp_path / "cat" / "notes.txt").write_text("x")
    listing = read_listing(CLASSES, str(tmp_path))
    assert pairs(tmp_path) == [("cat/1.PNG", "cat"), ("cat/inside/2.jpeg", "cat"), ("dog/1.bmp", "dog")]
    assert [(bad.where, bad.what) for bad in listing.bad] == [("loose.png", "lies in no class folder")]
    assert [found.code for found in listing.notes] == ["read-as", "passed-over", "empty-class"]


def test_linked_class_folders_are_followed_once(tmp_path: Path):
    save(tmp_path / "elsewhere" / "1.png")
    root = tmp_path / "root"
    save(root / "dog" / "1.png")
    (root / "cat").symlink_to(tmp_path / "elsewhere")
    (root / "dog" / "loop").symlink_to(root)
    assert pairs(root) == [("cat/1.png", "cat"), ("dog/1.png", "dog")]


def test_image_folder_that_holds_parts(tmp_path: Path):
    for part in ("train", "test"):
        save(tmp_path / part / "cat" / "1.png")
    with pytest.raises(DataError, match="parts of a split") as caught:
        pairs(tmp_path)
    assert f"--train {tmp_path}/train" in str(caught.value)


def test_image_folder_that_holds_lines(tmp_path: Path):
    line(tmp_path, "a")
    with pytest.raises(DataError, match="--task transcribe"):
        pairs(tmp_path)


@pytest.mark.parametrize("make", ["nothing", "text"])
def test_no_images(tmp_path: Path, make: str):
    if make == "text":
        (tmp_path / "a.md").write_text("x")
    with pytest.raises(EmptyDataError) as caught:
        pairs(tmp_path)
    assert "image-folder: ROOT/CLASS/x.png" in str(caught.value)


@pytest.mark.parametrize(
    "head", ["path,label\n", "label2,image,class\n", "", "\ufeffFILE;Label;x\n"], ids=repr
)
def test_image_table(tmp_path: Path, head: str):
    save(tmp_path / "a.png")
    rows = {
        "path,label\n": 'a.png,"cat, small"\n',
        "label2,image,class\n": '9,a.png,"cat, small"\n',
        "": 'a.png,"cat, small"\n',
        "\ufeffFILE;Label;x\n": "a.png;cat, small;\n",
    }
    (tmp_path / "t.csv").write_text(head + rows[head], encoding="utf-8")
    assert pairs(tmp_path / "t.csv") == [("a.png", "cat, small")]


def test_image_table_lists_bad_rows(tmp_path: Path):
    save(tmp_path / "a.png")
    (tmp_path / "t.csv").write_text("path,label\na.png,\ngone.png,cat\na.png\n,cat\n")
    bad = read_listing(CLASSES, str(tmp_path / "t.csv")).bad
    assert [(one.where, one.what) for one in bad] == [
        ("a.png", "has an empty label (t.csv:2)"),
        ("gone.png", "no such file (t.csv:3)"),
        ("t.csv:4", "has 1 cells; 2 were expected"),
        ("t.csv:5", "has no path"),
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the table is empty"),
        (b"path,label\n", "no rows"),
        (b"name,kind\na.png,cat\n", "names no images and answers"),
        (b"path,label\n\xff,x\n", "not UTF-8"),
    ],
)
def test_image_table_that_cannot_be_read(tmp_path: Path, content: bytes, message: str):
    (tmp_path / "t.csv").write_bytes(content)
    with pytest.raises(DataError, match=message):
        pairs(tmp_path / "t.csv")


def test_idx_roles(tmp_path: Path):
    idx_folder(tmp_path)
    assert pairs(tmp_path)[:2] == [("train-00000", "0"), ("train-00001", "1")]
    assert len(pairs(tmp_path)) == 6
    assert pairs(tmp_path, "test")[3] == ("t10k-00003", "0")
    assert len(pairs(tmp_path, "all")) == 10
    assert len(pairs(tmp_path / "t10k-images-idx3-ubyte.gz")) == 4


def test_idx_pixels_and_plain_files(tmp_path: Path):
    values = np.arange(24).reshape(2, 3, 4)
    idx(tmp_path / "train-images.idx3-ubyte", values, zipped=False)
    idx(tmp_path / "train-labels.idx1-ubyte", np.array([7, 1]), zipped=False)
    samples = read_listing(CLASSES, str(tmp_path)).samples
    np.testing.assert_array_equal(samples[1].pixels, values[1])
    assert [one.target for one in samples] == ["7", "1"]


def test_idx_without_a_test_part(tmp_path: Path):
    idx_folder(tmp_path)
    for path in tmp_path.glob("t10k*"):
        path.unlink()
    with pytest.raises(EmptyDataError, match="t10k-images-idx3-ubyte"):
        pairs(tmp_path, "test")


def test_idx_damage(tmp_path: Path):
    path = tmp_path / "train-images-idx3-ubyte"
    idx(path, np.zeros((2, 3, 3)), zipped=False, magic=0x0801)
    with pytest.raises(DataError, match="0x00000803") as caught:
        read_array(path, dimensions=3)
    assert caught.value.got == "0x00000801"
    whole = idx(path, np.zeros((2, 3, 3)), zipped=False).read_bytes()
    for content, message in [
        (whole[:-1], "truncated"),
        (whole + b"1", "too long"),
        (b"", "wrong magic number"),
        (gzip.compress(whole)[:-9], "cannot be unpacked"),
        (b"\x00\x00\x08\x03" + b"\xff" * 12, "truncated"),
    ]:
        path.write_bytes(content)
        with pytest.raises(DataError, match=message):
            read_array(path, dimensions=3)


def test_idx_labels(tmp_path: Path):
    images = idx(tmp_path / "train-images-idx3-ubyte.gz", np.zeros((3, 2, 2)))
    with pytest.raises(DataError, match="no label file"):
        pairs(tmp_path)
    idx(tmp_path / "train-labels-idx1-ubyte.gz", np.zeros(2))
    with pytest.raises(DataError, match="differ in number") as caught:
        pairs(images)
    assert caught.value.expected == "3 labels"
