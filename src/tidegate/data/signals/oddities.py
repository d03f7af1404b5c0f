"""What looks wrong with sequences that can be read: the same ones with other labels, channels that never change."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from tidegate.data.finding import note, warning
from tidegate.data.signals.raw_record import MASK
from tidegate.data.signals.signal_set import Signal, SignalSet
from tidegate.errors import Finding

SHOWN = 3


def find_doubles(signals: Sequence[Signal]) -> list[Finding]:
    """Sequences that stand in one part twice, value for value: with another label, or with the same.

    >>> some = [Signal(name, np.zeros((2, 1), np.float32), label) for name, label in (("a", "x"), ("b", "y"), ("c", "x"))]
    >>> for one in find_doubles(some): print(one.severity, one.what)
    warning 1 of 3 sequences has the values of another, with another label: b (y) = a (x)
    note 1 of 3 sequences has the values and the label of another: c = a
    """
    first: dict[tuple[object, ...], Signal] = {}
    other: list[str] = []
    same: list[str] = []
    for signal in signals:
        key = signal.values.shape, hashlib.blake2b(signal.values.tobytes(), digest_size=16).digest()
        twin = first.setdefault(key, signal)
        if twin is signal:
            continue
        if twin.target == signal.target:
            same.append(f"{signal.name} = {twin.name}")
        else:
            other.append(f"{signal.name} ({signal.target}) = {twin.name} ({twin.target})")
    found: list[Finding] = []
    if other:
        told = f"{_share(other, signals)} the values of another, with another label: {_listed(other)}"
        found.append(warning("contradictory-labels", told))
    if same:
        found.append(
            note(
                "duplicates", f"{_share(same, signals)} the values and the label of another: {_listed(same)}"
            )
        )
    return found


def _share(some: Sequence[str], signals: Sequence[Signal]) -> str:
    return f"{len(some):,} of {len(signals):,} sequences {'has' if len(some) == 1 else 'have'}"


def _listed(some: Sequence[str]) -> str:
    return ", ".join(some[:SHOWN]) + (", …" if len(some) > SHOWN else "")


def find_constant_channels(found: SignalSet) -> list[Finding]:
    """Channels that have one value in all sequences.

    >>> some = [Signal(name, np.array([[0.0, level]], np.float32)) for name, level in (("a", 1), ("b", 2))]
    >>> [one.what for one in find_constant_channels(SignalSet(some, ("x", "y")))]
    ["the channel 'x' is 0 in all steps of all sequences"]
    """
    if len(found.signals) < 2:
        return []
    level = found.signals[0].values[0]
    constant = np.array([name != MASK for name in found.channels])
    for signal in found.signals:
        constant &= (signal.values == level).all(axis=0)
        if not constant.any():
            return []
    return [
        warning(
            "constant-channel",
            f"the channel {found.channels[place]!r} is {level[place]:g} in all steps of all sequences",
        )
        for place in np.flatnonzero(constant).tolist()
    ]
