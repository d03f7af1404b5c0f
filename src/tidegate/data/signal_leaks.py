"""Signals that stand in two parts of a data set: a test on them measures memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from tidegate.data.finding import warning
from tidegate.data.signals.signal_set import Signal
from tidegate.errors import Finding

SHOWN = 3


def shared_signals(train: Sequence[Signal], others: Mapping[str, Sequence[Signal]]) -> list[Finding]:
    """A note for each part with sequences that are, value for value, in the training data.

    Args:
        train: The training data.
        others: The other parts by name.

    >>> one, two = Signal("a", np.zeros((2, 1), np.float32)), Signal("b", np.zeros((2, 1), np.float32))
    >>> print(*shared_signals([one], {"valid": [], "test": [two]}))
    1 of 1 sequences of test is in train too, value for value: b = a
    """
    seen: dict[int, Signal] = {}
    for signal in train:
        seen.setdefault(_key(signal), signal)
    notes: list[Finding] = []
    for part, signals in others.items():
        twins = [(signal, seen.get(_key(signal))) for signal in signals]
        pairs = [
            (one.name, twin.name)
            for one, twin in twins
            if twin is not None and np.array_equal(one.values, twin.values)
        ]
        if pairs:
            shown = ", ".join(f"{name} = {twin}" for name, twin in pairs[:SHOWN])
            more = ", …" if len(pairs) > SHOWN else ""
            verb = "is" if len(pairs) == 1 else "are"
            which = f"{len(pairs)} of {len(signals)} sequences of {part} {verb} in train too"
            notes.append(warning("leak", f"{which}, value for value: {shown}{more}"))
    return notes


def _key(signal: Signal) -> int:
    """The same for the same values; what has the same key is compared, so a chance meeting does no harm."""
    return hash((signal.values.shape, signal.values.tobytes()))
