"""The parts of a study's page that are about its comparison, and about costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from tidegate.report.charts.interval_chart import IntervalRow, interval_chart
from tidegate.report.charts.pareto import front
from tidegate.report.charts.points import Spot, scatter_chart
from tidegate.report.read import RunFiles
from tidegate.report.run_page import Figure
from tidegate.report.study.by_class import class_tables
from tidegate.report.study.by_length import length_chart
from tidegate.report.study.comparison_tables import (
    EFFECTS,
    alone_heads,
    arm_rows,
    cost_rows,
    effect_rows,
    pair_matrix,
    trial_rows,
)
from tidegate.report.study.data_sizes import size_parts
from tidegate.report.study.leaderboard import Leaderboard
from tidegate.report.study.literature_notes import suitability
from tidegate.report.study.methods import methods
from tidegate.report.study.phrases import error_of, margin_sentence
from tidegate.report.study.time_to_target import TIMES, target_told, time_rows
from tidegate.report.tasks.page import TaskPage
from tidegate.report.text.wording import Wording
from tidegate.results.comparison import Comparison
from tidegate.results.samples import Samples
from tidegate.results.study import StudyResults

EQUAL = 1.03
"""Costs that differ by less are the same."""


def comparison_parts(
    study: Path,
    board: Leaderboard,
    results: StudyResults,
    runs: Mapping[str, Sequence[RunFiles]],
    page: TaskPage[Any, Any],
) -> dict[str, Any]:
    """What the template reads of a comparison; all of it is empty for a study without one."""
    figure = board.primary
    comparison = results.comparison
    samples = samples_of(study, results)
    order, matrix = pair_matrix(board, comparison) if comparison else ([], [])
    return {
        "compared": arm_rows(board, comparison) if comparison else [],
        "margin": margin_sentence(comparison, figure) if comparison else "",
        "error": error_of(figure),
        "level": f"{(1 - comparison.alpha) * 100:.4g}" if comparison else "",
        "methods": methods(results, figure),
        "effect_heads": EFFECTS,
        "intervals_chart": _intervals(board, comparison) if comparison else Figure("", Markup("")),
        "matrix_names": order,
        "matrix": matrix,
        "effects": effect_rows(comparison, figure) if comparison else [],
        "costs": cost_rows(board, results),
        "alone_heads": alone_heads(results),
        "speeds": results.speeds,
        "by_length": Figure(
            f"{figure.label} by length",
            length_chart(board, samples, page.words.length),
            tuple((row.name, row.number) for row in board.arms if samples.get(row.name)),
        ),
        "by_class": class_tables(board, runs, page),
        **size_parts(board, results),
        "times": time_rows(results),
        "times_heads": TIMES,
        "times_about": target_told(results, figure),
        "trials": trial_rows(study, figure),
        "suitability": suitability(results.arms, page),
    }


def samples_of(study: Path, results: StudyResults) -> dict[str, list[Samples]]:
    """What the runs that are done have left of every sample, arm by arm."""
    found: dict[str, list[Samples]] = {}
    for arm in results.arms:
        for run in arm.done:
            one = Samples.find(study / run.folder / "samples.json")
            if one is not None:
                found.setdefault(arm.arm, []).append(one)
    return found


def _intervals(board: Leaderboard, comparison: Comparison) -> Figure:
    figure = board.primary
    arms = {arm.arm: arm.mean for arm in comparison.arms}
    sign = 1 if figure.lower_is_better else -1

    def place(value: float | None) -> float | None:
        return None if value is None else figure.plotted(value)

    rows = [
        IntervalRow(
            row.name,
            row.number,
            [figure.plotted(value) for value in row.values],
            figure.plotted(arms[row.name].value),
            place(arms[row.name].low),
            place(arms[row.name].high),
        )
        for row in sorted(
            (row for row in board.arms if row.name in arms), key=lambda row: sign * arms[row.name].value
        )
    ]
    best, margin = arms[comparison.best].value, comparison.margin.size
    band = (figure.plotted(best - margin), figure.plotted(best + margin))
    lines = [(row.name, figure.plotted(row.mean)) for row in board.baselines[:1] if row.mean is not None]
    chart = interval_chart(rows, figure.heading, band, lines, figure.ceiling, from_zero=figure.from_zero)
    return Figure(f"{figure.label} of every seed, with 95 % intervals", chart)


def cost_charts(board: Leaderboard, results: StudyResults, words: Wording) -> list[Figure]:
    """Results against what they cost; a line joins the arms that no other one beats in both."""
    figure = board.primary
    charts: list[tuple[str, str, dict[str, Any]]] = [
        ("training time", "seconds of training", {row.name: row.seconds for row in board.arms}),
        ("size", "parameters", {row.name: row.parameters for row in board.arms}),
    ]
    alone = {arm.arm: arm.costs.latency_p50_ms for arm in results.arms}
    if results.speeds is not None:
        alone |= {speed.arm: speed.milliseconds for speed in results.speeds.arms}
    if any(alone.values()):
        charts.append(("latency", "milliseconds for one sample alone", alone))
    else:
        each = {row.name: 1000 / row.predict_speed for row in board.arms if row.predict_speed}
        charts.append((f"{words.reading.lower()} time", f"milliseconds for one {words.one} of many", each))
    made: list[Figure] = []
    for title, label, paid in charts:
        spots = [
            Spot(
                row.name,
                row.number,
                float(paid[row.name]),
                figure.plotted(row.mean),
                [figure.plotted(v) for v in row.values],
            )
            for row in board.arms
            if row.mean is not None and paid.get(row.name)
        ]
        costs_paid = [spot.cost for spot in spots]
        # Arms that were made equally large have no size to choose by.
        if not spots or (
            title == "size" and len(costs_paid) > 1 and max(costs_paid) < EQUAL * min(costs_paid)
        ):
            continue
        best = front(spots, lower_is_better=figure.lower_is_better)
        chart = scatter_chart(
            spots, label, figure.heading, figure.ceiling, from_zero=figure.from_zero, front=best
        )
        made.append(Figure(f"{figure.label} against {title}; not beaten in both: {', '.join(best)}", chart))
    return made
