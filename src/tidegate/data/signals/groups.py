"""Holding out whole groups, so that one person is never in two parts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tidegate.data.finding import warning
from tidegate.data.signals.signal_set import Signal
from tidegate.errors import Finding, SplitError

TRIES = 60
"""Orders of the groups that are tried; the one whose parts come nearest to what was asked for is taken."""
SHOWN = 5

Cut = tuple[list[Signal], list[Signal]]


def choose_groups(
    signals: Sequence[Signal], count: int, seed: int, *, stratify: bool, kept: bool = False, leave: int = 1
) -> Cut:
    """Choose about so many sequences, in whole groups; both lists keep the order of the data.

    Args:
        signals: To choose from.
        count: How many to come near to.
        seed: Of the order in which groups are tried.
        stratify: Prefer groups that bring the classes in proportion, and leave no class without a sequence.
        kept: Take the last groups of the data instead, by their first sequence.
        leave: Groups that must not be chosen, for the parts that are still to be made.

    Returns:
        The chosen, and the rest.

    Raises:
        SplitError: There are too few groups.

    >>> made = [Signal(str(n), np.zeros((1, 1), np.float32), str(n % 2), group=str(n // 4)) for n in range(20)]
    >>> chosen, rest = choose_groups(made, 5, 0, stratify=True)
    >>> len(chosen), {one.group for one in chosen} & {one.group for one in rest}
    (4, set())
    """
    names = list(dict.fromkeys(signal.group for signal in signals))
    if len(names) < leave + 1:
        raise too_few_groups(names, leave + 1)
    table = _table(signals, names, stratify=stratify)
    last = list(range(len(names)))[::-1]
    chance = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, len(signals)])))
    orders = [last] if kept else [chance.permutation(len(names)).tolist() for _ in range(TRIES)]
    takes = [_take(table.sum(axis=1), order, count, len(names) - leave) for order in orders]
    costs = [_cost(table, take, count) for take in takes]
    taken = {names[index] for index in takes[int(np.argmin(costs))]}
    return (
        [signal for signal in signals if signal.group in taken],
        [signal for signal in signals if signal.group not in taken],
    )


def too_few_groups(names: Sequence[str], parts: int) -> SplitError:
    """What to say when there are fewer groups than parts."""
    shown = ", ".join(names[:SHOWN])
    return SplitError(
        "too few groups to split by",
        where="signal.group",
        expected=f"{parts} or more, one for each part at least",
        got=f"{len(names)}: {shown}",
        hint="name the parts by --train, --valid and --test, or leave signal.group out",
    )


def shared_groups(train: Sequence[Signal], other: Sequence[Signal], part: str) -> list[Finding]:
    """A note if groups of ``other`` are in the training data; otherwise nothing.

    >>> one = Signal("a", np.zeros((1, 1), np.float32), group="ann")
    >>> print(*shared_groups([one], [one], "test"))
    1 of 1 groups of test is in train too: ann
    """
    groups = list(dict.fromkeys(signal.group for signal in other if signal.group))
    shared = set(groups) & {signal.group for signal in train}
    if not shared:
        return []
    names = [group for group in groups if group in shared]
    shown = ", ".join(names[:SHOWN]) + (", …" if len(names) > SHOWN else "")
    verb = "is" if len(names) == 1 else "are"
    return [warning("leak", f"{len(names)} of {len(groups)} groups of {part} {verb} in train too: {shown}")]


def _table(signals: Sequence[Signal], names: Sequence[str], *, stratify: bool) -> np.ndarray:
    """Sequences of each group and class ``(groups, K)``."""
    classes = {target: number for number, target in enumerate(dict.fromkeys(s.target for s in signals))}
    row = {name: number for number, name in enumerate(names)}
    table = np.zeros((len(names), len(classes) if stratify else 1))
    for signal in signals:
        table[row[signal.group], classes[signal.target] if stratify else 0] += 1
    return table


def _take(sizes: np.ndarray, order: Sequence[int], count: int, most: int) -> list[int]:
    """Groups in this order until the count is reached: the last only if that comes nearer to it."""
    taken: list[int] = []
    total = 0.0
    for group in order[:most]:
        if taken and abs(total + sizes[group] - count) >= abs(total - count):
            break
        taken.append(group)
        total += float(sizes[group])
    return taken


def _cost(table: np.ndarray, taken: Sequence[int], count: int) -> float:
    chosen = table[list(taken)].sum(axis=0)
    every = table.sum(axis=0)
    wanted = every * count / every.sum()
    robbed = ((chosen == every) & (every > 0)).sum()
    return float(((chosen - wanted) ** 2).sum() + robbed * every.sum() ** 2)
