"""What the linear part of a tagger looks at: neighbours, columns, and pairs, by hand."""

from __future__ import annotations

import pytest

from tidegate.data.words.sentence import Sentence
from tidegate.tasks.tag.linear_features import BETWEEN, direct_features, learn_direct, template_names

TAGGED = Sentence("a", ("The", "pound", "fell"), (), (("DT",), ("NN",), ("VB",)))


@pytest.mark.parametrize("columns", [0, 1, 3])
def test_one_value_a_template_and_word(columns: int) -> None:
    sentence = Sentence("a", ("a", "b"), (), (("x",) * columns,) * 2 if columns else ())
    rows = direct_features(sentence, columns, str)
    assert len(rows) == len(template_names(columns)) == 6 + 8 * columns
    assert len(set(template_names(columns))) == len(template_names(columns))
    assert all(len(row) == 2 for row in rows)


def test_values_by_hand() -> None:
    names = template_names(1)
    rows = dict(zip(names, direct_features(TAGGED, 1, str.lower), strict=True))
    joined = {name: [value.replace(BETWEEN, "|") for value in row] for name, row in rows.items()}
    assert joined["w-1"] == ["", "the", "pound"]
    assert joined["w+0 w+1"] == ["the|pound", "pound|fell", "fell|"]
    assert joined["w-1 w+1"] == ["|pound", "the|fell", "pound|"]
    assert joined["c0-2 c0-1 c0+0"] == ["||DT", "|DT|NN", "DT|NN|VB"]
    assert joined["c0-1 w+0"] == ["|the", "DT|pound", "NN|fell"]
    assert joined["w+0 c0+1"] == ["the|NN", "pound|VB", "fell|"]


def test_what_is_rare_is_not_learnt_and_the_frequent_come_first() -> None:
    sentences = [Sentence("a", ("a", "b")), Sentence("b", ("a", "c")), Sentence("c", ("a", "b"))]
    words = dict(zip(template_names(0), learn_direct(sentences, 0, str, 2), strict=True))
    assert words["w+0"] == ("a", "b")
    assert words["w-1"] == ("", "a")
    assert words["w+0 w+1"] == (f"a{BETWEEN}b", f"b{BETWEEN}")
    assert learn_direct(sentences, 0, str, 4) == ((),) * 6


def test_words_are_compared_in_their_normal_form() -> None:
    assert learn_direct([TAGGED], 1, str.upper, 1)[1] == ("THE", "POUND", "FELL")
