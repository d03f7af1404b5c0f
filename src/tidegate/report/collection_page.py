"""The report of several data sets: ranks over all, and each study's verdict."""

from __future__ import annotations

from pathlib import Path

from tidegate.report.charts.critical_difference import critical_difference_chart
from tidegate.report.kind import expect
from tidegate.report.page import write_page
from tidegate.report.study.caveats import doubts
from tidegate.report.study.leaderboard import leaderboard, read_results
from tidegate.report.study.recommendation import decide
from tidegate.report.text.differences import chance
from tidegate.results.collection import CollectionResults, Member, Ranks


def write_collection_report(folder: Path) -> Path:
    """Write ``report.html`` into the folder of several studies, from their results.

    Raises:
        DataError: There is no such folder.
        BundleError: It is no such folder, or a file in it cannot be read.
        OutputError: The report cannot be written.
    """
    expect(folder, "collection")
    results = CollectionResults.find(folder / "results.json") or CollectionResults(studies=())
    ranks = results.ranks
    return write_page(
        folder / "report.html",
        "collection.html",
        name=folder.resolve().name,
        studies=[_study(folder, one) for one in results.studies],
        notes=results.notes,
        heads=["Arm", *ranks.datasets, "Mean rank"] if ranks else [],
        ranks=rank_rows(ranks) if ranks else [],
        chart=critical_difference_chart(ranks) if ranks else "",
        friedman=friedman_told(ranks) if ranks else "",
    )


def rank_rows(ranks: Ranks) -> list[tuple[str, ...]]:
    """Each arm's rank on every data set and its mean, the best first."""
    order = sorted(ranks.arms, key=lambda arm: ranks.mean_rank[arm])
    return [
        (
            arm,
            *(f"{ranks.table[data][arm]:g}" for data in ranks.datasets),
            f"{ranks.mean_rank[arm]:.2f}",
        )
        for arm in order
    ]


def friedman_told(ranks: Ranks) -> str:
    """What the tests over all data sets say, in a sentence or two; nothing where there were too few arms."""
    told = ranks.friedman
    if told is None:
        return ""
    p = chance(told.p)
    p = f"p {p}" if p.startswith("<") else f"p = {p}"
    apart = "some arms rank apart" if told.p < ranks.alpha else "no arm is shown to rank apart"
    return (
        f"Friedman’s test over {len(ranks.datasets)} data sets: χ² = {told.statistic:.2f}, {p}: "
        f"{apart}. Mean ranks nearer than Nemenyi’s critical difference, {ranks.critical_difference:.2f}, "
        "are not apart (Demšar 2006)."
    )


def _study(folder: Path, one: Member) -> dict[str, object]:
    results = read_results(folder / one.folder)
    board = leaderboard(results)
    decision = decide(board, results)
    return {
        "name": one.name,
        "task": one.task,
        "link": f"{one.folder}/report.html",
        "sentences": decision.sentences if decision else ("No comparison yet.",),
        "doubts": doubts(board, results),
    }
