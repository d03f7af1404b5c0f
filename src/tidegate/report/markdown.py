"""Results as Markdown: the verdict, and tables for a paper."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tidegate.report.collection_page import HEADS, matrix_rows, winner_told
from tidegate.report.kind import kind_of
from tidegate.report.study.caveats import doubts
from tidegate.report.study.comparison_tables import cost_rows, effect_rows, judged_rows, margin_told
from tidegate.report.study.leaderboard import Leaderboard, leaderboard, read_results
from tidegate.report.study.recommendation import conditions, decide
from tidegate.report.text.metrics import measure
from tidegate.results.collection import CollectionResults
from tidegate.results.comparison import Comparison
from tidegate.results.metrics import RunMetrics
from tidegate.results.study import StudyResults

_JUDGED = (
    "arm",
    "mean",
    "95 % interval",
    "difference",
    "its interval",
    "factor of the error",
    "beats the best",
    "verdict",
)
_COSTS = (
    "arm",
    "parameters",
    "FLOPs",
    "to the best weights",
    "trains/s",
    "predicts/s",
    "p50",
    "p95",
    "memory",
    "model",
)


def markdown(folder: Path) -> str:
    """The results of a run, a study, or several studies.

    Raises:
        DataError: There is no such folder.
        BundleError: It holds no results, or a file in it cannot be read.
    """
    what, name = kind_of(folder), folder.resolve().name
    if what == "run":
        return _run(name, RunMetrics.read(folder / "metrics.json"))
    parts = _collection(folder, name) if what == "collection" else _study(f"# {name}", read_results(folder))
    return "\n\n".join(parts) + "\n"


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table.

    >>> print(table(["a", "b"], [("x|y", "1")]))
    | a | b |
    |---|---|
    | x\\|y | 1 |
    """
    lines = [
        "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in line) + " |"
        for line in (heads, *rows)
    ]
    return "\n".join([lines[0], "|" + "---|" * len(heads), *lines[1:]])


def _run(name: str, metrics: RunMetrics) -> str:
    splits = {"valid": metrics.valid, **({"test": metrics.test} if metrics.test else {})}
    keys = list(next(iter(splits.values()), {}))
    rows = [
        (split, *(measure(key).text(figures.get(key)) for key in keys)) for split, figures in splits.items()
    ]
    return f"# {name}\n\n{table(['split', *(measure(key).label for key in keys)], rows)}\n"


def _study(heading: str, results: StudyResults) -> list[str]:
    board = leaderboard(results)
    figure, comparison = board.primary, results.comparison
    if comparison is None:
        rows = [(row.name, figure.text(row.mean), str(row.n or "")) for row in board.rows]
        return [heading, table(["arm", figure.label, "seeds"], rows), *_notes(results)]
    decision = decide(board, results)
    parts = [heading, _listed(decision.sentences if decision else ())]
    warned = doubts(board, results)
    if warned:
        parts += ["Doubts:", _listed(warned)]
    parts += _notes(results)
    parts.append(
        f"{figure.label} on the {board.split} split; {conditions(results)}. {margin_told(comparison, figure)}"
    )
    parts += [_judged(board, comparison), *_others(board, results, comparison)]
    return [part for part in parts if part]


def _notes(results: StudyResults) -> list[str]:
    return ["Notes:", _listed(results.notes)] if results.notes else []


def _judged(board: Leaderboard, comparison: Comparison) -> str:
    rows = [
        (
            row.name, row.mean, row.interval, row.difference, row.difference_interval, row.factor, row.better,
            f"{row.verdict} ({row.more})" if row.more else row.verdict,
        )
        for row in judged_rows(board, comparison)
    ]  # fmt: skip
    return table(_JUDGED, rows)


def _others(board: Leaderboard, results: StudyResults, comparison: Comparison) -> list[str]:
    figure = board.primary
    baselines = [(row.name, figure.text(row.mean)) for row in board.baselines]
    effects, costs = effect_rows(comparison, figure), cost_rows(board, results)
    return [
        table(["baseline", figure.label], baselines) if baselines else "",
        table(["part", "gain", "95 % interval", "p", "verdict", "pairs"], effects) if effects else "",
        table(_COSTS, costs) if costs else "",
        table(["arm", "network", "settings chosen"], _networks(board, results)),
    ]


def _networks(board: Leaderboard, results: StudyResults) -> list[tuple[str, str, str]]:
    """What to build to have the same: the network, and what tuning chose."""
    chosen = {arm.arm: arm.settings for arm in results.arms}
    return [
        (
            row.name,
            f"`{row.spec}`" if row.spec else "–",
            ", ".join(f"{key} = {value}" for key, value in chosen[row.name].items()) or "as configured",
        )
        for row in board.arms
    ]


def _collection(folder: Path, name: str) -> list[str]:
    results = CollectionResults.read(folder / "results.json")
    parts, matrix = [f"# {name}"], results.matrix
    if matrix is not None:
        parts += [winner_told(matrix), table(HEADS, matrix_rows(matrix))]
    parts.append(_listed(results.notes))
    for one in results.studies:
        parts += _study(f"## {one.name}", read_results(folder / one.folder))
    return [part for part in parts if part]


def _listed(texts: Sequence[str]) -> str:
    return "\n".join(f"- {text}" for text in texts)
