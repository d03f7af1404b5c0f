"""Numbers of tables: marks are decided once for a file, and never guessed where two readings differ."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from tidegate.config.tables import DataSpec
from tidegate.config.tasks.forecast import ForecastSpec
from tidegate.data.series.panel import Layout, Panel
from tidegate.data.series.reader import read_panel
from tidegate.data.tables.numbers import sentinels
from tidegate.errors import BadFilesError, DataError

DAYS = [str(day) for day in np.arange("2016-01-01", "2016-03-01", dtype="datetime64[D]")]


def text(cells: Sequence[str], separator: str = ",", head: str = "date{0}y") -> str:
    rows = [f"{day}{separator}{cell}" for day, cell in zip(DAYS, cells, strict=False)]
    return "\n".join([head.format(separator), *rows]) + "\n"


def read(folder: Path, content: str, like: Layout | None = None, **data: str) -> Panel:
    (folder / "x.csv").write_text(content, encoding="utf-8")
    return read_panel(
        str(folder / "x.csv"), ForecastSpec(), skip_bad=False, like=like, data=DataSpec.model_validate(data)
    )


def values(folder: Path, content: str, column: int = 0, **data: str) -> list[float]:
    return read(folder, content, **data).series[0].targets[:, column].tolist()


def test_a_point_is_between_thousands_where_commas_are_decimal(tmp_path: Path):
    content = "date;a;b\n2016-01-01;999;9,9\n2016-01-02;1.000;10,0\n2016-01-03;1.234.567;1.234,5\n"
    panel = read(tmp_path, content)
    assert panel.series[0].targets.tolist() == [[999, 9.9], [1000, 10], [1234567, 1234.5]]
    assert "decimal commas and a point between thousands" in panel.notes[0].what


AMBIGUOUS = {
    "commas between semicolons": (["999", "1,000", "1,001"], ";", ","),
    "points between semicolons": (["999", "1.000", "1.001"], ";", "."),
    "points in all cells": (["1.234", "2.345", "3.456"], ";", "."),
    "points between commas": (["999", "1.000", "1.001"], ",", "."),
    "commas in quotes": (["999", '"1,000"', '"1,001"'], ",", ","),
}


@pytest.mark.parametrize("name", AMBIGUOUS)
def test_two_readings_are_asked_about_and_each_key_works(tmp_path: Path, name: str):
    cells, separator, mark = AMBIGUOUS[name]
    content = text(cells, separator)
    with pytest.raises(DataError, match="two ways") as caught:
        read(tmp_path, content)
    hint = str(caught.value.hint)
    assert f"--set data.thousands={mark}" in hint and f"--set data.decimal={mark}" in hint
    bare = [cell.strip('"') for cell in cells]
    assert values(tmp_path, content, thousands=mark) == [float(cell.replace(mark, "")) for cell in bare]
    assert values(tmp_path, content, decimal=mark) == [float(cell.replace(mark, ".")) for cell in bare]


@pytest.mark.parametrize(
    ("cells", "separator", "found"),
    [
        (["1.234,5", "2,5"], ";", [1234.5, 2.5]),
        (["999", "1'234", "1\u2019235"], ";", [999, 1234, 1235]),
        (["999", "1\u00a0234,5", "1\u202f235,5"], ";", [999, 1234.5, 1235.5]),
        (['"1,259.00"', "3.5"], ",", [1259, 3.5]),
        (["1,23,456", "7"], ";", [123456, 7]),
        (["1,5", "2,25"], "\t", [1.5, 2.25]),
        (['"1,5"', '"2,25"'], ",", [1.5, 2.25]),
        (["$5", "-$1,200.50", "($3.00)"], ";", [5, -1200.5, -3]),
        (["5 €", "1.200,50 €"], ";", [5, 1200.5]),
        (["0.5%", "-1.25%"], ",", [0.5, -1.25]),
        (["1.2M", "950K", "1.5B", "-"], ",", [1.2e6, 950e3, 1.5e9]),
        (["\u22125.5", "3.0"], ",", [-5.5, 3]),
        (["1.125", "2.500", "10.250"], ",", [1.125, 2.5, 10.25]),
        (["0.125", "2.500"], ";", [0.125, 2.5]),
        (["1.000e3", "2.5"], ",", [1000, 2.5]),
    ],
)
def test_marks_are_decided_by_what_stands_in_the_file(
    tmp_path: Path, cells: list[str], separator: str, found: list[float]
):
    assert values(tmp_path, text(cells, separator))[: len(found)] == found


def test_a_file_with_both_decimal_marks_is_refused(tmp_path: Path):
    content = "date;a;b\n2016-01-01;1,5;1.5\n2016-01-02;2,5;2.5\n"
    with pytest.raises(DataError, match="a point in some cells, and a comma in others"):
        read(tmp_path, content)


def test_cells_of_the_other_kind_are_refused_with_the_key(tmp_path: Path):
    with pytest.raises(
        BadFilesError, match=r"y is '1\.5', no number as the others are written, with decimal commas"
    ):
        read(tmp_path, text(["1,5", "1.5", "2,5"], ";"), decimal=",")


def test_percent_signs_in_some_cells_only_are_refused(tmp_path: Path):
    with pytest.raises(BadFilesError, match="y is '5', no number"):
        read(tmp_path, text(["5%", "5", "6%"]))


def test_an_export_of_prices_is_read(tmp_path: Path):
    rows = [f'"03/{day:02}/2020","1,2{day}.00","{day}.25M","0.{day}%"' for day in range(24, 12, -1)]
    panel = read(tmp_path, '"Date","Price","Vol.","Change %"\n' + "\n".join(rows) + "\n")
    assert panel.series[0].targets[0].tolist() == [1213.0, 13.25e6, 0.13]
    assert panel.layout.units == {"Vol.": "M", "Change %": "%"}
    assert "Vol. in M, Change % in %" in panel.notes[0].what


def test_training_decides_for_all_that_comes(tmp_path: Path):
    trained = read(tmp_path, "date;a;b\n2016-01-01;999;9,9\n2016-01-02;1.000;10,0\n").layout
    assert trained.marks == (",", ".")
    later = read(tmp_path, "date;a;b\n2016-01-01;1.001;9\n2016-01-02;1.002;10\n", like=trained)
    assert later.series[0].targets.tolist() == [[1001, 9], [1002, 10]]
    assert "a point between thousands" in later.notes[0].what


def test_sentinels_are_found_and_counts_are_not():
    assert sentinels(np.array([3.0, 5, -9999, 4])) == [(-9999.0, 1)]
    assert sentinels(np.array([3.0, 5, 99999, 99999])) == [(99999.0, 2)]
    assert sentinels(np.arange(900.0, 1100)) == []
