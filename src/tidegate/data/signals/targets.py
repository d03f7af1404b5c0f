"""What sequences are answered with: classes or values, and which answers cannot be used."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

from tidegate.config.tasks.signal import SignalSpec
from tidegate.data.signals.signal_set import Signal, SignalSet

Kind = Literal["class", "value"]
SHOWN = 12


def kind_of(signals: SignalSet, spec: SignalSpec) -> Kind:
    """Classes or values: as the user says, or else the data; otherwise classes, unless labels have decimals.

    Args:
        signals: Of training.
        spec: Its ``target`` decides where it is not ``auto``.

    >>> import numpy as np
    >>> def of(*labels): return SignalSet([Signal("a", np.zeros((1, 1), np.float32), one) for one in labels], ("x",))
    >>> kind_of(of("1", "2", "-1"), SignalSpec()), kind_of(of("1", "2.5"), SignalSpec())
    ('class', 'value')
    """
    if spec.target != "auto":
        return spec.target
    if signals.valued:
        return "value"
    labels = {one.target for one in signals.signals}
    values = [value_of(label) for label in labels]
    numbers = [value for value in values if value is not None]
    return "value" if len(numbers) == len(values) and any(v % 1 for v in numbers) else "class"


def value_of(label: str) -> float | None:
    """A label as a finite number, or None.

    >>> value_of("2.5"), value_of("nan"), value_of("two")
    (2.5, None, None)
    """
    try:
        value = float(label)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def why_not(signal: Signal, kind: Kind, classes: Sequence[str] = ()) -> str | None:
    """Why a labelled sequence cannot be used: no number where values are asked for, or a class that training never saw.

    Args:
        signal: The sequence.
        kind: What answers are.
        classes: Those of training; none: all will do.

    >>> import numpy as np
    >>> why_not(Signal("a", np.zeros((1, 1), np.float32), "up"), "class", ("left", "right"))
    "its class 'up' does not occur in the training data (left, right)"
    """
    if kind == "value":
        return (
            None
            if value_of(signal.target) is not None
            else f"its label {signal.target!r} is no finite number"
        )
    if not classes or signal.target in classes:
        return None
    listed = ", ".join(classes[:SHOWN]) + (f", … {len(classes)} in all" if len(classes) > SHOWN else "")
    return f"its class {signal.target!r} does not occur in the training data ({listed})"
