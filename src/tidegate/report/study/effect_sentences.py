"""What each part of a network is worth, in sentences: of all pairs where they say the same, else pair by pair."""

from __future__ import annotations

from tidegate.network.cells import CELLS
from tidegate.report.study.phrases import changes
from tidegate.report.text.differences import joined
from tidegate.report.text.metrics import Measure
from tidegate.results.comparison import Comparison
from tidegate.results.effects import Effect, EffectPair

_TRAITS = {
    ("front", "cnn"): "The CNN front end",
    ("direction", "both"): "Reading in both directions",
    **{("cell", name): f"The {cell.title}" for name, cell in CELLS.items()},
}
_AGAINST = {name: f" against the {cell.title}" for name, cell in CELLS.items()}


def effect_sentences(comparison: Comparison, figure: Measure) -> list[str]:
    """What is decided of each effect; what is not stands in the table alone."""
    if comparison.status == "first look":
        return []
    return [text for effect in comparison.effects if (text := _sentence(effect, figure))]


def part_of(effect: Effect) -> str:
    """The part, and what it is compared with, as the subject of a sentence."""
    name = _TRAITS.get((effect.trait, effect.level), effect.level)
    return f"{name}{_AGAINST.get(effect.against, '')}"


def _sentence(effect: Effect, figure: Measure) -> str:
    part, count = part_of(effect), len(effect.pairs)
    if effect.verdict == "depends":
        decided = [pair for pair in effect.pairs if pair.verdict in ("better", "worse")]
        if not decided:
            return ""
        rest = count - len(decided)
        told = (
            f"{part} is not worth the same everywhere: it {joined([_pair(pair, figure) for pair in decided])}"
        )
        return (
            f"{told}; of {rest} other pair{'' if rest == 1 else 's'} nothing is decided."
            if rest
            else f"{told}."
        )
    if effect.difference is None or effect.verdict == "undecided":
        return ""
    pairs = (
        f"in {count} pairs of arms"
        if count > 1
        else f"in {effect.pairs[0].arm} instead of {effect.pairs[0].against}"
    )
    if effect.verdict == "equivalent":
        return f"{part} makes no difference that matters, {pairs}."
    return f"{part} {changes(effect.difference, figure)}, {pairs}."


def _pair(pair: EffectPair, figure: Measure) -> str:
    return f"{changes(pair.difference, figure)} in {pair.arm} instead of {pair.against}"
