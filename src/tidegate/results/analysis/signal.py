"""The error analysis of `signal`."""

from __future__ import annotations

from dataclasses import dataclass

from tidegate.results.analysis.samples import Confusion, ErrorAnalysis, Estimate, LengthGroup
from tidegate.results.record import Record


@dataclass(frozen=True)
class Curves(Record):
    """A signal that can be drawn.

    Attributes:
        channels: names of up to 6
        values: of each channel, thinned to 240 points: the least and the greatest of each stretch
        steps: of the whole signal
        rate: steps a second; null where it is not known
    """

    channels: tuple[str, ...]
    values: tuple[tuple[float | None, ...], ...]
    steps: int
    rate: float | None


@dataclass(frozen=True, kw_only=True)
class SignalSample(Record):
    """One sequence, and what the network answered.

    Attributes:
        name: the file, or its place in it
        reference: the right class, or the right value
        predicted: what the network says
        confidence: its probability; null for a value
        error: 0 or 1; of a value how far off it is
        signal: what was seen
    """

    name: str
    reference: str
    predicted: str
    confidence: float | None = None
    error: float | None = None
    signal: Curves | None = None


@dataclass(frozen=True, kw_only=True)
class SignalAnalysis(ErrorAnalysis):
    """Sequences with their classes or values.

    Attributes:
        samples: up to 10, evenly spaced over the split
        worst: up to 10: the most confident mistakes, or the largest errors
        confusions: up to 40, the most frequent first
        classes: in the order of the matrix; empty where answers are values
        matrix: how often each class (row) was taken for each other one (column)
        scatter: of values up to 500 pairs of `reference` and `predicted`; null where answers are classes
        errors_by_length: from short to long; empty where all are of one length
    """

    samples: tuple[SignalSample, ...] = ()
    worst: tuple[SignalSample, ...] = ()
    confusions: tuple[Confusion, ...] = ()
    classes: tuple[str, ...] = ()
    matrix: tuple[tuple[int, ...], ...] = ()
    scatter: tuple[Estimate, ...] | None = None
    errors_by_length: tuple[LengthGroup, ...] = ()
