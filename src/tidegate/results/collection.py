"""results.json of several studies: the ranks of their arms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from tidegate.results.record import Record


@dataclass(frozen=True)
class Friedman(Record):
    """Friedman's test over all data sets.

    Attributes:
        statistic: chi-square
        p: that ranks differ so much by chance
    """

    statistic: float
    p: float


@dataclass(frozen=True, kw_only=True)
class Ranks(Record):
    """Arms over several data sets (Demšar 2006).

    Attributes:
        datasets: those that are ranked
        arms: those that all of them have
        table: of each data set each arm's rank; 1 is the best, ties share
        mean_rank: of each arm
        friedman: `statistic` (chi-square) and `p` of Friedman's test; of three arms or more
        nemenyi: p of each pair of arms; of three arms or more
        critical_difference: mean ranks nearer than this are not apart; of three arms or more
        groups: arms that are not apart
        alpha: of the tests
    """

    datasets: tuple[str, ...]
    arms: tuple[str, ...]
    table: Mapping[str, Mapping[str, float]]
    mean_rank: Mapping[str, float]
    friedman: Friedman | None = None
    nemenyi: Mapping[str, Mapping[str, float]] | None = None
    critical_difference: float | None = None
    groups: tuple[tuple[str, ...], ...] = ()
    alpha: float


@dataclass(frozen=True)
class Member(Record):
    """One study.

    Attributes:
        name: of its data set
        folder: within the collection's
        task: name of the task
    """

    name: str
    folder: str
    task: str


@dataclass(frozen=True, kw_only=True)
class CollectionResults(Record):
    """Several studies.

    Attributes:
        kind: `collection`
        studies: `name`, `folder` and `task` of those that have results
        ranks: over all of them; null with fewer than two data sets or two arms
        notes: which data sets and arms are not ranked, and why
    """

    kind: Literal["collection"] = "collection"
    studies: tuple[Member, ...]
    ranks: Ranks | None = None
    notes: tuple[str, ...] = ()
