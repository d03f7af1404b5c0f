"""Differences between arms as results.json has them, and what one part of a network is worth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tidegate.results.record import Record

PairVerdict = Literal["better", "worse", "equivalent", "undecided"]
EffectVerdict = Literal["better", "worse", "equivalent", "undecided", "depends"]


@dataclass(frozen=True)
class Estimate(Record):
    """A figure with its interval.

    Attributes:
        value: the estimate
        low: lower end; null where nothing is known of the noise
        high: upper end; null likewise
    """

    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Difference(Record):
    """How much one arm is apart from another.

    Attributes:
        points: the one minus the other, in the metric's unit
        factor: the error of the one divided by that of the other (of nats and bits: the perplexity): 1 is the same,
            less is better; null for a metric of which no ratio can be told
    """

    points: Estimate
    factor: Estimate | None = None


@dataclass(frozen=True, kw_only=True)
class EffectPair(Record):
    """Two arms that differ in one part only.

    Attributes:
        arm: the one with the part
        against: the other one
        difference: arm to the other, with Student's 95 % interval
        verdict: of the one against the other, corrected by Holm over the pairs of this effect
    """

    arm: str
    against: str
    difference: Difference
    verdict: PairVerdict


@dataclass(frozen=True, kw_only=True)
class Effect(Record):
    """What one part of a network is worth: pair by pair first, and over all pairs where they say the same.

    Attributes:
        trait: the part: `cell`, `direction` or `front`
        level: what it is
        against: what it is compared with
        pairs: of arms that differ in nothing else
        interaction: p that the part is worth as much in every pair; null of a single pair
        difference: the mean over pairs; null where the pairs differ (`interaction` up to 0.1), unless all lie on one
            side and within the margin of each other
        p: that the mean is beyond the margin, corrected over all effects by Holm; null where there is no mean
        verdict: of the level against the other; `depends` where the pairs differ
    """

    trait: str
    level: str
    against: str
    pairs: tuple[EffectPair, ...]
    interaction: float | None
    difference: Difference | None
    p: float | None
    verdict: EffectVerdict
