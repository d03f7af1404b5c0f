"""What counts as a difference, by metric: fixed before the data, never made of the seeds' noise, and never below one
unit of the test part.

The kind of a metric and its usual margin stand in ``tidegate.config.metrics``, and nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import numpy as np

from tidegate.config.metrics import METRICS, MetricKind
from tidegate.errors import ConfigError
from tidegate.results.comparison import Margin
from tidegate.studies.analysis.scale import Scale

_LEVEL = re.compile(r"_\d+(\.\d+)?$")
"""Of a quantile, as in ``pinball_90``."""
_SHARE, _ERROR, _PLAIN = MetricKind("share", 0.10), MetricKind("error", 0.02), MetricKind("plain", 0.02)


def metric_kind(
    metric: str, values: Sequence[float], *, lower_is_better: bool, declared: MetricKind | None = None
) -> MetricKind:
    """The entry of a metric; of one without an entry what its values allow.

    A share is judged as one, what is above 0 and better when lower as an error, and anything else by plain
    differences. So is an error of 0 or below, which has no logarithm.

    >>> metric_kind("window_accuracy", [0.9], lower_is_better=False).margin
    0.1
    >>> metric_kind("reward", [-3.0, 4.0], lower_is_better=False).kind
    'plain'
    """
    known = declared or METRICS.get(_LEVEL.sub("", metric.removeprefix("window_").removesuffix("_units")))
    if known is None:
        share = all(0 <= value <= 1 for value in values)
        known = _SHARE if share else _ERROR if lower_is_better else _PLAIN
    errors = values if lower_is_better else [1 - value for value in values]
    return (
        replace(_PLAIN, margin=known.margin)
        if known.kind == "error" and min(errors, default=1) <= 0
        else known
    )


def parse_margin(text: str | float, where: str = "--margin") -> tuple[float, Literal["relative", "absolute"]]:
    """A margin as people write it: ``10%`` of the error, or a difference in the metric's own unit.

    Raises:
        ConfigError: It is neither.

    >>> parse_margin("10%"), parse_margin("0.5"), parse_margin(0.005)
    ((0.1, 'relative'), (0.5, 'absolute'), (0.005, 'absolute'))
    """
    written = str(text).strip()
    try:
        number = float(written.removesuffix("%"))
    except ValueError:
        number = -1.0
    if not 0 <= number < float("inf"):
        raise ConfigError(
            "this is no margin",
            where=where,
            expected="a share of the error such as 10%, or a difference of the metric in its own unit such as 0.005",
            got=repr(text),
            hint="leave it out for the usual margin of the metric",
        )
    return (number / 100, "relative") if written.endswith("%") else (number, "absolute")


def margin_of(kind: MetricKind, given: str | float | None, scale: Scale, best: float) -> tuple[Margin, float]:
    """The margin as results hold it, and how large it is on the scale.

    Args:
        kind: Of the metric.
        given: What somebody set.
        scale: Of the metric.
        best: Mean of the best arm, on the scale.
    """
    value, how = (
        (kind.margin, "absolute" if kind.absolute else "relative") if given is None else parse_margin(given)
    )
    at = scale.metric(best)
    apart = _on_scale(value, scale, best) if how == "absolute" else _share(value, scale, at)
    if scale.kind == "share" and scale.units:
        apart = max(apart, _on_scale(1 / scale.units, scale, best))
    size = abs(scale.metric(best + apart) - at)
    factor = float(np.exp(apart)) if scale.relative else None
    return Margin(value, how, given is not None, size, factor), apart


def _share(value: float, scale: Scale, at: float) -> float:
    return float(np.log1p(value)) if scale.kind in ("share", "error") else value * abs(at)


def _on_scale(points: float, scale: Scale, best: float) -> float:
    """So many points less good than the best."""
    at = scale.metric(best)
    worse = at + points if scale.lower_is_better else at - points
    return float(scale.judged([worse])[0]) - best
