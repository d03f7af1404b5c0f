"""The error analysis of `tag`."""

from __future__ import annotations

from dataclasses import dataclass

from tidegate.results.analysis.samples import Confusion, ErrorAnalysis, Label
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
