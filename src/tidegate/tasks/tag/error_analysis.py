"""What a report shows of a tagged split."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from tidegate.data.words.schemes import Scheme
from tidegate.data.words.sentence import Sentence
from tidegate.tasks.contract import Answer, Json
from tidegate.tasks.per_sample import by_sample
from tidegate.tasks.tag.answers import TagAnswer, tagged
from tidegate.tasks.tag.metrics import label_figures, span_counts

SHOWN = 12
SHOWN_CONFUSIONS = 40
LONGEST = 60
"""Words of a sentence that a report shows."""


def tag_analysis(sentences: Sequence[Sentence], answers: Sequence[Answer], scheme: Scheme) -> Json:
    """Sentences spread over the split, those with most wrong tags, what is taken for what, and figures by label."""
    said = tagged(answers)
    wrong = [_wrong(sentence, answer) for sentence, answer in zip(sentences, said, strict=True)]
    worst = sorted(range(len(wrong)), key=lambda i: (-wrong[i], i))[:SHOWN]
    spread = [len(said) * i // SHOWN for i in range(SHOWN)] if len(said) > SHOWN else range(len(said))
    pairs = Counter(
        (reference, tag)
        for sentence, answer in zip(sentences, said, strict=True)
        for reference, tag in zip(sentence.tags, answer.tags, strict=True)
        if reference != tag
    )
    return {
        "samples": [_shown(sentences[i], said[i], wrong[i]) for i in spread],
        "worst": [_shown(sentences[i], said[i], wrong[i]) for i in worst if wrong[i]],
        "confusions": [
            {"reference": reference, "predicted": tag, "count": count}
            for (reference, tag), count in pairs.most_common(SHOWN_CONFUSIONS)
        ],
        "labels": label_figures(
            [sentence.tags for sentence in sentences], [answer.tags for answer in said], scheme
        ),
        "by_sample": _by_sample(sentences, said, wrong, scheme),
    }


def _by_sample(
    sentences: Sequence[Sentence], said: Sequence[TagAnswer], wrong: Sequence[int], scheme: Scheme
) -> Json:
    """F1 of entities, or where tags are plain the accuracy of words."""
    lengths = [len(sentence) for sentence in sentences]
    texts = {
        "names": [sentence.name for sentence in sentences],
        "references": [" ".join(sentence.tags) for sentence in sentences],
        "answers": [" ".join(answer.tags) for answer in said],
    }
    if scheme.name == "none":
        right = [length - missed for length, missed in zip(lengths, wrong, strict=True)]
        return by_sample("accuracy", right, lengths, length=lengths, texts=texts)
    hits, sizes = span_counts([one.tags for one in sentences], [answer.tags for answer in said], scheme)
    return by_sample("f1", hits, sizes, length=lengths, texts=texts)


def _wrong(sentence: Sentence, answer: TagAnswer) -> int:
    return sum(a != b for a, b in zip(sentence.tags, answer.tags, strict=True))


def _shown(sentence: Sentence, answer: TagAnswer, wrong: int) -> Json:
    return {
        "name": sentence.name,
        "words": list(sentence.words[:LONGEST]),
        "reference": list(sentence.tags[:LONGEST]),
        "predicted": list(answer.tags[:LONGEST]),
        "sure": [round(one, 4) for one in answer.sure[:LONGEST]],
        "wrong": wrong,
        "length": len(sentence),
    }
