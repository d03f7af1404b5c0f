"""Sequences with answers that a caller holds: arrays of one length or of several, or a table with a row for each step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from tidegate.data.memory import InMemory, class_name, described, is_array, is_number, is_table, plain_array
from tidegate.data.signals.raw_record import RawRecord, RawRecords, ReadOptions
from tidegate.data.signals.tables.csv_table import CsvTable
from tidegate.data.signals.tables.long_table import records_of_table
from tidegate.errors import DataError

EXPECTED = (
    "(X, y): X an array (N, T) or (N, T, C), or a list of arrays (T,) or (T, C), y a class or a value for each; a list "
    "of (sequence, answer); or a pandas frame with a row for each step and the columns id, channels and label"
)


OTHERWISE = 'or set signal.target = "value"'


def records_in_memory(held: InMemory, options: ReadOptions) -> RawRecords:
    """The sequences, not yet checked.

    Raises:
        DataError: It is nothing of the kind, or an answer is neither class nor number.
        ConfigError: Columns of a frame are not there.

    >>> from tidegate.config.tasks.signal import SignalSpec
    >>> held = InMemory((np.zeros((2, 3)), [0.5, 1.5]))
    >>> records = records_in_memory(held, ReadOptions(SignalSpec()))
    >>> records.found[1].values.shape, records.found[1].target, records.valued
    ((3, 1), '1.5', True)
    """
    if is_table(held.value):
        return records_of_table(_cells(held), held.name, options)
    pairs = held.pairs("sequences", "answers", EXPECTED)
    records = RawRecords(valued=_valued([answer for _, answer in pairs], options))
    for index, (sequence, answer) in enumerate(pairs):
        name = held.place("sequence", index)
        target = (
            str(float(answer))
            if records.valued and is_number(answer)
            else class_name(answer, name, OTHERWISE)
        )
        values = _values(sequence, name, records, options)
        if values is not None:
            records.found.append(RawRecord(name, values, target))
    return records


def _valued(answers: Sequence[Any], options: ReadOptions) -> bool:
    """Whether answers are values: numbers with decimals are, unless classes are asked for.

    Raises:
        DataError: They could be either: whole numbers of a floating-point type.
    """
    numbers = [float(one) for one in answers if is_number(one)]
    if numbers and options.signal.target == "auto" and not any(number % 1 for number in numbers):
        raise DataError(
            "it cannot be told whether answers are classes or values",
            where="signal.target",
            expected="classes as texts or whole numbers, or values with decimals",
            got=f"floats without decimals, such as {numbers[0]!r}",
            hint='give y.astype(int) for classes, or set signal.target = "value"',
        )
    return bool(numbers) and options.signal.target != "class"


def _values(
    sequence: Any, name: str, records: RawRecords, options: ReadOptions
) -> NDArray[np.float32] | None:
    """A sequence as ``(T, C)``; the columns of a frame are channels of these names."""
    if is_table(sequence):
        names = tuple(map(str, sequence.columns))
        wanted = options.columns or records.channels or names
        if not set(wanted) <= set(names):
            records.refuse(
                "other-channels",
                name,
                f"has the columns {', '.join(names)}; wanted are {', '.join(wanted)}",
            )
            return None
        records.channels = wanted
        sequence = sequence.rename(columns=str)[list(wanted)]
    elif not (is_array(sequence) or isinstance(sequence, list | tuple)):
        records.refuse("no-sequence", name, f"is no sequence of numbers but {described(sequence)}")
        return None
    try:
        values = plain_array(sequence)
        if values.dtype.kind not in "buifO":
            raise ValueError(f"of the type {values.dtype}")
        with np.errstate(over="ignore"):
            values = values.astype(np.float32)
    except (TypeError, ValueError) as error:
        records.refuse("no-sequence", name, f"holds something that is no number: {error}")
        return None
    if values.ndim not in (1, 2):
        records.refuse("no-sequence", name, f"is of shape {values.shape}; (T,) or (T, C) was expected")
        return None
    return values[:, None] if values.ndim == 1 else values


def _cells(held: InMemory) -> CsvTable:
    """A frame as the table of text that a file would give."""
    from tidegate.data.tables.table import table_of_frame  # it imports pandas

    table = table_of_frame(held.value, held.name)
    columns = [cast("list[str]", table.texts(name).tolist()) for name in table.names]
    return CsvTable(tuple(table.names), columns, list(range(1, len(table) + 1)), headed=True)
