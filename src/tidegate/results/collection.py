"""results.json of several studies: their arms against each other over all data sets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tidegate.results.effects import Estimate
from tidegate.results.record import Record


@dataclass(frozen=True, kw_only=True)
class DatasetsPair(Record):
    """Two arms over all data sets that both have.

    Attributes:
        a: the first arm
        b: the second
        datasets: how many have both
        factor: the error of a divided by that of b, the geometric mean over data sets; with Student's 95 % interval
            over data sets
        wins: data sets on which a is better by more than their margin
        ties: on which neither is
        losses: on which b is
        p: of Wilcoxon's signed-rank test of the factors, corrected over all pairs by Holm
        verdict: of a against b over data sets like these: `better`, `worse` or `undecided`
    """

    a: str
    b: str
    datasets: int
    factor: Estimate
    wins: int
    ties: int
    losses: int
    p: float
    verdict: Literal["better", "worse", "undecided"]


@dataclass(frozen=True, kw_only=True)
class Matrix(Record):
    """Arms over several data sets, pair by pair (the multiple comparison matrix of Ismail-Fawaz and others 2023):
    what it says of a pair does not change when another arm is added, but for the correction.

    Attributes:
        datasets: those that are compared
        arms: those that all of them have, the one with the lowest mean error first
        pairs: all of them
        winner: the arm that is better than every other one; null where there is none
        alpha: of the tests
        smallest_p: that so many data sets can give, before it is corrected
    """

    datasets: tuple[str, ...]
    arms: tuple[str, ...]
    pairs: tuple[DatasetsPair, ...]
    winner: str | None
    alpha: float
    smallest_p: float


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
        matrix: their arms against each other; null with fewer than two data sets or two arms
        notes: which data sets and arms are not compared, and why
    """

    kind: Literal["collection"] = "collection"
    studies: tuple[Member, ...]
    matrix: Matrix | None = None
    notes: tuple[str, ...] = ()
