"""What reports say and show of one task: a record a task, and what fits any task as its base."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from tidegate.report.charts.bars import error_of
from tidegate.report.read import Json, RunFiles
from tidegate.report.samples import Shown, image_uri, judged
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

Sourced = tuple[str, str]
"""A sentence, and the paper that it is from."""


class TaskPage:
    """The pages of a task. As it is, it shows what any result may hold; a task's own page overrides what differs there.

    Attributes:
        words: What its samples and answers are called.
        style: How its samples are laid out.
        class_name: What a class is called.
        both_directions: What the literature says of bidirectional networks here; ``None``: what it says in general.
        front_end: The same of a CNN before recurrent layers.
    """

    words = Wording()
    style = SampleStyle()
    class_name = "Class"
    both_directions: Sourced | None = None
    front_end: Sourced | None = None

    def wording(self, error_analysis: Json) -> Wording:
        """The words for one run or study; ``error_analysis`` of a run may call for others."""
        return self.words

    def shown(self, examples: Sequence[Json], error_analysis: Json) -> list[Shown]:
        """Entries of ``samples`` or ``worst``, ready for the page."""
        return [self.shown_one(example) for example in examples]

    def shown_one(self, example: Json) -> Shown:
        """One of them."""
        reference, predicted = str(example.get("reference", "")), str(example.get("predicted", ""))
        right = reference == predicted
        return Shown(
            name=str(example.get("name", "")),
            image=image_uri(example.get("image")),
            reference=Markup.escape(reference),
            answer=Markup.escape(predicted),
            right=right,
            told=judged(right, example.get("confidence")),
        )

    def shared_reference(self, example: Json, shown: Shown) -> Markup | str:
        """What is right, as it stands beside the answers of several arms: without the marks against one of them."""
        return str(example.get("reference", ""))

    def answered(self, source: Json, samples: Json, place: int) -> Json:
        """The entry that an arm would have written for a sample, of which only samples.json tells its answer.

        Args:
            source: The entry of another arm.
            samples: The arm's samples.json.
            place: Of the sample in it.
        """
        kept = ("name", "reference", "image", "signal")
        error = float(samples["numerator"][place]) / max(1, float(samples["denominator"][place]))
        return {
            **{key: source[key] for key in kept if key in source},
            "predicted": samples["answers"][place],
            "error": error,
        }

    def change(self, reference: str, predicted: str) -> str:
        """A confusion in words."""
        return f"{reference} taken for {predicted}"

    def class_metric(self, error_analysis: Json) -> tuple[str, dict[str, float]]:
        """A metric's key, and its value for each class: recall, where there is a confusion matrix."""
        matrix, classes = error_analysis.get("matrix") or (), error_analysis.get("classes") or ()
        return "recall", {
            str(name): row[place] / sum(row)
            for place, (name, row) in enumerate(zip(classes, matrix, strict=True))
            if sum(row)
        }

    def sections(self, files: RunFiles, primary: Measure) -> list[Section]:
        """What a run's page shows between its metrics and its model."""
        told = files.error_analysis
        words = self.wording(told)
        return [
            *self.sample_sections(told),
            *confusion_sections(told, words, self.change),
            *length_sections(told, words, error_of(primary)),
        ]

    def sample_sections(self, error_analysis: Json) -> list[Section]:
        """Samples, and the worst mistakes."""
        samples, worst = (
            self.shown(error_analysis.get(key) or (), error_analysis) for key in ("samples", "worst")
        )
        words, split = self.wording(error_analysis), split_of(error_analysis)
        return sample_sections(samples, worst, words, self.style, split)

    def study_sections(self, board: Leaderboard, runs: Mapping[str, Sequence[RunFiles]]) -> list[Section]:
        """What a study's page shows of this task alone: arms side by side."""
        return []
