"""What a person wants to know of signals before training on them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from statistics import fmean, median, pstdev

from tidegate.config.run import RunSpec
from tidegate.config.tasks.signal import SignalSpec
from tidegate.data.signals.formats import find_signal_format
from tidegate.data.signals.raw_record import ReadOptions
from tidegate.data.signals.signal_set import Signal, SignalSet
from tidegate.data.signals.splits import read_signals
from tidegate.data.signals.targets import kind_of, value_of
from tidegate.data.source import find_place
from tidegate.errors import EmptyDataError
from tidegate.tasks.description import Description

NAMED = 12
"""Channels are named up to this many."""


def describe(spec: RunSpec, path: str) -> Description:
    """Read signals as training will.

    Raises:
        EmptyDataError: None can be used.
    """
    train = read_signals(
        path,
        "train",
        ReadOptions(spec.settings(SignalSpec), group=spec.data.group),
        format_name=spec.data.format,
    )
    if not train.signals:
        raise EmptyDataError(
            "no sequences that can be used", where=path, got=train.bad[0].what if train.bad else None
        )
    lines = describe_signals(train, valued=kind_of(train, spec.settings(SignalSpec)) == "value")
    bad = list(train.bad)
    source = find_place(path).source
    for part in find_signal_format(source, spec.data.format).own_parts(source)[1:]:
        other = read_signals(
            path,
            part,
            ReadOptions(spec.settings(SignalSpec), train.channels, train.sound_rate, group=spec.data.group),
            format_name=spec.data.format,
        )
        lines.append(f"{part}: {_count(other.signals)}, {_steps(other.signals)}")
        bad += other.bad
    return Description(lines, bad, train.notes)


def describe_signals(found: SignalSet, *, valued: bool) -> list[str]:
    """Sequences, channels, lengths, answers, rate and groups.

    Args:
        found: Of the training part.
        valued: Whether answers are values.

    >>> import numpy as np
    >>> from tidegate.data.signals.signal_set import Signal, SignalSet
    >>> some = [Signal(name, np.zeros((length, 2), np.float32), name) for name, length in (("ebb", 5), ("flow", 9))]
    >>> for line in describe_signals(SignalSet(some, ("x", "y"), rate=50), valued=False): print(line)
    2 sequences of 2 channels (x, y), 5 to 9 steps (median 7)
    2 classes; most: ebb (1); fewest: flow (1)
    50 steps a second
    """
    signals, channels = found.signals, found.channels
    names = ", ".join(channels[:NAMED]) + (", …" if len(channels) > NAMED else "")
    plural = "channels" if len(channels) > 1 else "channel"
    lines = [
        f"{_count(signals)} of {len(channels)} {plural} ({names}), {_steps(signals)}",
        _values(signals) if valued else _classes(signals),
    ]
    if found.rate is not None:
        sound = f", sound of {found.sound_rate:,} samples a second" if found.sound_rate else ""
        lines.append(f"{found.rate:g} steps a second{sound}")
    groups = Counter(signal.group for signal in signals if signal.group)
    if groups:
        lines.append(f"{len(groups)} groups of {min(groups.values())} to {max(groups.values())} sequences")
    return lines


def _count(signals: Sequence[Signal]) -> str:
    return "1 sequence" if len(signals) == 1 else f"{len(signals):,} sequences"


def _steps(signals: Sequence[Signal]) -> str:
    lengths = [len(signal) for signal in signals]
    if not lengths:
        return "no steps"
    low, high = min(lengths), max(lengths)
    return f"{low:,} steps" if low == high else f"{low:,} to {high:,} steps (median {median(lengths):,.0f})"


def _classes(signals: Sequence[Signal]) -> str:
    classes = Counter(signal.target for signal in signals).most_common()
    (most, many), (least, few) = classes[0], classes[-1]
    return f"{len(classes)} classes; most: {most} ({many:,}); fewest: {least} ({few:,})"


def _values(signals: Sequence[Signal]) -> str:
    values = [value for signal in signals if (value := value_of(signal.target)) is not None]
    if not values:
        return "answers are values, none of them a number"
    return f"values from {min(values):g} to {max(values):g}, mean {fmean(values):.4g}, deviation {pstdev(values):.4g}"
