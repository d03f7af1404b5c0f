"""Groups: samples that vary as one, such as those of one person or page, and never stand on both sides of a split.

``data.group`` says what they share: a column, which each reader reads; the folder that holds a file; or what a regular
expression finds in a sample's name. A sample without a group stands for itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any, Protocol, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from tidegate.data.finding import warning
from tidegate.errors import ConfigError, Finding, SplitError

TRIES = 60
"""Orders of the groups that are tried; the one whose parts come nearest to what was asked for is taken."""
SHOWN = 5
FOLDER = "folder"
PATTERN = "re:"


class Grouped(Protocol):
    """A sample that may belong to a group."""

    @property
    def name(self) -> str:
        """What errors call it."""
        ...

    @property
    def group(self) -> str:
        """What it shares with others; empty where it stands for itself."""
        ...


G = TypeVar("G", bound=Grouped)


def group_column(key: str | None) -> str | None:
    """``data.group`` where it is the name of a column, which readers must find.

    >>> group_column("patient"), group_column("folder"), group_column("re:page([0-9]+)")
    ('patient', None, None)
    """
    return None if key is None or key == FOLDER or key.startswith(PATTERN) else key


def with_groups(units: Sequence[G], key: str | None) -> Sequence[G]:
    """The same units, with the groups that ``data.group`` finds in their names; a column's are there already.

    >>> from tidegate.data.images.sample import Sample
    >>> [one.group for one in with_groups([Sample("page1/a.png", "x"), Sample("b.png", "x")], "folder")]
    ['page1', '']
    >>> [one.group for one in with_groups([Sample("p1_7.png", "x"), Sample("q.png", "x")], "re:p([0-9]+)_")]
    ['1', '']
    """
    if key is None or group_column(key) is not None:
        return units
    return [cast(G, replace(cast(Any, unit), group=_in_name(unit.name, key))) for unit in units]


def _in_name(name: str, key: str) -> str:
    if key == FOLDER:
        return str(PurePosixPath(name).parent).removeprefix(".")
    found = re.search(key.removeprefix(PATTERN), name)
    return "" if found is None else found[1] or ""


def check_groups(units: Sequence[Grouped], key: str, what: str, where: str, *, first: bool) -> list[Finding]:
    """Refuse data of which no sample has a group, and warn of samples without one.

    Args:
        units: Of one part.
        key: ``data.group``.
        what: They are called.
        where: They are from.
        first: Whether nothing was read before: later parts need no groups of their own.

    Raises:
        ConfigError: None has one.
    """
    without = [unit.name for unit in units if not unit.group]
    if units and len(without) == len(units):
        if not first:
            told = f"none of the {what} says its group, so it is not known whether train has it too"
            return [warning("no-group", told, where)]
        raise ConfigError(
            f"none of the {what} says its group",
            where="data.group",
            expected="a column of the data; folder: the one that holds a file; or re:PATTERN with one ( ) over names",
            got=f"{key}; {where} has {what} such as {without[0]}",
            hint="leave data.group out, or say it by their names: data.group = 're:([^/]+)' takes what stands before "
            "the first /",
        )
    if not without:
        return []
    told = (
        f"{len(without)} of {len(units)} {what} say no group and stand for themselves, such as {without[0]}"
    )
    return [warning("no-group", told, where)]


def groups_of(units: Sequence[Grouped]) -> list[str] | None:
    """The group of each, its own where it has none; None where no two share one."""
    named = [unit.group for unit in units]
    distinct = len(set(named) - {""}) + named.count("")
    if distinct == len(named):
        return None
    # No group of the data is called so: a line end stands in no name.
    return [group or f"\n{number}" for number, group in enumerate(named)]


def choose_groups(
    groups: Sequence[str],
    count: int,
    seed: int,
    *,
    classes: Sequence[str] | None = None,
    in_order: bool = False,
    leave: int = 1,
) -> NDArray[np.bool_]:
    """Choose about so many samples, in whole groups.

    Args:
        groups: Of each sample.
        count: How many to come near to.
        seed: Of the order in which groups are tried.
        classes: Of each sample: prefer groups that bring them in proportion, and leave no class without a sample.
        in_order: Take the last groups of the data instead, by their first sample.
        leave: Groups that must not be chosen, for the parts that are still to be made.

    Returns:
        Whether each sample is chosen ``(N,)``.

    Raises:
        SplitError: There are too few groups.

    >>> chosen = choose_groups([str(n // 4) for n in range(20)], 5, 0, classes=["ebb", "flow"] * 10)
    >>> chosen.reshape(5, 4).sum(axis=1).tolist().count(4), chosen.sum().item()
    (1, 4)
    """
    names = list(dict.fromkeys(groups))
    if len(names) < leave + 1:
        raise too_few_groups(names, leave + 1)
    member = _numbers(groups)
    target = _numbers(classes) if classes is not None else np.zeros(len(groups), np.int64)
    sizes = np.bincount(member)
    every = np.bincount(target)
    chance = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, len(groups)])))
    last = np.arange(len(names))[::-1]
    best: tuple[float, NDArray[np.bool_]] | None = None
    for _ in range(1 if in_order else TRIES):
        order = last if in_order else chance.permutation(len(names))
        chosen = np.zeros(len(names), bool)
        chosen[_nearest(sizes, order[: len(names) - leave], count)] = True
        taken = chosen[member]
        cost = _cost(np.bincount(target[taken], minlength=len(every)), every, count)
        if best is None or cost < best[0]:
            best = cost, taken
    assert best is not None
    return best[1]


def too_few_groups(names: Sequence[str], parts: int) -> SplitError:
    """What to say when there are fewer groups than parts."""
    names = list(dict.fromkeys(names))
    shown = ", ".join(names[:SHOWN])
    return SplitError(
        "too few groups to split by",
        where="data.group",
        expected=f"{parts} or more, one for each part at least",
        got=f"{len(names)}: {shown}",
        hint="name the parts by --train, --valid and --test, or group by something else",
    )


def _numbers(names: Sequence[str]) -> NDArray[np.int64]:
    number = {name: place for place, name in enumerate(dict.fromkeys(names))}
    return np.array([number[name] for name in names], np.int64)


def _nearest(sizes: NDArray[np.int64], order: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """The first groups in this order, so many that their samples come nearest to the count; one at least."""
    totals = np.cumsum(sizes[order])
    return order[: int(np.argmin(np.abs(totals - count))) + 1]


def _cost(chosen: NDArray[np.int64], every: NDArray[np.int64], count: int) -> float:
    wanted = every * count / every.sum()
    robbed = ((chosen == every) & (every > 0)).sum()
    return float(((chosen - wanted) ** 2).sum() + robbed * float(every.sum()) ** 2)


def shared_groups(train: Sequence[Grouped], other: Sequence[Grouped], part: str) -> list[Finding]:
    """A warning if groups of another part are in the training data; otherwise nothing.

    >>> from tidegate.data.images.sample import Sample
    >>> ann = [Sample("a.png", "x", group="ann")]
    >>> print(*shared_groups(ann, ann, "test"))
    1 of 1 groups of test is in train too: ann
    """
    groups = list(dict.fromkeys(unit.group for unit in other if unit.group))
    twice = set(groups) & {unit.group for unit in train}
    if not twice:
        return []
    names = [group for group in groups if group in twice]
    shown = ", ".join(names[:SHOWN]) + (", …" if len(names) > SHOWN else "")
    verb = "is" if len(names) == 1 else "are"
    return [
        warning("group-leak", f"{len(names)} of {len(groups)} groups of {part} {verb} in train too: {shown}")
    ]
