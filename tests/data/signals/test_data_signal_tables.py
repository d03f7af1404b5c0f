"""CSV: sheets of many hands, a file for each sequence, long tables, and tables beside the data."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tidegate.config.tasks.signal import SignalSpec
from tidegate.data.signals.raw_record import ReadOptions
from tidegate.data.signals.reading import read_signals
from tidegate.data.signals.signal_set import SignalSet
from tidegate.data.signals.tables.csv_table import read_csv_table
from tidegate.data.tables import delimited
from tidegate.data.tables.loose import read_lines_apart, read_plain
from tidegate.errors import ConfigError, DataError

CELLS = st.sampled_from(["1", "-2.5", "", "x", "?", "1e3"])
ROWS = st.integers(2, 4).flatmap(
    lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1, max_size=6)
)


def read(
    path: Path, role="all", options: ReadOptions | None = None, labelled=True, group=None, **keys
) -> SignalSet:
    options = options or ReadOptions(SignalSpec(**keys), labelled=labelled, group=group)
    return read_signals(str(path), role, options)


def put(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def reasons(found: SignalSet) -> dict[str, str]:
    return {one.where: one.what for one in found.bad}


def plain(cells: delimited.Cells) -> tuple[object, ...]:
    columns = [column.tolist() for column in cells.columns]
    return cells.names, columns, cells.numbers.tolist(), cells.headed, cells.broken, cells.notes


@given(ROWS, st.sampled_from(",\t"))
@example([["1", "1"], ["", ""]], "\t")
def test_the_fast_way_reads_what_the_slow_one_does(rows: list[list[str]], separator: str):
    text = "\n".join(separator.join(row) for row in rows)
    fast = read_plain(text, "x")
    if fast is not None:
        assert plain(fast) == plain(read_lines_apart(text))


def test_the_fast_way_is_taken():
    sheet = read_plain("a,b\n1,2\n3,4\n", "x")
    assert sheet is not None
    assert plain(sheet)[:3] == (["a", "b"], [["1", "3"], ["2", "4"]], [2, 3])
    assert read_plain("a,b\n1,2\n3\n", "x") is None
    assert read_plain("", "x") is None


@pytest.mark.parametrize(
    ("text", "names", "columns"),
    [
        ("1 2\n3 4\n", ("0", "1"), [["1", "3"], ["2", "4"]]),
        ("a;b\n1,5;2\n", ("a", "b"), [["1.5"], ["2"]]),
        ("# one remark, of two\n#a, b\n1,2\n", ("a", "b"), [["1"], ["2"]]),
        ("# Columns: a b\n1\t2\n", ("0", "1"), [["1"], ["2"]]),
        ('"a","b, c"\n"1","2"\n', ("a", "b, c"), [["1"], ["2"]]),
        ("a b\nx 1 2\ny 3 4\n", ("", "a", "b"), [["x", "y"], ["1", "3"], ["2", "4"]]),
        ("a,b\n1,2,\n3,4,\n", ("a", "b", ""), [["1", "3"], ["2", "4"], ["", ""]]),
        ("a,b,c\n1,2,3\n4 5,,6\n", ("a", "b", "c"), [["1", "4"], ["2", "5"], ["3", "6"]]),
        ("a,a\n1,2\n", ("a", "a.2"), [["1"], ["2"]]),
    ],
)
def test_sheets_of_many_hands(text: str, names: tuple[str, ...], columns: list[list[str]]):
    sheet = read_csv_table(text)
    assert (sheet.names, sheet.columns, sheet.broken) == (names, columns, [])


def test_folders_are_labels(tmp_path: Path):
    put(tmp_path / "up" / "1.csv", ",# Columns: time,a,b,Lable\n0,0,1,2,up\n1,250 3 4 ,,,up\n")
    put(tmp_path / "down" / "1.csv", ",# Columns: time,a,b,Lable\n0,250,7,8,down\n1,0,5,6,down\n")
    found = read(tmp_path)
    assert [(one.name, one.target) for one in found.signals] == [("down/1.csv", "down"), ("up/1.csv", "up")]
    np.testing.assert_array_equal(found.signals[0].values, [[5, 6], [7, 8]])
    np.testing.assert_array_equal(found.signals[1].values, [[1, 2], [3, 4]])
    assert (found.channels, found.format) == (("a", "b"), "signal-files")
    told = "\n".join(map(str, found.notes))
    for part in (
        "counts the rows",
        "'time' is the time",
        "have been sorted",
        "separated by blanks",
        "the folders",
    ):
        assert part in told
    put(tmp_path / "up" / "2.csv", ",# Columns: time,a,b,Lable\n0,0,1,2,down\n1,250,3,4,down\n")
    assert "1 of 3 files say another label themselves, such as up/2.csv" in [*map(str, read(tmp_path).notes)]


def test_a_table_beside_the_files(tmp_path: Path):
    for number in range(1, 6):
        put(tmp_path / "data" / f"rec_{number:02}.csv", f"#a, b\n{number},0\n{number}.5,1\n")
    put(
        tmp_path / "data" / "rec_target.csv",
        "#id, class_label\n" + "".join(f"{n},{n % 2}\n" for n in range(1, 6)),
    )
    put(tmp_path / "groups" / "who.csv", "#id, person\n" + "".join(f"{n},p{n // 3}\n" for n in range(1, 6)))
    for group in ("person", "who", "who.csv", "groups/who.csv", r"re:rec_(\d)"):
        found = read(tmp_path, group=group, labelled=False)
        assert [one.values[0, 0] for one in found.signals] == [1, 2, 3, 4, 5]
    found = read(tmp_path, group="person")
    assert [(one.target, one.group) for one in found.signals] == [
        ("1", "p0"), ("0", "p0"), ("1", "p1"), ("0", "p1"), ("1", "p1")
    ]  # fmt: skip
    assert [one.target for one in read(tmp_path, label="person").signals] == ["p0", "p0", "p1", "p1", "p1"]
    with pytest.raises(ConfigError, match="no column 'nobody'"):
        read(tmp_path, group="nobody")
    put(tmp_path / "more_target.csv", "#id, class\n" + "".join(f"{n},1\n" for n in range(1, 6)))
    put(tmp_path / "third_target.csv", "#id, target\n" + "".join(f"{n},1\n" for n in range(1, 6)))
    with pytest.raises(DataError, match="not clear which column"):
        read(tmp_path)


def test_labels_by_pattern_and_by_the_beginning_of_names(tmp_path: Path):
    for name in ("a_1", "a_2", "b_1", "b_2"):
        put(tmp_path / f"{name}.csv", "x\n1\n2\n")
    assert [one.target for one in read(tmp_path).signals] == ["a", "a", "b", "b"]
    assert [one.target for one in read(tmp_path, label_pattern=r"_(\d)").signals] == ["1", "2", "1", "2"]
    assert reasons(read(tmp_path, label_pattern=r"(a)_")) == {
        "b_1.csv": "has no label",
        "b_2.csv": "has no label",
    }
    for pattern in ("a_.", "(", ""):
        with pytest.raises(ConfigError):
            read(tmp_path, label_pattern=pattern)


def test_bad_files(tmp_path: Path):
    for name in ("a/1", "a/2", "b/1"):
        put(tmp_path / f"{name}.csv", "x,y\n1,2\n3,4\n")
    put(tmp_path / "b" / "text.csv", "x,y\n1,2\n3,no\n5,6\n")
    put(tmp_path / "b" / "short.csv", "x,y\n1,2\n3\n5,6\n")
    put(tmp_path / "b" / "hole.csv", "x,y\n1,2\n,4\n")
    put(tmp_path / "b" / "empty.csv", "")
    put(tmp_path / "b" / "other.csv", "x,z\n1,2\n3,4\n")
    put(tmp_path / "b" / "turned.csv", "y,x\n1,2\n3,4\n")
    found = read(tmp_path)
    assert reasons(found) == {
        "b/text.csv": "line 3: 'no' in column 'y' is no number",
        "b/short.csv": "line 3 has 1 cells; 2 were expected",
        "b/hole.csv": "line 3: channel 'x' has no value (signal.missing says what may stand there)",
        "b/empty.csv": "has no steps",
        "b/other.csv": "has the columns x, z; others have x, y",
    }
    turned = next(one for one in found.signals if one.name == "b/turned.csv")
    np.testing.assert_array_equal(turned.values, [[2, 1], [4, 3]])


def test_later_files_must_have_the_channels_of_training(tmp_path: Path):
    put(tmp_path / "one.csv", "y,x,w\n1,2,3\n")
    options = ReadOptions(SignalSpec(), ("x", "y"), labelled=False)
    np.testing.assert_array_equal(read(tmp_path / "one.csv", options=options).signals[0].values, [[2, 1]])
    put(tmp_path / "two.csv", "x,z\n1,2\n")
    assert reasons(read(tmp_path / "two.csv", options=options)) == {
        "two.csv": "has no column 'y', only 'x', 'z'"
    }
    put(tmp_path / "bare.csv", "1,2\n3,4\n")
    assert read(tmp_path / "bare.csv", options=ReadOptions(SignalSpec(), ("0", "1"), labelled=False)).signals[
        0
    ].values.shape == (2, 2)


TABLE = "id,time,x,y,label,who\nb,1,1,2,up,ann\na,2,3,4,down,bob\nb,0,5,6,up,ann\na,3,7,8,down,bob\n"


def test_long_tables(tmp_path: Path):
    found = read(put(tmp_path / "t.csv", TABLE), group="who")
    one, two = found.signals
    assert (one.name, one.target, one.group, two.name) == ("t.csv: b", "up", "ann", "t.csv: a")
    np.testing.assert_array_equal(one.values, [[5, 6], [1, 2]])
    np.testing.assert_array_equal(two.values, [[3, 4], [7, 8]])
    assert (found.channels, found.format) == (("x", "y"), "signal-table")
    assert "rows were not in order of 'time', and have been sorted" in [*map(str, found.notes)]
    assert "t.csv: the column 'who' is text, and left out" in [*map(str, read(tmp_path / "t.csv").notes)]
    assert read(tmp_path / "t.csv", channels=["y"]).channels == ("y",)
    put(tmp_path / "ids.txt", "a\n")
    chosen = read_signals(f"{tmp_path}/t.csv@{tmp_path}/ids.txt", "train", ReadOptions(SignalSpec()))
    assert [signal.name for signal in chosen.signals] == ["t.csv: a"]


def test_named_columns_of_long_tables(tmp_path: Path):
    path = put(tmp_path / "t.csv", "run,when,x,kind\n1,2024-01-02,1,9\n1,2024-01-01,2,9\n2,2024-01-01,3,8\n")
    found = read(path, series="run", time="when", label="kind")
    assert [(one.values[:, 0].tolist(), one.target) for one in found.signals] == [([2, 1], "9"), ([3], "8")]
    for key in ("series", "time", "label", "group"):
        with pytest.raises(ConfigError, match="no column 'gone'"):
            read(path, **{"series": "run", key: "gone"})
    with pytest.raises(ConfigError, match="no column 'gone'"):
        read(path, series="run", channels=["gone"])
    with pytest.raises(DataError, match="no column says which sequence"):
        read_signals(str(path), "train", ReadOptions(SignalSpec()), format_name="signal-table")


def test_bad_rows_of_long_tables(tmp_path: Path):
    rows = ["good,0,1,up", "good,1,2,up", "varies,0,1,up", "varies,1,2,down", "text,0,1,up", "text,1,x,up"]
    rows += ["short,0,1,up", "short,1,2", ",0,1,up", "late,noon,1,up", "gone,0", "nameless,0,3,"]
    found = read(put(tmp_path / "t.csv", "id,time,x,label\n" + "\n".join(rows)))
    told = reasons(found)
    assert [one.name for one in found.signals] == ["t.csv: good"]
    assert told["t.csv: varies"] == "its label varies: 'up' on line 4, 'down' on line 5 (column 'label')"
    assert told["t.csv: text"] == "line 7: 'x' in column 'x' is no number"
    assert told["t.csv: short"] == "line 9 has 3 cells; 4 were expected"
    assert told["t.csv:10"] == "1 rows name no sequence"
    assert told["t.csv: late"] == "line 11: 'noon' in column 'time' is no time"
    assert told["t.csv:12"] == "line 12 has 2 cells; 4 were expected"
    assert told["t.csv: nameless"] == "has no label"


def test_tables_of_parts(tmp_path: Path):
    put(tmp_path / "train.csv", TABLE)
    put(tmp_path / "test.csv", TABLE.replace("b,", "c,"))
    assert [len(read(tmp_path, role)) for role in ("train", "test", "all")] == [2, 2, 4]
