"""When a study is looked at, and what each look may spend of its 5 %.

Who looks at every seed and stops when it pleases finds a difference in a fifth of the studies without one. So looks
are planned: at 3, 5, 10 and 20 seeds. The first decides nothing and costs nothing; each later one spends 5 % times
the share of the seeds that came since the look before (a linear spending function, Lan and DeMets 1983, without its
gain from the looks' correlation): 1.25, 1.25 and 2.5 %.
"""

from __future__ import annotations

from collections.abc import Sequence

from tidegate.results.comparison import Status

ALPHA = 0.05
LOOKS = (3, 5, 10, 20)
FIRST = 3
"""Up to so many seeds nothing is decided."""


def planned_looks(seeds: int) -> tuple[int, ...]:
    """The looks of a study that begins with so many seeds; one that is no look of the usual plan is looked at once.

    >>> planned_looks(5), planned_looks(7)
    ((3, 5, 10, 20), (7,))
    """
    return LOOKS if seeds in LOOKS else (seeds,)


def level(seeds: int, planned: Sequence[int] = LOOKS) -> float:
    """What a look may spend.

    Args:
        seeds: At the look.
        planned: All looks. One that is not planned has what the next planned one would have, or the last.

    >>> level(5), level(10), level(20), level(7, planned=(7,))
    (0.0125, 0.0125, 0.025, 0.05)
    """
    deciding = [look for look in planned if look > FIRST] or [max(planned)]
    place = next((i for i, look in enumerate(deciding) if look >= seeds), len(deciding) - 1)
    before = deciding[place - 1] if place else 0
    return ALPHA * (deciding[place] - before) / deciding[-1]


def status(seeds: int, planned: Sequence[int] = LOOKS, looked: Sequence[int] = ()) -> Status:
    """What may be said at a look.

    Args:
        seeds: Of the arm that has most.
        planned: All looks.
        looked: Those that were taken before: one outside the plan makes all that follow exploratory.

    >>> status(3), status(10), status(8), status(10, looked=(5, 8))
    ('first look', 'planned', 'exploratory', 'exploratory')
    """
    if seeds <= FIRST:
        return "first look"
    outside = [look for look in (*looked, seeds) if look > FIRST and look not in planned]
    return "exploratory" if outside else "planned"
