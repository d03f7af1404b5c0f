"""What any task may leave: samples, mistakes, confusions, figures by label and length."""

from __future__ import annotations

from dataclasses import dataclass

from tidegate.results.record import Record


@dataclass(frozen=True, kw_only=True)
class ErrorAnalysis(Record):
    """What every error analysis holds; each task has a type of its own.

    Attributes:
        task: name of the task
        split: which part of the data it is from
    """

    task: str = ""
    split: str = ""


@dataclass(frozen=True, kw_only=True)
class Sample(Record):
    """One sample, and what the network answered.

    Attributes:
        name: the file, or file and line
        reference: what is right
        predicted: what the network says
        confidence: its probability
        error: how wrong that is: of texts the character error rate, of classes 0 or 1, of values the distance
        edits: of texts how many characters must change
        image: a PNG in base64
    """

    name: str
    reference: str
    predicted: str
    confidence: float | None = None
    error: float | None = None
    edits: int | None = None
    image: str | None = None


@dataclass(frozen=True)
class Confusion(Record):
    """What was taken for what.

    Attributes:
        reference: what it is; empty for something that was added
        predicted: what it was taken for; empty for something that was missed
        count: how often
    """

    reference: str
    predicted: str
    count: int


@dataclass(frozen=True)
class LengthGroup(Record):
    """Samples of about one length.

    Attributes:
        length: from and to
        samples: how many there are
        value: their error
    """

    length: str
    samples: int
    value: float | None


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


@dataclass(frozen=True)
class Estimate(Record):
    """A value and what the network says.

    Attributes:
        reference: what is right
        predicted: what was estimated
    """

    reference: float | None
    predicted: float | None


@dataclass(frozen=True, kw_only=True)
class SampleAnalysis(ErrorAnalysis):
    """Samples and confusions: `classify`, `transcribe`, and tasks of your own.

    Attributes:
        samples: up to 12, evenly spaced over the split and not picked by their result
        worst: up to 12 mistakes
        confusions: up to 40, the most frequent first
        classes: of `classify`, in the order of the matrix
        matrix: how often each class (row) was taken for each other one (column)
        errors_by_length: of `transcribe`, from short to long
    """

    samples: tuple[Sample, ...] = ()
    worst: tuple[Sample, ...] = ()
    confusions: tuple[Confusion, ...] = ()
    classes: tuple[str, ...] = ()
    matrix: tuple[tuple[int, ...], ...] = ()
    errors_by_length: tuple[LengthGroup, ...] = ()
