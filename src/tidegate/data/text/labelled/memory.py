"""Labelled texts that a caller holds: two lists, a list of pairs, or a pandas frame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from tidegate.data.memory import InMemory, class_name, described, is_array, is_number, is_table
from tidegate.data.text.labelled.columns import TextColumns
from tidegate.data.text.labelled.text import Texts, split_labels

EXPECTED = (
    "(texts, labels), a list of (text, label), or a pandas frame with a column of texts and one of labels"
)


def texts_in_memory(held: InMemory, columns: TextColumns) -> Texts:
    """The texts with their answers: a class, a number, or a list of labels each.

    Args:
        held: What was given.
        columns: Of a frame; what separates several labels in one text, and whether numbers with decimals are answers.

    Raises:
        DataError: It is nothing of the kind, or the columns are not there.

    >>> found = texts_in_memory(InMemory([("ebb", "low"), ("flow", ["high", "wet"]), (" ", 1)]), TextColumns())
    >>> [text.labels for text in found.texts], str(found.bad[0])
    ([('low',), ('high', 'wet')], 'text 3: the text is empty')
    """
    found = Texts(several=columns.separator is not None)
    for index, (text, label) in enumerate(_pairs(held, columns, found)):
        name = held.place("text", index)
        if not isinstance(text, str):
            found.refuse("no-text", name, f"it is no text but {described(text)}")
            continue
        found.add(name, text, _labels(label, name, columns, found))
    return found


def _pairs(held: InMemory, columns: TextColumns, found: Texts) -> list[tuple[Any, Any]]:
    if not is_table(held.value):
        return held.pairs("texts", "labels", EXPECTED)
    from tidegate.data.tables.table import table_of_frame  # it imports pandas

    table = table_of_frame(held.value, held.name)
    text, label = columns.find(table.names, table.name, labelled=True)
    assert label is not None  # they must be there
    found.notes += table.notes
    return list(zip(table.texts(text).tolist(), table.frame[label].tolist(), strict=True))


def _labels(label: Any, name: str, columns: TextColumns, found: Texts) -> tuple[str, ...]:
    if isinstance(label, list | tuple | set | frozenset) or (is_array(label) and label.ndim):
        found.several = True
        several = sorted(cast(set[Any], label)) if isinstance(label, set | frozenset) else label
        parts = [_one(one, name, columns) for one in cast(Sequence[Any], several)]
        return tuple(dict.fromkeys(parts))
    return split_labels(_one(label, name, columns), columns.separator)


def _one(label: Any, name: str, columns: TextColumns) -> str:
    if is_number(label) and not columns.classes:
        return str(float(label))
    return class_name(label, name, 'or set document.target = "value"')
