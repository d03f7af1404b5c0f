"""Which network to use, in plain words, from what a study's comparison says and from nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tidegate.network.cells import CELLS
from tidegate.report.study.comparison_tables import seeds_told
from tidegate.report.study.leaderboard import Leaderboard
from tidegate.report.text.differences import gap, joined, span
from tidegate.report.text.metrics import Measure
from tidegate.results.comparison import ArmComparison, Comparison
from tidegate.results.effects import Estimate
from tidegate.results.study import ArmCosts, StudyResults

FASTER = 1.2
"""By so much another arm must be faster, so that being as good as the best one is a reason to take it."""

_TRAITS = {
    ("front", "cnn"): "The CNN front end",
    ("direction", "both"): "Reading in both directions",
    **{("cell", name): f"The {cell.title}" for name, cell in CELLS.items()},
}
_AGAINST = {name: f" against the {cell.title}" for name, cell in CELLS.items()}
_EQUAL = {"parameters": "equal parameters", "flops": "equal FLOPs", "none": "each in its own size"}


@dataclass(frozen=True)
class Decision:
    """What a reader sees first.

    Attributes:
        use: The arm to take.
        sentences: Which, how sure that is, what else was found.
    """

    use: str
    sentences: tuple[str, ...]


def decide(board: Leaderboard, results: StudyResults) -> Decision | None:
    """Judge a study; ``None`` where its results hold no comparison."""
    comparison = results.comparison
    if comparison is None:
        return None
    figure = board.primary
    arms = {row.arm: row for row in comparison.arms}
    costs = {arm.arm: arm.costs for arm in results.arms}
    forward = {arm.arm for arm in results.arms if arm.traits.get("direction") == "forward"}
    best = comparison.best
    equal = [name for name in comparison.good_enough if name != best]
    use = _quickest(best, equal, costs)
    streaming = [name for name in (best, *equal) if name in forward]
    told = [_use(use, best, equal, comparison, results, costs, figure, streaming)]
    told += [_worse(arms, figure), _undecided(comparison), *_effects(comparison, figure)]
    return Decision(use, tuple(text for text in told if text))


def conditions(results: StudyResults) -> str:
    """What was the same for all arms.

    >>> from tidegate.results.study import Budget, StudyDesign
    >>> design, budget = StudyDesign(match="flops", tune=4), Budget(epochs=6)
    >>> conditions(StudyResults(task="tag", arms=(), design=design, budget=budget))
    '0 seeds, equal FLOPs, 4 trials each, 6 epochs'
    """
    design, budget = results.design, results.budget
    count = len(results.comparison.seeds) if results.comparison else 0
    parts = [
        f"{count} seed{'' if count == 1 else 's'}",
        _EQUAL.get(design.match, "each in its own size"),
    ]
    if design.tune:
        parts.append(f"{design.tune} trials each")
    units = (
        (budget.epochs, "epochs"),
        (budget.steps, "steps"),
        (budget.examples, "examples"),
        (budget.max_time, "seconds of training"),
    )
    parts += [f"{value:g} {name}" for value, name in units if value]
    return ", ".join(parts)


def latency(costs: ArmCosts) -> float | None:
    """What prediction takes, in whichever unit there is: of one sample alone, else of one among many."""
    return costs.latency_p50_ms or (1000 / costs.predict_speed if costs.predict_speed else None)


def _quickest(best: str, equal: Sequence[str], costs: dict[str, ArmCosts]) -> str:
    own = latency(costs[best])
    if own is None:
        return best
    times = {name: time for name in equal if (time := latency(costs[name])) is not None}
    quick = min(times, key=lambda name: times[name], default=best)
    return quick if quick != best and own >= FASTER * times[quick] else best


def _use(
    use: str,
    best: str,
    equal: Sequence[str],
    comparison: Comparison,
    results: StudyResults,
    costs: dict[str, ArmCosts],
    figure: Measure,
    streaming: Sequence[str],
) -> str:
    """The first sentence."""
    within = f"within {gap(figure, comparison.margin.size)}"
    given = f"({conditions(results)})"
    if comparison.status == "first look":
        return f"A first look: {best} has the best mean {given}; so few seeds decide nothing."
    if use != best:
        own, other = latency(costs[best]), latency(costs[use])
        ratio = f"{own / other:.1f} × faster to predict" if own and other else "faster to predict"
        stream = ", and it can stream" if use in streaming else ""
        return f"Use {use}: {within} of the best {given}, {ratio} than {best}{stream}."
    if len(comparison.may_be_best) == 1:
        return f"Use {best}: better than every other arm {given}."
    others = [name for name in equal if name != best]
    if others:
        instead = [] if best in streaming else list(streaming)
        stream = (
            f"; where answers must come while the input goes on, {joined(instead, 'or')}" if instead else ""
        )
        good = f"{joined(others)} good enough, {within} of the best {given}"
        return f"Use {best}: best mean, with {good} and none of them clearly faster{stream}."
    rest = [name for name in comparison.may_be_best if name != best]
    return f"Use {best} for now: it has the best mean {given}, but {joined(rest, 'or')} may be best."


def _worse(arms: dict[str, ArmComparison], figure: Measure) -> str:
    named = [
        f"{name} (by {gap(figure, row.difference.points.value)})"
        for name, row in arms.items()
        if row.verdict == "worse"
    ]
    return f"Worse: {joined(named)}." if named else ""


def _undecided(comparison: Comparison) -> str:
    names = [row.arm for row in comparison.arms if row.verdict == "cannot tell"]
    if not names or comparison.status == "first look":
        return ""
    needed = seeds_told(comparison.seeds_needed)
    more = f" {needed} probably would." if needed else ""
    return f"This study cannot tell whether {joined(names, 'or')} {'is' if len(names) == 1 else 'are'} as good.{more}"


def _effects(comparison: Comparison, figure: Measure) -> list[str]:
    told: list[str] = []
    for one in comparison.effects:
        if one.difference is None:
            continue
        points = one.difference.points
        name = _TRAITS.get((one.trait, one.level), one.level) + _AGAINST.get(one.against, "")
        ends = _ends(points, figure)
        decided = one.verdict in ("better", "worse")
        signs = not (decided and figure.lower_is_better)
        reach = (
            span(figure, *ends, signs=True)
            if signs
            else span(figure, *_sizes(*ends), signs=True).replace("+", "")
        )
        interval = f"95{chr(0x202F)}% interval {reach}" if reach else ""
        pairs = f"{len(one.pairs)} pair{'' if len(one.pairs) == 1 else 's'} of arms"
        given = f"({'; '.join(part for part in (interval, pairs) if part)})"
        # What is not decided stands in the table of effects.
        if decided:
            told.append(f"{name} {_worth(points.value, figure)} {given}.")
        elif one.verdict == "equivalent":
            told.append(f"{name} makes no difference that matters {given}.")
    return told


def _worth(difference: float, figure: Measure) -> str:
    """What a part does to the metric; of an error "+2 points" would leave open which way that is."""
    name = figure.inside.split(",")[0]
    if figure.lower_is_better:
        return f"{'lowers' if difference < 0 else 'raises'} {name} by {gap(figure, difference)}"
    size, points, _ = gap(figure, difference).partition(" points")
    return f"is worth {'−' if difference < 0 else '+'}{size}{f'{points} of' if points else ''} {name}"


def _sizes(low: float | None, high: float | None) -> tuple[float | None, float | None]:
    """An interval that does not cross zero, without its sign."""
    if low is None or high is None:
        return None, None
    return (low, high) if high > 0 else (-high, -low)


def _ends(points: Estimate, figure: Measure) -> tuple[float | None, float | None]:
    """The interval, turned so that more is better."""
    low, high = points.low, points.high
    if low is None or high is None:
        return None, None
    return (-high, -low) if figure.lower_is_better else (low, high)
