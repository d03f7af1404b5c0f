"""Results as Markdown: the verdict, and tables for a paper."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tidegate.report.collection_page import HEADS, matrix_rows, winner_told
from tidegate.report.kind import kind_of
from tidegate.report.study.comparison_tables import EFFECTS, alone_heads, arm_rows, cost_rows, effect_rows
from tidegate.report.study.data_sizes import every_size, size_heads, size_rows
from tidegate.report.study.leaderboard import Leaderboard
from tidegate.report.study.methods import methods
from tidegate.report.study.phrases import margin_sentence
from tidegate.report.study.recommendation import conditions
from tidegate.report.study.summary import summarise
from tidegate.report.study.time_to_target import TIMES, time_rows
from tidegate.report.text.metrics import measure
from tidegate.results.collection import CollectionResults
from tidegate.results.comparison import Comparison
from tidegate.results.metrics import RunMetrics
from tidegate.results.study import StudyResults

_ARMS = (
    "arm",
    "mean",
    "95 % interval",
    "error against the best",
    "its interval",
    "points",
    "their interval",
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
    parts = _collection(folder, name) if what == "collection" else _study(f"# {name}", folder)
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


def _study(heading: str, study: Path) -> list[str]:
    summary = summarise(study)
    board, results = summary.board, summary.results
    figure, comparison = board.primary, results.comparison
    parts = [heading, _listed(summary.sentences)]
    parts += ["Caveats:", _listed(summary.caveats)] if summary.caveats else []
    if comparison is None:
        rows = [(row.name, figure.text(row.mean), str(row.n or "")) for row in board.rows]
        return [*parts, table(["arm", figure.label, "seeds"], rows), *_notes(results)]
    parts += _notes(results)
    parts.append(
        f"{figure.label} on the {board.split} split; {conditions(results)}. {margin_sentence(comparison, figure)}"
    )
    parts += [_compared(board, comparison), *_others(board, results, comparison)]
    parts.append(methods(results, figure))
    return [part for part in parts if part]


def _notes(results: StudyResults) -> list[str]:
    return ["Notes:", _listed(results.notes)] if results.notes else []


def _compared(board: Leaderboard, comparison: Comparison) -> str:
    rows = [
        (
            row.name, row.mean, row.interval, row.factor, row.factor_interval, row.points, row.points_interval,
            row.better, row.verdict,
        )
        for row in arm_rows(board, comparison)
    ]  # fmt: skip
    return table(_ARMS, rows)


def _others(board: Leaderboard, results: StudyResults, comparison: Comparison) -> list[str]:
    figure = board.primary
    baselines = [(row.name, figure.text(row.mean)) for row in board.baselines]
    effects, costs = effect_rows(comparison, figure), cost_rows(board, results)
    return [
        table(["baseline", figure.label], baselines) if baselines else "",
        table(EFFECTS, effects) if effects else "",
        table(TIMES, time_rows(results)) if results.times else "",
        table(size_heads(every_size(results)), size_rows(board, results)) if results.sizes else "",
        table([*_COSTS[:-2], *alone_heads(results), *_COSTS[-2:]], costs) if costs else "",
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
        parts += _study(f"## {one.name}", folder / one.folder)
    return [part for part in parts if part]


def _listed(texts: Sequence[str]) -> str:
    return "\n".join(f"- {text}" for text in texts)
