"""The figures of tagging: seqeval's, by the rules of the conlleval script."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from seqeval.metrics import f1_score, precision_score, recall_score

from tidegate.data.words.schemes import Scheme, convert
from tidegate.tasks.tag.metrics import label_figures, tag_metrics

IOB2, NONE = Scheme("iob2"), Scheme("none")
TAGS = st.sampled_from(["O", "B-A", "I-A", "B-B", "I-B"])


@st.composite
def pairs(draw: st.DrawFn) -> tuple[list[list[str]], list[list[str]]]:
    """Sentences, and answers of the same lengths; any tag after any other."""
    lengths = draw(st.lists(st.integers(1, 7), min_size=1, max_size=4))
    rows = [[draw(st.lists(TAGS, min_size=length, max_size=length)) for length in lengths] for _ in range(2)]
    return rows[0], rows[1]


def conlleval(sentences: list[list[str]]) -> Counter[tuple[int, int, int, str]]:
    """Chunks by startOfChunk and endOfChunk of the script (Tjong Kim Sang 2000), for B, I and O."""
    found: Counter[tuple[int, int, int, str]] = Counter()
    for number, tags in enumerate(sentences):
        begun, before, label_before = 0, "O", ""
        for place, tag in enumerate([*tags, "O"]):
            letter, _, label = tag.partition("-")
            ends = before in "BI" and (letter in "BO" or label != label_before)
            if ends:
                found[number, begun, place, label_before] += 1
            starts = letter == "B" or (letter == "I" and (before == "O" or label != label_before))
            if starts:
                begun = place
            before, label_before = letter, label
    return found


@settings(deadline=None, max_examples=60)
@given(pairs())
def test_figures_are_those_of_seqeval_and_of_the_script(
    pair: tuple[list[list[str]], list[list[str]]],
) -> None:
    true, said = pair
    figures = tag_metrics(true, said, IOB2)
    assert figures["f1"] == pytest.approx(f1_score(true, said, zero_division=0))
    assert figures["precision"] == pytest.approx(precision_score(true, said, zero_division=0))
    assert figures["recall"] == pytest.approx(recall_score(true, said, zero_division=0))
    there, given_, right = conlleval(true), conlleval(said), conlleval(true) & conlleval(said)
    assert figures["precision"] == pytest.approx(right.total() / max(1, given_.total()))
    assert figures["recall"] == pytest.approx(right.total() / max(1, there.total()))
    words = sum(map(len, true))
    same = sum(a == b for one, two in zip(true, said, strict=True) for a, b in zip(one, two, strict=True))
    assert figures["accuracy"] == pytest.approx(same / words)


@settings(deadline=None, max_examples=40)
@given(pairs(), st.sampled_from([Scheme("iob1"), Scheme("bioes"), Scheme("bioes", "M", "E", "S"),
                                 Scheme("bioes", "I", "L", "U")]))  # fmt: skip
def test_the_scheme_changes_no_figure(pair: tuple[list[list[str]], list[list[str]]], scheme: Scheme) -> None:
    true, said = ([IOB2.repair(tags) for tags in side] for side in pair)
    expected = tag_metrics(true, said, IOB2)
    got = tag_metrics(*([convert(tags, IOB2, scheme) for tags in side] for side in (true, said)), scheme)
    assert {name: got[name] for name in ("f1", "precision", "recall")} == {
        name: pytest.approx(expected[name]) for name in ("f1", "precision", "recall")
    }


@pytest.mark.parametrize(
    ("true", "said", "f1"),
    [
        (["B-A", "I-A"], ["I-A", "I-A"], 1.0),  # An I without its B begins one all the same.
        (["B-A", "I-A"], ["B-A", "B-A"], 0.0),
        (["B-A", "I-A"], ["B-A", "I-B"], 0.0),
        (["B-A", "O", "B-A"], ["B-A", "I-A", "I-A"], 0.0),
        (["B-A", "B-A"], ["B-A", "O"], 2 / 3),
        (["O", "O"], ["O", "O"], 0.0),  # Nothing to find, and nothing found.
        (["O", "O"], ["O", "B-A"], 0.0),
    ],
)
def test_tricky_sequences(true: list[str], said: list[str], f1: float) -> None:
    assert tag_metrics([true], [said], IOB2)["f1"] == pytest.approx(f1)


def test_without_a_scheme_there_is_accuracy_alone() -> None:
    assert tag_metrics([["NN", "DT"], ["NN"]], [["NN", "NN"], ["NN"]], NONE) == {
        "accuracy": pytest.approx(2 / 3)
    }
    assert tag_metrics([], [], NONE) == {"accuracy": 0.0}


@settings(deadline=None, max_examples=60)
@given(pairs())
def test_figures_of_labels_add_up(pair: tuple[list[list[str]], list[list[str]]]) -> None:
    true, said = pair
    rows = label_figures(true, said, IOB2)
    assert [row.count for row in rows] == sorted((row.count for row in rows), reverse=True)
    right = sum(round(row.recall * row.count) for row in rows)
    assert sum(row.count for row in rows) == conlleval(true).total()
    assert right == (conlleval(true) & conlleval(said)).total()
