"""Sizes that give a network so many parameters or FLOPs: all layers scaled together, then one unit at a time."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import permutations
from operator import add, sub

from tidegate.errors import ConfigError

NEAR = 0.002
"""Relative deviation that is near enough: to come nearer, layers of one size would drift apart."""

MOST_TRADED = 6
"""Of a network of many layers, so many trade units with one another: single units are small there."""

LARGEST = 1 << 14
"""Units of a layer at which the search ends."""


@dataclass(frozen=True)
class Solved:
    """Sizes, and what they come to.

    Attributes:
        units: Of each layer.
        count: What was counted with them.
    """

    units: tuple[int, ...]
    count: int

    def off(self, target: int) -> float:
        """Relative deviation from a target."""
        return self.count / target - 1


def solve(units: Sequence[int], target: int, count: Callable[[Sequence[int]], int]) -> Solved:
    """The sizes whose count comes nearest to a target, in the proportions of those that are given.

    Args:
        units: As the network has them.
        target: What ``count`` should give.
        count: Parameters or FLOPs of the network with so many units; it grows with each of them. It raises
            ``ConfigError`` for units with which the layers do not fit together.

    Returns:
        The nearest. Where even one unit a layer is too many, that.

    Example:
        >>> solve([100, 50], 3000, lambda units: 10 * sum(units) + 7).units
        (199, 100)
    """
    low, high = 0.0, 1.0
    known: dict[tuple[int, ...], int] = {}

    def counted(sizes: Sequence[int]) -> int:
        key = tuple(sizes)
        if key not in known:
            known[key] = count(key)
        return known[key]

    while counted(_scaled(units, high)) < target and max(_scaled(units, high)) < LARGEST:
        low, high = high, high * 2
    # Until the layers change by less than a unit between the two.
    while _scaled(units, low) != _scaled(units, high) and (high - low) * max(units) > 0.5:
        middle = (low + high) / 2
        if counted(_scaled(units, middle)) < target:
            low = middle
        else:
            high = middle
    best = min((_scaled(units, low), _scaled(units, high)), key=lambda sizes: abs(counted(sizes) - target))
    better = _refined(best, _moves(units), target, counted)
    return Solved(better, counted(better))


def _scaled(units: Sequence[int], factor: float) -> tuple[int, ...]:
    return tuple(max(1, round(unit * factor)) for unit in units)


def _moves(units: Sequence[int]) -> list[tuple[int, ...]]:
    """What is tried, by layer: one unit more or less of each, of all of one size, and one more here for one less there.

    Layers of one size may be tied to one another by an addition.
    """
    count = len(units)
    single = [tuple(int(i == place) for i in range(count)) for place in range(count)]
    tied = [tuple(int(unit == size) for unit in units) for size in sorted(set(units))]
    up = list(dict.fromkeys([*single, *tied]))
    traded = [tuple(map(sub, one, other)) for one, other in permutations(up[:MOST_TRADED], 2)]
    return [*up, *(tuple(-step for step in move) for move in up), *traded]


def _refined(
    units: tuple[int, ...],
    moves: Sequence[tuple[int, ...]],
    target: int,
    counted: Callable[[Sequence[int]], int],
) -> tuple[int, ...]:
    """Move layers by one unit as long as that comes nearer."""

    def distance(sizes: Sequence[int]) -> float:
        try:
            return abs(counted(sizes) - target)
        except ConfigError:
            return math.inf

    best = units
    while distance(best) > NEAR * target:
        moved = [tuple(map(add, best, move)) for move in moves]
        nearest = min((sizes for sizes in moved if min(sizes) >= 1), key=distance, default=best)
        if distance(nearest) >= distance(best):
            break
        best = nearest
    return best
