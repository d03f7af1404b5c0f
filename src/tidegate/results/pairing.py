"""Two runs side by side on the same test samples; what ``tidegate report --compare`` tells."""

from __future__ import annotations

from dataclasses import dataclass

from tidegate.results.effects import Difference
from tidegate.results.record import Record


@dataclass(frozen=True, kw_only=True)
class ChangedSample(Record):
    """A sample that one of the two runs got more wrong than the other.

    Attributes:
        name: of the sample
        reference: the right answer
        first: what the first run answered
        second: what the second one did
        errors: of the second minus those of the first, in the metric's own counts
    """

    name: str
    reference: str
    first: str
    second: str
    errors: float


@dataclass(frozen=True, kw_only=True)
class RunPair(Record):
    """Two runs on the same samples.

    Attributes:
        first: folder of the first
        second: folder of the second
        split: which part of the data both were measured on
        metric: name of the metric
        lower_is_better: which way it improves
        values: of the first and of the second
        difference: second minus first, or its error divided by the first one's; with the 95 % interval of drawing the
            samples anew, the same for both
        samples: that both have answered
        improved: on how many the second has fewer errors
        worsened: on how many it has more
        changed: those that can be shown, the largest changes first, worsened ones before improved ones of the same size
    """

    first: str
    second: str
    split: str
    metric: str
    lower_is_better: bool
    values: tuple[float, float]
    difference: Difference
    samples: int
    improved: int
    worsened: int
    changed: tuple[ChangedSample, ...] = ()
