"""What a learning curve tells: when it was best, whether it was still improving, what it cost."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import fmean

from tidegate.results.history import HistoryLine
from tidegate.results.metrics import RunMetrics
from tidegate.results.study import ArmCosts, StudyRun

# A run whose error still falls by so much of itself in its last tenth was stopped by its budget, not by its end.
_LAST = 0.9
_STILL = 0.05


def best_seconds(history: Sequence[HistoryLine], metrics: RunMetrics) -> float | None:
    """Seconds of training until the weights that were kept."""
    return next((line.seconds for line in history if line.step == metrics.best.step), None)


def improving(history: Sequence[HistoryLine], metrics: RunMetrics) -> bool:
    """Whether the error still fell by more than a twentieth in the last tenth of a run that its budget ended."""
    lower = metrics.lower_is_better
    if metrics.stopped in ("patience", "interrupted"):
        return False
    values = [
        (line.seconds, value) for line in history if (value := line.valid.get(metrics.primary)) is not None
    ]
    if not values:
        return False
    end = values[-1][0]
    before = [_error(value, lower) for at, value in values if at <= _LAST * end]
    last = [_error(value, lower) for at, value in values if at > _LAST * end]
    return bool(before and last) and min(last) < min(before) - _STILL * abs(min(before))


def costs_of(runs: Sequence[StudyRun], metrics: Sequence[RunMetrics]) -> ArmCosts:
    """What an arm costs, on average over its runs that are done.

    Args:
        runs: Entries of results.json.
        metrics: Of the same runs.
    """
    costs = [each.costs for each in metrics if each.costs]
    latency = [each.latency_ms for each in costs if each.latency_ms]
    speeds = [each.samples_per_second for each in metrics]
    return ArmCosts(
        flops=next((each.flops for each in metrics if each.flops), None),
        seconds=_mean(run.seconds for run in runs),
        cpu_seconds=_mean(each.cpu_seconds for each in metrics),
        best_seconds=_mean(run.best_seconds for run in runs),
        train_speed=_mean(each.train for each in speeds),
        predict_speed=_mean(each.predict for each in speeds),
        latency_p50_ms=_mean(each.p50 for each in latency),
        latency_p95_ms=_mean(each.p95 for each in latency),
        peak_memory_mb=_mean(each.peak_memory_mb for each in costs),
        model_bytes=next((each.model_bytes for each in costs), None),
    )


def _error(value: float, lower_is_better: bool) -> float:
    """What falls as a run improves: of a share its complement."""
    if lower_is_better:
        return value
    return 1 - value if 0 <= value <= 1 else -value


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fmean(known) if known else None
