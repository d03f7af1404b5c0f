"""Texts with their class, labels or value, and the words that the answer hangs on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from markupsafe import Markup

from tidegate.report.charts.bars import error_of, label_bars
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
from tidegate.report.tasks.page import TaskPage
from tidegate.report.tasks.value_chart import estimates
from tidegate.report.text.escape import clipped, gap, printable
from tidegate.report.text.metrics import Measure
from tidegate.report.text.wording import Wording
from tidegate.results.analysis.document import DocumentAnalysis, TextSample
from tidegate.results.samples import Samples

MARKED = 0.05
"""A word that adds at least so much to the probability of the answer is marked."""
MOST_MARKED = 5
_WORDS = Wording(
    one="text",
    many="texts",
    worst="The wrong answers given with most confidence. Some of them may be wrong in the data.",
    measured="a text of {} words",
    length="Words",
    lengths="of texts by their number of words",
)
_VALUES = replace(
    _WORDS,
    answer="estimated",
    worst="The answers that are farthest from what is right.",
)


class DocumentPage(TaskPage[DocumentAnalysis, TextSample]):
    """Texts as running text behind their answer."""

    analysis = DocumentAnalysis
    words = _WORDS
    style = SampleStyle(
        sentences=True,
        marks="Behind a text stands its answer. Marked are the words without which that would be least sure.",
    )
    both_directions = (
        "A text is complete when it is answered, so that both ends can be read from.",
        "Graves and Schmidhuber 2005, Framewise phoneme classification with bidirectional LSTM",
    )
    front_end = (
        "Reads phrases of a few words, of which the recurrent layers make a text.",
        "Zhou et al. 2015, A C-LSTM neural network for text classification",
    )

    def wording(self, analysis: DocumentAnalysis | None) -> Wording:
        """Values are estimated."""
        return _VALUES if analysis is not None and analysis.scatter is not None else _WORDS

    def samples(self, analysis: DocumentAnalysis) -> Mapping[str, TextSample]:
        """Those of the file."""
        return {sample.name: sample for sample in analysis.samples}

    def worst(self, analysis: DocumentAnalysis) -> Mapping[str, TextSample]:
        """Those of the file."""
        return {sample.name: sample for sample in analysis.worst}

    def shown(self, samples: Sequence[TextSample], analysis: DocumentAnalysis) -> list[Shown]:
        """Each text with its answer."""
        return [_shown(sample, as_values=analysis.scatter is not None) for sample in samples]

    def answered(self, source: TextSample, samples: Samples, place: int) -> TextSample:
        """With the arm's own answer; how sure it was, and of which words, is not known."""
        numerator, denominator = samples.numerator[place], samples.denominator[place]
        error = numerator if samples.root else float(numerator < denominator)
        answer = samples.answers[place]
        return replace(
            source,
            predicted=answer,
            confidence=None,
            error=error,
            weights=(),
            probabilities=(),
        )

    def class_metric(self, analysis: DocumentAnalysis) -> tuple[str, Mapping[str, float]]:
        """F1 of each class or label."""
        return "f1", {label.label: label.f1 for label in analysis.labels}

    def sections(self, analysis: DocumentAnalysis, primary: Measure) -> list[Section]:
        """Of values a chart of all first; of classes and labels metrics of each at last."""
        words, split, values = (
            self.wording(analysis),
            split_of(analysis),
            analysis.scatter is not None,
        )
        points, bars = estimates(analysis.scatter or ()), label_bars(analysis.labels)
        chart = {"estimates": points, "words": words, "split": split}
        samples, worst = (self.shown(chosen, analysis) for chosen in (analysis.samples, analysis.worst))
        return [
            *([section("estimates", "Estimates", "estimates", **chart)] if points else []),
            *sample_sections(samples, worst, words, self.style, split, farthest=values),
            *confusion_sections(
                analysis.confusions,
                words,
                self.change,
                analysis.classes,
                analysis.matrix,
            ),
            *([section("labels", "By label", "labels", labels=bars, split=split)] if bars else []),
            *length_sections(analysis.errors_by_length, words, error_of(primary, of_values=values)),
        ]


def _shown(sample: TextSample, *, as_values: bool) -> Shown:
    reference, predicted = (
        clipped(printable(text)) or "no label" for text in (sample.reference, sample.predicted)
    )
    right = not sample.error
    label = Markup("<small>{}</small>").format(predicted)
    if not right or as_values:
        label = Markup('{} <span class="meant"><i>right:</i> <small>{}</small></span>').format(
            label, reference
        )
    cut = f"first {len(sample.words)} of {sample.length} words" if sample.length > len(sample.words) else ""
    judgement = f"{sample.error or 0.0:.3g} off" if as_values else correctness(right, sample.confidence)
    return Shown(
        name=printable(sample.name),
        image=None,
        reference=Markup.escape(reference),
        answer=Markup("{} {}").format(_text(sample, as_values=as_values), label),
        right=None if as_values else right,
        told=" · ".join(part for part in (judgement, cut) if part),
    )


def _text(sample: TextSample, *, as_values: bool) -> Markup:
    """The words, those marked that the answer hangs on.

    >>> sample = TextSample(name="a", reference="x", predicted="x", words=("so", "good"), weights=(0.0, 0.6))
    >>> str(_text(sample, as_values=False)).replace("\u202f", " ")
    'so <span class="span" title="+60 %">good</span>'
    """
    words = [clipped(printable(word)) for word in sample.words]
    weights = [*sample.weights, *[0.0] * (len(words) - len(sample.weights))]
    least = min(sorted(weights, reverse=True)[:MOST_MARKED], default=0.0)
    parts: list[Markup] = []
    for place, (word, weight) in enumerate(zip(words, weights, strict=True)):
        if weight >= max(least, 1e-9 if as_values else MARKED):
            title = f"+{weight:.3g}" if as_values else f"+{weight * 100:.0f}\u202f%"
            parts.append(Markup('<span class="span" title="{}">{}</span>').format(title, word))
        else:
            parts.append(Markup.escape(word))
        if place + 1 < len(words):
            parts.append(Markup(gap(word, words[place + 1])))
    return Markup("").join(parts)


PAGE = DocumentPage()
