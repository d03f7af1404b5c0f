"""What a reader of a study should doubt: too few seeds, too small a test part, budgets that were too short."""

from __future__ import annotations

from tidegate.report.study.leaderboard import Leaderboard
from tidegate.report.text.differences import gap, joined
from tidegate.results.comparison import Comparison
from tidegate.results.study import StudyResults

FEW_SEEDS = 5


def doubts(board: Leaderboard, results: StudyResults) -> list[str]:
    """Warnings, from the figures alone; the most serious first.

    Args:
        board: Arms and baselines.
        results: Of the study.
    """
    comparison = results.comparison
    return [
        text
        for text in (
            _baselines(board),
            _seeds(comparison) if comparison else "",
            _improving(results),
            _sampling(board, comparison) if comparison else "",
            _failed(results),
            _missing(results, comparison) if comparison else "",
        )
        if text
    ]


def _baselines(board: Leaderboard) -> str:
    worse = [row.name for row in board.arms if row.beats_baselines is False]
    measured = [row for row in board.arms if row.mean is not None]
    if not worse or not board.baselines:
        return ""
    cheap = f"the baseline “{board.baselines[0].name}”, which knows no network"
    if len(worse) == len(measured):
        return f"No network beats {cheap}: the best use of these data may be none of these."
    return f"Not better than {cheap}: {joined(worse)}."


def _seeds(comparison: Comparison) -> str:
    count = len(comparison.seeds)
    if count >= FEW_SEEDS:
        return ""
    if count < 2:
        return "One seed: chance alone can turn any order here round. Run five or more (--add-seeds 4)."
    if count == 2:
        return "Two seeds decide nothing, and give no interval. Run five or more (--add-seeds 3)."
    return (
        f"{count} seeds are few: sign flips cannot give a p below {comparison.smallest_p:.2g} before it is corrected. "
        f"Add {FEW_SEEDS - count} or more."
    )


def _improving(results: StudyResults) -> str:
    names = [arm.arm for arm in results.arms if 2 * sum(run.improving for run in arm.done) > len(arm.done)]
    if not names:
        return ""
    return f"Still improving when the budget ended: {joined(names)}. A longer budget may change the order."


def _sampling(board: Leaderboard, comparison: Comparison) -> str:
    told = comparison.sampling
    if told is None or not told.too_small:
        return ""
    first, second = told.between
    return (
        f"The test part ({told.samples:,} samples) is too small to tell {first} from {second}: with another draw of "
        f"as many their difference would move by ± {gap(board.primary, told.half_width)}. More seeds cannot help."
    )


def _failed(results: StudyResults) -> str:
    told: list[str] = []
    for arm in results.arms:
        ended = [run.status for run in arm.runs if run.status in ("failed", "interrupted")]
        for kind in dict.fromkeys(ended):
            told.append(f"{ended.count(kind)} of {len(arm.runs)} runs of {arm.arm} {kind}")
    if not told:
        return ""
    return f"Not every run was brought to its end: {joined(told)}. What failed counts in no mean, which flatters its arm."


def _missing(results: StudyResults, comparison: Comparison) -> str:
    seeds, compared = set(comparison.seeds), {row.arm for row in comparison.arms}
    lacking = [arm.arm for arm in results.arms if arm.arm not in compared]
    if lacking:
        return f"Not compared, since most of their runs are missing or failed: {joined(lacking)}."
    short = [arm.arm for arm in results.arms if any(run.seed not in seeds for run in arm.done)]
    return (
        f"Only seeds that every arm has are compared; further runs of {joined(short)} are not."
        if short
        else ""
    )
