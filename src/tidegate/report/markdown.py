"""Results as Markdown: the verdict, and tables for a paper."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tidegate.report.collection_page import friedman_told, rank_rows
from tidegate.report.kind import kind_of
from tidegate.report.read import Json, read_json
from tidegate.report.study.caveats import doubts
from tidegate.report.study.comparison_tables import cost_rows, effect_rows, judged_rows, margin_told
from tidegate.report.study.leaderboard import Leaderboard, leaderboard
from tidegate.report.study.recommendation import conditions, decide
from tidegate.report.text.metrics import measure

_JUDGED = (
    "arm",
    "mean",
    "95 % interval",
    "difference",
    "its interval",
    "p",
    "effect",
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
        return _run(name, read_json(folder / "metrics.json"))
    results = read_json(folder / "results.json")
    parts = _collection(folder, name, results) if what == "collection" else _study(f"# {name}", results)
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


def _run(name: str, metrics: Json) -> str:
    splits = {split: figures for split in ("valid", "test") if (figures := metrics.get(split))}
    keys = list(next(iter(splits.values()), {}))
    rows = [
        (split, *(measure(key).text(figures.get(key)) for key in keys)) for split, figures in splits.items()
    ]
    return f"# {name}\n\n{table(['split', *(measure(key).label for key in keys)], rows)}\n"


def _study(heading: str, results: Json) -> list[str]:
    board = leaderboard(results)
    figure, comparison = board.primary, results.get("comparison")
    if not comparison:
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


def _notes(results: Json) -> list[str]:
    notes = [str(note) for note in results.get("notes") or ()]
    return ["Notes:", _listed(notes)] if notes else []


def _judged(board: Leaderboard, comparison: Json) -> str:
    rows = [
        (
            row.name, row.mean, row.interval, row.difference, row.difference_interval, row.p, row.effect, row.better,
            f"{row.verdict} ({row.more})" if row.more else row.verdict,
        )
        for row in judged_rows(board, comparison)
    ]  # fmt: skip
    return table(_JUDGED, rows)


def _others(board: Leaderboard, results: Json, comparison: Json) -> list[str]:
    figure = board.primary
    baselines = [(row.name, figure.text(row.mean)) for row in board.baselines]
    effects, costs = effect_rows(comparison, figure), cost_rows(board, results)
    return [
        table(["baseline", figure.label], baselines) if baselines else "",
        table(["part", "gain", "95 % interval", "p", "verdict", "pairs"], effects) if effects else "",
        table(_COSTS, costs) if costs else "",
        table(["arm", "network", "settings chosen"], _networks(board, results)),
    ]


def _networks(board: Leaderboard, results: Json) -> list[tuple[str, str, str]]:
    """What to build to have the same: the network, and what tuning chose."""
    chosen: dict[str, Json] = {
        str(arm["arm"]): arm.get("settings") or {} for arm in results.get("arms") or ()
    }
    return [
        (
            row.name,
            f"`{row.spec}`" if row.spec else "–",
            ", ".join(f"{key} = {value}" for key, value in chosen.get(row.name, {}).items())
            or "as configured",
        )
        for row in board.arms
    ]


def _collection(folder: Path, name: str, results: Json) -> list[str]:
    parts, ranks = [f"# {name}"], results.get("ranks")
    if ranks:
        parts += [table(["arm", *ranks["datasets"], "mean rank"], rank_rows(ranks)), friedman_told(ranks)]
    parts.append(_listed(results.get("notes") or ()))
    for one in results.get("studies") or ():
        study = read_json(folder / str(one["folder"]) / "results.json")
        parts += _study(f"## {one['name']}", study)
    return [part for part in parts if part]


def _listed(texts: Sequence[str]) -> str:
    return "\n".join(f"- {text}" for text in texts)
