"""A part of the training data, for curves over the number of samples: of two shares the smaller is in the larger.

So units are put in an order once, and each share takes the first ones of it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tidegate.errors import SplitError


def share_count(share: float, total: int, units: str) -> int:
    """How many samples a share is.

    Args:
        share: Up to 1.0 of them, or a whole number of samples.
        total: Samples of the whole training part.
        units: What errors call them.

    Raises:
        SplitError: There are not so many, or none would be left.

    >>> share_count(0.1, 505, "images"), share_count(200, 505, "images"), share_count(1.0, 505, "images")
    (50, 200, 505)
    """
    count = round(share * total) if isinstance(share, float) else share
    if not 1 <= count <= total:
        raise SplitError(
            f"so many {units} cannot be taken for training",
            where="data.train_share",
            expected=f"1 to {total:,} {units}, or a share with a decimal point that leaves one of them",
            got=f"{share:g} of {total:,} {units}: {count:,}",
        )
    return count


def taken(
    total: int,
    count: int,
    seed: int,
    *,
    classes: Sequence[str] | None = None,
    groups: Sequence[str] | None = None,
    in_order: bool = False,
) -> list[int]:
    """The places of those that are taken, in their order.

    Args:
        total: Samples there are.
        count: How many are wanted; whole groups come as near to that as they can.
        seed: Of the order.
        classes: Of each sample: every class is in each share, and all are in proportion.
        groups: Of each sample: they are taken whole.
        in_order: Take the last ones instead, and of groups those that end last.

    Raises:
        SplitError: So few cannot hold a sample of every class.

    >>> taken(8, 4, 0, classes=["ebb", "ebb", "ebb", "flow"] * 2), taken(5, 2, 0, in_order=True)
    ([1, 2, 4, 7], [3, 4])
    >>> set(taken(8, 2, 0)) < set(taken(8, 4, 0)) < set(taken(8, 7, 0))
    True
    """
    names = list(range(total)) if groups is None else groups
    pieces: dict[object, list[int]] = {}
    for place, name in enumerate(names):
        pieces.setdefault(name, []).append(place)
    members = list(pieces.values())
    if in_order:
        order = sorted(range(len(members)), key=lambda piece: -members[piece][-1])
    else:
        chance = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, total, len(members)])))
        order = chance.permutation(len(members)).tolist()
        if classes is not None:
            order = _by_class(order, members, classes)
    sizes = np.cumsum([len(members[piece]) for piece in order])
    kept = order[: int(np.argmin(np.abs(sizes - count))) + 1]
    found = sorted(place for piece in kept for place in members[piece])
    if classes is not None:
        _check(classes, [classes[place] for place in found], count)
    return found


def _by_class(order: Sequence[int], members: Sequence[list[int]], classes: Sequence[str]) -> list[int]:
    """Pieces that bring a class first, the rarest first, then each class evenly over the order."""
    numbers = {name: number for number, name in enumerate(dict.fromkeys(classes))}
    target = np.array([numbers[name] for name in classes])
    every = np.bincount(target)
    # The place of a piece: how much of its rarest class stands before it.
    rarest = [_rarest(target[members[piece]], every) for piece in order]
    seen = np.zeros(len(every))
    places: list[tuple[bool, float, int]] = []
    for at, (piece, own) in enumerate(zip(order, rarest, strict=True)):
        counts = np.bincount(target[members[piece]], minlength=len(every))
        place = every[own] if seen[own] == 0 else (seen[own] + counts[own] / 2) / every[own]
        places.append((bool(seen[own]), float(place), at))
        seen += counts
    return [order[at] for _, _, at in sorted(places)]


def _rarest(targets: NDArray[np.int64], every: NDArray[np.int64]) -> int:
    return int(targets[np.argmin(every[targets])])


def _check(classes: Sequence[str], kept: Sequence[str], count: int) -> None:
    missing = sorted({*classes} - {*kept})
    if missing:
        shown = ", ".join(missing[:5]) + (", …" if len(missing) > 5 else "")
        raise SplitError(
            "so small a part of the training data lacks classes",
            where="data.train_share",
            expected=f"a sample of each of the {len({*classes})} classes at least",
            got=f"{count:,} of {len(classes):,} samples, without {shown}",
            hint="take a larger share",
        )
