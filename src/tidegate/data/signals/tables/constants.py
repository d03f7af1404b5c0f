"""Columns that hold one whole number within each sequence: they say whom a sequence is of, and are no channels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from tidegate.data.finding import note
from tidegate.data.signals.raw_record import RawRecords, ReadOptions
from tidegate.data.tables.roles import role_of
from tidegate.errors import Finding


def without_constants(records: RawRecords, options: ReadOptions) -> None:
    """Leave such columns out, and say so, unless the user or the training data name the channels.

    >>> from tidegate.config.tasks.signal import SignalSpec
    >>> from tidegate.data.signals.raw_record import RawRecord
    >>> values = np.array([[0.5, 7], [0.7, 7]], np.float32)
    >>> records = RawRecords([RawRecord("a.csv", values)], ("ax", "subject"))
    >>> without_constants(records, ReadOptions(SignalSpec()))
    >>> records.channels, records.found[0].values.shape
    (('ax',), (2, 1))
    """
    if options.columns or not records.channels:
        return
    constant = _constant(records)
    keep = np.flatnonzero(~constant)
    if not constant.any() or not len(keep):
        return
    every = ", ".join(f'"{name}"' for name in records.channels)
    for place in np.flatnonzero(constant).tolist():
        name = records.channels[place]
        what = f"the column {name!r} never varies within a sequence, and is no channel"
        records.notes.append(note("no-channel", f"{what}; to take it: --set 'signal.channels=[{every}]'"))
        if options.group is None and role_of(name) == "group":
            records.notes.append(group_hint(name))
    records.channels = tuple(records.channels[place] for place in keep.tolist())
    records.found = [replace(record, values=record.values[:, keep]) for record in records.found]


def group_hint(name: str) -> Finding:
    """What a column that names people or things could be used for."""
    what = f"the column {name!r} seems to say whom sequences are of: --group {name} keeps each in one part"
    return note("group-column", what)


def _constant(records: RawRecords) -> NDArray[np.bool_]:
    """Which columns hold one whole number in each sequence, of which one at least has several steps ``(C,)``."""
    constant = np.ones(len(records.channels), bool)
    several = False
    for record in records.found:
        if not len(record.values):
            continue
        several = several or len(record.values) > 1
        low, high = np.fmin.reduce(record.values), np.fmax.reduce(record.values)
        constant &= (low == high) & (low % 1 == 0)
        if not constant.any():
            break
    return constant if several else np.zeros_like(constant)
