"""samples.json: the primary metric of a run, taken apart sample by sample."""

from __future__ import annotations

from dataclasses import dataclass

from tidegate.results.record import Record


@dataclass(frozen=True, kw_only=True)
class Samples(Record):
    """What each sample adds to the primary metric: by it studies compare runs sample by sample.

    Attributes:
        split: which part of the data it is from
        metric: name of the metric
        root: whether the metric is the square root of the ratio of the two sums
        of: how many samples there are; of more than 20,000 evenly spaced ones are kept
        numerator: of each sample; the metric is the ratio of the sums
        denominator: of each sample
        unit: what varies on its own, where that is more than a sample: `page`, `document`, `group`, `series`; empty
            where it is a sample
        cluster: the number of the unit that each sample is of; empty likewise
        length: of each sample in characters, words or steps; empty where all are as long
        names: what each sample is called; empty where answers are no texts, or there are more than 5,000
        references: the right answers, or the tags of a sentence joined by spaces; empty likewise
        answers: those of the network; empty likewise
    """

    split: str = ""
    metric: str
    root: bool = False
    of: int
    numerator: tuple[float, ...]
    denominator: tuple[float, ...]
    unit: str = ""
    cluster: tuple[int, ...] = ()
    length: tuple[int, ...] = ()
    names: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
