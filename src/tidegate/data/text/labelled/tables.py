"""Texts in tables: a row a text."""

from __future__ import annotations

from tidegate.data.tables.table import Table, read_table
from tidegate.data.text.labelled.columns import TextColumns
from tidegate.data.text.labelled.text import Texts, split_labels


def read_text_table(path: str, columns: TextColumns, *, labelled: bool) -> Texts:
    """The texts of a CSV, TSV or Parquet file with a header.

    Args:
        path: Of the file.
        columns: Of the text and of the answer.
        labelled: Whether answers must be there.

    Raises:
        DataError: It cannot be read, or the columns are not there.
        EmptyDataError: It holds no row.
    """
    return texts_of_table(read_table(path), columns, labelled=labelled)


def texts_of_table(table: Table, columns: TextColumns, *, labelled: bool) -> Texts:
    """The texts of a table.

    >>> import pandas as pd
    >>> from tidegate.data.tables.table import table_of_frame
    >>> frame = pd.DataFrame({"text": ["ebb", " "], "label": ["low", "high"]})
    >>> found = texts_of_table(table_of_frame(frame, "frame"), TextColumns(), labelled=True)
    >>> found.texts[0].labels, str(found.bad[0])
    (('low',), 'frame, row 2: the text is empty')
    """
    text, label = columns.find(table.names, table.name, labelled=labelled)
    found = Texts(notes=list(table.notes), several=columns.separator is not None)
    texts = table.texts(text).tolist()
    labels = [None] * len(texts) if label is None else table.texts(label).tolist()
    for place, (one, answer) in enumerate(zip(texts, labels, strict=True)):
        answers = None if answer is None else split_labels(str(answer), columns.separator)
        found.add(f"{table.name}, {table.row(place)}", str(one), answers)
    return found
