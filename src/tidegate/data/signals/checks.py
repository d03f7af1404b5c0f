"""From records to a ``SignalSet``: the same rules for every format, and all that is wrong in one list."""

from __future__ import annotations

from collections import Counter
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tidegate.data.finding import note
from tidegate.data.signals.raw_record import MASK, RawRecord, RawRecords, ReadOptions
from tidegate.data.signals.signal_set import Signal, SignalSet
from tidegate.data.signals.steps import find_steps

Missing = Literal["none", "linear", "zero", "mask"]


def finish(records: RawRecords, options: ReadOptions, format_name: str = "") -> SignalSet:
    """Check sequences, and put something where values are missing.

    Args:
        records: What a reader found.
        options: What is to be done about missing values, and which channels there must be.
        format_name: Of the reader.

    Returns:
        The good ones; ``bad`` has the others, each with the reason, its step and its line.

    >>> from tidegate.config.tasks.signal import SignalSpec
    >>> record = RawRecord("a.csv", np.array([[0.0], [np.nan], [1.0]], dtype=np.float32), "x", lines=np.array([2, 3, 4]))
    >>> finish(RawRecords([record], ("t",)), ReadOptions(SignalSpec())).bad[0].what
    "line 3: channel 't' has no value (signal.missing says what may stand there)"
    >>> finish(RawRecords([record], ("t",)), ReadOptions(SignalSpec(missing="linear"))).signals[0].values.tolist()
    [[0.0], [0.5], [1.0]]
    """
    count = len(options.columns) or _usual_count(records)
    channels = records.channels or tuple(str(number) for number in range(count))
    missing = options.signal.missing
    signals: list[Signal] = []
    bad = list(records.bad)
    checked = RawRecords(bad=bad)
    holes = 0
    for record in records.found:
        reason = _why_not(record, count, options)
        if reason is None and np.isfinite(record.values).all():
            values = _with_mask(record.values, None) if missing == "mask" else record.values
        elif reason is None:
            reason = _hole(record, channels) if missing == "none" else _all_missing(record, channels, missing)
            values, filled = mend(record.values, missing)
            holes += filled if reason is None else 0
        else:
            values = record.values
        if reason is None:
            signals.append(Signal(record.name, values, record.target, record.group, record.name))
        else:
            checked.refuse("unusable", record.name, reason)
    step, uneven = find_steps(records, options.step)
    rate = float(f"{1 / step:.6g}") if step and records.timed else records.rate
    notes = [
        *records.notes,
        *uneven,
        *([note("filled", f"{holes} missing values: {_TOLD[missing]}")] if holes else []),
    ]
    return SignalSet(
        signals=signals,
        channels=(*channels, MASK) if missing == "mask" else channels,
        rate=rate,
        step=step,
        bad=bad,
        notes=notes,
        sound_rate=records.sound_rate,
        valued=records.valued,
        format=format_name,
    )


_TOLD = {"linear": "interpolated", "zero": "set to 0", "mask": "set to 0, and told by the channel missing"}


def mend(values: NDArray[np.float32], missing: Missing) -> tuple[NDArray[np.float32], int]:
    """Put something where values are missing or infinite.

    Args:
        values: ``(T, C)``.
        missing: ``linear``: on the line between the values beside the hole; the first or last value where there is
            none on one side. ``zero``: 0. ``mask``: 0, and a further channel has the share of the channels that are
            missing at each step.

    Returns:
        New values, ``(T, C)`` or ``(T, C + 1)``, and how many were missing.

    >>> mend(np.array([[np.nan, 1], [2, np.inf]], dtype=np.float32), "mask")[0].tolist()
    [[0.0, 1.0, 0.5], [2.0, 0.0, 0.5]]
    """
    holes = ~np.isfinite(values)
    new = np.where(holes, np.float32(0), values)
    if missing == "linear":
        steps = np.arange(len(values))
        for channel in np.flatnonzero(holes.any(axis=0)):
            known = ~holes[:, channel]
            if known.any():
                new[:, channel] = np.interp(steps, steps[known], values[known, channel])
    return (_with_mask(new, holes) if missing == "mask" else new), int(holes.sum())


def _with_mask(values: NDArray[np.float32], holes: NDArray[np.bool_] | None) -> NDArray[np.float32]:
    told = np.zeros((len(values), 1), np.float32) if holes is None else holes.mean(axis=1, keepdims=True)
    return np.concatenate([values, told.astype(np.float32)], axis=1)


def _usual_count(records: RawRecords) -> int:
    if records.channels:
        return len(records.channels)
    counts = Counter(record.values.shape[1] for record in records.found)
    return counts.most_common(1)[0][0] if counts else 0


def _why_not(record: RawRecord, count: int, options: ReadOptions) -> str | None:
    if record.values.shape[1] != count:
        whose = "training had" if options.channels else "the others have"
        return f"has {record.values.shape[1]} channels; {whose} {count}"
    if not len(record.values):
        return "has no steps"
    if options.labelled and not record.target:
        return "has no label"
    return None


def _hole(record: RawRecord, channels: tuple[str, ...]) -> str:
    step, channel = (int(index) for index in np.argwhere(~np.isfinite(record.values))[0])
    count = int((~np.isfinite(record.values)).sum())
    where = f"line {record.lines[step]}" if record.lines is not None else f"step {step + 1}"
    what = "has no value" if np.isnan(record.values[step, channel]) else "is infinite"
    more = f", and {count - 1} more like it" if count > 1 else ""
    return f"{where}: channel {channels[channel]!r} {what}{more} (signal.missing says what may stand there)"


def _all_missing(record: RawRecord, channels: tuple[str, ...], missing: Missing) -> str | None:
    """Between what values should one interpolate?"""
    empty = np.flatnonzero(~np.isfinite(record.values).any(axis=0))
    if missing != "linear" or not len(empty):
        return None
    return f"channel {channels[int(empty[0])]!r} has no value at all"
