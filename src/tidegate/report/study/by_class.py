"""Where two arms differ: class by class, or label by label, the mean over seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from tidegate.report.read import Json, RunFiles
from tidegate.report.study.leaderboard import Leaderboard
from tidegate.report.text.differences import signed
from tidegate.report.text.metrics import measure

_MOST = 24


@dataclass(frozen=True)
class ClassTable:
    """The best arm against another one: the largest differences first."""

    other: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def class_tables(board: Leaderboard, runs: Mapping[str, Sequence[RunFiles]]) -> list[ClassTable]:
    """A table for each arm but the best; none for a task without classes."""
    figures = {row.name: _of_arm(runs.get(row.name, ())) for row in board.arms}
    named = [name for name in (row.name for row in board.arms) if figures[name][1]]
    if len(named) < 2:
        return []
    best, others = named[0], named[1:]
    return [_table(best, other, figures) for other in others]


def _table(best: str, other: str, figures: Mapping[str, tuple[str, dict[str, float]]]) -> ClassTable:
    what, first = figures[best]
    second = figures[other][1]
    recall = measure("recall" if what == "Recall" else "f1")
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
        ("Class" if what == "Recall" else "Label", f"{what}, {best}", f"{what}, {other}", "Difference"),
        rows,
    )


def _of_arm(runs: Sequence[RunFiles]) -> tuple[str, dict[str, float]]:
    """Recall of each class by the confusion matrices, or F1 of each label."""
    told = [_of_run(files.error_analysis) for files in runs]
    known = [(what, values) for what, values in told if values]
    if not known:
        return "", {}
    names = set.intersection(*(set(values) for _, values in known))
    return known[0][0], {name: fmean(values[name] for _, values in known) for name in names}


def _of_run(error_analysis: Json) -> tuple[str, dict[str, float]]:
    if error_analysis.get("labels"):
        return "F1", {str(one["label"]): float(one["f1"]) for one in error_analysis["labels"]}
    matrix, classes = error_analysis.get("matrix") or (), error_analysis.get("classes") or ()
    return "Recall", {
        str(name): row[place] / sum(row)
        for place, (name, row) in enumerate(zip(classes, matrix, strict=True))
        if sum(row)
    }
