"""Sentences and their tags: spans and labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from tidegate.data.words.schemes import OUTSIDE, Scheme, split_tag
from tidegate.report.charts.bars import label_bars, symbol
from tidegate.report.samples import Shown
from tidegate.report.sections import (
    SampleStyle,
    Section,
    confusion_sections,
    sample_sections,
    section,
    split_of,
)
from tidegate.report.tasks.page import TaskPage
from tidegate.report.tasks.tagged_sentence import answered, confidence, meant, scheme_of, tagged
from tidegate.report.text.metrics import Measure
from tidegate.report.text.wording import Wording
from tidegate.results.analysis.tag import TagAnalysis, TaggedSample
from tidegate.results.samples import Samples


class TagPage(TaskPage[TagAnalysis, TaggedSample]):
    """Sentences as running text, with boxes where they are wrong."""

    analysis = TagAnalysis
    words = Wording(
        one="sentence",
        many="sentences",
        reads="tags",
        reading="Tagging",
        reference="reference",
        answer="tagged",
        worst="The sentences with most wrong tags. Some of them may be wrong in the reference.",
        confusions="Tags taken for others",
        arrow="Is → tagged",
        measured="a sentence of {} words",
        length="Words",
        lengths="of sentences by their number of words",
    )
    style = SampleStyle(
        sentences=True,
        marks="Spans are as they were tagged, their label behind them; a box marked ✗ holds what was tagged, how sure "
        "that was, and what is right.",
    )
    class_name = "Label"
    both_directions = (
        "A word's tag hangs on the words after it as well, and a sentence is complete when it is tagged.",
        "Huang, Xu and Yu 2015, Bidirectional LSTM-CRF models for sequence tagging",
    )
    front_end = (
        "Sees a window of words; what lies beyond it the recurrent layers must carry.",
        "Collobert et al. 2011, Natural language processing (almost) from scratch",
    )

    def samples(self, analysis: TagAnalysis) -> Mapping[str, TaggedSample]:
        """Those of the file."""
        return {sample.name: sample for sample in analysis.samples}

    def worst(self, analysis: TagAnalysis) -> Mapping[str, TaggedSample]:
        """Those of the file."""
        return {sample.name: sample for sample in analysis.worst}

    def shown(self, samples: Sequence[TaggedSample], analysis: TagAnalysis) -> list[Shown]:
        """All with one scheme for their tags."""
        scheme = scheme_of(samples)
        return [_shown(sample, scheme) for sample in samples]

    def answered(self, source: TaggedSample, samples: Samples, place: int) -> TaggedSample:
        """Its tags; how sure they were is not told."""
        tags = samples.answers[place].split(" ")[: len(source.words)]
        return replace(source, predicted=tuple(tags), sure=(), wrong=None)

    def change(self, reference: str, predicted: str) -> str:
        """Of two labels, or of where a span begins and ends.

        >>> PAGE.change("B-NP", "I-NP"), PAGE.change("O", "B-NP"), PAGE.change("NN", "JJ")
        ('NP begins or ends elsewhere', 'outside, tagged NP', 'NN taken for JJ')
        """
        right, given = (symbol(split_tag(tag)[1] or tag) for tag in (reference, predicted))
        if reference == OUTSIDE:
            return f"outside, tagged {given}"
        if predicted == OUTSIDE:
            return f"{right} missed"
        return f"{right} begins or ends elsewhere" if right == given else f"{right} taken for {given}"

    def class_metric(self, analysis: TagAnalysis) -> tuple[str, Mapping[str, float]]:
        """F1 of each label."""
        return "f1", {label.label: label.f1 for label in analysis.labels}

    def sections(self, analysis: TagAnalysis, primary: Measure) -> list[Section]:
        """Samples and confusions, then metrics by label."""
        samples, worst = (self.shown(chosen, analysis) for chosen in (analysis.samples, analysis.worst))
        bars, split = label_bars(analysis.labels), split_of(analysis)
        labels = [section("labels", "By label", "labels", labels=bars, split=split)] if bars else []
        return [
            *sample_sections(samples, worst, self.words, self.style, split),
            *confusion_sections(analysis.confusions, self.words, self.change),
            *labels,
        ]


def _shown(sample: TaggedSample, scheme: Scheme) -> Shown:
    sentence = tagged(sample, scheme)
    length = sample.length
    wrong = sentence.wrong if sample.wrong is None else sample.wrong
    cut = f"first {len(sentence.words)} of {length} words" if length > len(sentence.words) else ""
    tags = "1 word" if length == 1 else f"{length} words"
    parts = (f"{wrong} of {tags} wrong" if wrong else f"all of {tags} right", confidence(sentence), cut)
    return Shown(
        name=sample.name,
        image=None,
        reference=meant(sentence),
        answer=answered(sentence),
        right=not wrong,
        told=" · ".join(part for part in parts if part),
    )


PAGE = TagPage()
