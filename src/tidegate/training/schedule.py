"""How the learning rate moves. A schedule is a pure function of how far the run is, so resuming needs no state.

Only ``plateau`` depends on results: it counts its drops, and the count is part of the run's progress.
"""

from __future__ import annotations

import math

from tidegate.config.tables import ScheduleSpec


def scale(spec: ScheduleSpec, progress: float, epoch: float, drops: int = 0) -> float:
    """The factor on the peak learning rate.

    ``one-cycle`` climbs along a cosine from 1/25 of the peak and comes down along one to ``final`` (Smith and Topin
    2018); ``cosine`` climbs in a straight line (Loshchilov and Hutter 2017, without restarts).

    Args:
        spec: The shape.
        progress: 0 at the start of the run, 1 at its end, by steps or by time.
        epoch: Passes over the data so far, for ``step``.
        drops: Drops that ``plateau`` has made.

    >>> scale(ScheduleSpec(name="step", every=2, factor=0.1, warmup=0), progress=0.5, epoch=5)
    0.010000000000000002
    """
    if spec.name == "constant":
        return 1.0
    if spec.name == "plateau":
        return spec.factor**drops
    if progress < spec.warmup:
        return _climb(spec, progress / spec.warmup)
    if spec.name == "step":
        return spec.factor ** int(epoch // spec.every)
    rest = min(1.0, (progress - spec.warmup) / max(1e-12, 1 - spec.warmup))
    return _between(1.0, spec.final, rest)


def _climb(spec: ScheduleSpec, part: float) -> float:
    start = 1 / 25
    if spec.name == "one-cycle":
        return _between(start, 1.0, part)
    return start + (1 - start) * part


def _between(start: float, end: float, part: float) -> float:
    """Along half a cosine wave."""
    return end + (start - end) * (1 + math.cos(math.pi * part)) / 2
