"""What a language model is measured by: the mean loss of a symbol, in three units."""

from __future__ import annotations

import math

from tidegate.tasks.contract import Metrics


def language_metrics(nats: float) -> Metrics:
    """One number in its three units.

    >>> language_metrics(math.log(2))["bits_per_symbol"]
    1.0
    """
    perplexity = math.exp(nats) if nats < 700 else math.inf
    return {
        "loss": nats,
        "nats_per_symbol": nats,
        "bits_per_symbol": nats / math.log(2),
        "perplexity": perplexity,
    }
