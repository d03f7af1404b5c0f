"""What a learning curve tells: when it was best, whether it was still improving, what it cost."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean
from typing import Any

from tidegate.report.read import Json

# A run whose error still falls by so much of itself in its last tenth was stopped by its budget, not by its end.
_LAST = 0.9
_STILL = 0.05


def best_seconds(history: Sequence[Json], metrics: Json) -> float | None:
    """Seconds of training until the weights that were kept.

    Example:
        >>> rows = [{"step": 10, "seconds": 2.5}, {"step": 20, "seconds": 5.0}]
        >>> best_seconds(rows, {"best": {"step": 10}})
        2.5
    """
    step = (metrics.get("best") or {}).get("step")
    return next((float(row["seconds"]) for row in history if row.get("step") == step), None)


def improving(history: Sequence[Json], metrics: Json) -> bool:
    """Whether the validation error still fell by more than a twentieth in the last tenth of a run that its budget ended.

    Example:
        >>> rows = [{"seconds": s, "valid": {"cer": c}} for s, c in [(50, 0.2), (90, 0.1), (100, 0.05)]]
        >>> improving(rows, {"primary": "cer", "lower_is_better": True, "stopped": "epochs"})
        True
    """
    name, lower = metrics.get("primary"), bool(metrics.get("lower_is_better"))
    if metrics.get("stopped") in (None, "patience", "interrupted"):
        return False
    values = [
        (float(row["seconds"]), float(row["valid"][name]))
        for row in history
        if (row.get("valid") or {}).get(name) is not None
    ]
    if not values:
        return False
    end = values[-1][0]
    before = [_error(value, lower) for at, value in values if at <= _LAST * end]
    last = [_error(value, lower) for at, value in values if at > _LAST * end]
    return bool(before and last) and min(last) < min(before) - _STILL * abs(min(before))


def costs_of(runs: Sequence[Json], figures: Sequence[Json]) -> Json:
    """What an arm costs, on average over its runs that are done.

    Args:
        runs: Entries of results.json.
        figures: Contents of their metrics.json.
    """
    costs = [each.get("costs") or {} for each in figures]
    latency = [each.get("latency_ms") or {} for each in costs]
    speeds = [each.get("samples_per_second") or {} for each in figures]
    return {
        "flops": next((each["flops"] for each in figures if each.get("flops")), None),
        "seconds": _mean([run.get("seconds") for run in runs]),
        "cpu_seconds": _mean([each.get("cpu_seconds") for each in figures]),
        "best_seconds": _mean([run.get("best_seconds") for run in runs]),
        "train_speed": _mean([each.get("train") for each in speeds]),
        "predict_speed": _mean([each.get("predict") for each in speeds]),
        "latency_p50_ms": _mean([each.get("p50") for each in latency]),
        "latency_p95_ms": _mean([each.get("p95") for each in latency]),
        "peak_memory_mb": _mean([each.get("peak_memory_mb") for each in costs]),
        "model_bytes": next((each["model_bytes"] for each in costs if each.get("model_bytes")), None),
    }


def _error(value: float, lower_is_better: bool) -> float:
    """What falls as a run improves: of a share its complement."""
    if lower_is_better:
        return value
    return 1 - value if 0 <= value <= 1 else -value


def _mean(values: Sequence[Any]) -> float | None:
    known = [float(value) for value in values if value is not None]
    return fmean(known) if known else None
