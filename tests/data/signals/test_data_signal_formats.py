"""Layouts that people have: time stamps in .ts, other sound, a sequence a row, windows of UCI HAR, ARFF, Excel."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tidegate.config.tasks.signal import SignalSpec
from tidegate.data.signals.raw_record import ReadOptions
from tidegate.data.signals.reading import read_signals
from tidegate.data.signals.signal_set import SignalSet
from tidegate.errors import DataError

RATE = 8000
TONE = (np.sin(np.arange(1600) / 5) / 2).astype(np.float32)


def read(path: Path, role: str = "all", *, labelled: bool = True, **keys: object) -> SignalSet:
    return read_signals(str(path), role, ReadOptions(SignalSpec.model_validate(keys), labelled=labelled))  # pyright: ignore


def put(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def told(found: SignalSet, code: str) -> list[str]:
    return [str(one) for one in found.notes if one.code == code]


def test_time_stamps_of_ts_put_values_in_order(tmp_path: Path) -> None:
    head = "@timeStamps true\n@classLabel true a b\n@data\n"
    rows = "(2,3.0),(0,1.0),(1,2.0):(0,5),(1,6),(2,7):a\n"
    found = read(put(tmp_path / "x.ts", head + rows.replace("(0,5),(1,6),(2,7)", "(2,7),(0,5),(1,6)")))
    assert [(one.values.tolist(), one.target) for one in found.signals] == [([[1, 5], [2, 6], [3, 7]], "a")]
    assert found.step == 1
    dated = "(2004-10-01 00:00:00,1),(2004-10-01 00:00:30,2),(2004-10-01 00:01:00,?):b\n"
    found = read(put(tmp_path / "d.ts", head + dated), missing="linear")
    assert (found.signals[0].values[:, 0].tolist(), found.signals[0].target, found.step) == (
        [1, 2, 2],
        "b",
        30,
    )


@pytest.mark.parametrize(
    ("row", "what"),
    [
        ("(0,1),(1,2):(0,1),(2,2):a", "at different times"),
        ("(0,1),1,2:a", "something else than (time,value)"),
        ("(noon,1),(1,2):a", "neither numbers nor dates"),
        ("(0,1),(1,x):a", "step 2 of channel 1 is 'x'"),
    ],
)
def test_time_stamps_that_cannot_be_used(tmp_path: Path, row: str, what: str) -> None:
    head = "@timeStamps true\n@classLabel true a b\n@data\n(0,1),(1,2):a\n"
    columns = "(0,1),(1,2):(0,1),(1,2):a\n" if row.count(":") > 1 else ""
    (bad,) = read(put(tmp_path / "x.ts", head.replace("(0,1),(1,2):a\n", columns) + row + "\n")).bad
    assert what in bad.what


def test_classes_of_ts_may_have_blanks(tmp_path: Path) -> None:
    text = "@univariate true\n@classLabel true walking up sitting\n@data\n1,2:walking up\n3,4:sitting\n5,6:lying\n"
    found = read(put(tmp_path / "x.ts", text))
    assert [one.target for one in found.signals] == ["walking up", "sitting"]
    assert "'lying' is not one of @classLabel" in found.bad[0].what


@pytest.mark.parametrize("ending", ["mp3", "aiff", "au", "w64", "caf", "opus", "flac"])
def test_sound_that_soundfile_reads(tmp_path: Path, ending: str) -> None:
    soundfile = pytest.importorskip("soundfile")
    kind = {"opus": ("OGG", "OPUS")}.get(ending, (ending.upper(), None))
    for name in "ab":
        (tmp_path / name).mkdir()
        soundfile.write(tmp_path / name / f"1.{ending}", TONE, RATE, format=kind[0], subtype=kind[1])
    found = read(tmp_path, features="raw")
    assert [one.target for one in found.signals] == ["a", "b"]
    values = found.signals[0].values[: len(TONE), 0]
    assert np.corrcoef(values, TONE[: len(values)])[0, 1] > 0.9
    assert not told(found, "passed-over")


def test_sound_that_nobody_reads_is_counted(tmp_path: Path) -> None:
    soundfile = pytest.importorskip("soundfile")
    for name in "ab":
        (tmp_path / name).mkdir()
        soundfile.write(tmp_path / name / "1.wav", TONE, RATE)
        for other in ("2.m4a", "3.M4A", "4.wma"):
            (tmp_path / name / other).write_bytes(b"sound")
    (tmp_path / "README.md").write_text("about", encoding="utf-8")
    assert told(read(tmp_path), "passed-over") == [f"{tmp_path}: passed over 6 files: 4 .m4a, 2 .wma"]


@pytest.mark.parametrize(
    "content", [b"<html></html>" * 20, b"RIFF\0\0\0\0WAVEfmt " + b"\0" * 40, b"ID3" + b"\0" * 200]
)
def test_messages_about_sound_name_no_objects(tmp_path: Path, content: bytes) -> None:
    pytest.importorskip("soundfile")
    (tmp_path / "x.wav").write_bytes(content)
    (bad,) = read(tmp_path / "x.wav", labelled=False).bad
    assert "BytesIO" not in str(bad) and "cannot be decoded" in bad.what


def rows(classes: str, length: int = 20, count: int = 12) -> list[list[str]]:
    """Sequences with the class first, as text."""
    made = [[f"{np.sin(n + step) / 2:.4f}" for step in range(length)] for n in range(count)]
    return [[classes[n % len(classes)], *cells] for n, cells in enumerate(made)]


def as_csv(made: list[list[str]], mark: str = ",", head: list[str] | None = None) -> str:
    return "".join(mark.join(cells) + "\n" for cells in ([head] if head else []) + made)


@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize("head", [False, True])
@pytest.mark.parametrize("classes", ["01", "ab"])
@pytest.mark.parametrize("mark", [",", ";", "\t", "  "])
def test_a_sequence_a_row(tmp_path: Path, last: bool, head: bool, classes: str, mark: str) -> None:
    made = [cells[1:] + cells[:1] if last else cells for cells in rows(classes)]
    names = [f"t{step}" for step in range(20)]
    names = [*names, "label"] if last else ["label", *names]
    ending = {"\t": "tsv", "  ": "txt"}.get(mark, "csv")
    text = as_csv(made, mark, names if head and ending == "csv" else None)
    for part in ("TRAIN", "TEST"):
        put(tmp_path / f"Gun_{part}.{ending}", text)
    found = read(tmp_path, "train")
    assert found.format == "rows"
    assert [one.target for one in found.signals] == [classes[n % 2] for n in range(12)]
    np.testing.assert_allclose(found.signals[3].values[:, 0], [float(cell) for cell in rows(classes)[3][1:]])
    assert len(read(tmp_path, "test")) == 12
    alone = read(tmp_path / f"Gun_TEST.{ending}", labelled=False)
    assert [one.values.tolist() for one in alone.signals] == [one.values.tolist() for one in found.signals]


def test_rows_without_labels_and_of_several_lengths(tmp_path: Path) -> None:
    made = [cells[1 : 20 - n] for n, cells in enumerate(rows("01"))]
    padded = [[*cells, *[""] * (19 - len(cells))] for cells in made]
    for text in (as_csv(made), as_csv(padded)):
        found = read(put(tmp_path / "x.csv", text), labelled=False)
        assert [len(one) for one in found.signals] == [len(cells) for cells in made]
    labelled = [[*cells, "up"] for cells in made]
    found = read(put(tmp_path / "x.csv", as_csv(labelled)))
    assert [(one.target, len(one)) for one in found.signals] == [("up", len(cells)) for cells in made]


def test_either_end_may_be_the_label_and_the_hint_decides(tmp_path: Path) -> None:
    made = [
        [cells[0], *[str(n + step) for step in range(18)], str(n % 3)] for n, cells in enumerate(rows("01"))
    ]
    path = put(tmp_path / "x.csv", as_csv(made))
    with pytest.raises(DataError, match="first or the last") as raised:
        read(path)
    keys = [word.removeprefix("signal.label=") for word in str(raised.value.hint).split() if "=" in word]
    assert [read(path, label=key).signals[1].target for key in keys] == ["1", "1"]
    assert [[one.target for one in read(path, label=key).signals[:3]] for key in keys] == [
        ["0", "1", "0"],
        ["0", "1", "2"],
    ]


def test_a_recording_with_many_channels_is_no_row_of_sequences(tmp_path: Path) -> None:
    text = as_csv([cells[1:] for cells in rows("01")])
    path = put(tmp_path / "x.csv", text)
    options = ReadOptions(SignalSpec(), tuple(str(n) for n in range(20)), labelled=False)
    (one,) = read_signals(str(path), "all", options).signals
    assert one.values.shape == (12, 20)
    table = as_csv(rows("01", 8), head=["label", *"abcdefgh"])
    assert read(put(tmp_path / "y.csv", table), labelled=False).format == "signal-files"


def test_rows_have_groups(tmp_path: Path) -> None:
    made = [[*cells, f"p{n // 4}"] for n, cells in enumerate(rows("01"))]
    path = put(tmp_path / "x.csv", as_csv(made, head=["label", *[f"t{n}" for n in range(20)], "who"]))
    options = ReadOptions(SignalSpec(), group="who")
    found = read_signals(str(path), "train", options)
    assert [one.group for one in found.signals] == [f"p{n // 4}" for n in range(12)]
    assert {len(one) for one in found.signals} == {20}


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (["s1.edf", "s2.edf", "notes.doc"], ["3 files", "2 .edf, 1 .doc", "European Data Format"]),
        (["100.hea", "100.dat"], ["WFDB"]),
        (["x.npy"], ["numpy.savez"]),
        (["a/1.m4a"], ["write it as .wav"]),
        ([], ["an empty folder"]),
    ],
)
def test_what_nobody_reads_is_called_what_it_is(tmp_path: Path, names: list[str], told: list[str]) -> None:
    for name in names:
        put(tmp_path / name, "x")
    with pytest.raises(DataError, match="no sequences found") as raised:
        read(tmp_path)
    assert all(what in str(raised.value.got) for what in told)


def test_a_file_for_each_channel(tmp_path: Path) -> None:
    chance = np.random.default_rng(0)
    made = {part: chance.normal(size=(2, count, 5)) for part, count in (("train", 6), ("test", 4))}
    for part, values in made.items():
        for channel, table in zip(("body_acc_x", "body_acc_y"), values, strict=True):
            rows_ = "".join(" ".join(f"{one: .7e}" for one in row) + "\n" for row in table)
            put(tmp_path / part / "Inertial Signals" / f"{channel}_{part}.txt", rows_)
        put(tmp_path / part / f"y_{part}.txt", "".join(f"{n % 2 + 1}\n" for n in range(values.shape[1])))
        put(tmp_path / part / f"subject_{part}.txt", "".join(f"{n // 2}\n" for n in range(values.shape[1])))
        put(tmp_path / part / f"X_{part}.txt", "1 2 3\n")
    put(tmp_path / "activity_labels.txt", "1 WALKING\n2 LAYING DOWN\n")
    options = ReadOptions(SignalSpec(), group="subject")
    found = read_signals(str(tmp_path), "train", options)
    assert (found.format, found.channels) == ("channel-files", ("body_acc_x", "body_acc_y"))
    np.testing.assert_allclose(found.signals[2].values, made["train"][:, 2].T, rtol=1e-6)
    assert [(one.target, one.group) for one in found.signals[:3]] == [
        ("WALKING", "0"),
        ("LAYING DOWN", "0"),
        ("WALKING", "1"),
    ]
    assert len(read(tmp_path, "test")) == 4
    put(tmp_path / "test" / "y_test.txt", "1\n")
    with pytest.raises(DataError, match="not as many rows"):
        read(tmp_path, "test")
    put(tmp_path / "test" / "Inertial Signals" / "body_acc_x_test.txt", "1 2\n3\n")
    with pytest.raises(DataError, match="numbers of one length"):
        read(tmp_path, "test")


def test_arff_of_one_channel_and_of_several(tmp_path: Path) -> None:
    head = "% about\n@relation Gun\n@attribute att0 numeric\n@attribute att1 numeric\n@attribute target {1,2}\n@data\n"
    put(tmp_path / "a" / "Gun_TRAIN.arff", head + "0.5,1.5,1\n% remark\n2.5,?,2\n")
    put(tmp_path / "a" / "Gun_TEST.arff", head + "3,4,2\n")
    found = read(tmp_path / "a", "train")
    assert [(one.values[:, 0].tolist(), one.target) for one in found.signals] == [
        ([0.5, 1.5], "1"),
        ([2.5], "2"),
    ]
    assert len(read(tmp_path / "a", "test")) == 1
    several = (
        "@relation M\n@attribute relationalAtt relational\n@attribute t0 numeric\n@end relationalAtt\n@data\n"
    )
    text = (
        several + r"'1,2,3\n4,5,6',walking" + "\n" + r"'1,2\n4',walking" + "\n" + r"'1,x\n4,5',walking" + "\n"
    )
    found = read(put(tmp_path / "m.arff", text))
    assert [(one.values.tolist(), one.target) for one in found.signals] == [
        ([[1, 4], [2, 5], [3, 6]], "walking")
    ]
    assert [one.what for one in found.bad] == ["its channels have 1 to 2 values", "'x' is no number"]
    with pytest.raises(DataError, match="no @data"):
        read(put(tmp_path / "x.arff", "@relation x\n"))
