"""How good arms are by how much they learn from: chart, table and one sentence."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from tidegate.report.charts.curves import Curve, curves_chart
from tidegate.report.run_page import Figure
from tidegate.report.study.leaderboard import Leaderboard, leaderboard
from tidegate.report.text.differences import joined
from tidegate.report.text.metrics import Measure
from tidegate.results.comparison import ArmComparison
from tidegate.results.study import SizeResults, StudyResults

_DASH = "–"


def size_parts(board: Leaderboard, results: StudyResults) -> dict[str, Any]:
    """What the template reads of it; nothing for a study of one size."""
    sizes = every_size(results)
    return {
        "size_heads": size_heads(sizes),
        "size_rows": size_rows(board, results),
        "size_chart": Figure(
            f"{board.primary.label} by training samples, both axes logarithmic",
            _chart(board, results, sizes) if results.sizes else Markup(""),
            tuple((row.name, row.number) for row in board.arms),
        ),
        "size_told": order_told(results),
        "size_about": _about(results),
    }


def every_size(results: StudyResults) -> tuple[SizeResults, ...]:
    """The sizes with that of the study itself, which is the last."""
    if not results.sizes:
        return ()
    own = SizeResults(
        size=results.design.sizes[-1],
        samples=results.samples,
        arms=results.arms,
        baselines=results.baselines,
        comparison=results.comparison,
    )
    return (*results.sizes, own)


def size_heads(sizes: tuple[SizeResults, ...]) -> tuple[str, ...]:
    """Heads of the table: a column a size."""
    counts = [_DASH if size.samples is None else f"{size.samples:,.0f}" for size in sizes]
    return ("", *(f"{size.size}: {count}" for size, count in zip(sizes, counts, strict=True)))


def size_rows(board: Leaderboard, results: StudyResults) -> list[tuple[str, ...]]:
    """A row an arm, best first at the largest size, and one for each baseline."""
    sizes = every_size(results)
    if not sizes:
        return []
    figure = board.primary
    compared = [_compared(size) for size in sizes]
    boards = [_means(size, results) for size in sizes]
    rows = [
        (
            row.name,
            *(
                _cell(arms.get(row.name), means.get(row.name), figure)
                for arms, means in zip(compared, boards, strict=True)
            ),
        )
        for row in board.arms
    ]
    names = dict.fromkeys(name for size in sizes for name in size.baselines)
    rows += [
        (f"({name})", *(figure.text(size.baselines.get(name, {}).get(figure.key)) for size in sizes))
        for name in names
    ]
    return rows


def _compared(size: SizeResults) -> dict[str, ArmComparison]:
    return {} if size.comparison is None else {arm.arm: arm for arm in size.comparison.arms}


def _means(size: SizeResults, results: StudyResults) -> dict[str, float]:
    there = StudyResults(
        task=results.task, primary=results.primary, lower_is_better=results.lower_is_better, arms=size.arms
    )
    return {row.name: row.mean for row in leaderboard(there).arms if row.mean is not None}


def _cell(arm: ArmComparison | None, mean: float | None, figure: Measure) -> str:
    if arm is None:
        return figure.text(mean)
    low, high = arm.mean.low, arm.mean.high
    ends = "" if low is None or high is None else f" ({figure.number(low)} to {figure.number(high)})"
    return f"{figure.text(arm.mean.value)}{ends}, {arm.verdict}"


def _chart(board: Leaderboard, results: StudyResults, sizes: tuple[SizeResults, ...]) -> Markup:
    figure = board.primary
    compared = [
        (samples, _compared(size), _means(size, results)) for size in sizes if (samples := size.samples)
    ]
    curves: list[Curve] = []
    for row in board.arms:
        points: list[tuple[float, float]] = []
        band: list[tuple[float, float, float]] = []
        for samples, arms, means in compared:
            arm, mean = arms.get(row.name), means.get(row.name)
            value = mean if arm is None else arm.mean.value
            if value is None:
                continue
            points.append((samples, figure.plotted(value)))
            if arm is not None and arm.mean.low is not None and arm.mean.high is not None:
                band.append((samples, figure.plotted(arm.mean.low), figure.plotted(arm.mean.high)))
        curves.append(Curve(row.name, points, row.number, band))
    return curves_chart(
        curves,
        "training samples",
        figure.heading,
        figure.ceiling,
        from_zero=figure.from_zero,
        log=not figure.logarithm,
    )


def order_told(results: StudyResults) -> str:
    """Whether the order of the arms changes with the size, as far as that is shown; empty without sizes."""
    order = results.order
    if order is None:
        return ""
    if not order.alpha:
        return "Three seeds or fewer do not say whether the order of the arms changes with the size of the training data."
    if order.changes:
        told = [
            f"{one.a} is better than {one.b} at {one.smaller} of the training data and {one.b} is at {one.larger}"
            for one in order.changes
        ]
        return f"The order of the arms changes with the size of the training data: {joined(told)}."
    if order.pairs and order.same == order.pairs:
        return "The order of the arms is shown to be the same at every size of the training data."
    return (
        "No pair of arms is shown to change its order with the size of the training data; "
        f"{order.same} of {order.pairs} are shown to keep it at every size."
    )


def _about(results: StudyResults) -> str:
    sizes = every_size(results)
    growing = [
        f"{size.size}: {sum(run.improving for run in runs)} of {len(runs)}"
        for size in sizes
        if (runs := [run for arm in size.arms for run in arm.done]) and any(run.improving for run in runs)
    ]
    still = f" Runs that still improved at the end of their budget: {'; '.join(growing)}." if growing else ""
    epochs = (
        " Every size has the same epochs, so that smaller ones take fewer steps."
        if results.budget.epochs
        else ""
    )
    return (
        "Columns: size and training samples; cells: mean with its 95 % interval, and the verdict against the best arm "
        "at that size, each size by itself. Smaller parts are drawn from larger ones; validation and test parts are the "
        f"same. Settings and networks are those of the largest size.{epochs}{still} What is said of the order is "
        "corrected over all pairs and sizes."
    )
