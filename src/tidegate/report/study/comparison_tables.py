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
    p: str
    effect: str
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
    order = sorted(comparison.arms, key=lambda one: one.mean if figure.lower_is_better else -one.mean)
    made: list[JudgedRow] = []
    for one in order:
        row = rows[one.arm]
        dots = DotRow(row.name, row.number, [figure.plotted(value) for value in row.values])
        first = one.verdict == "best"
        more = one.more_seeds
        made.append(
            JudgedRow(
                name=row.name,
                number=row.number,
                mean=figure.text(one.mean),
                interval=span(figure, one.low, one.high),
                seeds=strip(dots, plotted, figure.ceiling, from_zero=figure.from_zero),
                difference="" if first else signed(figure, one.difference),
                difference_interval=span(figure, one.difference_low, one.difference_high, signs=True),
                p="" if first else chance(one.p),
                effect="" if first or one.effect is None else f"{one.effect:.1f}",
                better="" if first else f"{one.better * 100:.0f}\u202f%",
                verdict=one.verdict,
                more=f"about {more} more seed{'' if more == 1 else 's'} would decide" if more else "",
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
    difference = -pair.difference if flipped else pair.difference
    told = f"{a} is {verdict} {'than' if verdict in _OTHER else 'to' if verdict == 'equivalent' else 'against'} {b}: "
    told += f"{signed(figure, difference)}; p {chance(pair.p)}, t test {chance(pair.p_t)}, corrected"
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
        low, high = one.low, one.high
        ends = (None, None) if low is None or high is None else sorted((sign * low, sign * high))
        rows.append(
            (
                f"{names.get(one.level, one.level)} instead of {names.get(one.against, one.against)}",
                signed(figure, sign * one.difference),
                span(figure, *ends, signs=True) or "–",
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
    if margin.value is None:
        return "With one seed nothing is known of the noise, and nothing is decided."
    why = (
        "as it was set" if margin.set else "twice the standard deviation of a seed, in the middle of the arms"
    )
    return f"A difference up to ±{gap(figure, margin.value)} does not matter ({why})."


def smallest_told(comparison: Comparison, count: int) -> str:
    """What the p values are, and why they may be large beside a clear verdict."""
    smallest = comparison.smallest_p
    if smallest is None:
        return ""
    pairs = count * (count - 1) // 2
    few = (
        f"; so few seeds cannot give less than {smallest:.2g} before the correction"
        if smallest >= 0.001
        else ""
    )
    return (
        f"p: paired permutation test, corrected for {pairs} pair{'' if pairs == 1 else 's'} by Holm{few}. "
        "The verdict is by paired t tests, corrected likewise."
    )
