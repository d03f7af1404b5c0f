"""The samples that all arms together find hardest, with what each of them answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from tidegate.report.read import Json, RunFiles
from tidegate.report.samples import Shown
from tidegate.report.study.leaderboard import Leaderboard, Row
from tidegate.report.tasks.page import TaskPage
from tidegate.report.text.metrics import measure

_MOST = 8
Answers = list[tuple[Row, Json, Shown]]


def hardest(
    board: Leaderboard,
    runs: Mapping[str, Sequence[RunFiles]],
    samples: Mapping[str, Sequence[Json]],
    page: TaskPage,
) -> list[tuple[str, Answers]]:
    """Up to eight samples, the worst first: their names, and each arm's answer in its first seed.

    Only samples that some arm's error analysis pictures can be shown: the worst ones of each, and those that it shows
    anyway.
    """
    told = {row.name: samples[row.name][0] for row in board.arms if samples.get(row.name)}
    told = {name: one for name, one in told.items() if one.get("names") and one.get("answers")}
    if len(told) < 2:
        return []
    pictured = _pictured(board, runs)
    names = next(iter(told.values()))["names"]
    arms = [row for row in board.arms if row.name in told and told[row.name]["names"] == names]
    error = np.mean([_errors(told[row.name]) for row in arms], axis=0)
    order = [i for i in np.argsort(-error, kind="stable").tolist() if error[i] > 0 and names[i] in pictured]
    first = next((each[0].error_analysis for each in runs.values() if each and each[0].error_analysis), {})
    found: list[tuple[str, Answers]] = []
    for place in order[:_MOST]:
        source = pictured[names[place]]
        items = [page.answered(source, told[row.name], place) for row in arms]
        shown = page.shown(items, first)
        found.append((names[place], list(zip(arms, items, shown, strict=True))))
    return found


def _pictured(board: Leaderboard, runs: Mapping[str, Sequence[RunFiles]]) -> dict[str, Json]:
    """Entries of the first seeds' error analysis by the name of their sample."""
    found: dict[str, Json] = {}
    for row in board.arms:
        for files in runs.get(row.name, ())[:1]:
            for item in (
                *(files.error_analysis.get("worst") or ()),
                *(files.error_analysis.get("samples") or ()),
            ):
                found.setdefault(str(item.get("name")), item)
    return found


def _errors(one: Json) -> NDArray[np.float64]:
    """How wrong each sample is, more is worse; a sample with nothing to count is not."""
    numerator, denominator = np.array(one["numerator"], float), np.array(one["denominator"], float)
    ratio = numerator / np.where(denominator == 0, 1, denominator)
    return ratio if measure(str(one["metric"])).lower_is_better else np.where(denominator == 0, 0, 1 - ratio)
