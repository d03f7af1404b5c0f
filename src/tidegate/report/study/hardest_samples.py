"""The samples that all arms together find hardest, with what each of them answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tidegate.report.read import RunFiles
from tidegate.report.samples import Shown
from tidegate.report.study.leaderboard import Leaderboard, Row
from tidegate.report.tasks.page import TaskPage
from tidegate.report.text.metrics import measure
from tidegate.results.samples import Samples

_MOST = 8
Answers = list[tuple[Row, Any, Shown]]
"""Of each arm the sample as it answered it, and the same ready for the page."""


def hardest(
    board: Leaderboard,
    runs: Mapping[str, Sequence[RunFiles]],
    samples: Mapping[str, Sequence[Samples]],
    page: TaskPage[Any, Any],
) -> list[tuple[str, Answers]]:
    """Up to eight samples, the worst first: their names, and each arm's answer in its first seed.

    Only samples that some arm's error analysis pictures can be shown: the worst ones of each, and those that it shows
    anyway.
    """
    told = {row.name: samples[row.name][0] for row in board.arms if samples.get(row.name)}
    told = {name: one for name, one in told.items() if one.names and one.answers}
    analyses = [one for row in board.arms for one in page.analyses(runs.get(row.name, ())[:1])]
    if len(told) < 2 or not analyses:
        return []
    pictured: dict[str, Any] = {}
    for analysis in analyses:
        for name, sample in [*page.worst(analysis).items(), *page.samples(analysis).items()]:
            pictured.setdefault(name, sample)
    names = next(iter(told.values())).names
    arms = [row for row in board.arms if row.name in told and told[row.name].names == names]
    error = np.mean([_errors(told[row.name]) for row in arms], axis=0)
    order = [i for i in np.argsort(-error, kind="stable").tolist() if error[i] > 0 and names[i] in pictured]
    found: list[tuple[str, Answers]] = []
    for place in order[:_MOST]:
        items = [page.answered(pictured[names[place]], told[row.name], place) for row in arms]
        shown = page.shown(items, analyses[0])
        found.append((names[place], list(zip(arms, items, shown, strict=True))))
    return found


def _errors(one: Samples) -> NDArray[np.float64]:
    """How wrong each sample is, more is worse; a sample with nothing to count is not."""
    numerator, denominator = np.array(one.numerator), np.array(one.denominator)
    ratio = numerator / np.where(denominator == 0, 1, denominator)
    return ratio if measure(one.metric).lower_is_better else np.where(denominator == 0, 0, 1 - ratio)
