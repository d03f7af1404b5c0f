"""What a reader of a study should doubt: too few seeds, too small a test part, budgets that were too short."""

from __future__ import annotations

from tidegate.report.study.comparison_tables import seeds_told
from tidegate.report.study.leaderboard import Leaderboard
from tidegate.report.text.differences import joined
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
            _sampling(comparison) if comparison else "",
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
    if comparison.status == "exploratory":
        return "Looked at outside the planned numbers of seeds: read the verdicts as guesses."
    if comparison.status == "first look":
        count = len(comparison.seeds)
        seeds = f"{count} seed{'' if count == 1 else 's'}"
        return f"A first look: {seeds} decide nothing. Run five (--add-seeds {FEW_SEEDS - count})."
    if comparison.too_noisy:
        needed = seeds_told(comparison.seeds_needed)
        return f"Too noisy to call anything equal{f'; {needed} would do' if needed else ''}."
    return ""


def _improving(results: StudyResults) -> str:
    names = [arm.arm for arm in results.arms if 2 * sum(run.improving for run in arm.done) > len(arm.done)]
    if not names:
        return ""
    return f"Still improving when the budget ended: {joined(names)}. A longer budget may change the order."


def _sampling(comparison: Comparison) -> str:
    drawn = comparison.sampling
    if drawn is None or not drawn.about_these_test_data:
        return ""
    return f"The test part has {drawn.units} units that vary on their own: what is said is about these test data."


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
    compared = {row.arm for row in comparison.arms}
    lacking = [arm.arm for arm in results.arms if arm.arm not in compared]
    return (
        f"Not compared, since most of their runs are missing or failed: {joined(lacking)}." if lacking else ""
    )
