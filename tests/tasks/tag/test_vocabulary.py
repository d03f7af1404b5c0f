"""What a tagger knows beside words: tags, and the values of its linear part."""

from __future__ import annotations

import json

from tidegate.config.tasks.tag import TagSpec
from tidegate.data.words.sentence import Sentence
from tidegate.tasks.tag.vocabulary import TagVocabulary, learn_vocabulary

SENTENCES = [
    Sentence("a:1", ("The", "tide", "2024", "the"), ("O",) * 4, (("DT",), ("NN",), ("CD",), ("DT",))),
    Sentence("a:6", ("tide", "1999", "gate"), ("O",) * 3, (("NN",), ("CD",), ("NN",))),
]


def learnt(**keys: object) -> TagVocabulary:
    return learn_vocabulary(SENTENCES, ["O", "S-X"], TagSpec.model_validate(keys))


def test_tags_have_their_places_as_numbers_and_values_stand_behind_the_unknown() -> None:
    vocabulary = learnt(direct_count=1)
    assert vocabulary.tag_numbers == {"O": 0, "S-X": 1}
    assert len(vocabulary.direct_sizes) == 14
    assert vocabulary.direct_sizes[1] == len({"the", "tide", "0000", "gate"}) + 2
    assert min(vocabulary.direct_numbers[1].values()) == 2
    assert learnt(direct=False).direct_sizes == ()


def test_json_gives_it_back() -> None:
    for vocabulary in (learnt(), learnt(embedding=0, affixes=1, direct=False, lowercase=False)):
        again = TagVocabulary.from_json(json.dumps(vocabulary.to_json()), "vocabulary")
        assert again == vocabulary and again.words.word_numbers == vocabulary.words.word_numbers
        assert again.direct_numbers == vocabulary.direct_numbers
