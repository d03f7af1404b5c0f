"""What results.json says of arms against each other. Figures are in the metric's own unit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tidegate.results.record import Record

Verdict = Literal["better", "worse", "equivalent", "undecided"]
Split = Literal["test", "valid"]


@dataclass(frozen=True)
class Margin(Record):
    """What counts as a difference.

    Attributes:
        value: difference too small to matter; null where nothing is known of the noise
        set: whether somebody set it
    """

    value: float | None
    set: bool


@dataclass(frozen=True, kw_only=True)
class ArmComparison(Record):
    """One arm against the best one.

    Attributes:
        arm: its name
        n: seeds that are compared
        mean: of the metric
        low: lower end of the mean's 95 % interval, by bootstrap
        high: upper end
        difference: to the best: arm minus best
        difference_low: lower end of its 95 % interval
        difference_high: upper end
        p: permutation test against the best, corrected over all pairs
        effect: Hedges' g; negative is worse
        better: how often a run of this arm beats a run of the best one
        verdict: `best`, `worse`, `equivalent` or `undecided`
        more_seeds: how many more seeds would probably decide; null where it is decided, or would take too many
    """

    arm: str
    n: int
    mean: float
    low: float | None
    high: float | None
    difference: float
    difference_low: float | None
    difference_high: float | None
    p: float | None = None
    effect: float | None = None
    better: float
    verdict: Literal["best", "worse", "equivalent", "undecided"]
    more_seeds: int | None = None


@dataclass(frozen=True, kw_only=True)
class PairComparison(Record):
    """Two arms against each other.

    Attributes:
        a: the first arm
        b: the second
        difference: a minus b
        low: lower end of Student's 95 % interval
        high: upper end
        p_raw: permutation test
        p: the same, corrected over all pairs
        p_t: t test beyond the margin, corrected likewise; this one decides
        verdict: of a against b
        more_seeds: as above
    """

    a: str
    b: str
    difference: float
    low: float | None
    high: float | None
    p_raw: float | None
    p: float | None
    p_t: float
    verdict: Verdict
    more_seeds: int | None = None


@dataclass(frozen=True, kw_only=True)
class Effect(Record):
    """What one part of a network is worth: the mean over pairs of arms that differ in nothing else.

    Attributes:
        trait: the part: `cell`, `direction` or `front`
        level: what it is
        against: what it is compared with
        pairs: of arms
        difference: mean difference
        low: lower end of Student's 95 % interval
        high: upper end
        p: t test beyond the margin, corrected over all effects
        verdict: of the level against the other
    """

    trait: str
    level: str
    against: str
    pairs: tuple[tuple[str, str], ...]
    difference: float
    low: float | None
    high: float | None
    p: float | None
    verdict: Verdict


@dataclass(frozen=True)
class Sampling(Record):
    """Whether the test part is large enough: another draw of as many samples would give other figures.

    Attributes:
        samples: of the test part
        half_width: half the 95 % interval of the difference, samples drawn anew
        between: the two best arms
        too_small: whether that is more than the margin and than their difference
    """

    samples: int
    half_width: float
    between: tuple[str, str]
    too_small: bool


@dataclass(frozen=True, kw_only=True)
class Comparison(Record):
    """All arms that have a result, over the seeds that all of them have.

    Attributes:
        split: `test`, or `valid` where there is no test part
        metric: name of the metric
        lower_is_better: which way it improves
        seeds: that all arms have
        best: the arm with the best mean
        winner: whether it is better than every other one
        margin: what counts as a difference: its `value`, and whether somebody `set` it
        arms: against the best one
        pairs: all of them
        effects: that the arms allow to tell
        sampling: whether the test part is large enough; null where runs have left nothing by sample
        smallest_p: that sign flips of so many seeds can give, uncorrected; null with one seed
    """

    split: Split
    metric: str
    lower_is_better: bool
    seeds: tuple[int, ...]
    best: str
    winner: bool
    margin: Margin
    arms: tuple[ArmComparison, ...]
    pairs: tuple[PairComparison, ...]
    effects: tuple[Effect, ...] = ()
    sampling: Sampling | None = None
    smallest_p: float | None = None
