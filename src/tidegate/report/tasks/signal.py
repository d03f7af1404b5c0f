"""Signals with several channels: classes, or values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from markupsafe import Markup

from tidegate.report.charts.bars import error_of
from tidegate.report.samples import Shown, correctness
from tidegate.report.sections import (
    SampleStyle,
    Section,
    confusion_sections,
    length_sections,
    sample_sections,
    section,
    split_of,
)
from tidegate.report.tasks.page import TaskPage, recall
from tidegate.report.tasks.signal_chart import drawn
from tidegate.report.tasks.value_chart import estimates
from tidegate.report.text.escape import clipped, printable
from tidegate.report.text.metrics import Measure
from tidegate.report.text.wording import Wording
from tidegate.results.analysis.signal import SignalAnalysis, SignalSample
from tidegate.results.samples import Samples

_WORDS = Wording(
    one="sequence",
    many="sequences",
    picture="Signal",
    worst="The wrong answers given with most confidence.",
    harder="dropout and augmentation",
    measured="a sequence of {} steps",
    length="Steps",
    lengths="of sequences by their number of steps",
)
_VALUES = replace(_WORDS, answer="estimated", worst="The answers that are farthest from what is right.")


class SignalPage(TaskPage[SignalAnalysis, SignalSample]):
    """Signals as small charts."""

    analysis = SignalAnalysis
    words = _WORDS
    style = SampleStyle(run="tiles signals", study="beside")
    front_end = (
        "Filters the channels and shortens the sequence before the recurrent layers.",
        "Ordóñez and Roggen 2016, Deep convolutional and LSTM recurrent neural networks for activity recognition",
    )

    def wording(self, analysis: SignalAnalysis | None) -> Wording:
        """Values are estimated."""
        return _VALUES if analysis is not None and analysis.scatter is not None else _WORDS

    def samples(self, analysis: SignalAnalysis) -> Mapping[str, SignalSample]:
        """Those of the file."""
        return {sample.name: sample for sample in analysis.samples}

    def worst(self, analysis: SignalAnalysis) -> Mapping[str, SignalSample]:
        """Those of the file."""
        return {sample.name: sample for sample in analysis.worst}

    def shown(self, samples: Sequence[SignalSample], analysis: SignalAnalysis) -> list[Shown]:
        """Each with its chart. Values are nearer or farther, and never right or wrong."""
        return [_shown(sample, as_values=analysis.scatter is not None) for sample in samples]

    def answered(self, source: SignalSample, samples: Samples, place: int) -> SignalSample:
        """With the arm's own answer, whose confidence is not known."""
        return replace(source, predicted=samples.answers[place], confidence=None)

    def class_metric(self, analysis: SignalAnalysis) -> tuple[str, Mapping[str, float]]:
        """Recall."""
        return "recall", recall(analysis.classes, analysis.matrix)

    def sections(self, analysis: SignalAnalysis, primary: Measure) -> list[Section]:
        """Of values a chart of all of them first."""
        words, split, values = self.wording(analysis), split_of(analysis), analysis.scatter is not None
        points = estimates(analysis.scatter or ())
        chart = {"estimates": points, "words": words, "split": split}
        samples, worst = (self.shown(chosen, analysis) for chosen in (analysis.samples, analysis.worst))
        return [
            *([section("estimates", "Estimates", "estimates", **chart)] if points else []),
            *sample_sections(samples, worst, words, self.style, split, farthest=values),
            *confusion_sections(analysis.confusions, words, self.change, analysis.classes, analysis.matrix),
            *length_sections(analysis.errors_by_length, words, error_of(primary, of_values=values)),
        ]


def _shown(sample: SignalSample, *, as_values: bool) -> Shown:
    name = printable(sample.name)
    reference, predicted = (clipped(printable(text)) for text in (sample.reference, sample.predicted))
    return Shown(
        name=name,
        image=None,
        reference=Markup.escape(reference),
        answer=Markup.escape(predicted),
        right=None if as_values else reference == predicted,
        told=_off(sample) if as_values else correctness(reference == predicted, sample.confidence),
        signal=None if sample.signal is None else drawn(sample.signal, clipped(name)),
    )


def _off(sample: SignalSample) -> str:
    """How far an estimated value is from what is right, in the unit of both."""
    return f"{abs(float(sample.predicted) - float(sample.reference)):.3g} off"


PAGE = SignalPage()
