"""What was read, in words: sequences, channels, lengths, answers, rate and groups."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from statistics import fmean, median, pstdev

from tidegate.config.tasks.signal import SignalSpec
from tidegate.data.finding import read_as
from tidegate.data.signals.signal_set import Signal, SignalSet
from tidegate.data.signals.targets import kind_of, value_of
from tidegate.errors import Finding

NAMED = 12
"""Channels are named up to this many."""


def read_as_signals(where: object, found: SignalSet, spec: SignalSpec, part: str = "") -> Finding:
    """What was read behind a path, and as what.

    Args:
        where: The path.
        found: What was read.
        spec: How.
        part: Which one, where data bring several.

    >>> import numpy as np
    >>> some = [Signal(name, np.zeros((9, 2), np.float32), name) for name in ("ebb", "flow")]
    >>> read_as_signals("x.npz", SignalSet(some, ("x", "y"), rate=50, format="npz"), SignalSpec(), "test").what
    'npz, test part, 2 sequences of 2 channels (x, y), 9 steps, 2 classes, 50 steps a second'
    """
    first, *_ = describe_signals(found, valued=False)
    labelled = [signal for signal in found.signals if signal.target]
    answers = ""
    if labelled and kind_of(found, spec) == "class":
        classes = len({signal.target for signal in labelled})
        answers = f"{classes:,} class{'es' * (classes > 1)}"
    elif labelled:
        values = [value for signal in labelled if (value := value_of(signal.target)) is not None]
        answers = f"values from {min(values):g} to {max(values):g}" if values else ""
    return read_as(
        where,
        found.format,
        f"{part} part" if part else "",
        first,
        answers,
        _rate(found),
        _groups(found.signals),
    )


def describe_signals(found: SignalSet, *, valued: bool) -> list[str]:
    """Sequences, channels, lengths, answers, rate and groups.

    Args:
        found: Of the training part.
        valued: Whether answers are values.

    >>> import numpy as np
    >>> some = [Signal(name, np.zeros((length, 2), np.float32), name) for name, length in (("ebb", 5), ("flow", 9))]
    >>> for line in describe_signals(SignalSet(some, ("x", "y"), rate=50), valued=False): print(line)
    2 sequences of 2 channels (x, y), 5 to 9 steps (median 7)
    2 classes; most: ebb (1); fewest: flow (1)
    50 steps a second
    """
    signals, channels = found.signals, found.channels
    names = ", ".join(channels[:NAMED]) + (", …" if len(channels) > NAMED else "")
    # Numbers alone say nothing.
    named = "" if channels == tuple(map(str, range(len(channels)))) else f" ({names})"
    plural = "channels" if len(channels) > 1 else "channel"
    lines = [f"{count_of(signals)} of {len(channels)} {plural}{named}, {steps_of(signals)}"]
    if signals:
        lines.append(_values(signals) if valued else _classes(signals))
    return [*lines, *(line for line in (_rate(found), _groups(signals)) if line)]


def count_of(signals: Sequence[Signal]) -> str:
    """How many sequences."""
    return "1 sequence" if len(signals) == 1 else f"{len(signals):,} sequences"


def steps_of(signals: Sequence[Signal]) -> str:
    """How long they are."""
    lengths = [len(signal) for signal in signals]
    if not lengths:
        return "no steps"
    low, high = min(lengths), max(lengths)
    return f"{low:,} steps" if low == high else f"{low:,} to {high:,} steps (median {median(lengths):,.0f})"


def _rate(found: SignalSet) -> str:
    sound = f", sound of {found.sound_rate:,} samples a second" if found.sound_rate else ""
    return "" if found.rate is None else f"{found.rate:g} steps a second{sound}"


def _groups(signals: Sequence[Signal]) -> str:
    groups = Counter(signal.group for signal in signals if signal.group)
    return (
        f"{len(groups)} groups of {min(groups.values())} to {max(groups.values())} sequences"
        if groups
        else ""
    )


def _classes(signals: Sequence[Signal]) -> str:
    classes = Counter(signal.target for signal in signals).most_common()
    (most, many), (least, few) = classes[0], classes[-1]
    return f"{len(classes)} classes; most: {most} ({many:,}); fewest: {least} ({few:,})"


def _values(signals: Sequence[Signal]) -> str:
    values = [value for signal in signals if (value := value_of(signal.target)) is not None]
    if not values:
        return "answers are values, none of them a number"
    return f"values from {min(values):g} to {max(values):g}, mean {fmean(values):.4g}, deviation {pstdev(values):.4g}"
