"""Sentences in reports: every word is shown, every mistake has its box, and nothing else has."""

import html
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.data.words.schemes import Scheme
from tidegate.report.tasks.tagged_sentence import answered, meant, scheme_of, tagged
from tidegate.results.analysis.tag import TaggedSample

TAGS = st.sampled_from(("O", "B-A", "I-A", "E-A", "S-A", "B-B", "I-B", "B", "I"))
PAIRS = st.lists(st.tuples(TAGS, TAGS), min_size=1, max_size=9)


def sample(words: list[str], reference: list[str], predicted: list[str]) -> TaggedSample:
    return TaggedSample(
        name="", words=tuple(words), reference=tuple(reference), predicted=tuple(predicted), length=len(words)
    )


def plain(markup: str) -> list[str]:
    return re.findall(r"w\d+", html.unescape(re.sub(r"<[^>]*>", " ", markup)))


@given(PAIRS)
def test_every_word_stands_there_once_and_in_order(pairs: list[tuple[str, str]]) -> None:
    words = [f"w{i}" for i in range(len(pairs))]
    reference, predicted = ([pair[i] for pair in pairs] for i in (0, 1))
    sentence = tagged(sample(words, reference, predicted), Scheme("iob2"))
    said = str(answered(sentence))
    assert plain(re.sub(r'<span class="meant">.*?</span></span>', "", said)) == words
    assert plain(str(meant(sentence))) == words
    # A box for each stretch where spans differ, and none where they do not.
    same = sentence.reference == sentence.predicted
    assert ("slip" not in said) == same
    if same:
        assert said == str(meant(sentence))
    assert said.count("<span") == said.count("</span>")
    assert said.count('class="said"') == said.count('class="meant"') == said.count("✗")


@given(PAIRS)
def test_the_boxes_hold_all_spans_that_differ_and_the_rest_holds_none(pairs: list[tuple[str, str]]) -> None:
    words = [f"w{i}" for i in range(len(pairs))]
    reference, predicted = ([pair[i] for pair in pairs] for i in (0, 1))
    sentence = tagged(sample(words, reference, predicted), Scheme("iob2"))
    outside = str(answered(sentence))
    while 'class="slip"' in outside:
        start = outside.index('<span class="slip">')
        depth, end = 0, start
        for step in re.finditer(r"<span|</span>", outside[start:]):
            depth += 1 if step.group() == "<span" else -1
            end = start + step.end()
            if depth == 0:
                break
        outside = outside[:start] + outside[end:]
    both = set(sentence.reference) & set(sentence.predicted)
    assert outside.count('class="span"') == len(both)


@pytest.mark.parametrize(
    ("reference", "predicted", "right"),
    [
        ("B-A I-A", "B-B I-B", "right:</i> <small>A</small>"),
        ("O O", "B-B I-B", "right:</i> no entity"),
        ("B-A I-A", "O O", "right:</i> <small>A</small>"),
        ("B-A I-A", "B-A B-A", 'right:</i> <span class="span">a b\u00a0<small>A</small></span>'),
        ("B I", "O O", "right:</i> <small>one entity</small>"),
    ],
)
def test_what_is_right_is_said_in_the_shortest_way(reference: str, predicted: str, right: str) -> None:
    item = sample(["a", "b"], reference.split(), predicted.split())
    assert right in answered(tagged(item, Scheme("iob2")))


def test_the_confidence_of_a_span_is_that_of_its_least_sure_word() -> None:
    item = replace(sample(["a", "b"], ["O", "O"], ["B-A", "I-A"]), sure=(0.9, 0.25))
    assert "A\u00a025\u202f%" in answered(tagged(item, Scheme("iob2")))


def test_schemes_are_told_from_the_tags() -> None:
    assert scheme_of([sample(["a", "b"], ["B-A", "E-A"], ["O", "O"])]).name == "iob2"
    assert scheme_of([sample(["a"], ["O"], ["PRP$"])]).name == "none"
