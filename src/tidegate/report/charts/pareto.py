"""Which models no other one beats in both result and cost."""

from __future__ import annotations

from collections.abc import Sequence

from tidegate.report.charts.points import Spot


def front(spots: Sequence[Spot], *, lower_is_better: bool) -> list[str]:
    """The names of the Pareto front, cheapest first: no other model is as cheap and better, or as good and cheaper.

    Example:
        >>> spots = [Spot("a", 0, 1.0, 5.0), Spot("b", 1, 2.0, 3.0), Spot("c", 2, 3.0, 4.0)]
        >>> front(spots, lower_is_better=True)
        ['a', 'b']
    """
    sign = 1.0 if lower_is_better else -1.0
    kept: list[Spot] = []
    for spot in sorted(spots, key=lambda spot: (spot.cost, sign * spot.mean)):
        if not kept or sign * spot.mean < sign * kept[-1].mean:
            kept.append(spot)
    return [spot.name for spot in kept]
