"""Tables of text with quotation marks: no row is lost, and no mark of a text."""

from __future__ import annotations

from pathlib import Path

import pytest

from tidegate.data.tables.table import Table, read_table


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
