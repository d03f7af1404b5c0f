"""Parts of labelled texts: every text once, classes in proportion, and what stands in two parts is told."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tidegate.config.tables import DataSpec
from tidegate.data.splitting import Splits
from tidegate.data.text.labelled.columns import TextColumns
from tidegate.data.text.labelled.splits import make_text_splits, shared_texts
from tidegate.data.text.labelled.text import Text
from tidegate.errors import BadFilesError, ConfigError, SplitError


def table(folder: Path, count: int = 40, name: str = "a.csv", *, bad: int = 0) -> str:
    rows = [f"text {number},{'ab'[number % 4 == 0]}" for number in range(count)] + [",a"] * bad
    (folder / name).write_text("text,label\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return str(folder / name)


def split(data: DataSpec, seed: int = 0) -> Splits[Text]:
    return make_text_splits(data, TextColumns(), seed)[0]


def names(texts: list[Text]) -> set[str]:
    return {text.name for text in texts}


def test_a_tenth_is_held_out_class_by_class(tmp_path: Path) -> None:
    splits = split(DataSpec(train=table(tmp_path)))
    assert Counter(text.target for text in splits.valid) == {"a": 3, "b": 1}
    assert len(splits.train) == 36 and not names(splits.train) & names(splits.valid)
    assert names(splits.valid) != names(split(DataSpec(train=table(tmp_path)), seed=1).valid)


def test_a_source_is_split_in_three(tmp_path: Path) -> None:
    splits, record, _ = make_text_splits(DataSpec(source=table(tmp_path), split="20/8/4"), TextColumns(), 0)
    assert [len(splits.train), len(splits.valid), len(splits.test or [])] == [20, 8, 4]
    assert record.counts["unused"] == 8 and any("in no part" in str(one) for one in record.notes)
    kept = split(DataSpec(source=table(tmp_path), split="20/8/12", shuffle=False))
    assert kept.train[0].text == "text 0" and (kept.test or [])[-1].text == "text 39"


def test_named_parts_and_bad_rows(tmp_path: Path) -> None:
    data = DataSpec(train=table(tmp_path), valid=table(tmp_path, 8, "v.csv", bad=2))
    with pytest.raises(BadFilesError, match="empty"):
        split(data)
    splits, record, _ = make_text_splits(data.model_copy(update={"skip_bad": True}), TextColumns(), 0)
    assert len(splits.valid) == 8 and record.counts["bad"] == 2
    assert any("left out 2 of" in str(one) for one in record.notes)
    assert any("8 of 8 texts of valid are in train too" in str(one) for one in record.notes)


def test_what_cannot_be_split(tmp_path: Path) -> None:
    with pytest.raises(SplitError, match="too few"):
        split(DataSpec(train=table(tmp_path, 1)))
    with pytest.raises(ConfigError, match="two parts"):
        split(DataSpec(train=table(tmp_path), split="20/10/10"))


def test_texts_in_two_parts() -> None:
    train, other = [Text("a", "The tide", ("x",))], [Text("b", "the  TIDE", ("y",)), Text("c", "ebb", ("y",))]
    told = str(shared_texts(train, other, "test")[0])
    assert "1 of 2 texts of test is in train too, but for case and white space: b = a" in told
    assert shared_texts(train, other[1:], "test") == []
