"""What limits a study: cheap baselines, few seeds, a search that ended at its edge, budgets that were too short."""

from __future__ import annotations

from collections.abc import Iterable

from tidegate.report.study.leaderboard import Leaderboard
from tidegate.report.text.differences import gap, joined
from tidegate.results.comparison import Comparison
from tidegate.results.study import StudyResults
from tidegate.results.tuning import Tuning


def caveats(board: Leaderboard, results: StudyResults, tuning: Tuning | None = None) -> list[str]:
    """Warnings, from the figures alone; the most serious first.

    Args:
        board: Arms and baselines.
        results: Of the study.
        tuning: What its trials tried, where it had any.
    """
    comparison = results.comparison
    found = [
        *(_of_comparison(board, comparison) if comparison else ()),
        *(_search(tuning) if tuning else ()),
        _improving(results),
        _speeds(results),
        _failed(results),
        _missing(results, comparison) if comparison else "",
    ]
    return [text for text in found if text]


def _of_comparison(board: Leaderboard, comparison: Comparison) -> Iterable[str]:
    yield _baselines(comparison)
    yield _seeds(comparison)
    yield _sampling(board, comparison)


def _baselines(comparison: Comparison) -> str:
    """Arms that are not shown to beat what knows no network."""
    rows = comparison.baselines
    if not rows or comparison.status == "first look":
        return ""
    cheap = f"the baseline “{rows[0].baseline}”, which knows no network"
    worse = [row.arm for row in rows if row.verdict == "does not beat"]
    unknown = [row.arm for row in rows if row.verdict == "cannot tell"]
    if len(worse) == len(rows):
        return f"{cheap[0].upper()}{cheap[1:]}, beats every arm: the best use of these data may be none of these."
    parts = [f"{joined(worse)} {'is' if len(worse) == 1 else 'are'} beaten by {cheap}" if worse else ""]
    parts.append(
        f"{joined(unknown)} {'is' if len(unknown) == 1 else 'are'} not shown to beat {cheap}"
        if unknown
        else ""
    )
    told = "; ".join(part for part in parts if part)
    return f"{told}." if told else ""


def _seeds(comparison: Comparison) -> str:
    if comparison.status == "exploratory":
        return (
            "Seeds were added outside the planned looks (3, 5, 10, 20), so the verdict is exploratory: who looks often "
            "enough finds a difference where there is none."
        )
    if len(comparison.seeds) < 2:
        return "One seed: chance alone can turn any order here round. Plan five or more (--seeds 5)."
    return ""


def _search(tuning: Tuning) -> Iterable[str]:
    edges = [
        f"{arm} ({edge.key} = {edge.value:g}, the {'smallest' if edge.side == 'low' else 'largest'} tried)"
        for arm, trials in tuning.arms.items()
        for edge in trials.edges
    ]
    if edges:
        yield f"The search ended at its edge, so that a better setting may lie beyond: {joined(edges)}."
    ties = [(arm, trials.tied) for arm, trials in tuning.arms.items() if trials.tied is not None]
    if ties:
        names = joined([f"{arm} ({tie.trials} of {tie.among} trials)" for arm, tie in ties])
        units = next((tie.units for _, tie in ties if tie.units), None)
        size = f", which has {units:,} samples" if units else ""
        yield f"Trials tie on the validation part{size}, so that the loss chose among them: {names}."
    short = [arm for arm, trials in tuning.arms.items() if trials.improving]
    if short:
        yield f"Chosen trials still improved when their budget ended: {joined(short)}. The search favours fast learners."


def _improving(results: StudyResults) -> str:
    names = [arm.arm for arm in results.arms if 2 * sum(run.improving for run in arm.done) > len(arm.done)]
    if not names:
        return ""
    return f"Still improving when the budget ended: {joined(names)}. A longer budget may change the order."


def _speeds(results: StudyResults) -> str:
    """That speeds say little, where somebody might act upon them."""
    speeds, comparison = results.speeds, results.comparison
    if speeds is None or comparison is None or speeds.quiet or len(comparison.good_enough) < 2:
        return ""
    busy = "" if speeds.load is None else f": other work took {speeds.load * 100:.0f}\u202f% of the cores"
    return f"Speed was not measured quietly{busy}, so no arm is named for being fast. Start it again to measure anew."


def _sampling(board: Leaderboard, comparison: Comparison) -> str:
    drawn = comparison.sampling
    if drawn is None:
        return ""
    units = f"{drawn.unit}s" if drawn.unit else "samples"
    if drawn.about_these_test_data:
        return f"The test part has {drawn.units} {units}: too few to speak of others than these."
    first, second = drawn.between
    if (
        comparison.half_width is None
        or drawn.half_width < 0.7 * comparison.half_width
        or len(comparison.may_be_best) < 2
    ):
        return ""
    return (
        f"The test part ({drawn.units:,} {units}) is what limits this study: with another draw of as many the difference "
        f"of {first} and {second} would move by ± {gap(board.primary, drawn.half_width)}. More seeds help little."
    )


def _failed(results: StudyResults) -> str:
    parts: list[str] = []
    for arm in results.arms:
        ended = [run.status for run in arm.runs if run.status in ("failed", "interrupted")]
        for kind in dict.fromkeys(ended):
            parts.append(f"{ended.count(kind)} of {len(arm.runs)} runs of {arm.arm} {kind}")
    if not parts:
        return ""
    return f"Not every run came to its end: {joined(parts)}. What failed counts in no mean, which flatters its arm."


def _missing(results: StudyResults, comparison: Comparison) -> str:
    compared = {row.arm for row in comparison.arms}
    lacking = [arm.arm for arm in results.arms if arm.arm not in compared]
    return (
        f"Not compared, since most of their runs are missing or failed: {joined(lacking)}." if lacking else ""
    )
