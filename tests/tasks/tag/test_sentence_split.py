"""Sentences as batches: every word once with its own numbers, in the epoch's order."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
import torch

from tidegate.config.tasks.tag import TagSpec
from tidegate.data.words.sentence import Sentence
from tidegate.tasks.tag.linear_features import direct_features
from tidegate.tasks.tag.split import SentenceSplit
from tidegate.tasks.tag.vocabulary import TagVocabulary, learn_vocabulary
from tidegate.tasks.words.features import UNKNOWN
from tidegate.tasks.words.numbering import ALONE, MOST_PADDED
from tidegate.tasks.words.vocabulary import case_of

WORDS = ("The", "tide", "1,000", "USA", "left", "春")


def drawn(count: int, longest: int, seed: int = 0) -> list[Sentence]:
    chance = np.random.default_rng(seed)
    made: list[Sentence] = []
    for number in range(count):
        length = int(chance.integers(1, longest + 1))
        words = tuple(chance.choice(WORDS, size=length).tolist())
        tags = tuple(chance.choice(["O", "S-X"], size=length).tolist())
        made.append(Sentence(f"a:{number}", words, tags, tuple((word[:1],) for word in words)))
    return made


def vocabulary_of(sentences: list[Sentence]) -> TagVocabulary:
    return learn_vocabulary(sentences, ["O", "S-X"], TagSpec(affixes=1))


def split_of(sentences: list[Sentence], *, tagged: bool = True) -> SentenceSplit:
    return SentenceSplit(
        sentences, vocabulary_of(sentences), [one.tags for one in sentences] if tagged else None
    )


def test_a_batch_is_every_words_own_numbers() -> None:
    sentences = drawn(9, 6)
    vocabulary, split = vocabulary_of(sentences), split_of(sentences)
    words = vocabulary.words
    indices = [7, 0, 3]
    batch = split.batch(indices)
    tokens = batch.tokens
    assert batch.samples == 3 and batch.usual == pytest.approx(np.mean([len(one) for one in sentences]))
    for row, index in enumerate(indices):
        sentence = sentences[index]
        assert tokens.lengths[row] == len(sentence)
        direct = direct_features(sentence, 1, words.normal)
        for place, word in enumerate(sentence.words):
            form = int(tokens.forms[row, place])
            spelling = tokens.characters[form, : tokens.character_lengths[form]]
            assert spelling.tolist() == words.spelling(word)
            assert tokens.words[row, place] == words.word_numbers.get(words.normal(word), UNKNOWN)
            assert tokens.cases[form] == case_of(word)
            assert tokens.affixes[form].tolist() == words.affixes_of(word)
            assert tokens.columns[row, place].tolist() == [words.column_numbers[0][word[:1]]]
            assert batch.tags[row, place] == vocabulary.tag_numbers[sentence.tags[place]]
            expected = [known.get(values[place], UNKNOWN) for known, values in zip(
                vocabulary.direct_numbers, direct, strict=True)]  # fmt: skip
            assert tokens.direct[row, place].tolist() == expected
        for padded in (tokens.words, tokens.columns, tokens.direct, batch.tags):
            assert torch.count_nonzero(padded[row, len(sentence) :]) == 0


def test_forms_of_a_batch_stand_once() -> None:
    split = split_of(drawn(30, 9))
    tokens = split.batch(list(range(30))).tokens
    assert len(tokens.characters) <= len(WORDS)
    assert torch.equal(tokens.forms.unique(), torch.arange(len(tokens.characters)))


@pytest.mark.parametrize("batch_size", [1, 4, 64])
def test_every_sentence_comes_once_an_epoch(batch_size: int) -> None:
    split = split_of(drawn(50, 12))
    plans = [split.plan(batch_size, 3, epoch) for epoch in (0, 1)]
    for plan in [*plans, split.plan_in_order(batch_size)]:
        assert Counter(index for batch in plan for index in batch) == Counter(range(50))
    assert plans[0] == split.plan(batch_size, 3, 0) != plans[1]
    assert len(plans[0]) == len(plans[1])
    assert max(map(len, plans[0])) <= batch_size


def test_very_long_sentences_are_batches_of_their_own() -> None:
    long = [Sentence("long", ("tide",) * (ALONE + 1), ("O",) * (ALONE + 1), (("t",),) * (ALONE + 1))] * 2
    split = split_of([*drawn(10, 5), *long])
    plan = split.plan(8, 0, 0)
    assert plan[-2:] == [[10], [11]] and sorted(index for batch in plan[:-2] for index in batch) == list(
        range(10)
    )
    assert SentenceSplit(long, vocabulary_of(long)).plan(8, 0, 0) == [[0], [1]]
    assert all(
        len(batch) * max(split.sizes()[index] for index in batch) <= MOST_PADDED or len(batch) == 1
        for batch in split.plan_in_order(64)
    )


def test_what_training_never_saw_is_unknown() -> None:
    vocabulary = vocabulary_of(drawn(9, 6))
    strange = Sentence("b", ("Ω",), ("B-NEW",), (("?",),))
    batch = SentenceSplit([strange], vocabulary, [strange.tags]).batch([0])
    tokens = batch.tokens
    numbers = (tokens.words, tokens.characters, tokens.columns, tokens.affixes)
    assert all((one == UNKNOWN).all() for one in numbers)
    assert batch.tags.tolist() == [[0]]


def test_sentences_without_answers() -> None:
    split = split_of(drawn(4, 5), tagged=False)
    assert torch.count_nonzero(split.batch([0, 1, 2, 3]).tags) == 0
    assert len(split) == 4 and list(split.names) == ["a:0", "a:1", "a:2", "a:3"]
