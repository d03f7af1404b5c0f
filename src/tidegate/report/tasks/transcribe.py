"""Lines of text: what was read, with what differs marked."""

from __future__ import annotations

from dataclasses import replace

from tidegate.report.samples import Shown, correctness, image_uri
from tidegate.report.tasks.page import SamplePage
from tidegate.report.tasks.text_diff import difference
from tidegate.report.text.escape import named
from tidegate.report.text.metrics import measure
from tidegate.report.text.wording import Wording
from tidegate.results.analysis.samples import Sample
from tidegate.results.samples import Samples


class TranscribePage(SamplePage):
    """Lines below each other, edits marked."""

    words = Wording(
        one="line",
        many="lines",
        picture="Line image",
        reference="reference",
        answer="read",
        worst="The lines with the highest error rate. Some of them may be wrong in the reference.",
        confusions="Characters taken for others",
        arrow="Is → read",
        harder="dropout and augmentation",
        measured="one line",
        length="Characters",
        lengths="of lines by the number of characters in their reference",
    )
    both_directions = (
        "A line is complete when it is read, and a character's shape hangs on both its neighbours.",
        "Graves et al. 2009, A novel connectionist system for unconstrained handwriting recognition",
    )
    front_end = (
        "Takes the place of features made by hand; it and the recurrent layers are learnt together.",
        "Shi, Bai and Yao 2017, An end-to-end trainable neural network for image-based sequence recognition",
    )

    def shown_one(self, sample: Sample) -> Shown:
        """Both texts with marks, and how many edits lie between them."""
        marked = difference(sample.reference, sample.predicted)
        right, wrong, edits = sample.reference == sample.predicted, "wrong", sample.edits
        if edits is not None:
            wrong = f"{edits} edit{'' if edits == 1 else 's'} · CER {measure('cer').text(sample.error)}"
        return Shown(
            name=sample.name,
            image=image_uri(sample.image),
            reference=marked.reference,
            answer=marked.answer,
            right=right,
            told=correctness(right, sample.confidence, wrong),
        )

    def answered(self, source: Sample, samples: Samples, place: int) -> Sample:
        """With its edits, which are what samples.json counts."""
        return replace(super().answered(source, samples, place), edits=int(samples.numerator[place]))

    def change(self, reference: str, predicted: str) -> str:
        """One character read as another, missed or added."""
        if not predicted:
            return f"missed {named(reference)}"
        if not reference:
            return f"added {named(predicted)}"
        return f"{named(reference)} read as {named(predicted)}"


PAGE = TranscribePage()
