"""Groups: samples that share one never stand on both sides of a split that is made here, in any kind of data."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tidegate.config.resolve import resolve
from tidegate.config.tables import DataSpec
from tidegate.data.division.grouping import choose_groups, groups_of
from tidegate.data.images.formats import CLASSES, LINES
from tidegate.data.images.sample import Sample
from tidegate.data.images.splits import make_splits
from tidegate.data.splitting import SplitRecord
from tidegate.errors import ConfigError, SplitError
from tidegate.tasks.registry import task_named

PAGES = 8


@given(
    st.lists(st.tuples(st.integers(0, 6), st.sampled_from("ab")), min_size=8, max_size=40),
    st.integers(1, 20),
    st.integers(0, 9),
)
def test_whole_groups_are_chosen(kinds: list[tuple[int, str]], count: int, seed: int) -> None:
    groups, classes = [str(group) for group, _ in kinds], [target for _, target in kinds]
    if len(set(groups)) < 3:
        with pytest.raises(SplitError):
            choose_groups(groups, count, seed, classes=classes, leave=2)
        return
    chosen = choose_groups(groups, count, seed, classes=classes, leave=2)
    taken = {group for group, one in zip(groups, chosen, strict=True) if one}
    rest = {group for group, one in zip(groups, chosen, strict=True) if not one}
    assert taken
    assert not taken & rest
    assert len(rest) >= 2


def test_no_class_is_taken_from_training_where_that_can_be_avoided() -> None:
    groups = [str(number // 4) for number in range(24)]
    classes = ["rare" if group == "3" else "usual" for group in groups]
    for seed in range(20):
        chosen = choose_groups(groups, 4, seed, classes=classes)
        assert {target for target, one in zip(classes, chosen, strict=True) if one} == {"usual"}


def test_samples_without_a_group_stand_for_themselves() -> None:
    named = [Sample(str(n), "x", group=group) for n, group in enumerate(["", "", "a", "a"])]
    groups = groups_of(named)
    assert groups is not None and len(set(groups)) == 3
    assert groups_of(named[:3]) is None  # no two share one: the usual split is made


def images(folder: Path) -> Path:
    for page in range(PAGES):
        for line in range(3):
            path = folder / f"page{page}" / f"{'ab'[line % 2]}_{line}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(np.full((8, 12), 20 * page + line, np.uint8)).save(path)
            path.with_suffix(".gt.txt").write_text("ebb" if line else "flow", encoding="utf-8")
    return folder


def pages_of(record: SplitRecord) -> tuple[set[str], set[str]]:
    assert record.valid is not None and record.test is not None
    return tuple({name.split("/")[0] for name in names} for names in (record.valid, record.test))  # pyright: ignore


@pytest.mark.parametrize("key", ["folder", r"re:page(\d+)"])
def test_lines_of_a_page_stay_together(tmp_path: Path, key: str) -> None:
    path = str(images(tmp_path))
    for seed in range(4):
        splits, record = make_splits(DataSpec(source=path, split="0.5/0.25/0.25", group=key), LINES, seed)
        valid, test = pages_of(record)
        train = {sample.name.split("/")[0] for sample in splits.train}
        assert len(train | valid | test) == len(train) + len(valid) + len(test) == PAGES
        assert record.counts == {"train": 12, "valid": 6, "test": 6, "bad": 0, "unused": 0}
        assert "in whole groups" in record.how
    alone, _ = make_splits(DataSpec(train=path, group=key), LINES, 0)
    assert len(alone.valid) == 3  # a tenth is less than a page


def test_given_parts_that_share_groups_are_told(tmp_path: Path) -> None:
    train, test = (str(images(tmp_path / name)) for name in ("one", "two"))
    for page in range(2, PAGES):
        for file in (tmp_path / "two" / f"page{page}").iterdir():
            file.unlink()
    _, record = make_splits(DataSpec(train=train, test=test, group="folder"), LINES, 0)
    told = [found for found in record.notes if found.code == "group-leak"]
    assert [found.what for found in told] == ["2 of 2 groups of test are in train too: page0, page1"]


def test_what_finds_no_group_is_refused_and_its_hint_works(tmp_path: Path) -> None:
    path = str(images(tmp_path))
    for key in (r"re:sheet(\d+)", "writer"):
        with pytest.raises(ConfigError, match="says its group") as raised:
            make_splits(DataSpec(train=path, group=key), LINES, 0)
        hint = str(raised.value.hint).split("'")[1]
        splits, _ = make_splits(DataSpec(train=path, group=hint), LINES, 0)
        assert {sample.group for sample in splits.train} <= {f"page{page}" for page in range(PAGES)}
    for key in ("re:(", "re:page", "re:(a)(b)", ""):
        with pytest.raises(ConfigError):
            resolve({"task": "transcribe", "data": {"train": path, "group": key}})


def test_some_without_a_group_are_told(tmp_path: Path) -> None:
    path = images(tmp_path)
    Image.new("L", (8, 8)).save(path / "page1" / "loose.png")
    (path / "page1" / "loose.gt.txt").write_text("ebb", encoding="utf-8")
    _, record = make_splits(DataSpec(train=str(path), group=r"re:([ab])_"), LINES, 0)
    told = [found.what for found in record.notes if found.code == "no-group"]
    assert told == ["1 of 25 samples say no group and stand for themselves, such as page1/loose.png"]


def test_too_few_groups_are_refused(tmp_path: Path) -> None:
    path = str(images(tmp_path))
    with pytest.raises(SplitError, match="too few groups"):
        make_splits(DataSpec(source=path, split="0.5/0.25/0.25", group="re:([ab])_"), LINES, 0)


def test_classes_are_kept_in_proportion_by_whole_groups(tmp_path: Path) -> None:
    for writer in range(6):
        for number in range(4):
            path = tmp_path / "ab"[number % 2] / f"w{writer}_{number}.png"
            path.parent.mkdir(exist_ok=True)
            Image.fromarray(np.full((8, 8), 9 * writer + number, np.uint8)).save(path)
    data = DataSpec(train=str(tmp_path), split="0.5/0.5", group=r"re:(w\d)_")
    splits, _ = make_splits(data, CLASSES, 0, stratify=True)
    assert sorted(sample.target for sample in splits.valid) == ["a"] * 6 + ["b"] * 6
    assert not {sample.group for sample in splits.train} & {sample.group for sample in splits.valid}


def sentences(folder: Path) -> None:
    for page in range(PAGES):
        path = folder / f"page{page}" / "words.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(f"tide{page} N\nturns{n} V\n\n" for n in range(3)), encoding="utf-8")


def documents(folder: Path) -> None:
    for page in range(PAGES):
        for number, label in enumerate(("sea", "land")):
            path = folder / label / f"page{page}_{number}.txt"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"the tide of page {page} and {number}", encoding="utf-8")


def signals(folder: Path) -> None:
    for page in range(PAGES):
        for number, label in enumerate(("sea", "land")):
            path = folder / label / f"page{page}_{number}.csv"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"x\n{page}\n{number}\n{page + number}\n", encoding="utf-8")


@pytest.mark.parametrize(
    ("task", "write"), [("tag", sentences), ("document", documents), ("signal", signals)]
)
def test_every_kind_keeps_groups_whole(tmp_path: Path, task: str, write: Callable[[Path], None]) -> None:
    write(tmp_path)
    data = {"source": str(tmp_path), "split": "0.5/0.25/0.25", "group": r"re:page(\d+)"}
    for seed in range(3):
        ready = task_named(task).prepare(resolve({"task": task, "seed": seed, "data": data}))
        parts = [{name.split("page")[1][0] for name in ready.splits[part].names} for part in ready.splits]
        assert len(set.union(*parts)) == sum(map(len, parts)) == PAGES


def test_running_text_is_cut_between_groups(tmp_path: Path) -> None:
    for page in range(PAGES):
        for number in range(2):
            (tmp_path / f"page{page}_{number}.txt").write_text(f"{page}" * (50 + number), encoding="utf-8")
    data = {"source": str(tmp_path), "split": "0.6/0.2/0.2", "group": r"re:page(\d+)"}
    spec = resolve({"task": "language", "data": data})
    from tidegate.data.text.splits import make_text_splits

    splits, record = make_text_splits(spec.data)
    parts = [
        {one.name.split("_")[0] for one in part} for part in (splits.train, splits.valid, splits.test or [])
    ]
    assert [len(part) for part in parts] == [5, 1, 2] or [len(part) for part in parts] == [5, 2, 1]
    assert len(set.union(*parts)) == PAGES
    assert record.counts["unused"] == 0
    with pytest.raises(SplitError, match="too few groups"):
        make_text_splits(DataSpec(source=str(tmp_path), split="0.6/0.2/0.2", group="re:(page)"))


def test_series_have_no_groups(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text(
        "ds,y\n" + "".join(f"2020-01-{day:02},{day}\n" for day in range(1, 30)), encoding="utf-8"
    )
    spec = resolve(
        {
            "task": "forecast",
            "data": {"source": str(tmp_path / "x.csv"), "group": "y"},
            "forecast": {"lookback": 4, "horizon": 1},
        }
    )
    with pytest.raises(ConfigError, match="split in time"):
        task_named("forecast").prepare(spec)
