"""What a reader of a study should doubt: too few seeds, too small a test part, budgets that were too short."""

from __future__ import annotations

from tidegate.report.read import Json
from tidegate.report.study.leaderboard import Leaderboard
from tidegate.report.text.differences import gap, joined

FEW_SEEDS = 5


def doubts(board: Leaderboard, results: Json) -> list[str]:
    """Warnings, from the figures alone; the most serious first.

    Args:
        board: Arms and baselines.
        results: The content of results.json.
    """
    comparison = results.get("comparison") or {}
    return [
        text
        for text in (
            _baselines(board),
            _seeds(comparison),
            _improving(results),
            _sampling(board, comparison),
            _failed(results),
            _missing(results, comparison),
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


def _seeds(comparison: Json) -> str:
    count = len(comparison.get("seeds") or ())
    if not comparison or count >= FEW_SEEDS:
        return ""
    if count < 2:
        return "One seed: chance alone can turn any order here round. Run five or more (--add-seeds 4)."
    if count == 2:
        return "Two seeds decide nothing, and give no interval. Run five or more (--add-seeds 3)."
    return (
        f"{count} seeds are few: sign flips cannot give a p below {comparison['smallest_p']:.2g} before it is corrected. "
        f"Add {FEW_SEEDS - count} or more."
    )


def _improving(results: Json) -> str:
    names: list[str] = []
    for arm in results.get("arms") or ():
        done = [run for run in arm.get("runs") or () if run.get("status") == "done"]
        if done and 2 * sum(bool(run.get("improving")) for run in done) > len(done):
            names.append(str(arm["arm"]))
    if not names:
        return ""
    return f"Still improving when the budget ended: {joined(names)}. A longer budget may change the order."


def _sampling(board: Leaderboard, comparison: Json) -> str:
    told = comparison.get("sampling")
    if not told or not told["too_small"]:
        return ""
    first, second = told["between"]
    return (
        f"The test part ({told['samples']:,} samples) is too small to tell {first} from {second}: with another draw of "
        f"as many their difference would move by ± {gap(board.primary, told['half_width'])}. More seeds cannot help."
    )


def _failed(results: Json) -> str:
    told: list[str] = []
    for arm in results.get("arms") or ():
        runs = arm.get("runs") or ()
        ended = [str(run.get("status")) for run in runs if run.get("status") in ("failed", "interrupted")]
        for kind in dict.fromkeys(ended):
            told.append(f"{ended.count(kind)} of {len(runs)} runs of {arm['arm']} {kind}")
    if not told:
        return ""
    return f"Not every run was brought to its end: {joined(told)}. What failed counts in no mean, which flatters its arm."


def _missing(results: Json, comparison: Json) -> str:
    if not comparison:
        return ""
    seeds = set(comparison.get("seeds") or ())
    compared = {row["arm"] for row in comparison["arms"]}
    lacking = [str(arm["arm"]) for arm in results.get("arms") or () if arm["arm"] not in compared]
    if lacking:
        return f"Not compared, since most of their runs are missing or failed: {joined(lacking)}."
    short: list[str] = []
    for arm in results.get("arms") or ():
        runs = arm.get("runs") or ()
        left_out = sum(run.get("status") == "done" and run.get("seed") not in seeds for run in runs)
        if left_out:
            short.append(str(arm["arm"]))
    return (
        f"Only seeds that every arm has are compared; further runs of {joined(short)} are not."
        if short
        else ""
    )
