"""Signals from paths to parts: splits, groups, windows, answers, and what is noted."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.config.tables import DataSpec
from tidegate.config.tasks.signal import SignalSpec
from tidegate.data.signals.checks import mend
from tidegate.data.signals.signal_set import Signal, SignalSet
from tidegate.data.signals.splits import make_signal_splits
from tidegate.data.signals.targets import kind_of, why_not
from tidegate.data.signals.windows import window_spans, windows
from tidegate.data.splitting import SplitRecord
from tidegate.errors import BadFilesError, ConfigError, EmptyDataError, SplitError


def save(path: Path, count: int, start=0, channels=1, **more) -> str:
    """Sequences that all differ, of two classes in turn."""
    x = np.arange(start, start + count)[:, None, None] + np.zeros((1, 6, channels))
    np.savez(path, x=x, y=np.arange(count) % 2, **more)
    return str(path)


def firsts(part: SignalSet | None) -> list[int]:
    return [int(one.values[0, 0]) for one in part.signals] if part else []


def news(record: SplitRecord) -> list[str]:
    """Notes, but for what was read."""
    return [str(one) for one in record.notes if one.code != "read-as"]


def split(spec: SignalSpec | None = None, seed=0, **data):
    return make_signal_splits(DataSpec(**data), spec or SignalSpec(), seed)


def test_one_path_is_split_class_by_class(tmp_path: Path):
    path = save(tmp_path / "x.npz", 40)
    splits, record = split(source=path, split="0.8/0.1/0.1")
    assert record.counts == {"train": 32, "valid": 4, "test": 4, "bad": 0, "unused": 0}
    assert Counter(one.target for one in splits.valid.signals) == {"0": 2, "1": 2}
    assert sorted(firsts(splits.train) + firsts(splits.valid) + firsts(splits.test)) == list(range(40))
    assert (record.seed, record.valid) == (0, [one.name for one in splits.valid.signals])
    again, _ = split(source=path, split="0.8/0.1/0.1")
    other, _ = split(source=path, split="0.8/0.1/0.1", seed=1)
    assert firsts(again.test) == firsts(splits.test) != firsts(other.test)
    fixed, record = split(source=path, split="0.8/0.1/0.1", seed=7, split_seed=0)
    assert (firsts(fixed.test), record.seed) == (firsts(splits.test), 0)


def test_the_last_ones_are_held_out_in_order(tmp_path: Path):
    splits, record = split(source=save(tmp_path / "x.npz", 10), split="5/2/2", shuffle=False)
    assert (firsts(splits.train), firsts(splits.valid), firsts(splits.test)) == (
        [0, 1, 2, 3, 4],
        [6, 7],
        [8, 9],
    )
    assert (record.counts["unused"], record.seed) == (1, None)
    assert news(record) == ["1 of 10 sequences are in no part of the split 5/2/2"]


def test_a_tenth_is_held_out_or_paths_are_named(tmp_path: Path):
    train, test = save(tmp_path / "a.npz", 20), save(tmp_path / "b.npz", 6, start=50)
    splits, record = split(train=train, test=test)
    assert (len(splits.train), len(splits.valid), len(splits.test)) == (18, 2, 6)
    assert record.how == f"a tenth of {train} held out for validation"
    splits, record = split(train=train, valid=test)
    assert (len(splits.train), len(splits.valid), splits.test, record.how) == (
        20,
        6,
        None,
        "paths named by the user",
    )
    assert split(train=train, split="12/8")[1].counts["valid"] == 8


def test_sequences_in_two_parts_are_noted(tmp_path: Path):
    _, record = split(train=save(tmp_path / "a.npz", 20), valid=save(tmp_path / "b.npz", 3, start=19))
    assert news(record) == [
        "1 of 3 sequences of valid is in train too, value for value: b.npz:x[0] = a.npz:x[19]"
    ]


def test_contradictions_and_too_little(tmp_path: Path):
    path = save(tmp_path / "x.npz", 4)
    for data, error in (
        ({"train": path, "split": "0.5/0.2/0.3"}, ConfigError),
        ({"source": path, "split": "3/1/1"}, SplitError),
        ({"source": path, "split": "1/1", "test": path}, ConfigError),
        ({"train": save(tmp_path / "one.npz", 1)}, SplitError),
        ({"train": save(tmp_path / "none.npz", 0)}, EmptyDataError),
        ({"train": path, "valid": save(tmp_path / "two.npz", 4, channels=2)}, BadFilesError),
        ({"train": f"{path}@{tmp_path}/x.npz"}, ConfigError),
    ):
        with pytest.raises(error):
            split(**data)


def test_bad_sequences_of_all_parts_are_told_at_once(tmp_path: Path):
    for name in "ab":
        x = np.random.default_rng(ord(name)).normal(size=(20, 5))
        x[3, 2] = np.nan
        np.savez(tmp_path / f"{name}.npz", x=x, y=np.arange(20) % 2)
    paths = {"train": str(tmp_path / "a.npz"), "test": str(tmp_path / "b.npz")}
    with pytest.raises(BadFilesError) as caught:
        split(**paths)
    assert [one.where for one in caught.value.findings] == ["a.npz:x[3]", "b.npz:x[3]"]
    _, record = split(**paths, skip_bad=True)
    assert (record.counts["bad"], record.counts["train"], record.counts["test"]) == (2, 17, 19)
    assert news(record)[0].startswith("left out 2 of 40 samples: a.npz:x[3]: step 3")


def test_groups_are_never_in_two_parts(tmp_path: Path):
    who = np.arange(60) // 6
    path = save(tmp_path / "x.npz", 60, who=who)
    for seed in range(5):
        splits, record = split(seed=seed, group="who", source=path, split="0.6/0.2/0.2")
        parts = [{one.group for one in part.signals} for part in (splits.train, splits.valid, splits.test)]
        assert [len(part) for part in parts] == [6, 2, 2]
        assert len(set.union(*parts)) == 10
        assert record.how.endswith("in whole groups")
    splits, record = split(group="who", train=path, shuffle=False)
    assert ({one.group for one in splits.valid.signals}, len(splits.train)) == ({"9"}, 54)


def test_too_few_groups_and_groups_on_both_sides(tmp_path: Path):
    path = save(tmp_path / "x.npz", 12, who=np.arange(12) // 6)
    with pytest.raises(SplitError, match="too few groups"):
        split(group="who", source=path, split="0.6/0.2/0.2")
    one = save(tmp_path / "one.npz", 12, who=np.zeros(12, int))
    with pytest.raises(SplitError, match="too few groups"):
        split(group="who", train=one)
    other = save(tmp_path / "y.npz", 6, start=20, who=np.arange(6) // 3 + 1)
    _, record = split(group="who", train=path, valid=other)
    assert news(record) == ["1 of 2 groups of valid is in train too: 1"]
    _, record = split(group="who", train=path, valid=save(tmp_path / "z.npz", 6, start=20))
    assert news(record) == [
        f"{tmp_path}/z.npz: none of the sequences says its group, so it is not known whether train has it too"
    ]


@given(st.integers(1, 60), st.integers(1, 20), st.integers(1, 20))
def test_windows_lose_nothing(length: int, window: int, stride: int):
    spans = window_spans(length, window, stride)
    covered = {step for start, stop in spans for step in range(start, stop)}
    assert all(0 <= start < stop <= length and stop - start <= window for start, stop in spans)
    assert all(2 * (stop - start) >= window for start, stop in spans) or spans == [(0, length)]
    if stride <= window:
        assert covered == set(range(length))
    assert spans == sorted(set(spans))


def test_windows_say_where_they_are_from():
    signal = Signal("a.csv", np.arange(10, dtype=np.float32)[:, None], "up", "ann", "a.csv")
    cut = windows([signal], 4, 3)
    assert [(one.name, one.source, one.start, one.target, one.group) for one in cut[:2]] == [
        ("a.csv[0:4]", "a.csv", 0, "up", "ann"),
        ("a.csv[3:7]", "a.csv", 3, "up", "ann"),
    ]
    assert all(np.shares_memory(one.values, signal.values) for one in cut)
    assert windows([signal], 10) == [signal]
    assert [one.start for one in windows([signal], 4)] == [0, 2, 4, 6]


def signals_of(*labels: str) -> SignalSet:
    return SignalSet(
        [Signal(str(n), np.zeros((1, 1), np.float32), one) for n, one in enumerate(labels)], ("x",)
    )


def test_classes_or_values():
    assert kind_of(signals_of("1", "2"), SignalSpec(target="value")) == "value"
    assert kind_of(signals_of("0.5", "x"), SignalSpec()) == "class"
    assert kind_of(signals_of("0.5", "1"), SignalSpec(target="class")) == "class"
    one = signals_of("3").signals[0]
    assert why_not(one, "class", ("1", "3")) is None
    assert why_not(one, "value") is None
    assert "does not occur in the training data (1, 2)" in (why_not(one, "class", ("1", "2")) or "")
    assert "no finite number" in (why_not(signals_of("inf").signals[0], "value") or "")


@given(st.lists(st.one_of(st.just(float("nan")), st.floats(-9, 9, width=32)), min_size=1, max_size=12))
def test_mending_keeps_what_is_known(column: list[float]):
    values = np.array(column, np.float32)[:, None]
    known = np.isfinite(values)
    for missing in ("linear", "zero", "mask"):
        new, holes = mend(values, missing)
        np.testing.assert_array_equal(new[:, :1][known], values[known])
        assert np.isfinite(new).all()
        assert holes == (~known).sum()
    if known.any():
        low, high = values[known].min(), values[known].max()
        filled = mend(values, "linear")[0]
        assert filled.min() >= low - 1e-5
        assert filled.max() <= high + 1e-5
