"""What a study found, in sentences that claim no more than the seeds carry."""

from __future__ import annotations

from dataclasses import dataclass

from tidegate.report.study.baseline_notes import unbeaten
from tidegate.report.study.leaderboard import Leaderboard, Row
from tidegate.report.text.metrics import Measure
from tidegate.report.text.numbers import duration, short, spread


@dataclass(frozen=True)
class Verdict:
    """What a reader sees first: the best arm, its result, and what may be said of the others.

    Attributes:
        winner: The arm with the best mean; empty while there is none.
        result: Its mean with spread.
        sentences: How sure that is, what it costs, how the baselines fare.
        good: Whether the winner beats every baseline; ``None`` where nothing can be said.
    """

    winner: str
    result: str
    sentences: tuple[str, ...]
    good: bool | None


def verdict(board: Leaderboard) -> Verdict:
    """Judge a leaderboard.

    Two arms are called apart only when all seeds of one are better than all seeds of the other, and there are at least
    three of each: less is a hint. This is a reading aid and no test of significance.
    """
    ranked = [row for row in board.arms if row.mean is not None]
    if not ranked:
        return Verdict("", "–", ("No arm has a result yet.",), None)
    best = ranked[0]
    told = [
        _apart(best, ranked[1], board.primary) if len(ranked) > 1 else "",
        _cheaper(ranked, board.primary),
    ]
    told.append(_baselines(board, ranked))
    result = spread(board.primary, best.mean, best.spread, best.n)
    return Verdict(best.name, result, tuple(text for text in told if text), best.beats_baselines)


def _apart(best: Row, second: Row, figure: Measure) -> str:
    told = f"Second is {second.name} with {spread(figure, second.mean, second.spread, second.n)}."
    if min(best.n, second.n) < 2:
        return f"{told} With one seed, chance alone can turn this order round: run three or more."
    clear = all(figure.better(one, other) for one in best.values for other in second.values)
    if not clear:
        return f"{told} Their seeds overlap, so this study does not tell the two apart."
    few = " With so few seeds that is a hint, no proof." if min(best.n, second.n) < 3 else ""
    return f"{told} Every seed of {best.name} is better than every seed of {second.name}.{few}"


def _cheaper(ranked: list[Row], figure: Measure) -> str:
    """The fastest arm to train whose seeds overlap with the best one's, where that is another."""
    best = ranked[0]
    near = [
        row
        for row in ranked
        if row.seconds and not all(figure.better(one, other) for one in best.values for other in row.values)
    ]
    quick = min(near, key=lambda row: row.seconds or 0, default=best)
    if quick is best or not best.seconds or not quick.seconds or quick.seconds > 0.8 * best.seconds:
        return ""
    return (
        f"{quick.name} is about as good and trains in {duration(quick.seconds)} instead of {duration(best.seconds)}, "
        f"with {short(quick.parameters)} parameters."
    )


def _baselines(board: Leaderboard, ranked: list[Row]) -> str:
    if not board.baselines:
        return "No baseline was measured."
    cheap = board.baselines[0]
    kind = "baseline" if len(board.baselines) == 1 else "best baseline"
    reached = f"{kind} “{cheap.name}”, which reaches {board.primary.text(cheap.mean)}"
    worse = [row.name for row in ranked if row.beats_baselines is False]
    why = unbeaten(cheap.name, ranked[0].mean or 0.0, cheap.mean or 0.0)
    if len(worse) == len(ranked) and why:
        none = "no arm beats" if len(ranked) > 1 else f"{ranked[0].name} does not beat"
        return f"{why}: {none} the {reached}."
    if not worse:
        return f"All arms beat the {reached}." if len(ranked) > 1 else f"It beats the {reached}."
    return f"Not better than the {reached}: {', '.join(worse)}."
