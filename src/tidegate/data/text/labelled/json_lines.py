"""Texts in JSON lines: an object a line."""

from __future__ import annotations

import json
from typing import Any, cast

from tidegate.border import reason as why
from tidegate.data.text.labelled.columns import TextColumns
from tidegate.data.text.labelled.text import Texts, split_labels
from tidegate.data.text_lines import read_lines, why_not_utf8
from tidegate.errors import DataError

SUFFIXES = (".jsonl", ".jsonl.gz", ".ndjson", ".ndjson.gz")


def read_json_lines(name: str, content: bytes, columns: TextColumns, *, labelled: bool) -> Texts:
    r"""The texts of a file.

    Args:
        name: What errors call it.
        content: Of the file, packed by gzip or not.
        columns: Keys of the text and of the answer: a text, a number, or a list of texts.
        labelled: Whether answers must be there.

    Raises:
        DataError: It is no text, or the keys are not there.

    >>> content = b'{"text": "ebb", "labels": ["sea", "low"]}\n{"text": ""}\n'
    >>> found = read_json_lines("a.jsonl", content, TextColumns(), labelled=True)
    >>> found.texts[0].labels, str(found.bad[0])
    (('sea', 'low'), 'a.jsonl, line 2: the text is empty')
    """
    found = Texts()
    keys: tuple[str, str | None] | None = None
    for number, line in enumerate(read_lines(name, content).lines, start=1):
        where = f"{name}, line {number}"
        if not line.strip():
            continue
        row = _object(line, where, found)
        if row is None:
            continue
        if keys is None:
            keys = columns.find([str(key) for key in row], where, labelled=labelled)
        text, label = row.get(keys[0]), None if keys[1] is None else row.get(keys[1])
        if not isinstance(text, str):
            found.refuse("no-text", where, f"{keys[0]} is no text but {json.dumps(text, ensure_ascii=False)}")
            continue
        if isinstance(label, list):
            found.several = True
            labels = tuple(dict.fromkeys(_written(one) for one in cast(list[Any], label)))
        else:
            labels = split_labels(_written(label), columns.separator)
        found.add(where, text, labels if keys[1] is not None else None)
    return found


def _object(line: str, where: str, found: Texts) -> dict[str, Any] | None:
    reason = why_not_utf8(line)
    if reason is None:
        try:
            row = json.loads(line)
            if isinstance(row, dict):
                return cast(dict[str, Any], row)
            reason = "is no object with keys"
        except json.JSONDecodeError as error:
            reason = f"is no JSON: {error}"
        except (
            ValueError,
            RecursionError,
        ) as error:  # numbers of thousands of digits, and nesting of thousands
            reason = f"cannot be read: {why(error)}"
    found.refuse("no-json", where, f"the line {reason}")
    return None


def _written(value: object) -> str:
    """A label as text: of numbers and truth values as JSON has them, of nothing an empty one."""
    if value is None:
        return ""
    return value.strip() if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def keys_of(name: str, content: bytes) -> list[str]:
    """The keys of the first object.

    Raises:
        DataError: There is none.
    """
    for line in read_lines(name, content).lines:
        if line.strip():
            row = _object(line, name, Texts())
            if row is not None:
                return list(row)
    raise DataError("no line is a JSON object", where=name)
