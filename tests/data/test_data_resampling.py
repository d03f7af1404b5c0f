"""Splits drawn anew: what varies with the number of the draw, and what stays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tidegate.config.tables import DataSpec
from tidegate.config.tasks.forecast import ForecastSpec
from tidegate.config.tasks.signal import SignalSpec
from tidegate.data.division.divide import moved_back
from tidegate.data.series.reader import panel_from_frame
from tidegate.data.series.splits import Bounds, split_panel
from tidegate.data.signals.splits import make_signal_splits
from tidegate.data.splitting import SplitRecord, Splits
from tidegate.data.text.documents import Text
from tidegate.data.text.labelled.columns import TextColumns
from tidegate.data.text.labelled.splits import make_text_splits as make_labelled_splits
from tidegate.data.text.splits import make_text_splits


def table(folder: Path, name: str, count: int, first: int = 0) -> str:
    """Labelled texts with two classes, in proportion 1 : 3."""
    rows = [f"text {number},{'ab'[number % 4 == 0]}" for number in range(first, first + count)]
    (folder / name).write_text("text,label\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return str(folder / name)


def drawn(**data: Any) -> tuple[dict[str, list[str]], SplitRecord]:
    splits, record, _ = make_labelled_splits(DataSpec(split_seed=3, **data), TextColumns(), 0)
    parts = {"train": splits.train, "valid": splits.valid, "test": splits.test or []}
    return {name: [text.text for text in part] for name, part in parts.items()}, record


def test_each_draw_is_another_of_the_same_sizes(tmp_path: Path) -> None:
    whole = {"source": table(tmp_path, "a.csv", 40), "split": "0.6/0.2/0.2"}
    usual, plain = drawn(**whole)
    draws = [drawn(**whole, resample=number) for number in range(4)]
    assert draws[0][0] == usual, "draw 0 is the usual split"
    assert len({tuple(parts["test"]) for parts, _ in draws}) == 4
    assert {tuple(len(part) for part in parts.values()) for parts, _ in draws} == {(24, 8, 8)}
    assert {(record.kind, record.seed) for _, record in draws} == {
        ("resampled", seed) for seed in range(3, 7)
    }
    assert (plain.kind, plain.draw, [record.draw for _, record in draws]) == ("one", 0, [0, 1, 2, 3])
    assert "draw 2" in draws[2][1].how
    for parts, _ in draws:
        assert sorted(text for part in parts.values() for text in part) == sorted(
            text for part in usual.values() for text in part
        )


def test_official_parts_stay_unless_they_are_pooled(tmp_path: Path) -> None:
    official = {"train": table(tmp_path, "a.csv", 40), "test": table(tmp_path, "b.csv", 20, first=100)}
    usual, record = drawn(**official)
    for number in range(3):
        again, kept = drawn(**official, resample=number)
        assert again == usual and kept.kind == record.kind == "official" and kept.draw == 0
    pooled = [drawn(**official, resample=number, pool=True) for number in range(3)]
    assert {tuple(len(part) for part in parts.values()) for parts, _ in pooled} == {(36, 4, 20)}
    assert len({tuple(parts["test"]) for parts, _ in pooled} | {tuple(usual["test"])}) == 4
    assert all(record.kind == "resampled" and record.test is not None for _, record in pooled)
    assert "thrown together" in pooled[0][1].how
    for parts, _ in pooled:
        assert len({text for part in parts.values() for text in part}) == 60


def test_an_official_validation_part_counts_where_nothing_else_is_measured(tmp_path: Path) -> None:
    parts = {"train": table(tmp_path, "a.csv", 40), "valid": table(tmp_path, "b.csv", 12, first=100)}
    kept, record = drawn(**parts, resample=1)
    assert record.kind == "official" and len(kept["valid"]) == 12
    pooled, record = drawn(**parts, resample=1, pool=True)
    assert record.kind == "resampled" and len(pooled["valid"]) == 12 and not pooled["test"]
    assert pooled["valid"] != kept["valid"]


def test_without_a_test_part_validation_is_drawn_anew(tmp_path: Path) -> None:
    train = table(tmp_path, "a.csv", 40)
    draws = [drawn(train=train, resample=number) for number in range(3)]
    assert {record.kind for _, record in draws} == {"resampled"}
    assert len({tuple(parts["valid"]) for parts, _ in draws}) == 3


def test_data_in_order_end_earlier_with_every_draw(tmp_path: Path) -> None:
    whole = {"source": table(tmp_path, "a.csv", 40), "split": "0.6/0.2/0.2", "shuffle": False}
    usual, _ = drawn(**whole)
    rows = [text for part in usual.values() for text in part]
    for number in range(5):
        parts, record = drawn(**whole, resample=number)
        later = moved_back(number, 12)
        assert record.kind == "time" and record.counts["unused"] == later
        assert [text for part in parts.values() for text in part] == rows[: 40 - later]
        assert (len(parts["valid"]), len(parts["test"])) == (8, 8)


def test_text_ends_earlier_with_every_draw(tmp_path: Path) -> None:
    (tmp_path / "input.txt").write_text("0123456789" * 10, encoding="utf-8")

    def text(splits: Splits[Text]) -> list[str]:
        parts = (splits.train, splits.valid, splits.test or [])
        return ["".join(one.text for one in part) for part in parts]

    for number in range(4):
        data = DataSpec(source=str(tmp_path), split="0.8/0.1/0.1", resample=number)
        splits, record = make_text_splits(data)
        later = moved_back(number, 40)
        assert [len(part) for part in text(splits)] == [80 - later, 10, 10]
        assert "".join(text(splits)) == ("0123456789" * 10)[: 100 - later]
        assert record.kind == "time" and record.counts["unused"] == later


def test_the_origins_of_all_series_move_back_alike() -> None:
    frames = [
        pd.DataFrame(
            {"unique_id": name, "ds": pd.date_range("2020-01-01", periods=rows), "y": np.arange(rows)}
        )
        for name, rows in (("a", 100), ("b", 60))
    ]
    panel = panel_from_frame(pd.concat(frames), "x", ForecastSpec(series="unique_id"))
    usual = split_panel(panel, "rest/10/10", horizon=2, lookback=7)
    assert usual.record.kind == "one"
    for number in range(4):
        moved = split_panel(panel, "rest/10/10", horizon=2, lookback=7, resample=number)
        later = moved_back(number, 20)
        assert moved.bounds == tuple(Bounds(*(end - later for end in (n - 20, n - 10, n))) for n in (100, 60))
        assert moved.record.kind == "time" and moved.record.counts["unused"] == 2 * later
        assert moved.record.notes == usual.record.notes


def test_training_keeps_what_a_forecast_needs() -> None:
    days = pd.DataFrame({"ds": pd.date_range("2020-01-01", periods=30), "y": range(30)})
    panel = panel_from_frame(days, "x", ForecastSpec())
    for number in range(20):
        first = split_panel(panel, "rest/5/5", horizon=2, lookback=17, resample=number).bounds[0]
        assert first.train >= 19


def test_groups_stay_whole_in_every_draw(tmp_path: Path) -> None:
    rows = [f"s{n},{'abcdefgh'[n // 5]},{step},{n + step},{n % 2}" for n in range(40) for step in range(3)]
    (tmp_path / "x.csv").write_text("id,person,t,v,label\n" + "\n".join(rows) + "\n", encoding="utf-8")
    spec = SignalSpec(series="id", time="t", label="label")
    tests: set[frozenset[str | None]] = set()
    for number in range(4):
        data = DataSpec(
            source=str(tmp_path / "x.csv"),
            split="0.5/0.25/0.25",
            group="person",
            resample=number,
            split_seed=0,
        )
        splits, record = make_signal_splits(data, spec, 0)
        parts = (splits.train, splits.valid, splits.test)
        groups = [frozenset(signal.group for signal in part.signals) for part in parts if part is not None]
        assert not groups[0] & groups[1] and not (groups[0] | groups[1]) & groups[2]
        assert record.kind == "resampled"
        tests.add(groups[2])
    assert len(tests) > 1


@pytest.mark.parametrize("room", [0, 1, 7, 1000])
def test_draws_in_time_lie_evenly_however_few_they_are(room: int) -> None:
    places = [moved_back(number, room) for number in range(16)]
    assert places[0] == 0 and all(0 <= place < max(1, room) for place in places)
    assert sorted(places) == [number * room // 16 for number in range(16)]
