"""Whether the order of the arms changes with the size of the training data, as far as all of it is shown."""

from __future__ import annotations

from collections.abc import Mapping

from tidegate.results.comparison import Comparison
from tidegate.results.study import OrderChange, SizeOrder

Shown = tuple[float, float]
"""Which way a pair is apart (below 0: the first is better), and p corrected over pairs and sizes."""


def size_order(comparisons: Mapping[str, Comparison]) -> SizeOrder:
    """From the comparisons at every size.

    p of a pair is corrected over the pairs of one size by Holm already, and here over the sizes by Bonferroni. A pair
    changes its order where the one is better beyond the margin at one size and the other at another; so all that is
    said of any pair is right together. Sizes whose samples are drawn together make it cautious.

    Args:
        comparisons: By the size, the smallest first.
    """
    decides = all(each.status != "first look" for each in comparisons.values())
    alpha = min(each.alpha for each in comparisons.values()) if decides else 0.0
    found = {size: _shown(each, len(comparisons)) for size, each in comparisons.items()}
    common = [pair for pair in next(iter(found.values())) if all(pair in each for each in found.values())]
    changes: list[OrderChange] = []
    same = 0
    for pair in common:
        apart = {size: each[pair] for size, each in found.items() if each[pair][1] < alpha}
        signs = {sign for sign, _ in apart.values()}
        same += len(apart) == len(found) and len(signs) == 1
        if len(signs) > 1:
            changes.append(_change(pair, apart))
    return SizeOrder(alpha=alpha, pairs=len(common), same=same, changes=tuple(changes))


def _shown(comparison: Comparison, sizes: int) -> dict[tuple[str, str], Shown]:
    """Each pair, its arms in the order of their names, since each comparison has an order of its own."""
    sign = 1 if comparison.lower_is_better else -1
    found: dict[tuple[str, str], Shown] = {}
    for pair in comparison.pairs:
        apart = pair.difference.points.value * sign
        turned = pair.a > pair.b
        names = (pair.b, pair.a) if turned else (pair.a, pair.b)
        p = 1.0 if pair.p is None else min(1.0, pair.p * sizes)
        found[names] = (-1.0 if (apart < 0) != turned else 1.0, p)
    return found


def _change(pair: tuple[str, str], apart: Mapping[str, Shown]) -> OrderChange:
    """At the smallest size at which they are apart, and the largest one at which it is the other way."""
    smaller = next(iter(apart))
    larger = next(size for size in reversed(tuple(apart)) if apart[size][0] != apart[smaller][0])
    a, b = pair if apart[smaller][0] < 0 else pair[::-1]
    return OrderChange(a=a, b=b, smaller=smaller, larger=larger, p=max(apart[smaller][1], apart[larger][1]))
