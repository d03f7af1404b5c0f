"""Cheap baselines of a tagger: each word's most frequent tag, and a CRF on features that people have written."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

from tidegate.data.words.schemes import Scheme
from tidegate.data.words.sentence import Sentence
from tidegate.tasks.contract import Baselines
from tidegate.tasks.tag.metrics import tag_metrics

CRF_ITERATIONS = 100


def tag_baselines(train: Sequence[Sentence], test: Sequence[Sentence], scheme: Scheme) -> Baselines:
    """Figures of the baselines; the CRF only where sklearn-crfsuite is installed."""
    references = [sentence.tags for sentence in test]
    baselines = {"most frequent tag": most_frequent(train, test)}
    if find_spec("sklearn_crfsuite") is not None:
        baselines["CRF on features"] = crf_on_features(train, test)
    return Baselines({name: tag_metrics(references, tags, scheme) for name, tags in baselines.items()})


def most_frequent(train: Sequence[Sentence], test: Sequence[Sentence]) -> list[list[str]]:
    """The tag that each word has most often; a new word gets that of all words seen once, or of all words.

    >>> seen = Sentence("a", ("the", "tide", "the"), ("DT", "NN", "DT"))
    >>> most_frequent([seen], [Sentence("b", ("the", "gate"))])
    [['DT', 'NN']]
    """
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for sentence in train:
        for word, tag in zip(sentence.words, sentence.tags, strict=True):
            counts[word][tag] += 1
    rare = Counter(tag for tags in counts.values() if tags.total() == 1 for tag in tags)
    every = Counter[str]()
    for tags in counts.values():
        every.update(tags)
    unknown = (rare or every).most_common(1)[0][0]
    best = {word: tags.most_common(1)[0][0] for word, tags in counts.items()}
    return [[best.get(word, unknown) for word in sentence.words] for sentence in test]


def crf_on_features(train: Sequence[Sentence], test: Sequence[Sentence]) -> list[list[str]]:
    """A linear-chain CRF on the usual features of a word and its neighbours (sklearn-crfsuite, L-BFGS)."""
    from sklearn_crfsuite import CRF  # pyright: ignore[reportMissingTypeStubs]

    model: Any = CRF(c1=0.1, c2=0.01, max_iterations=CRF_ITERATIONS, all_possible_transitions=True)
    model.fit([features(one) for one in train], [list(one.tags) for one in train])
    return [list(tags) for tags in model.predict([features(one) for one in test])]


def features(sentence: Sentence) -> list[list[str]]:
    """What the CRF sees of each word: itself, its shape and affixes, its columns; two neighbours on both sides.

    >>> features(Sentence("a", ("Tides",)))[0][:3]
    ['bias', 'w=tides', 'title']
    """
    own = [_of_word(word) for word in sentence.words]
    columns = [[f"c{i}={value}" for i, value in enumerate(row)] for row in sentence.features]
    rows: list[list[str]] = []
    for place in range(len(sentence)):
        row = ["bias", *own[place]]
        for shift in (-2, -1, 0, 1, 2):
            there = place + shift
            if not 0 <= there < len(sentence):
                row.append(f"{shift}:edge")
                continue
            if shift:
                row += [f"{shift}:{one}" for one in own[there][: 2 if abs(shift) > 1 else 6]]
            if columns:
                row += [f"{shift}:{one}" for one in columns[there]]
                if there + 1 < len(sentence) and shift < 2:
                    row += [
                        f"{shift}:{a}/{b}" for a, b in zip(columns[there], columns[there + 1], strict=True)
                    ]
        if place:
            row.append(f"-1/0:{sentence.words[place - 1].lower()}/{sentence.words[place].lower()}")
        rows.append(row)
    return rows


def _of_word(word: str) -> list[str]:
    low = word.lower()
    shape = (
        "upper" if word.isupper() else "title" if word.istitle() else "digits" if word.isdigit() else "other"
    )
    row = [f"w={low}", shape, f"s3={low[-3:]}", f"s2={low[-2:]}", f"p3={low[:3]}", f"p2={low[:2]}"]
    if any(character.isdigit() for character in word):
        row.append("digit")
    if "-" in word:
        row.append("hyphen")
    return row
