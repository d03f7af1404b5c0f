"""What a column of time says of the steps: one rate or several, and holes between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tidegate.data.finding import warning
from tidegate.data.signals.raw_record import RawRecord, RawRecords
from tidegate.errors import Finding

EVEN = 0.9
"""Share of steps that are about as long as the usual one, where there is a rate at all."""
SAME = 1.05
"""How much longer than another a step may be to pass for the same."""


@dataclass(frozen=True)
class _Steps:
    """The steps of one sequence: the usual one, and the longest with the step before it."""

    name: str
    usual: float
    even: bool
    longest: float
    before: int


def find_steps(records: RawRecords, trained: float | None = None) -> tuple[float | None, list[Finding]]:
    """The step of all sequences that tell times, and warnings where they are not as one.

    Args:
        records: Those of one part.
        trained: The step that training had.

    Returns:
        The step, where there is one; and several rates, another one than in training, holes, uneven steps.

    >>> times = np.array([0.0, 0.1, 0.2, 0.3])
    >>> def of(name, factor): return RawRecord(name, np.zeros((4, 1), np.float32), times=factor * times)
    >>> step, (told,) = find_steps(RawRecords([of("a", 1), of("b", 2)], clock="t"))
    >>> step, told.what
    (None, "steps of the column 't' differ: 0.1 in 1 sequence, such as a; 0.2 in 1 sequence, such as b")
    """
    every = [steps for record in records.found if (steps := _steps(record)) is not None]
    even = [steps for steps in every if steps.even]
    clock = f"the column {records.clock!r}" if records.clock else "time"
    notes: list[Finding] = []
    uneven = [steps for steps in every if not steps.even]
    if uneven:
        first = uneven[0]
        example = f"such as {first.name}: half are {first.usual:g} or less, one is {first.longest:g}"
        told = f"{_sequences(len(uneven))} with uneven steps of {clock}, {example}"
        notes.append(warning("uneven-steps", told))
    holes = [steps for steps in even if steps.longest > 1.5 * steps.usual]
    if holes:
        first = holes[0]
        example = f"such as {first.name}: {first.longest:g} behind step {first.before}, where steps are {first.usual:g}"
        told = f"{_sequences(len(holes))} with holes in {clock}, {example}"
        notes.append(warning("time-holes", told))
    rates = _alike(even)
    if len(rates) > 1:
        told = "; ".join(
            f"{steps[0].usual:g} in {_sequences(len(steps))}, such as {steps[0].name}" for steps in rates
        )
        notes.append(warning("mixed-rates", f"steps of {clock} differ: {told}"))
        return None, notes
    step = float(f"{np.median([steps.usual for steps in even]):.4g}") if even else None
    if step and trained and not 1 / SAME <= step / trained <= SAME:
        notes.append(
            warning("other-rate", f"steps of {clock} are {step:g}; in training they were {trained:g}")
        )
    return step, notes


def _sequences(count: int) -> str:
    return "1 sequence" if count == 1 else f"{count:,} sequences"


def _steps(record: RawRecord) -> _Steps | None:
    if record.times is None or len(record.times) < 3:
        return None
    steps: NDArray[np.float64] = np.diff(record.times)
    usual = float(np.median(steps))
    if usual <= 0:
        return None
    even = float((np.abs(steps - usual) <= usual / 2).mean()) >= EVEN
    longest = int(steps.argmax())
    return _Steps(record.name, usual, even, float(steps[longest]), longest + 1)


def _alike(every: Sequence[_Steps]) -> list[list[_Steps]]:
    """Sequences of about the same step together, the shortest steps first."""
    found: list[list[_Steps]] = []
    for steps in sorted(every, key=lambda one: one.usual):
        if found and steps.usual <= SAME * found[-1][0].usual:
            found[-1].append(steps)
        else:
            found.append([steps])
    return found
