"""The report of several data sets: arms against each other over all, and each study's verdict."""

from __future__ import annotations

from pathlib import Path

from tidegate.report.kind import expect
from tidegate.report.page import write_page
from tidegate.report.study.summary import summarise
from tidegate.report.text.differences import chance
from tidegate.results.collection import CollectionResults, Matrix, Member

HEADS = ("Pair", "Error, factor", "95 % interval", "Won / tied / lost", "p", "Verdict")


def write_collection_report(folder: Path) -> Path:
    """Write ``report.html`` into the folder of several studies, from their results.

    Raises:
        DataError: There is no such folder.
        BundleError: It is no such folder, or a file in it cannot be read.
        OutputError: The report cannot be written.
    """
    expect(folder, "collection")
    results = CollectionResults.find(folder / "results.json") or CollectionResults(studies=())
    matrix = results.matrix
    return write_page(
        folder / "report.html",
        "collection.html",
        name=folder.resolve().name,
        studies=[_study(folder, one) for one in results.studies],
        notes=results.notes,
        heads=HEADS,
        matrix=matrix_rows(matrix) if matrix else [],
        winner=winner_told(matrix) if matrix else "",
    )


def matrix_rows(matrix: Matrix) -> list[tuple[str, ...]]:
    """Every pair of arms over all data sets."""
    return [
        (
            f"{pair.a} against {pair.b}",
            f"{pair.factor.value:.2f}",
            f"{pair.factor.low:.2f} to {pair.factor.high:.2f}",
            f"{pair.wins} / {pair.ties} / {pair.losses}",
            chance(pair.p),
            pair.verdict,
        )
        for pair in matrix.pairs
    ]


def winner_told(matrix: Matrix) -> str:
    """What all data sets together say, in a sentence or two."""
    count = len(matrix.datasets)
    if matrix.winner:
        return f"{matrix.winner} is better than every other arm over {count} data sets."
    few = (
        f" So few data sets cannot give a p below {matrix.smallest_p:.2g}."
        if matrix.smallest_p >= matrix.alpha
        else ""
    )
    return f"No winner: no arm is shown to be better than every other one over {count} data sets.{few}"


def _study(folder: Path, member: Member) -> dict[str, object]:
    summary = summarise(folder / member.folder)
    return {
        "name": member.name,
        "task": member.task,
        "link": f"{member.folder}/report.html",
        "sentences": summary.sentences,
        "caveats": summary.caveats,
    }
