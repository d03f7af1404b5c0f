"""Time to a target: when runs first reach a validation result, runs that never do taken as they are, censored.

The mean over those that reached it would flatter an arm whose slow runs never do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tidegate.results.effects import Estimate
from tidegate.results.history import HistoryLine
from tidegate.results.target import TimeToTarget

NORMAL = 1.959964


@dataclass(frozen=True)
class RunTime:
    """One run.

    Attributes:
        seconds: Of processor time, until it reached the target, or in all.
        reached: Whether it did.
    """

    seconds: float
    reached: bool


def run_time(
    history: Sequence[HistoryLine], metric: str, target: float, *, lower_is_better: bool
) -> RunTime | None:
    """When a run first reached a target; ``None`` of a run without validations.

    Args:
        history: Its validations.
        metric: Name of the metric.
        target: Its value.
        lower_is_better: Of it.
    """
    for line in history:
        value = line.valid.get(metric)
        if value is not None and (value <= target if lower_is_better else value >= target):
            return RunTime(line.cpu_seconds, reached=True)
    return RunTime(history[-1].cpu_seconds, reached=False) if history else None


def times_to_target(arms: Mapping[str, Sequence[RunTime]]) -> tuple[TimeToTarget, ...]:
    """Each arm's median time to the target.

    Args:
        arms: The runs of each that are done.

    >>> runs = [RunTime(3.0, True), RunTime(5.0, True), RunTime(9.0, False)]
    >>> (told := times_to_target({"gru": runs})[0]).reached, told.median.value
    (2, 5.0)
    """
    return tuple(
        TimeToTarget(arm, len(runs), sum(run.reached for run in runs), _median(runs))
        for arm, runs in arms.items()
        if runs
    )


def _median(runs: Sequence[RunTime]) -> Estimate | None:
    """Where the curve of Kaplan and Meier, and both ends of its interval, come down to a half.

    The interval is Greenwood's, for log(−log S), as usual with few runs (Kalbfleisch and Prentice 1980).
    """
    times = sorted({run.seconds for run in runs if run.reached})
    left = np.array([sum(run.seconds >= at for run in runs) for at in times], float)
    there = np.array([sum(run.reached and run.seconds == at for run in runs) for at in times], float)
    waiting = np.cumprod(1 - there / left)
    with np.errstate(divide="ignore", invalid="ignore"):
        half = NORMAL * np.sqrt(np.cumsum(there / (left * (left - there)))) / np.log(waiting)
        # Once all have reached it, so have both ends.
        low, high = (np.where(waiting > 0, waiting ** np.exp(sign * half), 0.0) for sign in (-1.0, 1.0))
    value = _half(times, waiting)
    return None if value is None else Estimate(value, _half(times, low), _half(times, high))


def _half(times: Sequence[float], curve: NDArray[Any]) -> float | None:
    below = np.flatnonzero(curve <= 0.5)
    return times[below[0]] if len(below) else None
