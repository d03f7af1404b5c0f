"""What a report shows of a tagged split."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from tidegate.data.words.schemes import Scheme
from tidegate.data.words.sentence import Sentence
from tidegate.results.analysis.tag import TagAnalysis, TaggedSample
from tidegate.results.samples import Samples
from tidegate.tasks.contract import Answer
from tidegate.tasks.error_analysis import most_confused, spread, worst
from tidegate.tasks.per_sample import Units, by_sample
from tidegate.tasks.tag.answers import TagAnswer, tagged
from tidegate.tasks.tag.metrics import label_figures, span_counts

LONGEST = 60
"""Words of a sentence that a report shows."""


def tag_analysis(
    sentences: Sequence[Sentence], answers: Sequence[Answer], scheme: Scheme
) -> tuple[TagAnalysis, Samples]:
    """Sentences spread over the split, those with most wrong tags, what is taken for what, and figures by label."""
    said = tagged(answers)
    wrong = [_wrong(sentence, answer) for sentence, answer in zip(sentences, said, strict=True)]
    pairs = Counter(
        (reference, tag)
        for sentence, answer in zip(sentences, said, strict=True)
        for reference, tag in zip(sentence.tags, answer.tags, strict=True)
        if reference != tag
    )
    analysis = TagAnalysis(
        samples=tuple(_shown(sentences[i], said[i], wrong[i]) for i in spread(len(said))),
        worst=tuple(_shown(sentences[i], said[i], wrong[i]) for i in worst(wrong)),
        confusions=most_confused(pairs),
        labels=label_figures(
            [sentence.tags for sentence in sentences], [answer.tags for answer in said], scheme
        ),
    )
    return analysis, _by_sample(sentences, said, wrong, scheme)


def _by_sample(
    sentences: Sequence[Sentence], said: Sequence[TagAnswer], wrong: Sequence[int], scheme: Scheme
) -> Samples:
    """F1 of entities, or where tags are plain the accuracy of words."""
    lengths = [len(sentence) for sentence in sentences]
    texts = {
        "names": [sentence.name for sentence in sentences],
        "references": [" ".join(sentence.tags) for sentence in sentences],
        "answers": [" ".join(answer.tags) for answer in said],
    }
    documents = Units("document", [f"{sentence.file} {sentence.document}" for sentence in sentences])
    units = Units.groups([sentence.group for sentence in sentences], documents)
    if scheme.name == "none":
        right = [length - missed for length, missed in zip(lengths, wrong, strict=True)]
        return by_sample("accuracy", right, lengths, length=lengths, units=units, texts=texts)
    hits, sizes = span_counts([one.tags for one in sentences], [answer.tags for answer in said], scheme)
    return by_sample("f1", hits, sizes, length=lengths, units=units, texts=texts)


def _wrong(sentence: Sentence, answer: TagAnswer) -> int:
    return sum(a != b for a, b in zip(sentence.tags, answer.tags, strict=True))


def _shown(sentence: Sentence, answer: TagAnswer, wrong: int) -> TaggedSample:
    return TaggedSample(
        name=sentence.name,
        words=tuple(sentence.words[:LONGEST]),
        reference=tuple(sentence.tags[:LONGEST]),
        predicted=tuple(answer.tags[:LONGEST]),
        sure=tuple(round(one, 4) for one in answer.sure[:LONGEST]),
        wrong=wrong,
        length=len(sentence),
    )
