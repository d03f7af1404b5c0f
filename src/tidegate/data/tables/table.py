"""Reading a table of a file, so that every complaint can name the line and the text that stands there."""

from __future__ import annotations

import datetime
import importlib.util
import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tidegate.border import LARGEST, at_border, check_room
from tidegate.config.tables import DataSpec
from tidegate.data.finding import note
from tidegate.data.source import TABLE_SUFFIXES, find_place, table_file
from tidegate.data.tables.cells import MISSING, is_missing, table_text
from tidegate.data.tables.delimited import read_cells
from tidegate.data.tables.marks import UNDECIDED, Marks, decide_marks, looks_like_number
from tidegate.data.tables.numbers import numbers_of
from tidegate.data.tables.spreadsheet import SUFFIXES, cell_text, read_sheet
from tidegate.data.tables.surroundings import sums_below, without_surroundings
from tidegate.errors import DataError, EmptyDataError, Finding, MissingExtraError

_SPELT = sorted(
    {form for word in MISSING for form in (word, word.upper(), word.capitalize())} | {"NaN", "NaT"}
)
_FORMS = {",": "CSV", "\t": "cells between tabs", " ": "cells between blanks"}
AS_WRITTEN = DataSpec()
"""How cells are read where nobody says anything."""
SHOWN = 3
LOOKED_AT = 1000
"""Values that are looked at to tell a column of numbers from one of words."""


@dataclass(frozen=True)
class Column:
    """A column as numbers.

    Attributes:
        values: ``(R,)``; NaN where there is none.
        refused: Rows whose text is no finite number, with the text.
        unit: What stands around the numbers, such as ``%`` or ``K, M``.
    """

    values: NDArray[np.float64]
    refused: dict[int, str]
    unit: str = ""


@dataclass(frozen=True)
class Table:
    """Rows of text, or of typed values where they come from Parquet or a data frame.

    Attributes:
        name: Path, or what errors call it.
        frame: Its columns; the index counts rows, blank ones included.
        first: What a person adds to it.
        word: ``line`` of a file, or ``row``.
        form: How it is written, such as ``CSV with ;``.
        separator: Between the cells of its file.
        marks: Of its numbers, once ``decided``.
        notes: What a person should know.
    """

    name: str
    frame: pd.DataFrame
    first: int = 1
    word: str = "row"
    form: str = ""
    separator: str = ","
    marks: Marks = UNDECIDED
    notes: list[Finding] = field(default_factory=list[Finding])

    def __len__(self) -> int:
        """Rows."""
        return len(self.frame)

    @cached_property
    def names(self) -> list[str]:
        """Of the columns."""
        return [str(name) for name in self.frame.columns]

    def row(self, place: int) -> str:
        """What a person calls a row, such as ``line 12``."""
        return f"{self.word} {int(self.frame.index.to_numpy()[place]) + self.first}"

    def texts(self, name: str) -> NDArray[np.object_]:
        """A column as text ``(R,)``, empty where a cell is. ``NA`` stays, since it may be Namibia."""
        values = np.empty(len(self.frame), dtype=object)
        cells = self.frame[name].to_numpy(dtype=object)
        if pd.api.types.infer_dtype(cells, skipna=False) == "string":
            return cells.copy()
        values[:] = [one if isinstance(one, str) else _text(one) for one in self.frame[name]]
        return values

    def decided(
        self, data: DataSpec, *, apart_from: Collection[str] = (), trained: Marks | None = None
    ) -> Table:
        """The same table with the marks of its numbers: those of training, else as the keys say, else as cells show.

        Args:
            data: Its ``decimal`` and ``thousands``.
            apart_from: Columns that hold no numbers, such as dates.
            trained: What training had.

        Raises:
            DataError: The marks can be read in two ways.
        """
        columns = {
            name: _texts(self.frame[name].to_numpy(dtype=object))
            for name in self.names
            if name not in apart_from and not pd.api.types.is_numeric_dtype(self.frame[name].dtype)
        }
        marks = decide_marks(
            columns,
            self.name,
            decimal=(trained and trained.decimal) or data.decimal,
            thousands=(trained and trained.thousands) or data.thousands,
            separator=self.separator,
        )
        return replace(self, marks=marks)

    def numbers(self, name: str) -> Column:
        """A column as numbers."""
        column = self.frame[name]
        if pd.api.types.is_numeric_dtype(column.dtype):
            values = column.to_numpy(dtype=np.float64, na_value=np.nan, copy=True)
            refused = {int(place): str(values[place]) for place in np.flatnonzero(np.isinf(values))}
            return Column(values, refused)
        texts = column.to_numpy(dtype=object)
        missing = _missing(texts)
        values = np.full(len(texts), np.nan)
        there = np.flatnonzero(~missing)
        found = numbers_of(_texts(texts[there]), self.marks)
        values[there] = found.values
        refused: dict[int, str] = {}
        for place in there[found.refused].tolist() if found.refused else ():
            text = str(texts[place]).strip()
            if is_missing(text):
                missing[place] = True
            else:
                refused[place] = text
        for place in np.flatnonzero(np.isinf(values) | (np.isnan(values) & ~missing)):
            refused.setdefault(int(place), str(texts[place]))
        return Column(values, refused, found.unit)

    def is_numbers(self, name: str) -> bool:
        """Whether most of a column's first values look like numbers; one without values is not."""
        column = self.frame[name]
        if pd.api.types.is_numeric_dtype(column.dtype):
            return bool(column.notna().any())
        cells = column.to_numpy(dtype=object)
        there = _texts(cells[np.flatnonzero(~_missing(cells))[:LOOKED_AT]])
        return 2 * sum(map(looks_like_number, there)) > len(there)


def read_table(path: str, data: DataSpec = AS_WRITTEN) -> Table:
    """Read a CSV file (comma, semicolon or tab; also .gz), a Parquet file, or a sheet of a workbook.

    Args:
        path: Of the file, or of a folder that holds one.
        data: Its sheet.

    Raises:
        DataError: It is not there, cannot be read, or its lines are no table.
        EmptyDataError: It holds no row.
        MissingExtraError: It is Parquet, and pyarrow is not installed.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = (Path(folder) / "a.csv").write_text("ds;y\\n2016-01;1,5\\n", encoding="utf-8")
    ...     read_table(f"{folder}/a.csv").decided(DataSpec()).numbers("y").values.tolist()
    [1.5]
    """
    found = table_file(find_place(path).source)
    if found is None:
        raise DataError(
            "no table of time series",
            where=path,
            expected=f"one file that ends in {', '.join(TABLE_SUFFIXES)}",
            hint="name the file",
        )
    ending = found.suffix.lower()
    if ending in SUFFIXES:
        return _checked(_read_workbook(found, data))
    return _checked(_read_parquet(found) if ending == ".parquet" else _read_csv(found))


def table_of_frame(frame: pd.DataFrame, name: str) -> Table:
    """The table of a data frame; an index that has a name, or holds dates, is a column too.

    Raises:
        EmptyDataError: It holds no row.
        DataError: Two columns have the same name.
    """
    return _checked(Table(name, with_index(frame).rename(columns=str).reset_index(drop=True)))


def with_index(frame: pd.DataFrame) -> pd.DataFrame:
    """A frame whose index is a column too, where it has a name or holds dates.

    >>> list(with_index(pd.DataFrame({"y": [1]}, index=pd.date_range("2016-01-01", periods=1))).columns)
    ['ds', 'y']
    """
    if isinstance(frame.index, pd.PeriodIndex):
        frame = frame.set_axis(frame.index.to_timestamp())
    named = [one is not None for one in frame.index.names]
    if not any(named) and not isinstance(frame.index, pd.DatetimeIndex):
        return frame
    return frame.reset_index(names=[one if one is not None else "ds" for one in frame.index.names])


def _checked(table: Table) -> Table:
    twice = [name for name, count in Counter(table.names).items() if count > 1]
    if twice:
        raise DataError("two columns have the same name", where=table.name, got=", ".join(map(repr, twice)))
    if not len(table):
        raise EmptyDataError(
            "the table has no rows", where=table.name, got=f"only the header: {', '.join(table.names)}"
        )
    return table


def _read_parquet(path: Path) -> Table:
    if importlib.util.find_spec("pyarrow") is None:
        raise MissingExtraError(
            "Parquet is read by pyarrow, which is not installed",
            where=str(path),
            hint="pip install 'tidegate[parquet]', or write the table as CSV",
        )
    from pyarrow import parquet  # pyright: ignore[reportMissingTypeStubs, reportMissingImports]

    with at_border("the Parquet file cannot be read", str(path), hint="write it again"):
        held: Any = parquet.read_metadata(path)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        # A column of equal values takes next to no room in the file, but eight bytes a value here.
        check_room(held.num_rows * held.num_columns, LARGEST // 8, str(path))
        frame = pd.read_parquet(path, engine="pyarrow")
    return replace(table_of_frame(frame, str(path)), form="Parquet")


def _read_csv(path: Path) -> Table:
    text = table_text(path)
    cells = read_cells(text, str(path))
    notes: list[Finding] = []
    odd = bool(cells.broken) or len(cells.columns) < 2 or text[:5].lstrip('"').lower().startswith("sep=")
    if odd and (bare := without_surroundings(text)) is not None:
        cells = read_cells(bare.text, str(path), separator=bare.separator)
        notes += _left_out(bare.above, bare.below, str(path))
    if not cells.columns:
        raise EmptyDataError("the file is empty", where=str(path))
    names = _header(path, [name.strip() for name in cells.row(0)])
    if cells.broken:
        raise DataError(
            "the lines are no table",
            where=str(path),
            expected=f"as many columns as the header has: {cells.separator.join(names)}",
            got="\n".join(broken.reason for broken in cells.broken[:SHOWN]),
        )
    cells = cells.with_header()
    if len(cells.columns) > 1 and (sums := sums_below(cells.columns[0].tolist())):
        cells = replace(
            cells, columns=[column[:-sums] for column in cells.columns], numbers=cells.numbers[:-sums]
        )
        notes += _left_out(0, sums, str(path))
    frame = pd.DataFrame(dict(enumerate(cells.columns)), index=cells.numbers, dtype=object)
    frame.columns = names
    blank = np.logical_and.reduce([column == "" for column in cells.columns])
    return Table(
        str(path),
        frame.loc[~blank] if blank.any() else frame,
        first=0,
        word=cells.word,
        form=_FORMS.get(cells.separator, f"cells between {cells.separator}"),
        separator=cells.separator,
        notes=[*notes, *cells.notes],
    )


def _left_out(above: int, below: int, where: str) -> list[Finding]:
    """What was passed over around a table."""
    parts = [f"{count} lines {side}" for count, side in ((above, "above"), (below, "below")) if count]
    return [note("passed-over", f"passed over {' and '.join(parts)} the table", where)] if parts else []


def _read_workbook(path: Path, data: DataSpec) -> Table:
    name, rows = read_sheet(path, data.sheet)
    names = _header(path, [cell_text(cell).strip() for cell in rows[0]])
    columns = (
        [_typed(cells) for cells in zip(*rows[1:], strict=True)] if len(rows) > 1 else [[] for _ in names]
    )
    frame = pd.DataFrame(dict(enumerate(columns)))
    frame.columns = names
    return Table(str(path), frame, first=2, form=f"sheet {name}")


def _typed(cells: Sequence[Any]) -> Any:
    """A column of a sheet as numbers or dates where all of its cells are, else as texts."""
    there = [cell for cell in cells if cell != ""]
    kinds = {type(cell) for cell in there}
    if kinds and kinds <= {int, float}:
        return pd.Series([np.nan if cell == "" else cell for cell in cells], dtype=np.float64)
    if kinds and kinds <= {datetime.datetime, datetime.date}:
        return pd.Series(pd.to_datetime([None if cell == "" else cell for cell in cells]))
    return [cell_text(cell) for cell in cells]


def _header(path: Path, names: list[str]) -> list[str]:
    if all(re.fullmatch(r"[\d.:/ +-]*", name) for name in names):
        raise DataError(
            "the table has no header",
            where=f"{path}, line 1",
            expected="names of the columns, such as unique_id,ds,y",
            got=", ".join(names),
        )
    return [name or f"column {number}" for number, name in enumerate(names, start=1)]


def _missing(texts: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Where there is no value ``(R,)``, as it is mostly spelt; other spellings are no numbers, and looked at then."""
    return pd.Series(texts).isin(_SPELT).to_numpy() | pd.isna(texts)


def _texts(cells: NDArray[np.object_]) -> list[str]:
    if pd.api.types.infer_dtype(cells, skipna=False) == "string":
        return cells.tolist()
    return [cell if isinstance(cell, str) else str(cell) for cell in cells]


def _text(value: object) -> str:
    if value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and np.isnan(value)):
        return ""
    return str(value)
