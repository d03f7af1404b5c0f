"""What results.json says of arms against each other.

Each figure carries its error: what varied, at which level, corrected over what. Arms are judged on the scale of the
logarithm of the error (of nats and bits as they are), so a difference has two forms: in the metric's own unit, and as
a factor of the error.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tidegate.results.effects import Difference, Effect, Estimate, PairVerdict
from tidegate.results.record import Record
from tidegate.results.split import SplitKind

ArmVerdict = Literal["best", "may be best", "good enough", "worse", "cannot tell"]
BaselineVerdict = Literal["beats", "does not beat", "cannot tell"]
Split = Literal["test", "valid"]
Status = Literal["first look", "planned", "exploratory"]
SeedRange = tuple[int, int]


@dataclass(frozen=True)
class Margin(Record):
    """What counts as a difference, fixed before the data: the noise of the seeds never enters it.

    Attributes:
        value: a share of the error (0.1 is a tenth of it), or a difference in the metric's own unit
        kind: which of the two: `relative` or `absolute`
        set: whether somebody set it; else it is the usual one of the metric
        size: the same in the metric's own unit at the best arm's mean; never less than one unit of the test part
        factor: the same as a factor of the best arm's error; null for a metric of which no ratio can be told
    """

    value: float
    kind: Literal["relative", "absolute"]
    set: bool
    size: float
    factor: float | None


@dataclass(frozen=True, kw_only=True)
class ArmComparison(Record):
    """One arm against the best one.

    Attributes:
        arm: its name
        n: runs that are compared
        mean: of the metric, of errors the geometric mean; with Student's 95 % interval over seeds, variances
            moderated. Of a test part that is drawn anew it tells with `resampled` splits only
        difference: to the best: arm minus best, or its error divided by the best one's; of the ends all arms are
            right together at the level `alpha`
        better: how often a run of this arm beats a run of the best one
        may_be_best: whether no other arm is shown to be better
        verdict: `best` if every other one is shown to be less good; `good enough` if it is shown to be within the
            margin of whichever is best; `may be best`; `worse` if it is shown to be beyond the margin from some other
            arm, and so from the best; `cannot tell`, as all are of a first look
        seeds_needed: with how many seeds in all this arm would probably be decided, from and to; null where it is, or
            where more than the last planned look would be needed
    """

    arm: str
    n: int
    mean: Estimate
    difference: Difference
    better: float
    may_be_best: bool
    verdict: ArmVerdict
    seeds_needed: SeedRange | None = None


@dataclass(frozen=True, kw_only=True)
class PairComparison(Record):
    """Two arms against each other; for the appendix, as "which to use" is answered by the comparisons with the best.

    Attributes:
        a: the first arm
        b: the second
        difference: a to b, with Student's 95 % interval of this pair alone
        p: that they differ by more than the margin, corrected over all pairs by Holm; null where nothing is known of
            the noise
        p_equivalent: that they differ by less, by two one-sided tests, corrected likewise
        verdict: of a against b
    """

    a: str
    b: str
    difference: Difference
    p: float | None
    p_equivalent: float | None
    verdict: PairVerdict


@dataclass(frozen=True)
class Sampling(Record):
    """What drawing the test part anew would change; it is part of every interval of a difference on one split.

    Attributes:
        samples: of the test part
        units: that vary on their own: pages, speakers, documents or series where they are known, else samples
        unit: what a unit is; empty where it is a sample
        half_width: half the 95 % interval of the difference of the two best arms from this alone, in the metric's unit
        between: the two best arms
        about_these_test_data: whether there are too few units (below 30) to speak of others
    """

    samples: int
    units: int
    unit: str
    half_width: float
    between: tuple[str, str]
    about_these_test_data: bool


@dataclass(frozen=True, kw_only=True)
class BaselineComparison(Record):
    """An arm against the best of the cheap baselines.

    Attributes:
        arm: its name
        baseline: the best one
        difference: arm to baseline, with Student's 95 % interval: seeds and test part
        p: of what the verdict says, one-sided, corrected over all arms by Holm
        verdict: `beats`, `does not beat` (the baseline is shown to be better), or `cannot tell`
    """

    arm: str
    baseline: str
    difference: Difference
    p: float | None
    verdict: BaselineVerdict


@dataclass(frozen=True, kw_only=True)
class Comparison(Record):
    """All arms that have a result.

    Attributes:
        split: `test`, or `valid` where there is no test part
        splits: `official` (one that others use too), `one` (drawn once), `resampled` (drawn anew for every seed) or
            `time` (blocks of time)
        metric: name of the metric
        lower_is_better: which way it improves
        seeds: of the arm that has most
        best: the arm with the best mean
        may_be_best: arms than which none is shown to be better
        good_enough: arms that are shown to be within the margin of whichever is best
        margin: what counts as a difference
        alpha: of this look: all verdicts on the arms are right together with a probability of 1 - alpha
        status: `first look` (three seeds or fewer: nothing is decided), `planned`, or `exploratory` (looked at
            outside the plan: read what it says as a guess)
        arms: against the best one
        pairs: all of them
        effects: that the arms allow to tell
        sampling: what drawing the test part anew would change; null where runs have left nothing by sample, or each
            has its own test part
        baselines: each arm against the best baseline
        half_width: of the difference of the two best arms, at `alpha`, in the metric's unit; null where nothing is
            known of the noise
        too_noisy: whether that is more than the margin: nothing can be called as good then
        seeds_needed: with how many seeds in all a difference of twice the margin would be found, and none be called
            as good, each in four studies of five, from and to; null where the last planned look does not do
    """

    split: Split
    splits: SplitKind = "one"
    metric: str
    lower_is_better: bool
    seeds: tuple[int, ...]
    best: str
    may_be_best: tuple[str, ...]
    good_enough: tuple[str, ...] = ()
    margin: Margin
    alpha: float
    status: Status
    arms: tuple[ArmComparison, ...]
    pairs: tuple[PairComparison, ...]
    effects: tuple[Effect, ...] = ()
    sampling: Sampling | None = None
    baselines: tuple[BaselineComparison, ...] = ()
    half_width: float | None = None
    too_noisy: bool = False
    seeds_needed: SeedRange | None = None
