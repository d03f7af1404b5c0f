"""The tables of a study's comparison as text: arms against the best, all pairs, effects, costs, trials."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from tidegate.network.cells import CELLS
from tidegate.report.charts.points import DotRow, strip
from tidegate.report.study.leaderboard import Leaderboard
from tidegate.report.text.differences import chance, signed, span
from tidegate.report.text.metrics import Measure
from tidegate.report.text.numbers import duration, short
from tidegate.results.comparison import Comparison, PairComparison
from tidegate.results.effects import Difference, Estimate
from tidegate.results.study import ArmCosts, StudyResults
from tidegate.results.tuning import Tuning

_SIGNS = {"better": "+", "worse": "−", "equivalent": "=", "undecided": "?"}
_PARTS = {
    **{name: cell.title for name, cell in CELLS.items()},
    "both": "both directions",
    "forward": "forward only",
    "cnn": "CNN front end",
    "none": "no front end",
}
EFFECTS = ("Part", "Arms", "Error", "95 % interval", "Points", "Verdict")
_OTHER = {"better": "worse", "worse": "better"}


@dataclass(frozen=True)
class ArmRow:
    """One arm against the best one."""

    name: str
    number: int
    mean: str
    interval: str
    seeds: Markup
    factor: str
    factor_interval: str
    points: str
    points_interval: str
    better: str
    verdict: str
    first: bool


@dataclass(frozen=True)
class PairCell:
    """One cell of the matrix: a sign and a class for the eye, and the whole in words."""

    sign: str
    kind: str
    text: str


def arm_rows(board: Leaderboard, comparison: Comparison) -> list[ArmRow]:
    """Arms by their mean, best first."""
    figure = board.primary
    rows = {row.name: row for row in board.arms}
    plotted = [figure.plotted(value) for row in rows.values() for value in row.values]
    sign = 1 if figure.lower_is_better else -1
    made: list[ArmRow] = []
    for arm in sorted(comparison.arms, key=lambda arm: sign * arm.mean.value):
        row, first = rows[arm.arm], arm.arm == comparison.best
        dots = DotRow(row.name, row.number, [figure.plotted(value) for value in row.values])
        points = Estimate(0.0) if first else arm.difference.points
        factor = None if first or figure.logarithm else arm.difference.factor
        made.append(
            ArmRow(
                name=row.name,
                number=row.number,
                mean=figure.text(arm.mean.value),
                interval=span(figure, arm.mean.low, arm.mean.high),
                seeds=strip(dots, plotted, figure.ceiling, from_zero=figure.from_zero),
                factor=f"{factor.value:.2f}\u202f×" if factor else "",
                factor_interval=_ends(factor),
                points="" if first else signed(figure, points.value),
                points_interval=span(figure, points.low, points.high, signs=True),
                better="" if first else f"{arm.better * 100:.0f}\u202f%",
                verdict="first look" if comparison.status == "first look" else arm.verdict,
                first=first,
            )
        )
    return made


def _ends(factor: Estimate | None) -> str:
    if factor is None or factor.low is None or factor.high is None:
        return ""
    return f"{factor.low:.2f} to {factor.high:.2f}"


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
    word = "than" if verdict in _OTHER else "to" if verdict == "equivalent" else "against"
    tests = f"p {chance(pair.p)} of more than the margin, {chance(pair.p_equivalent)} of less"
    text = f"{a} is {verdict} {word} {b}: {signed(figure, difference)}; {tests}"
    return PairCell(_SIGNS[verdict], verdict, text)


def effect_rows(comparison: Comparison, figure: Measure) -> list[tuple[str, ...]]:
    """What each part does to the error: every pair of arms, and all together where they say the same."""
    rows: list[tuple[str, ...]] = []
    for effect in comparison.effects:
        part = f"{_PARTS.get(effect.level, effect.level)} instead of {_PARTS.get(effect.against, effect.against)}"
        rows += [
            (part, f"{pair.arm} for {pair.against}", *_difference(pair.difference, figure), pair.verdict)
            for pair in effect.pairs
        ]
        count = len(effect.pairs)
        if count < 2:
            continue
        if effect.difference is None:
            rows.append(
                (part, f"all {count} pairs", "differs", "", f"p {chance(effect.interaction)}", effect.verdict)
            )
        else:
            rows.append((part, f"all {count} pairs", *_difference(effect.difference, figure), effect.verdict))
    return rows


def _difference(difference: Difference, figure: Measure) -> tuple[str, str, str]:
    """The factor of the error with its interval, and points; of nats and bits points with theirs."""
    points, factor = difference.points, difference.factor
    if factor is None or figure.logarithm:
        return "", span(figure, points.low, points.high, signs=True), signed(figure, points.value)
    return f"{factor.value:.2f}\u202f×", _ends(factor), signed(figure, points.value)


def alone_heads(results: StudyResults) -> tuple[str, str]:
    """How the two columns are called that tell how long one sample takes."""
    return (
        ("Alone, median", "Alone, 95 %")
        if results.speeds is None
        else ("Alone", f"Times {results.speeds.against}’s speed")
    )


def _alone(results: StudyResults, arm: str, costs: ArmCosts) -> tuple[str, str]:
    """Measured one after the other where that was done, else in the runs, where others went on beside them."""
    if results.speeds is None:
        return _milliseconds(costs.latency_p50_ms), _milliseconds(costs.latency_p95_ms)
    speed = next((speed for speed in results.speeds.arms if speed.arm == arm), None)
    if speed is None:
        return "–", "–"
    return _milliseconds(speed.milliseconds), f"{speed.factor:.2f} ({speed.low:.2f} to {speed.high:.2f})"


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
                *_alone(results, row.name, costs),
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
