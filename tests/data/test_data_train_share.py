"""A part of the training data: nested, of the seed, in proportion, in whole groups, and nothing else changes."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tidegate.config.resolve import parse_override, resolve
from tidegate.config.tables import DataSpec
from tidegate.config.tasks.forecast import ForecastSpec
from tidegate.config.tasks.signal import SignalSpec
from tidegate.data.division.train_share import taken
from tidegate.data.series.reader import panel_from_frame
from tidegate.data.series.splits import Bounds, split_panel
from tidegate.data.signals.splits import make_signal_splits
from tidegate.data.text.labelled.columns import TextColumns
from tidegate.data.text.labelled.splits import make_text_splits as make_labelled_splits
from tidegate.data.text.splits import make_text_splits
from tidegate.errors import ConfigError, SplitError


def labelled(folder: Path, **data: Any) -> Any:
    """100 texts, every fifth of class b, one of class c."""
    rows = [f"text {number},{'c' if number == 41 else 'ab'[number % 5 == 0]}" for number in range(100)]
    (folder / "a.csv").write_text("text,label\n" + "\n".join(rows) + "\n", encoding="utf-8")
    keys: dict[str, Any] = {"split_seed": 3, **data}
    spec = DataSpec(source=str(folder / "a.csv"), split="0.6/0.2/0.2", **keys)
    splits, record, *_ = make_labelled_splits(spec, TextColumns(), 0)
    return splits, record


def test_shares_are_nested_in_proportion_and_leave_the_other_parts(tmp_path: Path) -> None:
    whole, plain = labelled(tmp_path)
    before: set[str] = set()
    for share, count in ((5, 5), (0.1, 6), (0.25, 15), (40, 40), (1.0, 60)):
        splits, record = labelled(tmp_path, train_share=share)
        names = {text.name for text in splits.train}
        assert before < names <= {text.name for text in whole.train} and len(names) == count
        before = names
        assert [text.name for text in splits.train] == [
            text.name for text in whole.train if text.name in names
        ]
        assert (splits.valid, splits.test) == (whole.valid, whole.test)
        classes = Counter(text.target for text in splits.train)
        every = Counter(text.target for text in whole.train)
        assert classes.keys() == every.keys(), "every class is there"
        if count >= 15:
            assert abs(classes[("b",)] - every[("b",)] * count / 60) <= 1
        assert record.counts["train"] == count and record.counts["unused"] == 60 - count
        assert ("of 60 for training" in record.how) == (count < 60)
        assert not [found for found in record.notes if "no part" in str(found)]
    assert plain.counts["unused"] == 0


def test_another_draw_and_another_seed_take_other_samples(tmp_path: Path) -> None:
    parts = [
        {text.name for text in labelled(tmp_path, train_share=0.5, **more)[0].train}
        for more in ({}, {"split_seed": 4}, {"resample": 1})
    ]
    assert parts[0] != parts[1] and parts[0] != parts[2]
    assert {text.name for text in labelled(tmp_path, train_share=0.5)[0].train} == parts[0]


@pytest.mark.parametrize(
    ("share", "told"),
    [(0.001, "1 to 60 texts"), (61, "61 of 60 texts"), (2, "lacks classes"), (1, "each of the 3 classes")],
)
def test_what_cannot_be_taken_is_refused(tmp_path: Path, share: float, told: str) -> None:
    with pytest.raises(SplitError, match=told) as caught:
        labelled(tmp_path, train_share=share)
    assert caught.value.where == "data.train_share"


@pytest.mark.parametrize("text", ["0%", "101%", "0", "1.5", "-3", "ten", "true"])
def test_a_share_is_a_fraction_or_a_count(text: str) -> None:
    with pytest.raises(ConfigError, match="a percentage up to 100%"):
        resolve({"task": "classify"}, parse_override(f"data.train_share={text}"))


def test_a_percentage_is_its_fraction() -> None:
    spec = resolve({"task": "classify"}, parse_override("data.train_share=10%"))
    assert spec.data.train_share == 0.1
    assert resolve(spec.model_dump(mode="json")) == spec


def test_groups_are_taken_whole() -> None:
    groups = [f"p{number % 8}" for number in range(48)]
    found = [Counter(groups[at] for at in taken(48, count, 1, groups=groups)) for count in (5, 24, 47)]
    assert [len(each) for each in found] == [1, 4, 8]
    assert set(found[0]) < set(found[1]) < set(found[2])
    assert all(count == 6 for each in found for count in each.values())
    latest = taken(48, 12, 1, groups=groups, in_order=True)
    assert {groups[at] for at in latest} == {"p6", "p7"}


def test_groups_with_rare_classes_come_first() -> None:
    groups = [str(number // 3) for number in range(30)]
    classes = ["rare" if number == 20 else "usual" for number in range(30)]
    for seed in range(5):
        assert taken(30, 3, seed, classes=classes, groups=groups) == [18, 19, 20]


def test_text_keeps_its_latest_part(tmp_path: Path) -> None:
    (tmp_path / "input.txt").write_text("0123456789" * 2, encoding="utf-8")
    data: dict[str, Any] = {"source": str(tmp_path), "split": "0.5/0.25/0.25"}
    whole, _ = make_text_splits(DataSpec(**data))
    part, record = make_text_splits(DataSpec(**data, train_share=0.3))
    assert "".join(one.text for one in part.train) == "789"
    assert (part.valid, part.test) == (whole.valid, whole.test) and record.counts["unused"] == 7


def test_each_series_keeps_its_latest_training_rows() -> None:
    days = pd.DataFrame({"ds": pd.date_range("2016-01-01", periods=30), "y": range(30)})
    panel = panel_from_frame(days, "x", ForecastSpec())
    part = split_panel(panel, "20/5/5", horizon=2, lookback=3, train_share=0.5)
    assert part.bounds == (Bounds(10, 15, 20),)
    assert part.panel.series[0].targets[:, 0].tolist() == list(range(10, 30))
    with pytest.raises(SplitError, match="rows of each series") as caught:
        split_panel(panel, "20/5/5", horizon=2, lookback=3, train_share=0.2)
    assert caught.value.got == "4 rows"


def test_data_in_order_keep_the_last_ones(tmp_path: Path) -> None:
    splits, _ = labelled(tmp_path, train_share=0.5, shuffle=False)
    whole, _ = labelled(tmp_path, shuffle=False)
    assert splits.train == whole.train[30:]


def test_parts_of_the_training_data_hold_whole_groups(tmp_path: Path) -> None:
    for number in range(96):
        folder = tmp_path / "ab"[number % 2]
        folder.mkdir(exist_ok=True)
        values = "\n".join(str(number + step) for step in range(4))
        (folder / f"p{number % 12}_{number}.csv").write_text(f"x\n{values}\n", encoding="utf-8")
    keys: dict[str, Any] = {"source": str(tmp_path), "split": "0.5/0.25/0.25", "group": "re:p([0-9]+)_"}
    sets = [
        make_signal_splits(DataSpec(**keys, split_seed=1, train_share=share), SignalSpec(), 0)[0]
        for share in (0.34, 24, 1.0)
    ]
    groups = [Counter(signal.group for signal in each.train.signals) for each in sets]
    assert set(groups[0]) < set(groups[1]) < set(groups[2])
    assert {count for each in groups for count in each.values()} == {8}
    names = [[signal.name for signal in each.valid.signals] for each in sets]
    assert names[0] == names[1] == names[2]
