"""Splits: which samples train, validate and test; and what is refused."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from drawing import idx_folder, line, paper, save
from hypothesis import given
from hypothesis import strategies as st

from tidegate.config.tables import DataSpec
from tidegate.data.classes import classes_of
from tidegate.data.division.divide import choose, parse_split
from tidegate.data.images.decode import Geometry
from tidegate.data.images.formats import CLASSES, LINES
from tidegate.data.images.load import load_splits
from tidegate.data.images.sample import Sample
from tidegate.data.images.splits import make_splits
from tidegate.errors import (
    BadFilesError,
    ConfigError,
    DataError,
    EmptyDataError,
    SplitError,
)
from tidegate.tasks.images.alphabet import describe, unseen


def lines(folder: Path, count: int, start: int = 0) -> Path:
    for number in range(start, start + count):
        line(folder, f"{number:03d}", f"line {number}")
        save(folder / f"{number:03d}.png", paper(20, 60 + number))
    return folder


def shapes(folder: Path, counts: dict[str, int]) -> Path:
    for place, (name, count) in enumerate(counts.items()):
        for number in range(count):
            save(folder / name / f"{number:03d}.png", paper(10 + place, 20 + number))
    return folder


def names(samples: list[Sample] | None) -> list[str]:
    return [one.name for one in samples or []]


@pytest.mark.parametrize(
    ("text", "count", "parts"),
    [
        ("400/50/50", 500, (400, 50, 50)),
        ("3/1", 4, (3, 1, 0)),
        ("3/1/0", 9, (3, 1, 0)),
        ("0.8/0.1/0.1", 10, (8, 1, 1)),
        ("0.8/0.1/0.1", 13, (11, 1, 1)),
        (".5/.5", 3, (2, 1, 0)),
        ("0.5/0.25", 100, (50, 25, 0)),
    ],
)
def test_splits_that_can_be_read(text: str, count: int, parts: tuple[int, int, int]):
    found = parse_split(text, count)
    assert (found.train, found.valid, found.test) == parts


@pytest.mark.parametrize(
    ("text", "count", "message"),
    [
        ("", 9, "cannot be read"),
        ("3", 9, "cannot be read"),
        ("3/a/1", 9, "cannot be read"),
        ("-3/1/1", 9, "cannot be read"),
        ("1/1/1/1", 9, "cannot be read"),
        ("8/1/1", 9, "more samples than there are"),
        ("0.8/0.2/0.1", 9, "more than 1"),
        ("80/10/10", 500, "percentages"),
        ("0.8/0.1/0.1", 2, "would be empty"),
        ("3/0/1", 9, "would be empty"),
    ],
)
def test_splits_that_cannot_be_made(text: str, count: int, message: str):
    with pytest.raises(SplitError, match=message):
        parse_split(text, count)


@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=60), st.data(), st.booleans())
def test_choosing(targets: list[str], data: st.DataObject, stratify: bool):
    samples = [Sample(str(place), target, data=b"") for place, target in enumerate(targets)]
    count = data.draw(st.integers(0, len(samples)))
    chosen, rest = choose(samples, count, 7, targets if stratify else None)
    assert len(chosen) == count
    assert sorted(names(chosen) + names(rest)) == sorted(names(samples))
    sizes, taken = Counter(targets), Counter(one.target for one in chosen)
    if stratify and min(sizes.values()) > 1:
        assert all(abs(taken[name] - size * count / len(samples)) < 1 for name, size in sizes.items())


def test_a_tenth_is_held_out_class_by_class(tmp_path: Path):
    data = DataSpec(train=str(shapes(tmp_path, {"a": 40, "b": 20})))
    splits, record = make_splits(data, CLASSES, 0, stratify=True)
    assert Counter(one.target for one in splits.valid) == {"a": 4, "b": 2}
    assert (len(splits.train), splits.test) == (54, None)
    known = record.to_json()
    assert set(known.pop("digests")) == {"train", "valid"}
    assert known == {
        "how": f"a tenth of {tmp_path} held out for validation",
        "kind": "one",
        "draw": 0,
        "seed": 0,
        "counts": {"train": 54, "valid": 6, "test": 0, "bad": 0, "unused": 0},
        "valid": names(splits.valid),
        "test": None,
        "notes": [f"{tmp_path}: image-folder, 60 images, 2 classes"],
    }
    assert make_splits(data, CLASSES, 0, stratify=True)[0] == splits
    assert names(make_splits(data, CLASSES, 1, stratify=True)[0].valid) != names(splits.valid)


def test_the_same_split_in_another_process(tmp_path: Path):
    data = DataSpec(source=str(lines(tmp_path, 12)), split="8/2/2")
    code = (
        "from tidegate.data.images.splits import make_splits; from tidegate.config.run import DataSpec;"
        "from tidegate.data.images.formats import LINES;"
        f"print(make_splits(DataSpec(**{data.model_dump()!r}), LINES, 5)[1].valid)"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.strip() == str(make_splits(data, LINES, 5)[1].valid)


def test_named_paths(tmp_path: Path):
    parts = {
        name: str(lines(tmp_path / name, 3, start))
        for start, name in ((0, "train"), (5, "valid"), (9, "test"))
    }
    splits, record = make_splits(DataSpec(**parts), LINES, 0)
    assert names(splits.test) == ["009.png", "010.png", "011.png"]
    assert (record.seed, record.valid, record.how) == (None, None, "paths named by the user")


def test_lists_make_folds(tmp_path: Path):
    lines(tmp_path / "lines", 6)
    for name, chosen in (("train", "000 001 002 003"), ("valid", "004"), ("test", "005")):
        (tmp_path / f"{name}.txt").write_text("\n".join(chosen.split()))
    parts = {part: f"{tmp_path / 'lines'}@{tmp_path / part}.txt" for part in ("train", "valid", "test")}
    splits, _ = make_splits(DataSpec(**parts), LINES, 0)
    assert [len(splits.train), names(splits.valid), names(splits.test)] == [4, ["004.png"], ["005.png"]]


def test_one_source(tmp_path: Path):
    data = DataSpec(source=str(lines(tmp_path, 20)), split="10/4/3")
    splits, record = make_splits(data, LINES, 0)
    assert record.test == names(splits.test)
    assert record.counts == {"train": 10, "valid": 4, "test": 3, "bad": 0, "unused": 3}
    assert [str(found) for found in record.notes if found.code != "read-as"] == [
        "3 of 20 samples are in no part of the split 10/4/3"
    ]
    parts = [names(part) for part in (splits.train, splits.valid, splits.test)]
    assert len(set().union(*parts)) == 17


def test_train_split_in_two(tmp_path: Path):
    data = DataSpec(train=str(lines(tmp_path, 10)), split="0.7/0.3")
    splits, _ = make_splits(data, LINES, 0)
    assert (len(splits.train), len(splits.valid), splits.test) == (7, 3, None)


def test_idx_folder_as_train_and_test(tmp_path: Path):
    path = str(idx_folder(tmp_path, train=30, test=6))
    splits, _ = make_splits(DataSpec(train=path, test=path), CLASSES, 0, stratify=True)
    assert [len(splits.train), len(splits.valid), len(splits.test or [])] == [27, 3, 6]
    assert names(splits.test)[0].startswith("t10k-")


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({}, "no training data"),
        ({"source": "x"}, "needs data.split"),
        ({"source": "x", "split": "1/1/1", "train": "y"}, "stands alone"),
        ({"train": "x", "valid": "y", "split": "1/1"}, "would split data.train"),
    ],
)
def test_contradictions(keys: dict[str, str], message: str):
    with pytest.raises(ConfigError, match=message):
        make_splits(DataSpec(**keys), LINES, 0)


def test_too_few(tmp_path: Path):
    with pytest.raises(SplitError, match="too few"):
        make_splits(DataSpec(train=str(lines(tmp_path, 1))), LINES, 0)
    with pytest.raises(ConfigError, match="two parts"):
        make_splits(DataSpec(train=str(lines(tmp_path, 9)), split="5/2/2"), LINES, 0)


def test_all_bad_files_of_all_parts_are_listed_at_once(tmp_path: Path):
    train, valid = lines(tmp_path / "a", 3), lines(tmp_path / "b", 3, 10)
    (train / "001.gt.txt").unlink()
    (valid / "010.gt.txt").write_text("")
    (valid / "011.png").write_bytes(b"x")
    data = DataSpec(train=str(train), valid=str(valid))
    with pytest.raises(BadFilesError) as caught:
        make_splits(data, LINES, 0)
    assert [one.where for one in caught.value.findings] == ["001.png", "010.png", "011.png"]
    assert "3 of 6 samples" in str(caught.value)
    splits, record = make_splits(data.model_copy(update={"skip_bad": True}), LINES, 0)
    assert record.counts["bad"] == 2
    assert next(str(found) for found in record.notes if found.code != "read-as").startswith(
        "left out 2 of 6 samples: 001.png: has no transcription"
    )
    with pytest.raises(BadFilesError, match="1 of 4 samples"):
        load_splits(splits, Geometry(rows=20), cache_bytes=10**6)
    loaded = load_splits(splits, Geometry(rows=20), cache_bytes=10**6, skip_bad=True)
    assert (len(loaded.train), len(loaded.valid), loaded.test, loaded.dropped) == (2, 1, None, 1)


def test_a_task_may_refuse_samples_too(tmp_path: Path):
    splits, _ = make_splits(DataSpec(train=str(lines(tmp_path, 10))), LINES, 0)

    def check(sample: Sample, columns: int) -> str | None:
        return f"too short ({columns} columns)" if columns < 62 else None

    with pytest.raises(BadFilesError) as caught:
        load_splits(splits, Geometry(rows=20), cache_bytes=10**6, check=check)
    assert {one.what for one in caught.value.findings} == {"too short (60 columns)", "too short (61 columns)"}
    with pytest.raises(EmptyDataError, match="no sample of the train data"):
        load_splits(splits, Geometry(rows=20), cache_bytes=0, skip_bad=True, check=lambda *_: "no")


def test_nothing_but_bad_files(tmp_path: Path):
    save(tmp_path / "a.png")
    with pytest.raises(BadFilesError, match="1 of 1"):
        make_splits(DataSpec(train=str(tmp_path), skip_bad=True), LINES, 0)


def test_images_in_two_parts_are_noted(tmp_path: Path):
    train, test = lines(tmp_path / "a", 6), lines(tmp_path / "b", 2, 20)
    (test / "020.png").write_bytes((train / "000.png").read_bytes())
    data = DataSpec(train=str(train), valid=str(lines(tmp_path / "c", 2, 30)), test=str(test))
    _, record = make_splits(data, LINES, 0)
    assert [str(found) for found in record.notes if found.code != "read-as"] == [
        "1 of 2 images of test is in train too, byte for byte: 020.png = 000.png"
    ]


def test_symbols():
    samples = [Sample(str(n), name, data=b"") for n, name in enumerate(["b10", "b9", "a", "b9"])]
    assert classes_of([one.target for one in samples]) == ("a", "b9", "b10")
    assert unseen("ab019", samples) == {}
    found = unseen("ab0", samples)
    assert [describe(*one) for one in found.items()] == [
        "'1' (U+0031): 0",
        "'9' (U+0039): 2 samples, first 1",
    ]
    with pytest.raises(DataError, match="one class only"):
        classes_of(["b9"])


def test_digits_are_divided_for_good():
    splits, record = make_splits(DataSpec(train="digits"), CLASSES, 3, stratify=True)
    assert record.how == "digits: its own parts"
    assert [len(splits.train), len(splits.valid), len(splits.test or [])] == [3500, 500, 1000]
    everything = [set(names(part)) for part in (splits.train, splits.valid, splits.test)]
    assert len(set().union(*everything)) == 5000
    assert set(Counter(one.target for one in splits.valid).values()) == {50}
    assert names(splits.valid)[:3] == ["digit-0005", "digit-0011", "digit-0012"]
    assert np.asarray(splits.train[0].pixels).shape == (28, 28)


def test_bad_files_are_told_before_what_they_leave_too_few_of(tmp_path: Path):
    lines(tmp_path, 3)
    (tmp_path / "001.gt.txt").unlink()
    (tmp_path / "002.gt.txt").write_bytes(b"\xff")
    for data in (
        DataSpec(train=str(tmp_path)),
        DataSpec(source=str(tmp_path), split="1/1/1"),
    ):
        with pytest.raises(BadFilesError, match="2 of 3 samples"):
            make_splits(data, LINES, seed=0)
        with pytest.raises(SplitError):
            make_splits(data.model_copy(update={"skip_bad": True}), LINES, seed=0)


def test_a_folder_that_cannot_be_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    import os

    shapes(tmp_path, {"bar": 3, "box": 3})
    real = os.scandir

    def refuse(path: str) -> object:
        if str(path).endswith("bar"):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(DataError, match="folder cannot be read") as caught:
        make_splits(DataSpec(train=str(tmp_path)), CLASSES, seed=0, stratify=True)
    assert caught.value.where == str(tmp_path / "bar")


def test_the_parts_with_bad_images_are_named(tmp_path: Path):
    for part in ("train", "valid"):
        lines(tmp_path / part, 3)
    data = DataSpec(train=str(tmp_path / "train"), valid=str(tmp_path / "valid"))
    splits, _ = make_splits(data, LINES, seed=0)
    (tmp_path / "valid" / "001.png").write_bytes(b"GIF")
    with pytest.raises(BadFilesError) as caught:
        load_splits(splits, Geometry(rows=16), cache_bytes=10**6)
    assert caught.value.where == "the valid data"
