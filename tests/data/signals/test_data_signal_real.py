"""Real signals, where a checkout has them beside it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from tidegate.config.tables import DataSpec
from tidegate.config.tasks.signal import SignalSpec
from tidegate.data.signals.raw_record import ReadOptions
from tidegate.data.signals.reading import read_signals
from tidegate.data.signals.splits import make_signal_splits

SHARED = Path(__file__).parents[4] / "shared" / "data"


def needs(name: str) -> Path:
    if not (SHARED / name).exists():
        pytest.skip(f"{name} is not here")
    return SHARED / name


@pytest.mark.parametrize(
    ("name", "train", "test", "channels", "classes", "lengths"),
    [
        ("GunPoint", 50, 150, 1, 2, (150, 150)),
        ("ItalyPowerDemand", 67, 1029, 1, 2, (24, 24)),
        ("ArrowHead", 36, 175, 1, 3, (251, 251)),
        ("BasicMotions", 40, 40, 6, 4, (100, 100)),
        ("JapaneseVowels", 270, 370, 12, 9, (7, 29)),
    ],
)
def test_archive_of_ucr(
    name: str, train: int, test: int, channels: int, classes: int, lengths: tuple[int, int]
):
    splits, record = make_signal_splits(DataSpec(train=str(needs("ucr_open") / name)), SignalSpec(), 0)
    assert splits.test is not None
    odd = [one for one in record.notes if one.severity != "note"]
    assert (len(splits.train) + len(splits.valid), len(splits.test), odd) == (train, test, [])
    signals = [*splits.train.signals, *splits.valid.signals, *splits.test.signals]
    assert {one.values.shape[1] for one in signals} == {channels}
    assert len({one.target for one in signals}) == classes
    assert (min(map(len, signals)), max(map(len, signals))) == lengths


def test_arem():
    found = read_signals(str(needs("arem")), "train", ReadOptions(SignalSpec()))
    assert (len(found), found.bad, found.channels[0], len(found.channels)) == (88, [], "avg_rss12", 6)
    counts = Counter(one.target for one in found.signals)
    assert (counts["bending1"], counts["bending2"], counts["walking"]) == (7, 6, 15)
    spread = next(one for one in found.signals if one.name == "bending2/dataset4.csv")
    np.testing.assert_array_equal(spread.values[0], np.array([32.5, 0.5, 0, 0, 19, 1], np.float32))
    assert {len(one) for one in found.signals} == {479, 480}
    assert "bending2/dataset4.csv: cells are separated by blanks within lines of commas" in [
        *map(str, found.notes)
    ]


def test_indoor_movement():
    path = str(needs("indoor_movement") / "IndoorMovement.zip")
    found = read_signals(path, "train", ReadOptions(SignalSpec(), group="dataset_ID"))
    assert (len(found), found.bad, sum(map(len, found.signals))) == (314, [], 13197)
    assert Counter(one.target for one in found.signals) == {"1": 158, "-1": 156}
    assert Counter(one.group for one in found.signals) == {"1": 104, "2": 106, "3": 104}


def test_fsdd():
    path = needs("fsdd") / "recordings.tar.gz"
    splits, record = make_signal_splits(
        DataSpec(source=str(path), split="0.6/0.2/0.2", group=r"re:_([a-z]+)_"), SignalSpec(), 0
    )
    assert splits.test is not None
    assert record.counts == {"train": 2000, "valid": 500, "test": 500, "bad": 0, "unused": 0}
    speakers = [{one.group for one in part.signals} for part in (splits.train, splits.valid, splits.test)]
    assert [len(one) for one in speakers] == [4, 1, 1]
    assert (splits.train.sound_rate, splits.train.rate, len(splits.train.channels)) == (8000, 100.0, 40)
