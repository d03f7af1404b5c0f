"""What reports say and show of one task: a record a task, and what fits any task as its base."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Generic, TypeVar

from markupsafe import Markup

from tidegate.report.charts.bars import error_of
from tidegate.report.read import RunFiles
from tidegate.report.samples import Shown, correctness, image_uri
from tidegate.report.sections import (
    SampleStyle,
    Section,
    confusion_sections,
    length_sections,
    sample_sections,
    split_of,
)
from tidegate.report.study.leaderboard import Leaderboard
from tidegate.report.text.metrics import Measure
from tidegate.report.text.wording import Wording
from tidegate.results.analysis.samples import ErrorAnalysis, Sample, SampleAnalysis
from tidegate.results.samples import Samples

Sourced = tuple[str, str]
"""A sentence, and the paper that it is from."""

A = TypeVar("A", bound=ErrorAnalysis)
S = TypeVar("S")


class TaskPage(Generic[A, S]):
    """The pages of a task: what all of them have. Without samples and sections of its own it shows metrics alone.

    Attributes:
        analysis: The type of its error_analysis.json.
        words: What its samples and answers are called.
        style: How its samples are laid out.
        class_name: What a class is called.
        both_directions: What the literature says of bidirectional networks here; ``None``: what it says in general.
        front_end: The same of a CNN before recurrent layers.
    """

    analysis: type[A]
    words = Wording()
    style = SampleStyle()
    class_name = "Class"
    both_directions: Sourced | None = None
    front_end: Sourced | None = None

    def wording(self, analysis: A | None) -> Wording:
        """The words for one run or study, whose error analysis may call for others."""
        return self.words

    def samples(self, analysis: A) -> Mapping[str, S]:
        """Samples by their names: those that were not picked by their result."""
        return {}

    def worst(self, analysis: A) -> Mapping[str, S]:
        """The worst mistakes by their names."""
        return {}

    def shown(self, samples: Sequence[S], analysis: A) -> list[Shown]:
        """Samples, ready for the page."""
        return []

    def shared_reference(self, sample: S, shown: Shown) -> Markup | str:
        """What is right, as it stands beside the answers of several arms: without the marks against one of them."""
        return shown.reference

    def answered(self, source: S, samples: Samples, place: int) -> S:
        """What an arm has answered to a sample, of which only samples.json tells its answer.

        Args:
            source: The sample, as another arm has answered it.
            samples: The arm's samples.json.
            place: Of the sample in it.
        """
        return source

    def change(self, reference: str, predicted: str) -> str:
        """A confusion in words."""
        return f"{reference} taken for {predicted}"

    def class_metric(self, analysis: A) -> tuple[str, Mapping[str, float]]:
        """A metric's key, and its value for each class; empty without classes."""
        return "", {}

    def sections(self, analysis: A, primary: Measure) -> list[Section]:
        """What a run's page shows between its metrics and its model."""
        return []

    def study_sections(self, board: Leaderboard, runs: Mapping[str, Sequence[RunFiles]]) -> list[Section]:
        """What a study's page shows of this task alone: arms side by side."""
        return []

    def analyses(self, files: Sequence[RunFiles]) -> list[A]:
        """The error analyses of some runs, of this task's type."""
        return [run.error_analysis for run in files if isinstance(run.error_analysis, self.analysis)]


class SamplePage(TaskPage[SampleAnalysis, Sample]):
    """Samples, mistakes and confusions: the page of a task that has none of its own."""

    analysis = SampleAnalysis

    def samples(self, analysis: SampleAnalysis) -> Mapping[str, Sample]:
        """Those of the file."""
        return {sample.name: sample for sample in analysis.samples}

    def worst(self, analysis: SampleAnalysis) -> Mapping[str, Sample]:
        """Those of the file."""
        return {sample.name: sample for sample in analysis.worst}

    def shown(self, samples: Sequence[Sample], analysis: SampleAnalysis) -> list[Shown]:
        """Each by itself."""
        return [self.shown_one(sample) for sample in samples]

    def shown_one(self, sample: Sample) -> Shown:
        """One sample."""
        right = sample.reference == sample.predicted
        return Shown(
            name=sample.name,
            image=image_uri(sample.image),
            reference=Markup.escape(sample.reference),
            answer=Markup.escape(sample.predicted),
            right=right,
            told=correctness(right, sample.confidence),
        )

    def shared_reference(self, sample: Sample, shown: Shown) -> Markup | str:
        """As it is."""
        return sample.reference

    def answered(self, source: Sample, samples: Samples, place: int) -> Sample:
        """With the arm's own answer, whose confidence is not known."""
        return Sample(
            name=source.name,
            reference=source.reference,
            predicted=samples.answers[place],
            error=samples.numerator[place] / max(1, samples.denominator[place]),
            image=source.image,
        )

    def class_metric(self, analysis: SampleAnalysis) -> tuple[str, Mapping[str, float]]:
        """Recall."""
        return "recall", recall(analysis.classes, analysis.matrix)

    def sections(self, analysis: SampleAnalysis, primary: Measure) -> list[Section]:
        """Samples, confusions, errors by length."""
        samples, worst = (self.shown(chosen, analysis) for chosen in (analysis.samples, analysis.worst))
        words = self.wording(analysis)
        return [
            *sample_sections(samples, worst, words, self.style, split_of(analysis)),
            *confusion_sections(analysis.confusions, words, self.change, analysis.classes, analysis.matrix),
            *length_sections(analysis.errors_by_length, words, error_of(primary)),
        ]


def recall(classes: Sequence[str], matrix: Sequence[Sequence[int]]) -> dict[str, float]:
    """Of each class that is there the share that was found.

    >>> recall(["a", "b"], [[3, 1], [0, 0]])
    {'a': 0.75}
    """
    return {
        name: row[place] / sum(row)
        for place, (name, row) in enumerate(zip(classes, matrix, strict=True))
        if sum(row)
    }


ANY = SamplePage()
