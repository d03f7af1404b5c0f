"""What stands for no value means the same in every format that is a table."""

from __future__ import annotations

from pathlib import Path

import pytest

from tidegate.config.registry import BUILT_IN
from tidegate.config.tasks.forecast import ForecastSpec
from tidegate.config.tasks.signal import SignalSpec
from tidegate.data.format import formats_of
from tidegate.data.images.formats import CLASSES
from tidegate.data.images.listing import read_listing
from tidegate.data.series.reader import read_panel
from tidegate.data.signals.raw_record import ReadOptions
from tidegate.data.signals.reading import read_signals
from tidegate.data.tables.cells import is_missing
from tidegate.errors import BadFilesError

MISSING = ("", "-", "NA", "N/A", "<NA>", "#N/A", "NaN", "nan", "null", "NULL", "None", "?")
TABLES = {"image-table", "series", "signal-table", "signal-files", "rows"}
"""Formats whose cells are numbers or labels; the texts of a line table say what an image shows."""


def image_table(folder: Path, cell: str) -> str:
    for name in ("a.png", "b.png"):
        (folder / name).write_bytes(b"x")
    (folder / "t.csv").write_text(f"path,label\na.png,cat\nb.png,{cell}\n", encoding="utf-8")
    (bad,) = read_listing(CLASSES, str(folder / "t.csv")).bad
    return bad.what


def series(folder: Path, cell: str) -> str:
    (folder / "t.csv").write_text(f"ds,y\n2016-01-01,1\n2016-01-02,{cell}\n2016-01-03,3\n", encoding="utf-8")
    with pytest.raises(BadFilesError) as caught:
        read_panel(str(folder / "t.csv"), ForecastSpec(), skip_bad=False)
    return caught.value.findings[0].what


def signal_table(folder: Path, cell: str) -> str:
    (folder / "t.csv").write_text(
        f"id,time,v,w,label\na,0,1,1,up\na,1,{cell},2,up\na,2,3,3,up\n", encoding="utf-8"
    )
    return (
        read_signals(str(folder / "t.csv"), "all", ReadOptions(SignalSpec()), format_name="signal-table")
        .bad[0]
        .what
    )


def signal_files(folder: Path, cell: str) -> str:
    for name in ("up", "down"):
        (folder / name).mkdir()
        (folder / name / "x.csv").write_text(f"v,w\n1,2\n{cell},4\n5,6\n", encoding="utf-8")
    return read_signals(str(folder), "all", ReadOptions(SignalSpec()), format_name="signal-files").bad[0].what


def tsv(folder: Path, cell: str) -> str:
    (folder / "t.tsv").write_text(f"{cell}\t1\t2\nb\t1\t2\n", encoding="utf-8")
    return (
        read_signals(str(folder / "t.tsv"), "all", ReadOptions(SignalSpec()), format_name="rows").bad[0].what
    )


READERS = {
    "image-table": (image_table, ("label",)),
    "series": (series, ("y is missing",)),
    "signal-table": (signal_table, ("line 3: channel 'v' has no value",)),
    "signal-files": (signal_files, ("line 3: channel 'v' has no value",)),
    "rows": (tsv, ("has no label",)),
}


def test_every_table_is_looked_at():
    assert set(READERS) == TABLES < {one.name for task in BUILT_IN for one in formats_of(task) or ()}


@pytest.mark.parametrize("cell", MISSING)
@pytest.mark.parametrize("name", READERS)
def test_a_missing_cell(name: str, cell: str, tmp_path: Path):
    read, said = READERS[name]
    assert is_missing(cell)
    assert all(words in read(tmp_path, cell) for words in said)
