"""Columns that are no channels, and what a column of time says: rates, holes, labels of single steps."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from tidegate.config.resolve import parse_override, resolve
from tidegate.config.tasks.signal import SignalSpec
from tidegate.data.signals.raw_record import ReadOptions
from tidegate.data.signals.reading import read_signals
from tidegate.data.signals.signal_set import SignalSet
from tidegate.errors import DataError
from tidegate.tasks.signal.reading import Opened, Shape, open_unlabelled


def wearable(steps: int = 6) -> Iterator[tuple[int, float, dict[str, float | str]]]:
    """Six recordings of two people: a step's recording, time and values."""
    for recording in range(6):
        for step in range(steps):
            values = {"ax": (3 * step + recording) % 5 / 2, "steps": step + recording}
            yield recording, step / 100, {**values, "label": "walk" if recording % 2 else "run"}


def written(path: Path, **columns: object) -> Path:
    """The wearable as one table, with further columns; a callable makes a cell of its recording."""
    rows = [
        {"id": recording, "time": time, **values}
        | {name: cell(recording) if callable(cell) else cell for name, cell in columns.items()}
        for recording, time, values in wearable()
    ]
    pd.DataFrame(rows).to_csv(path, index=False)
    return path


def read(path: Path, *, group: str | None = None, **keys: object) -> SignalSet:
    return read_signals(str(path), "train", ReadOptions(SignalSpec.model_validate(keys), group=group))


def told(found: SignalSet, code: str) -> list[str]:
    return [one.what for one in found.notes if one.code == code]


@pytest.mark.parametrize("name", ["subject", "recording_id", "dev"])
def test_a_whole_number_that_never_varies_within_a_sequence_is_no_channel(tmp_path: Path, name: str) -> None:
    found = read(written(tmp_path / "x.csv", **{name: lambda recording: recording % 2}))
    assert found.channels == ("ax", "steps")
    assert found.signals[0].values.shape == (6, 2)
    (what,) = told(found, "no-channel")
    assert repr(name) in what


def test_the_hints_about_such_a_column_work(tmp_path: Path) -> None:
    path = written(tmp_path / "x.csv", subject=lambda recording: recording // 2)
    found = read(path)
    override = told(found, "no-channel")[0].partition("--set '")[2].removesuffix("'")
    spec = resolve({"task": "signal", "data": {"train": str(path)}}, parse_override(override))
    assert read(path, channels=spec.settings(SignalSpec).channels).channels == ("ax", "steps", "subject")
    group = told(found, "group-column")[0].partition("--group ")[2].split()[0]
    grouped = read(path, group=group)
    assert [one.group for one in grouped.signals] == ["0", "0", "1", "1", "2", "2"]
    assert grouped.channels == ("ax", "steps") and not told(grouped, "group-column")


def test_files_of_one_sequence_each_follow_the_same_rule(tmp_path: Path) -> None:
    for recording in range(4):
        rows = [{"ax": step * 0.5 + recording, "device": recording, "gain": 1.5} for step in range(3)]
        path = tmp_path / "ab"[recording % 2] / f"{recording}.csv"
        path.parent.mkdir(exist_ok=True)
        pd.DataFrame(rows).to_csv(path)  # with the index that pandas writes
    found = read(tmp_path)
    assert found.channels == ("ax", "gain")  # a constant with decimals is a measurement
    assert found.signals[3].values.tolist() == [[3.0, 1.5], [3.5, 1.5], [4.0, 1.5]]


def test_text_that_names_people_is_no_label(tmp_path: Path) -> None:
    rows = [{"id": n // 3, "x": n / 2, "subject": "ann" if n < 6 else "bob"} for n in range(12)]
    pd.DataFrame(rows).to_csv(tmp_path / "x.csv", index=False)
    found = read_signals(str(tmp_path / "x.csv"), "train", ReadOptions(SignalSpec()))
    assert not found.signals and {one.what for one in found.bad} == {"has no label"}


def test_an_index_need_not_count_without_gaps(tmp_path: Path) -> None:
    frame = pd.DataFrame([{"id": r, "time": t, **values} for r, t, values in wearable()])
    frame[frame.ax > 0].sample(frac=1, random_state=0).to_csv(tmp_path / "x.csv")
    assert read(tmp_path / "x.csv", time="time").channels == ("ax", "steps")


def test_several_rates_and_holes_are_told(tmp_path: Path) -> None:
    frame = pd.DataFrame([{"id": r, "time": t, **values} for r, t, values in wearable(30)])
    found = read_table(tmp_path, frame)
    assert (found.step, found.rate) == (0.01, None) and not told(found, "mixed-rates")
    frame.loc[frame.id == 3, "time"] *= 2
    frame.loc[(frame.id == 4) & (frame.time > 0.1), "time"] += 0.5
    found = read_table(tmp_path, frame)
    assert told(found, "mixed-rates") == [
        "steps of the column 'time' differ: 0.01 in 5 sequences, such as x.csv: 0; 0.02 in 1 sequence, such as x.csv: 3"
    ]
    assert told(found, "time-holes") == [
        "1 sequence with holes in the column 'time', such as x.csv: 4: 0.51 behind step 11, where steps are 0.01"
    ]
    frame["time"] = [number**2 / 7 for number in range(len(frame))]
    assert len(told(read_table(tmp_path, frame), "uneven-steps")) == 1


def read_table(folder: Path, frame: pd.DataFrame) -> SignalSet:
    frame.to_csv(folder / "x.csv", index=False)
    return read(folder / "x.csv")


@pytest.mark.parametrize(("name", "scale"), [("time_ms", 1000), ("seconds", 1), ("time [s]", 1)])
def test_times_in_seconds_give_a_rate(tmp_path: Path, name: str, scale: int) -> None:
    frame = pd.DataFrame([{"id": r, name: t * scale, **values} for r, t, values in wearable()])
    frame.to_csv(tmp_path / "x.csv", index=False)
    assert read(tmp_path / "x.csv", time=name).rate == 100


def test_dates_give_a_rate_and_another_one_is_told_at_predict(tmp_path: Path) -> None:
    start = pd.Timestamp("2026-01-01")
    for name, factor in (("a", 1), ("b", 3)):
        rows = [
            {"id": r, "time": start + pd.Timedelta(seconds=factor * t), **values}
            for r, t, values in wearable()
        ]
        pd.DataFrame(rows).to_csv(tmp_path / f"{name}.csv", index=False)
    found = read(tmp_path / "a.csv")
    assert (found.step, found.rate) == (0.01, 100)
    opened = Opened()
    shape = Shape(found.channels, found.rate, step=found.step)
    open_unlabelled(tmp_path / "a.csv", SignalSpec(), shape, opened)
    assert "other-rate" not in {one.code for one in opened.notes}
    open_unlabelled(tmp_path / "b.csv", SignalSpec(), shape, opened)
    assert [one.what for one in opened.notes if one.code == "other-rate"] == [
        "steps of the column 'time' are 0.03; in training they were 0.01"
    ]
    assert len(opened.signals) == 12


@pytest.mark.parametrize("named", [True, False])
def test_labels_of_steps_are_refused_with_what_can_be_done(tmp_path: Path, named: bool) -> None:
    rows = [
        {"id": n // 20, "time": n % 20, "x": n / 3, "activity": "walk" if n % 20 < 8 else "run"}
        for n in range(60)
    ]
    frame = pd.DataFrame(rows if named else rows[:20])
    if not named:
        frame = frame.drop(columns="id")
    frame.to_csv(tmp_path / "x.csv", index=False)
    with pytest.raises(DataError, match="whole sequence") as raised:
        read(tmp_path / "x.csv")
    code = str(raised.value.hint).partition("with pandas ")[2]
    exec(code, {"df": frame})
    found = read_table(tmp_path, frame)
    assert [(one.target, len(one)) for one in found.signals] == [("walk", 8), ("run", 12)] * (
        3 if named else 1
    )
    assert read_signals(str(tmp_path / "x.csv"), "all", ReadOptions(SignalSpec(), labelled=False)).signals


def test_what_was_read_is_told_first(tmp_path: Path) -> None:
    path = written(tmp_path / "x.csv", subject=lambda recording: recording // 2)
    found = read(path, group="subject")
    assert found.notes[0].line == (
        f"read {path}: signal-table, 6 sequences of 2 channels (ax, steps), 6 steps, 2 classes, "
        "3 groups of 2 to 2 sequences"
    )
    opened = Opened()
    open_unlabelled(path, SignalSpec(), Shape(found.channels), opened)
    assert opened.notes[0].code == "read-as"


def test_doubles_and_dead_channels_are_told(tmp_path: Path) -> None:
    rows = [
        {"id": name, "x": n + 0.5 * (name == "c"), "dead": 0.25, "label": label}
        for name, label in (("a", "up"), ("b", "down"), ("c", "up"), ("d", "up"))
        for n in range(4)
    ]
    pd.DataFrame(rows).to_csv(tmp_path / "x.csv", index=False)
    found = read(tmp_path / "x.csv")
    assert told(found, "contradictory-labels") == [
        "1 of 4 sequences has the values of another, with another label: x.csv: b (down) = x.csv: a (up)"
    ]
    assert told(found, "duplicates") == [
        "1 of 4 sequences has the values and the label of another: x.csv: d = x.csv: a"
    ]
    assert told(found, "constant-channel") == ["the channel 'dead' is 0.25 in all steps of all sequences"]


def test_a_table_of_names_and_labels_has_no_channels(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("id,label\na,box\nb,ring\n", encoding="utf-8")
    with pytest.raises(DataError, match="no column is a channel"):
        read_signals(str(path), "all", ReadOptions(SignalSpec()))
