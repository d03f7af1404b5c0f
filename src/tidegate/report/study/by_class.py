"""Where two arms differ: class by class, or label by label, the mean over seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from tidegate.report.read import RunFiles
from tidegate.report.study.leaderboard import Leaderboard
from tidegate.report.tasks.page import TaskPage
from tidegate.report.text.differences import signed
from tidegate.report.text.metrics import measure

_MOST = 24


@dataclass(frozen=True)
class ClassTable:
    """The best arm against another one: the largest differences first."""

    other: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def class_tables(
    board: Leaderboard, runs: Mapping[str, Sequence[RunFiles]], page: TaskPage[Any, Any]
) -> list[ClassTable]:
    """A table for each arm but the best; none for a task without classes."""
    figures = {row.name: _of_arm(runs.get(row.name, ()), page) for row in board.arms}
    named = [name for name in (row.name for row in board.arms) if figures[name][1]]
    if len(named) < 2:
        return []
    best, others = named[0], named[1:]
    return [_table(best, other, figures, page.class_name) for other in others]


def _table(
    best: str, other: str, figures: Mapping[str, tuple[str, Mapping[str, float]]], class_name: str
) -> ClassTable:
    key, first = figures[best]
    second = figures[other][1]
    recall = measure(key)
    common = sorted(set(first) & set(second), key=lambda name: (-abs(second[name] - first[name]), name))
    rows = tuple(
        (
            name,
            recall.text(first[name]),
            recall.text(second[name]),
            signed(recall, second[name] - first[name]),
        )
        for name in common[:_MOST]
    )
    return ClassTable(
        other,
        (class_name, f"{recall.label}, {best}", f"{recall.label}, {other}", "Difference"),
        rows,
    )


def _of_arm(runs: Sequence[RunFiles], page: TaskPage[Any, Any]) -> tuple[str, Mapping[str, float]]:
    """A metric, and its mean over the runs for each class that all of them have."""
    told = [page.class_metric(analysis) for analysis in page.analyses(runs)]
    known = [(what, values) for what, values in told if values]
    if not known:
        return "", {}
    names = set.intersection(*(set(values) for _, values in known))
    return known[0][0], {name: fmean(values[name] for _, values in known) for name in names}
