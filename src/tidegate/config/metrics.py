"""How a metric is judged, and the difference that usually matters, by its name: one table, which a task may add to.

A margin is fixed before the data. A tenth of what a reader still has to correct, or of what is classified wrongly, is
about what somebody notices; errors of forecasts differ by less between methods that are worth their while.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["share", "error", "log", "plain"]


@dataclass(frozen=True)
class MetricKind:
    """How a metric is judged.

    Attributes:
        kind: ``share``: of things that are wrong or right; ``error``: above 0, or 1 minus it where more is better;
            ``log``: a logarithm already, such as nats; ``plain``: nothing is known, and differences are taken as they
            are.
        margin: The usual one: differences up to it do not matter.
        absolute: Whether that is in the metric's unit; else it is a share of the error.
    """

    kind: Kind
    margin: float
    absolute: bool = False


METRICS = {
    "cer": MetricKind("share", 0.10),
    "wer": MetricKind("share", 0.10),
    "accuracy": MetricKind("share", 0.10),
    "macro_f1": MetricKind("share", 0.10),
    "micro_f1": MetricKind("share", 0.10),
    "f1": MetricKind("share", 0.05),
    "precision": MetricKind("share", 0.05),
    "recall": MetricKind("share", 0.05),
    "smape": MetricKind("error", 0.02),
    "mae": MetricKind("error", 0.02),
    "rmse": MetricKind("error", 0.02),
    "mase": MetricKind("error", 0.02),
    "pinball": MetricKind("error", 0.02),
    "mse": MetricKind("error", 0.04),
    "perplexity": MetricKind("error", 0.02),
    "nats_per_symbol": MetricKind("log", 0.02, absolute=True),
    "bits_per_symbol": MetricKind("log", 0.03, absolute=True),
    "r2": MetricKind("error", 0.05),
}
