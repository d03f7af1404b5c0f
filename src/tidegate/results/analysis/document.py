"""The error analysis of `document`."""

from __future__ import annotations

from dataclasses import dataclass

from tidegate.results.analysis.samples import Confusion, ErrorAnalysis, Estimate, Label, LengthGroup
from tidegate.results.record import Record


@dataclass(frozen=True)
class Probability(Record):
    """A class or label, and how sure the network was of it.

    Attributes:
        label: its name
        probability: from 0 to 1
    """

    label: str
    probability: float


@dataclass(frozen=True, kw_only=True)
class TextSample(Record):
    """One text, of which the first 60 words are kept, and what the network answered.

    Attributes:
        name: the file, and the place in it
        reference: the right class or labels, or the right value
        predicted: what the network says
        confidence: its probability; null for a value
        error: 0 or 1; of a value how far off it is
        words: the words, or characters
        weights: how much less probable the answer is without each of them, or how much smaller the value; empty where
            that is not known
        length: words of the whole text
        probabilities: of the five most probable classes
    """

    name: str
    reference: str
    predicted: str
    confidence: float | None = None
    error: float | None = None
    words: tuple[str, ...] = ()
    weights: tuple[float, ...] = ()
    length: int = 0
    probabilities: tuple[Probability, ...] = ()


@dataclass(frozen=True, kw_only=True)
class DocumentAnalysis(ErrorAnalysis):
    """Texts with their classes, labels or values.

    Attributes:
        samples: up to 12, evenly spaced over the split
        worst: up to 12: the most confident mistakes, or the largest errors
        confusions: up to 40, the most frequent first; of single classes
        classes: in the order of the matrix; empty where answers are labels or values
        matrix: how often each class (row) was taken for each other one (column)
        labels: the most frequent first; empty where answers are values
        scatter: of values up to 500 pairs; null where answers are classes or labels
        errors_by_length: from short to long; empty where all are of one length
    """

    samples: tuple[TextSample, ...] = ()
    worst: tuple[TextSample, ...] = ()
    confusions: tuple[Confusion, ...] = ()
    classes: tuple[str, ...] = ()
    matrix: tuple[tuple[int, ...], ...] = ()
    labels: tuple[Label, ...] = ()
    scatter: tuple[Estimate, ...] | None = None
    errors_by_length: tuple[LengthGroup, ...] = ()
