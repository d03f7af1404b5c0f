"""The tables of a study's comparison as text: arms against the best, all pairs, effects, costs, trials."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from tidegate.network.cells import CELLS
from tidegate.report.charts.points import DotRow, strip
from tidegate.report.study.leaderboard import Leaderboard
from tidegate.report.text.differences import chance, gap, signed, span
from tidegate.report.text.metrics import Measure
from tidegate.report.text.numbers import duration, short
from tidegate.results.comparison import Comparison, PairComparison
from tidegate.results.study import ArmCosts, StudyResults
from tidegate.results.tuning import Tuning

_SIGNS = {"better": "+", "worse": "−", "equivalent": "=", "undecided": "?"}
_OTHER = {"better": "worse", "worse": "better"}


@dataclass(frozen=True)
class JudgedRow:
    """One arm against the best one."""

    name: str
    number: int
    mean: str
    interval: str
    seeds: Markup
    difference: str
    difference_interval: str
    factor: str
    better: str
    verdict: str
    more: str
    first: bool


@dataclass(frozen=True)
class PairCell:
    """One cell of the matrix: a sign and a class for the eye, and the whole in words."""

    sign: str
    kind: str
    told: str


def judged_rows(board: Leaderboard, comparison: Comparison) -> list[JudgedRow]:
    """Arms by their mean, best first."""
    figure = board.primary
    rows = {row.name: row for row in board.arms}
    plotted = [figure.plotted(value) for row in rows.values() for value in row.values]
    order = sorted(
        comparison.arms, key=lambda one: one.mean.value if figure.lower_is_better else -one.mean.value
    )
    made: list[JudgedRow] = []
    for one in order:
        row = rows[one.arm]
        dots = DotRow(row.name, row.number, [figure.plotted(value) for value in row.values])
        first = one.arm == comparison.best
        points, factor = one.difference.points, one.difference.factor
        made.append(
            JudgedRow(
                name=row.name,
                number=row.number,
                mean=figure.text(one.mean.value),
                interval=span(figure, one.mean.low, one.mean.high),
                seeds=strip(dots, plotted, figure.ceiling, from_zero=figure.from_zero),
                difference="" if first else signed(figure, points.value),
                difference_interval=span(figure, points.low, points.high, signs=True),
                factor="" if first or factor is None else f"{factor.value:.2f}",
                better="" if first else f"{one.better * 100:.0f}\u202f%",
                verdict=one.verdict,
                more=f"{seeds_told(one.seeds_needed)} would decide" if one.seeds_needed else "",
                first=first,
            )
        )
    return made


def pair_matrix(
    board: Leaderboard, comparison: Comparison
) -> tuple[list[str], list[tuple[str, list[PairCell]]]]:
    """Every arm against every other, best first: names, and a row of cells for each."""
    figure = board.primary
    order = [row.name for row in board.arms if any(one.arm == row.name for one in comparison.arms)]
    known: dict[tuple[str, str], PairCell] = {}
    for pair in comparison.pairs:
        a, b = pair.a, pair.b
        known[a, b] = _cell(a, b, pair, figure, flipped=False)
        known[b, a] = _cell(b, a, pair, figure, flipped=True)
    itself = PairCell("", "self", "")
    return order, [(name, [known.get((name, other), itself) for other in order]) for name in order]


def _cell(a: str, b: str, pair: PairComparison, figure: Measure, *, flipped: bool) -> PairCell:
    verdict = _OTHER.get(pair.verdict, pair.verdict) if flipped else pair.verdict
    difference = -pair.difference.points.value if flipped else pair.difference.points.value
    told = f"{a} is {verdict} {'than' if verdict in _OTHER else 'to' if verdict == 'equivalent' else 'against'} {b}: "
    told += f"{signed(figure, difference)}; p {chance(pair.p)}, corrected"
    return PairCell(_SIGNS[verdict], verdict, told)


def effect_rows(comparison: Comparison, figure: Measure) -> list[tuple[str, ...]]:
    """What each trait is worth, more is better."""
    names = {
        **{name: cell.title for name, cell in CELLS.items()},
        "both": "both directions",
        "forward": "forward only",
    }
    names |= {"cnn": "CNN front end", "none": "no front end"}
    rows: list[tuple[str, ...]] = []
    for one in comparison.effects:
        sign = -1 if figure.lower_is_better else 1
        points = one.difference.points if one.difference else None
        ends = [sign * end for end in (points.low, points.high) if end is not None] if points else []
        rows.append(
            (
                f"{names.get(one.level, one.level)} instead of {names.get(one.against, one.against)}",
                signed(figure, sign * points.value) if points else "differs by pair",
                span(figure, *(sorted(ends) or (None, None)), signs=True) or "–",
                chance(one.p),
                one.verdict,
                str(len(one.pairs)),
            )
        )
    return rows


def cost_rows(board: Leaderboard, results: StudyResults) -> list[tuple[str, ...]]:
    """What each arm costs, in the order of the leaderboard."""
    arms = {arm.arm: arm.costs for arm in results.arms}
    rows: list[tuple[str, ...]] = []
    for row in board.arms:
        costs = arms[row.name]
        if costs == ArmCosts():
            continue
        memory, size = costs.peak_memory_mb, costs.model_bytes
        rows.append(
            (
                row.name,
                short(row.parameters),
                short(costs.flops),
                duration(costs.best_seconds),
                short(costs.train_speed),
                short(costs.predict_speed),
                _milliseconds(costs.latency_p50_ms),
                _milliseconds(costs.latency_p95_ms),
                "–" if memory is None else f"{memory:,.0f}\u202fMB",
                "–" if size is None else f"{size / 1e6:.2f}\u202fMB",
            )
        )
    return rows


def _milliseconds(value: float | None) -> str:
    return "–" if value is None else f"{value:.3g}\u202fms"


def trial_rows(study: Path, figure: Measure) -> list[tuple[str, ...]]:
    """What tuning tried, and what it chose: one row a trial."""
    rows: list[tuple[str, ...]] = []
    tuning = Tuning.find(study / "tuning.json")
    for arm, told in tuning.arms.items() if tuning else ():
        for one in told.trials:
            settings = ", ".join(f"{key} = {value}" for key, value in one.settings.items())
            chosen = " (chosen)" if one.number == told.chosen else ""
            value = figure.text(one.value) if one.status == "done" else one.status
            rows.append((f"{arm}, trial {one.number}{chosen}", settings or "as configured", value))
    return rows


def margin_told(comparison: Comparison, figure: Measure) -> str:
    """What counts as a difference, in a sentence."""
    margin = comparison.margin
    why = "as it was set" if margin.set else "the usual margin of this metric"
    share = f"{margin.value * 100:g}\u202f% of the error, " if margin.kind == "relative" else ""
    return f"A difference up to {gap(figure, margin.size)} does not matter ({share}{why})."


def seeds_told(needed: tuple[int, int] | None) -> str:
    """How many seeds a study would need.

    >>> seeds_told((10, 20)), seeds_told((5, 5)), seeds_told(None)
    ('10 to 20 seeds', '5 seeds', '')
    """
    if needed is None:
        return ""
    low, high = needed
    return f"{low} seeds" if low == high else f"{low} to {high} seeds"
