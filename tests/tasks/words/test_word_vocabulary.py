"""What a model knows of words: numbers from training alone, the same again from JSON."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.config.word_features import WordSettings
from tidegate.data.words.sentence import Sentence
from tidegate.tasks.words.features import UNKNOWN
from tidegate.tasks.words.vocabulary import (
    CASES,
    LONGEST,
    WordVocabulary,
    affixes_of,
    case_of,
    learn_words,
    normal_form,
)

SENTENCES = [
    Sentence("a:1", ("The", "tide", "2024", "the"), ("O",) * 4, (("DT",), ("NN",), ("CD",), ("DT",))),
    Sentence("a:6", ("tide", "1999", "gate"), ("O",) * 3, (("NN",), ("CD",), ("NN",))),
]


def learnt(further: tuple[str, ...] = (), **keys: object) -> WordVocabulary:
    return learn_words(SENTENCES, WordSettings.model_validate(keys), further)


def test_words_are_counted_in_normal_form() -> None:
    assert learnt().words == ("the", "tide", "0000")
    assert learnt(min_count=1).words == ("the", "tide", "0000", "gate")
    assert learnt(min_count=1, lowercase=False, zero_digits=False).words == (
        "tide", "The", "2024", "the", "1999", "gate",
    )  # fmt: skip
    assert learnt(embedding=0).words == ()


def test_numbers_begin_behind_padding_and_the_unknown() -> None:
    vocabulary = learnt()
    assert [vocabulary.word_numbers[word] for word in vocabulary.words] == [2, 3, 4]
    assert UNKNOWN == 1 and min(vocabulary.character_numbers.values()) == 2
    assert vocabulary.spelling("tZ") == [vocabulary.character_numbers["t"], UNKNOWN]
    tables = vocabulary.tables
    assert (tables.words, tables.cases) == (5, len(CASES) + 2)
    assert tables.columns == (len({"DT", "NN", "CD"}) + 2,)
    assert len(tables.affixes) == 6


def test_words_of_vectors_are_added_once() -> None:
    assert learnt(("ebb", "tide", "ebb", "gate")).words == ("the", "tide", "0000", "ebb", "gate")


def test_affixes_are_known_from_three_words_of_training_on() -> None:
    words = ("tides", "tidal", "tiding", "going")
    vocabulary = learn_words([Sentence("a", words)], WordSettings(affixes=2))
    assert vocabulary.affixes == (("t",), (), ("ti",), ())
    assert vocabulary.affixes_of("TIP") == [2, UNKNOWN, 2, UNKNOWN]
    assert learnt(affixes=0).affixes == () and learnt(affixes=0).affixes_of("tide") == []


def test_json_gives_it_back() -> None:
    for vocabulary in (learnt(), learnt(embedding=0, affixes=1, lowercase=False)):
        again = WordVocabulary.from_json(json.dumps(vocabulary.to_json()), "vocabulary")
        assert again == vocabulary and again.word_numbers == vocabulary.word_numbers
        assert again.affix_numbers == vocabulary.affix_numbers and again.tables == vocabulary.tables


@given(st.text(min_size=1, max_size=60))
def test_any_word_has_numbers(word: str) -> None:
    vocabulary = learnt()
    spelling = vocabulary.spelling(word)
    assert 1 <= len(spelling) <= LONGEST and min(spelling) >= UNKNOWN
    assert max(spelling) < vocabulary.tables.characters
    assert 2 <= case_of(word) < vocabulary.tables.cases
    affixes = vocabulary.affixes_of(word)
    assert all(number < size for number, size in zip(affixes, vocabulary.tables.affixes, strict=True))
    assert normal_form(word, lowercase=False, zero_digits=False) == word


def test_a_long_word_keeps_its_ends() -> None:
    vocabulary = learn_words([Sentence("a", ("abcdz",))], WordSettings())
    numbers = vocabulary.character_numbers
    spelling = vocabulary.spelling("ab" + "d" * 500 + "cz")
    assert len(spelling) == LONGEST
    assert spelling[:3] == [numbers["a"], numbers["b"], numbers["d"]]
    assert spelling[-2:] == [numbers["c"], numbers["z"]]


@pytest.mark.parametrize(
    ("word", "affixes"),
    [("a", ["a", "a", "a", "a"]), ("ÉtÉ", ["é", "é", "ét", "té"]), ("春眠", ["春", "眠", "春眠", "春眠"])],
)
def test_affixes_of_short_words(word: str, affixes: list[str]) -> None:
    assert affixes_of(word, 2) == affixes
