"""The same sample twice: with another answer, or in another part, exactly or nearly."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from typing import TypeVar

from tidegate.check.contract import Found, Labelled, Shown, found

L = TypeVar("L", bound=Labelled)
Key = Callable[[L], Hashable | None]
WORTH_MENDING = 0.01
"""Share of contradictions in the training data from which they are no mere slips."""
MANY = 0.05
"""Share of doubles in the training data from which they are worth a word."""


def contradictions(
    units: Sequence[L], key: Key[L], show: Callable[[L], Shown] | None = None
) -> Iterator[Found]:
    """Samples of the training data that say the same and have other answers; and those that stand there twice.

    Args:
        units: The training samples.
        key: Equal for those that are the same; ``None``: like no other.
        show: How a page shows a sample.
    """
    first: dict[Hashable, L] = {}
    other: list[L] = []
    again = 0
    for unit in units:
        same = key(unit)
        if same is None:
            continue
        twin = first.setdefault(same, unit)
        if twin is unit:
            continue
        if twin.target == unit.target:
            again += 1
        else:
            other += [twin, unit]
    if other:
        pairs = len(other) // 2
        # Some are in every data set that people have labelled.
        yield found(
            "warning" if pairs >= WORTH_MENDING * len(units) else "note",
            "contradictory-labels",
            "train",
            f"{pairs:,} of {len(units):,} samples are the same as another one, with another answer "
            f"({other[0].target[:40]!r}, {other[1].target[:40]!r})",
            "correct the answers, or leave these samples out: the network can only be wrong about one of them",
            list({id(unit): unit for unit in other}.values()),
            show,
        )
    if again >= MANY * len(units) and again > 1:
        yield found(
            "note",
            "duplicates",
            "train",
            f"{again:,} of {len(units):,} samples stand there more than once, with the same answer",
            "leave the copies out: they count twice, and tell nothing new",
        )


def near_leaks(
    train: Sequence[L],
    others: Mapping[str, Sequence[L]],
    exact: Key[L],
    near: Key[L],
    *,
    alike: str,
    show: Callable[[L], Shown] | None = None,
) -> Iterator[Found]:
    """Samples of other parts that are nearly those of training. The same ones are the readers' to tell.

    Args:
        train: The training samples.
        others: The samples of the parts that are measured.
        exact: Equal for those that are the same.
        near: Equal for those that are nearly the same.
        alike: In what they are the same.
        show: How a page shows a sample.
    """
    seen: dict[Hashable, L] = {}
    for unit in train:
        same = near(unit)
        if same is not None:
            seen.setdefault(same, unit)
    for part, units in others.items():
        pairs = [
            (unit, twin)
            for unit in units
            if (twin := seen.get(near(unit))) is not None and exact(twin) != exact(unit)
        ]
        if len(pairs) > 1 and len(pairs) >= 0.01 * len(units):
            unit, twin = pairs[0]
            yield found(
                "warning",
                "near-leak",
                part,
                f"{len(pairs):,} of {len(units):,} samples are in train too but for {alike} ({unit.name} = "
                f"{twin.name}): what is measured is memory",
                "keep what belongs together in one part: --group COLUMN, folder or re:PATTERN, or leave the copies out",
                [unit for unit, _ in pairs],
                show,
            )
