"""The error analysis of `tag`."""

from __future__ import annotations

from dataclasses import dataclass

from tidegate.results.analysis.samples import Confusion, ErrorAnalysis
from tidegate.results.record import Record


@dataclass(frozen=True, kw_only=True)
class TaggedSample(Record):
    """One sentence, of which the first 60 words are kept.

    Attributes:
        name: file and line
        words: the words
        reference: their right tags
        predicted: the tags that the network gives
        sure: the probability of each of them; empty where it is not known
        wrong: how many tags of the whole sentence are wrong; null where that is not known
        length: words of the whole sentence
    """

    name: str
    words: tuple[str, ...]
    reference: tuple[str, ...]
    predicted: tuple[str, ...]
    sure: tuple[float | None, ...] = ()
    wrong: int | None = None
    length: int


@dataclass(frozen=True)
class Label(Record):
    """One label, or one tag where there is no scheme.

    Attributes:
        label: its name
        count: how often it is there
        precision: of those that were found, the share that is right
        recall: of those that are there, the share that was found
        f1: their harmonic mean
    """

    label: str
    count: int
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, kw_only=True)
class TagAnalysis(ErrorAnalysis):
    """Sentences and labels.

    Attributes:
        samples: up to 12 sentences, evenly spaced over the split
        worst: up to 12 with most wrong tags
        confusions: up to 40, of tags, the most frequent first
        labels: the most frequent first
    """

    samples: tuple[TaggedSample, ...] = ()
    worst: tuple[TaggedSample, ...] = ()
    confusions: tuple[Confusion, ...] = ()
    labels: tuple[Label, ...] = ()
