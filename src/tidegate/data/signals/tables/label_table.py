"""Tables beside the data: a CSV that names the files of a data set, by name or number, and says something of each.

``MovementAAL_target.csv`` (``1,1``: sequence 1 is of class 1) is one, and so is a list with columns such as
``filename,speaker,category``.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from tidegate.data.signals.tables.csv_table import LABEL_NAMES, CsvTable
from tidegate.errors import ConfigError, DataError

MOST = 0.8
"""Share of the data files that a table must name."""
_LABEL_WORDS = re.compile("label|class|target")


@dataclass(frozen=True)
class LabelTable:
    """What a table says.

    Attributes:
        name: Of its file.
        columns: Name of each column but that of the files → data file → cell.
    """

    name: str
    columns: Mapping[str, Mapping[str, str]]

    def has(self, wanted: str) -> bool:
        """Whether its file is called so, with folders and ending or without."""
        path = PurePosixPath(self.name)
        return wanted in (self.name, path.name, path.stem)


def label_tables(sheets: Mapping[str, CsvTable], files: Sequence[str] = ()) -> list[LabelTable]:
    """Find the tables among CSV files.

    Args:
        sheets: All CSV files.
        files: The data files, where those are none of the sheets; otherwise a table is told from them by another head.

    Returns:
        The tables; the other sheets are data.

    >>> from tidegate.data.signals.tables.csv_table import read_csv_table
    >>> label_tables({"y.csv": read_csv_table("#id,label\\n1,up\\n2,down\\n")}, ["a_1.wav", "a_2.wav"])[0].columns
    {'label': {'a_1.wav': 'up', 'a_2.wav': 'down'}}
    """
    suspects = list(sheets)
    if not files:
        looks = {name: sheet.names for name, sheet in sheets.items()}
        usual = Counter(looks.values()).most_common(1)[0][0] if looks else ()
        suspects = [name for name in sheets if looks[name] != usual]
        files = [name for name in sheets if looks[name] == usual]
    index = _index(files)
    tables = (_as_table(name, sheets[name], index, len(files)) for name in suspects)
    return [table for table in tables if table is not None]


def _index(files: Sequence[str]) -> dict[str, str]:
    """What a table may call a file → the file; what fits several is left out."""
    found: dict[str, set[str]] = {}
    for name in files:
        path = PurePosixPath(name)
        number = re.search(r"\d+$", path.stem)
        keys = {name, path.name, path.stem, str(path.with_suffix(""))}
        for key in keys | ({str(int(number[0]))} if number else set()):
            found.setdefault(key, set()).add(name)
    return {key: next(iter(names)) for key, names in found.items() if len(names) == 1}


def _as_table(name: str, sheet: CsvTable, index: Mapping[str, str], files: int) -> LabelTable | None:
    if len(sheet.columns) < 2:
        return None
    for number, cells in enumerate(sheet.columns):
        keys = [str(int(cell)) if cell.isdecimal() and cell not in index else cell for cell in cells]
        named = {index[key]: row for row, key in enumerate(keys) if key in index}
        if len(named) >= MOST * files and len(set(keys)) == len(keys) and named:
            others = [column for column in range(len(sheet.columns)) if column != number]
            return LabelTable(
                name,
                {
                    sheet.names[column]: {file: sheet.columns[column][row] for file, row in named.items()}
                    for column in others
                },
            )
    return None


def column_called(tables: Sequence[LabelTable], wanted: str) -> tuple[str, Mapping[str, str]] | None:
    """The column that is called so, or the only one of a table that is; with its name for notes.

    Raises:
        ConfigError: The table that is called so has several columns.
    """
    for table in tables:
        if wanted in table.columns:
            return f"{table.name}: {wanted}", table.columns[wanted]
    for table in tables:
        if table.has(wanted):
            if len(table.columns) > 1:
                raise ConfigError(
                    "the table has several columns",
                    where=table.name,
                    expected=f"one of {', '.join(table.columns)}",
                    got=wanted,
                )
            name = next(iter(table.columns))
            return f"{table.name}: {name}", table.columns[name]
    return None


def label_column(tables: Sequence[LabelTable], group: str | None) -> tuple[str, Mapping[str, str]] | None:
    """The column of labels: by its name, or its table's, or because there is no other.

    Raises:
        DataError: Several could be meant.
    """
    of_groups = column_called(tables, group) if group else None
    every = [
        (f"{table.name}: {name}", name, table, cells)
        for table in tables
        for name, cells in table.columns.items()
        if of_groups is None or cells is not of_groups[1]
    ]
    exact = [one for one in every if one[1].lower() in LABEL_NAMES]
    near = [one for one in every if _LABEL_WORDS.search(one[1].lower())]
    by_table = [one for one in every if _LABEL_WORDS.search(PurePosixPath(one[2].name).stem.lower())]
    for found in (exact, near, by_table, every):
        if len(found) == 1:
            return found[0][0], found[0][3]
        if found:
            raise DataError(
                "it is not clear which column holds the labels",
                where=", ".join(dict.fromkeys(one[2].name for one in found)),
                got=", ".join(one[1] for one in found),
                hint="name it: --set signal.label=COLUMN",
            )
    return None
