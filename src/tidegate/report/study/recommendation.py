"""Which network to use, in plain words, from what a study's comparison says and from nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from tidegate.report.study.effect_sentences import effect_sentences
from tidegate.report.study.leaderboard import Leaderboard
from tidegate.report.study.phrases import margin_words, seed_range, times, where
from tidegate.report.text.differences import gap, joined
from tidegate.report.text.metrics import Measure
from tidegate.results.comparison import ArmComparison, Comparison
from tidegate.results.speed import ArmSpeed
from tidegate.results.study import StudyResults

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
    """Say what a study found; ``None`` where its results hold no comparison."""
    comparison = results.comparison
    if comparison is None:
        return None
    figure = board.primary
    use, first = _use(comparison, results, board)
    sentences = [first, _good_enough(comparison, figure, use), _streaming(comparison, results)]
    sentences += [
        _worse(comparison, figure),
        _open(comparison, figure),
        *effect_sentences(comparison, figure),
    ]
    return Decision(use, tuple(text for text in sentences if text))


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
        parts.append(f"{design.tune} trial{'' if design.tune == 1 else 's'} each")
    units = (
        (budget.epochs, "epochs"),
        (budget.steps, "steps"),
        (budget.examples, "examples"),
        (budget.max_time, "seconds of training"),
    )
    parts += [f"{value:g} {name}" for value, name in units if value]
    return ", ".join(parts)


def _use(comparison: Comparison, results: StudyResults, board: Leaderboard) -> tuple[str, str]:
    """The arm to take, and the sentence that says so."""
    best, given, place = comparison.best, f"({conditions(results)})", where(comparison)
    order = [row.name for row in board.arms if row.name != best]
    others = [name for name in order if name in comparison.may_be_best]
    if comparison.status == "first look":
        return best, f"A first look, no verdict: {best} has the best mean {place} {given}."
    faster = _faster(comparison, results)
    if faster is not None:
        within = margin_words(comparison.margin, board.primary)
        ends = f"{faster.low:.1f} to {faster.high:.1f}"
        return faster.arm, (
            f"Use {faster.arm}: within {within} of the best arm, whichever that is, {place} {given}, and it answers "
            f"{faster.factor:.1f} × as fast as {best} (95\u202f% interval {ends})."
        )
    if not others:
        beyond = all(row.verdict == "worse" for row in comparison.arms if row.arm != best)
        more = f" by more than {margin_words(comparison.margin, board.primary)}" if beyond else ""
        return best, f"Use {best}: better than every other arm{more} {place} {given}."
    rest = f"{joined(others)} may be as good or better"
    return best, f"Use {best} for now: it has the best mean {place} {given}; {rest}."


def _faster(comparison: Comparison, results: StudyResults) -> ArmSpeed | None:
    """The fastest arm that is good enough, where it is surely faster than the best one, measured in quiet."""
    speeds = results.speeds
    if speeds is None or speeds.against != comparison.best:
        return None
    able = [arm for arm in speeds.arms if arm.arm in comparison.good_enough and speeds.faster(arm.arm)]
    return max(able, key=lambda arm: arm.factor, default=None)


def _good_enough(comparison: Comparison, figure: Measure, use: str) -> str:
    names = [name for name in comparison.good_enough if name != use]
    if not names or comparison.status == "first look":
        return ""
    verb = "is" if len(names) == 1 else "are"
    within = margin_words(comparison.margin, figure)
    return f"{joined(names)} {verb} good enough: within {within} of the best."


def _worse(comparison: Comparison, figure: Measure) -> str:
    rows = [row for row in comparison.arms if row.verdict == "worse"]
    if not rows:
        return ""
    return f"Worse than {comparison.best}: {joined([_by(row, figure) for row in rows])}."


def _by(row: ArmComparison, figure: Measure) -> str:
    factor = row.difference.factor
    if factor is None or figure.logarithm:
        return f"{row.arm} (by {gap(figure, row.difference.points.value)})"
    return f"{row.arm} ({times(factor)} the error)"


def _streaming(comparison: Comparison, results: StudyResults) -> str:
    """Which of the arms that are as good can answer while the input goes on, where the best one cannot."""
    forward = {arm.arm for arm in results.arms if arm.traits.get("direction") == "forward"}
    names = [name for name in comparison.good_enough if name in forward]
    if not names or comparison.best in forward:
        return ""
    return f"Where answers must come while the input goes on: {joined(names, 'or')}."


def _open(comparison: Comparison, figure: Measure) -> str:
    """What the study cannot tell, and the one advice on what to do about it."""
    parts: list[str] = []
    within = margin_words(comparison.margin, figure)
    if comparison.status != "first look":
        unclear = [row.arm for row in comparison.arms if row.verdict == "cannot tell"]
        if unclear:
            which = f"{joined(unclear)} {'is' if len(unclear) == 1 else 'are'}"
            parts.append(f"{which} less good, and this study cannot tell whether by more than {within}.")
        if comparison.too_noisy and len(comparison.may_be_best) > 1:
            parts.append(f"It is too noisy to call any two arms as good within {within}.")
        if not unclear and len(comparison.may_be_best) == 1:
            return ""
    return " ".join([*parts, _advice(comparison)])


def _advice(comparison: Comparison) -> str:
    """How many seeds would decide, as a range."""
    if comparison.seeds_needed is not None:
        return (
            f"{seed_range(comparison.seeds_needed)} in all would probably decide (--until-decided goes on)."
        )
    if comparison.half_width is None:
        return "Plan five seeds or more (--seeds 5)."
    return "More than 20 seeds would be needed: a longer budget, more data or other arms help more."
