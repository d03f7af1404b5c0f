"""Sentences and their tags: spans and labels."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from tidegate.data.words.schemes import OUTSIDE, Scheme, split_tag
from tidegate.report.charts.bars import label_bars, symbol
from tidegate.report.read import Json, RunFiles
from tidegate.report.samples import Shown
from tidegate.report.sections import SampleStyle, Section, section, split_of
from tidegate.report.tasks.page import TaskPage
from tidegate.report.tasks.tagged_sentence import answered, confidence, meant, scheme_of, tagged
from tidegate.report.text.metrics import Measure
from tidegate.report.text.wording import Wording


class TagPage(TaskPage):
    """Sentences as running text, with boxes where they are wrong."""

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

    def shown(self, examples: Sequence[Json], error_analysis: Json) -> list[Shown]:
        """All with one scheme for their tags."""
        scheme = scheme_of(examples)
        return [_shown(example, scheme) for example in examples]

    def shared_reference(self, example: Json, shown: Shown) -> Markup | str:
        """Its spans, which are the same for all."""
        return shown.reference

    def answered(self, source: Json, samples: Json, place: int) -> Json:
        """Its tags; how sure they were is not told."""
        kept = {key: source[key] for key in ("name", "reference", "words", "length") if key in source}
        answer = str(samples["answers"][place])
        return {**kept, "predicted": answer.split(" ")[: len(source["words"])], "wrong": None}

    def change(self, reference: str, predicted: str) -> str:
        """Of two labels, or of where a span begins and ends.

        >>> PAGE.change("B-NP", "I-NP"), PAGE.change("O", "B-NP"), PAGE.change("NN", "JJ")
        ('NP begins or ends elsewhere', 'outside, tagged NP', 'NN taken for JJ')
        """
        is_, said = (symbol(split_tag(tag)[1] or tag) for tag in (reference, predicted))
        if reference == OUTSIDE:
            return f"outside, tagged {said}"
        if predicted == OUTSIDE:
            return f"{is_} missed"
        return f"{is_} begins or ends elsewhere" if is_ == said else f"{is_} taken for {said}"

    def class_metric(self, error_analysis: Json) -> tuple[str, dict[str, float]]:
        """F1 of each label."""
        return "f1", {str(one["label"]): float(one["f1"]) for one in error_analysis.get("labels") or ()}

    def sections(self, files: RunFiles, primary: Measure) -> list[Section]:
        """Samples and confusions, then metrics by label."""
        told = files.error_analysis
        bars = label_bars(told.get("labels") or ())
        labels = [section("labels", "By label", "labels", labels=bars, split=split_of(told))] if bars else []
        return [*super().sections(files, primary), *labels]


def _shown(example: Json, scheme: Scheme) -> Shown:
    sentence = tagged(example, scheme)
    length = int(example.get("length") or len(sentence.words))
    wrong = sentence.wrong if example.get("wrong") is None else int(example["wrong"])
    cut = f"first {len(sentence.words)} of {length} words" if length > len(sentence.words) else ""
    tags = "1 word" if length == 1 else f"{length} words"
    told = (f"{wrong} of {tags} wrong" if wrong else f"all of {tags} right", confidence(sentence), cut)
    return Shown(
        name=str(example.get("name", "")),
        image=None,
        reference=meant(sentence),
        answer=answered(sentence),
        right=not wrong,
        told=" · ".join(part for part in told if part),
    )


PAGE = TagPage()
