"""Files of archives: .ts, .tsv and .npz, good and bad."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tidegate.config.tasks.signal import SignalSpec
from tidegate.data.signals.raw_record import ReadOptions
from tidegate.data.signals.reading import read_signals
from tidegate.data.signals.signal_set import SignalSet
from tidegate.errors import BadFilesError, DataError, EmptyDataError

HEAD = "#About\n@problemName X\n@timeStamps false\n@univariate false\n@dimensions 2\n@classLabel true up down\n@data\n"


def read(path: Path, role="all", *, labelled=True, group=None, **keys) -> SignalSet:
    return read_signals(str(path), role, ReadOptions(SignalSpec(**keys), labelled=labelled, group=group))


def news(found: SignalSet) -> list[str]:
    """Notes, but for what was read."""
    return [str(one) for one in found.notes if one.code != "read-as"]


def put(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def reasons(found: SignalSet) -> dict[str, str]:
    return {one.where: one.what for one in found.bad}


def test_ts(tmp_path: Path):
    path = put(tmp_path / "x.ts", HEAD + "1,2,3:4,5,6:up\n\n0.5:-1e2:down\n")
    found = read(path)
    first, second = found.signals
    assert (first.name, first.target, first.source, first.start) == ("x.ts:8", "up", "x.ts:8", 0)
    np.testing.assert_array_equal(first.values, [[1, 4], [2, 5], [3, 6]])
    np.testing.assert_array_equal(second.values, [[0.5, -100]])
    assert (found.channels, found.format, found.valued, second.name) == (("0", "1"), "ts", False, "x.ts:10")
    assert first.values.dtype == np.float32


def test_bad_lines_of_ts_are_all_told(tmp_path: Path):
    lines = [
        "1,?:2,3:up",
        "1,2:3:up",
        "1,2:3,x4:up",
        "1,2:3,4:sideways",
        "1,2:up",
        ":x:up",
        "(0,1):(1,2):up",
        "::up",
    ]
    found = read(put(tmp_path / "x.ts", HEAD + "1,2:3,4:up\n" + "\n".join(lines)))
    told = reasons(found)
    assert len(found.signals) == 1
    assert told["x.ts:9"].startswith("step 2: channel '0' has no value")
    assert told["x.ts:10"] == "channel 2 has 1 values, channel 1 has 2"
    assert told["x.ts:11"] == "step 2 of channel 2 is 'x4', no number"
    assert told["x.ts:12"] == "its class 'sideways' is not one of @classLabel (up, down)"
    assert told["x.ts:13"] == "has 2 parts between colons; 2 channels and a label were expected"
    assert "different times" in told["x.ts:15"]
    assert told["x.ts:16"] == "has no steps"
    assert len(told) == len(lines)


def test_values_as_answers(tmp_path: Path):
    path = put(tmp_path / "x.ts", "@univariate true\n@targetLabel true\n@data\n1,2:3\n1,2,3:4\n")
    found = read(path)
    assert (found.valued, [one.target for one in found.signals]) == (True, ["3", "4"])


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("@classLabel true a b\n1,2:a\n", "head of a .ts file"),
        ("@classLabel true a b\n", "head of a .ts file"),
        ("@dimensions many\n@data\n", "head of a .ts file"),
        ("@classLabel true a b\n@data\n", "no sequence after @data"),
        ("@classLabel true a b\n@data\na\n", "have no label"),
    ],
)
def test_heads_that_cannot_be_understood(tmp_path: Path, text: str, what: str):
    with pytest.raises(DataError, match=what):
        read(put(tmp_path / "x.ts", text))


def test_equal_lengths_that_are_not(tmp_path: Path):
    head = "@univariate true\n@equalLength true\n@classLabel true a b\n@data\n"
    assert news(read(put(tmp_path / "x.ts", head + "1,2:a\n1:b\n"))) == [
        "x.ts: @equalLength is true, yet lengths are 1 to 2"
    ]


def test_a_folder_brings_its_parts(tmp_path: Path):
    head = "@univariate true\n@classLabel true a b\n@data\n"
    put(tmp_path / "X_TRAIN.ts", head + "1:a\n")
    put(tmp_path / "X_TEST.ts", head + "2:b\n3:a\n")
    assert [len(read(tmp_path, role)) for role in ("train", "test", "all")] == [1, 2, 3]
    with pytest.raises(EmptyDataError, match="no valid part"):
        read(tmp_path, "valid")
    put(tmp_path / "Y_TEST.ts", head + "2:b\n")
    with pytest.raises(DataError, match="several data sets"):
        read(tmp_path, "train")


def test_latin_1_in_comments(tmp_path: Path):
    path = tmp_path / "x.ts"
    path.write_bytes("#Pérez\n@univariate true\n@classLabel true a b\n@data\n1:a\n".encode("latin-1"))
    assert len(read(path)) == 1


def test_tsv_pads_with_nan_at_the_end_only(tmp_path: Path):
    text = "1\t0.5\t1.5\tNaN\tNaN\n-1\t1\tNaN\t3\t4\n2.0000000e+00\t1\t2\t3\t4\n1\tNaN\tNaN\tNaN\tNaN\n1\t2\tx\t3\t4\n"
    path = put(tmp_path / "x.tsv", text)
    found = read(path, missing="linear")
    assert [(one.target, one.values[:, 0].tolist()) for one in found.signals] == [
        ("1", [0.5, 1.5]),
        ("-1", [1, 2, 3, 4]),
        ("2", [1, 2, 3, 4]),
    ]
    assert reasons(found) == {"x.tsv:4": "has no steps", "x.tsv:5": "step 2 is 'x', no number"}
    assert news(found)[0].startswith("2 series end in NaN")
    assert reasons(read(path))["x.tsv:2"].startswith("step 2: channel '0' has no value")


def test_npz(tmp_path: Path):
    path = tmp_path / "x.npz"
    x = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)
    np.savez(
        path,
        X=x,
        y=np.array([1.0, 0.0]),
        channels=np.array(["a", "b", "c"]),
        rate=50,
        who=np.array(["ann", "bob"]),
    )
    found = read(path, group="who")
    np.testing.assert_array_equal(np.stack([one.values for one in found.signals]), x)
    assert [one.target for one in found.signals] == ["1", "0"]
    assert [one.group for one in found.signals] == ["ann", "bob"]
    assert (found.channels, found.rate, found.signals[1].name) == (("a", "b", "c"), 50.0, "x.npz:x[1]")
    np.savez(path, x=x[..., 0], y=np.array([0.5, 2]))
    assert [(one.values.shape, one.target) for one in read(path).signals] == [((4, 1), "0.5"), ((4, 1), "2")]


def test_npz_with_sequences_of_different_lengths(tmp_path: Path):
    ragged, padded = tmp_path / "ragged.npz", tmp_path / "padded.npz"
    values, lengths, y = np.arange(12.0).reshape(6, 2), np.array([1, 3, 2]), np.array(["a", "b", "a"])
    np.savez(ragged, values=values, lengths=lengths, y=y)
    rows = np.full((3, 3, 2), np.nan)
    for row, part in zip(rows, np.split(values, [1, 4]), strict=True):
        row[: len(part)] = part
    np.savez(padded, x=rows, lengths=lengths, y=y)
    for one, two in zip(read(ragged).signals, read(padded).signals, strict=True):
        np.testing.assert_array_equal(one.values, two.values)
    assert [len(one) for one in read(ragged).signals] == [1, 3, 2]


def test_npz_with_parts(tmp_path: Path):
    path = tmp_path / "x.npz"
    parts = {f"x_{part}": np.zeros((n, 5)) for part, n in (("train", 4), ("test", 2))}
    np.savez(path, **parts, y_train=np.arange(4), y_test=np.arange(2))
    assert [len(read(path, role)) for role in ("train", "test", "all")] == [4, 2, 6]
    with pytest.raises(EmptyDataError, match="no valid part"):
        read(path, "valid")


@pytest.mark.parametrize(
    ("arrays", "what"),
    [
        ({"x": np.zeros(3)}, "x has the wrong shape"),
        ({"x": np.zeros((2, 3)), "y": np.zeros(3)}, "y does not fit"),
        ({"x": np.array([["a", "b"]])}, "holds no numbers"),
        ({"x": np.zeros((2, 3), complex)}, "holds no numbers"),
        ({"values": np.zeros(3)}, "values need lengths"),
        ({"values": np.zeros(3), "lengths": np.array([1, 1])}, "do not add up"),
        ({"values": np.zeros(3), "lengths": np.array([4, -1])}, "lengths are wrong"),
        ({"data": np.zeros(3)}, "no array of values"),
        ({"x": np.array([[1], [1, 2]], dtype=object)}, "cannot be read"),
    ],
)
def test_arrays_that_do_not_fit(tmp_path: Path, arrays: dict, what: str):
    np.savez(tmp_path / "x.npz", **arrays)
    with pytest.raises(DataError, match=what):
        read(tmp_path / "x.npz")


def test_broken_npz(tmp_path: Path):
    (tmp_path / "x.npz").write_bytes(b"PK and nothing else")
    with pytest.raises(DataError, match="cannot be read"):
        read(tmp_path / "x.npz")


def test_holes_infinities_and_missing_labels(tmp_path: Path):
    path = tmp_path / "x.npz"
    x = np.zeros((4, 3, 2))
    x[0, 1, 1], x[1, 2, 0], x[2, :, 0] = np.nan, np.inf, np.nan
    np.savez(path, x=x, y=np.array([1, 1, 1, np.nan]))
    told = reasons(read(path))
    assert told["x.npz:x[0]"].startswith("step 2: channel '1' has no value")
    assert told["x.npz:x[1]"].startswith("step 3: channel '0' is infinite")
    assert "and 2 more like it" in told["x.npz:x[2]"]
    assert told["x.npz:x[3]"] == "has no label"
    assert reasons(read(path, missing="linear")) == {
        "x.npz:x[2]": "channel '0' has no value at all",
        "x.npz:x[3]": "has no label",
    }
    found = read(path, missing="mask", labelled=False)
    assert (len(found), found.channels, news(found)[:1]) == (
        4,
        ("0", "1", "missing"),
        ["5 missing values: set to 0, and told by the channel missing"],
    )
    np.testing.assert_array_equal(found.signals[2].values, [[0, 0, 0.5]] * 3)
    np.testing.assert_array_equal(found.signals[3].values, np.zeros((3, 3)))


def test_all_bad_sequences_are_kept_for_the_caller(tmp_path: Path):
    found = read(put(tmp_path / "x.tsv", "1\tNaN\n"))
    assert (len(found), len(found.bad)) == (0, 1)
    assert "1 of 1" in str(BadFilesError(found.bad, where="x", total=1))
