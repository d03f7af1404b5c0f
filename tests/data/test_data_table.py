"""Tables as text: no row is lost, and no mark of a text; rows that do not fit and bytes that are not UTF-8 are named."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.config.tasks.forecast import ForecastSpec
from tidegate.config.tasks.signal import SignalSpec
from tidegate.data.images.formats import CLASSES, LINES
from tidegate.data.images.listing import read_listing
from tidegate.data.series.reader import read_panel
from tidegate.data.signals.raw_record import ReadOptions
from tidegate.data.signals.reading import read_signals
from tidegate.data.tables import delimited
from tidegate.data.tables.delimited import Cells, read_cells
from tidegate.data.tables.table import Table, read_table
from tidegate.data.text.labelled.columns import TextColumns
from tidegate.data.text.labelled.reader import read_labelled
from tidegate.errors import DataError


def table_of(folder: Path, text: str, name: str = "x.tsv") -> Table:
    (folder / name).write_text(text, encoding="utf-8")
    return read_table(str(folder / name))


def test_marks_that_enclose_no_cell_are_part_of_the_text(tmp_path: Path) -> None:
    table = table_of(tmp_path, 'text\tlabel\n"fine" , he said\t1\nnot so\t0\n" well , said she\t1\n')
    assert table.texts("text").tolist() == ['"fine" , he said', "not so", '" well , said she']
    assert table.row(2) == "line 4" and len(table.notes) == 1


@pytest.mark.parametrize("name", ["x.tsv", "x.csv"])
def test_quoted_cells_lose_their_marks(tmp_path: Path, name: str) -> None:
    tab = "\t" if name.endswith("tsv") else ","
    table = table_of(tmp_path, f'text{tab}label\n"one{tab}""two""\nthree"{tab}1\nfour{tab}0\n', name)
    assert table.texts("text").tolist() == [f'one{tab}"two"\nthree', "four"]
    assert table.notes == []
    whole = table_of(tmp_path, f'text{tab}label\n"one"{tab}1\n"two"{tab}0\n', name)
    assert whole.texts("text").tolist() == ["one", "two"]


def plain(cells: Cells) -> tuple[object, ...]:
    columns = [column.tolist() for column in cells.columns]
    return columns, cells.numbers.tolist(), cells.word, cells.broken


TEXTS = st.text(st.sampled_from('ab ",\n1'), max_size=40)


@pytest.mark.parametrize(
    "text",
    [
        "a,b\n1,2\n",
        "a,b\n1,2",
        "\na,b\n\n1,2\n  \n3,4\n\n",
        "a,b\n,\n1,2\n",
        "a,b\n1,2,3\n4,5\n6\n",
        "a,b\n1,2,,\n",
        'a,b\n"1,5",2\n"3\n4","5"\n',
        'a,b\n"1","2","3"\n4,5\n',
        'a,b\n1,5" long\n2,6\n',
        "a\n1\n2\n",
        "a, b\r\n1, 2\r\n",
    ],
)
def test_large_tables_are_cut_as_small_ones_are(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    small = plain(read_cells(text, "x"))
    monkeypatch.setattr(delimited, "SMALL", 0)
    assert plain(read_cells(text, "x")) == small


@given(TEXTS)
def test_any_table_without_marks_is_cut_the_same(text: str) -> None:
    text = text.replace('"', "")
    small = delimited._cut(text, ",", "x", quoted=False) if text.strip() else None
    large = delimited._cut_large(text, ",", quoted=False) if text.strip() else None
    if small is not None and large is not None:
        assert [column.tolist() for column in large[0]] == [column.tolist() for column in small[0]]
        assert large[1].tolist() == small[1].tolist() and small[2] == []


def test_large_tables_take_the_fast_way(monkeypatch: pytest.MonkeyPatch) -> None:
    assert delimited._cut_large('a,b\n"1,5",2\n', ",", quoted=True) is not None
    assert delimited._cut_large("a,b\n\n1,2\n", ",", quoted=False) is not None
    assert delimited._cut_large("a,b\n1\n", ",", quoted=False) is None


def test_rows_that_do_not_fit_are_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no table") as caught:
        table_of(tmp_path, "ds,y\n2016-01,1,2\n\n2016-02\n2016-03,4\n", "x.csv")
    assert caught.value.got == "line 2 has 3 cells; 2 were expected\nline 4 has 1 cells; 2 were expected"


def series(folder: Path, content: bytes) -> None:
    (folder / "t.csv").write_bytes(b"ds,y\n2016-01-01," + content)
    read_panel(str(folder / "t.csv"), ForecastSpec(), skip_bad=False)


def image_table(folder: Path, content: bytes) -> None:
    (folder / "a.png").write_bytes(b"x")
    (folder / "t.csv").write_bytes(b"path,label\na.png," + content)
    read_listing(CLASSES, str(folder / "t.csv"))


def line_table(folder: Path, content: bytes) -> None:
    (folder / "a.png").write_bytes(b"x")
    (folder / "t.tsv").write_bytes(b"path\ttext\na.png\t" + content)
    read_listing(LINES, str(folder / "t.tsv"))


def texts(folder: Path, content: bytes) -> None:
    (folder / "t.csv").write_bytes(b"text,label\nebb," + content)
    read_labelled(str(folder / "t.csv"), "train", TextColumns())


def signals(folder: Path, content: bytes, name: str = "t.csv", head: bytes = b"id,x\na,") -> None:
    (folder / name).write_bytes(head + content)
    read_signals(str(folder / name), "all", ReadOptions(SignalSpec()))


READERS = {
    "series": series,
    "image-table": image_table,
    "line-table": line_table,
    "table": texts,
    "signal-table": signals,
    "signal-files": lambda folder, content: signals(folder, content, head=b"x,y\n1,"),
    "tsv": lambda folder, content: signals(folder, content, "t.tsv", b"a\t1\nb\t"),
    "ts": lambda folder, content: signals(folder, content, "t.ts", b"@classLabel true a\n@data\n1:"),
}


@pytest.mark.parametrize("name", READERS)
def test_no_encoding_is_guessed(name: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="the file is not UTF-8") as caught:
        READERS[name](tmp_path, "Gezeit \xe4\n".encode("latin-1"))
    assert "byte 0xe4 at position" in str(caught.value) and ", line " in str(caught.value)
