"""Tag schemes: spans as conlleval and seqeval read them, conversion, detection, and the rules of each scheme."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.data.words.scheme_detection import detect_scheme, find_scheme
from tidegate.data.words.scheme_rules import allowed_transitions, problems, scheme_problems
from tidegate.data.words.schemes import Scheme, Span, convert, split_tag
from tidegate.data.words.sentence import Sentence
from tidegate.errors import DataError

quiet = settings(deadline=None, derandomize=True, database=None, max_examples=100)
IOB1, IOB2, BIOES, NONE = Scheme("iob1"), Scheme("iob2"), Scheme("bioes"), Scheme("none")
BILOU, BMES, BMEWO = (Scheme("bioes", *letters) for letters in ("ILU", "MES", "MEW"))
WRITTEN = [IOB1, IOB2, BIOES, BILOU, BMES, BMEWO]
ANY_TAGS = st.lists(
    st.sampled_from(["O", *(f"{a}-{b}" for a in "BIES" for b in ("X", "Y", "X-Y"))]), max_size=9
)


@st.composite
def spans_and_length(draw) -> tuple[list[Span], int]:
    at, spans = 0, []
    for size, gap, label in draw(
        st.lists(st.tuples(st.integers(1, 3), st.integers(0, 2), st.sampled_from("XY")))
    ):
        spans.append(Span(at, at + size, label))
        at += size + gap
    return spans, at


@pytest.mark.parametrize(
    ("tags", "spans"),
    [
        # Worked by hand from the rules of conlleval's startOfChunk and endOfChunk.
        ("O I-X I-X O", [(1, 3, "X")]),
        ("I-X", [(0, 1, "X")]),
        ("B-X I-Y", [(0, 1, "X"), (1, 2, "Y")]),
        ("I-X I-Y I-Y", [(0, 1, "X"), (1, 3, "Y")]),
        ("B-X B-X I-X", [(0, 1, "X"), (1, 3, "X")]),
        ("I-X B-X", [(0, 1, "X"), (1, 2, "X")]),
        ("E-X", [(0, 1, "X")]),
        ("O E-X E-X", [(1, 2, "X"), (2, 3, "X")]),
        ("B-X S-X I-X", [(0, 1, "X"), (1, 2, "X"), (2, 3, "X")]),
        ("B-X I-X E-X I-X", [(0, 3, "X"), (3, 4, "X")]),
        ("B-X E-Y", [(0, 1, "X"), (1, 2, "Y")]),
        ("S-X E-X", [(0, 1, "X"), (1, 2, "X")]),
        ("B-X-1 I-X-1", [(0, 2, "X-1")]),
        ("O O", []),
        ("", []),
    ],
)
def test_tricky_tags(tags: str, spans: list[tuple[int, int, str]]):
    for scheme in (IOB1, IOB2, BIOES):
        assert scheme.to_spans(tags.split()) == spans


@pytest.fixture(scope="module")
def get_entities():
    return pytest.importorskip("seqeval.metrics.sequence_labeling").get_entities


@quiet
@given(tags=ANY_TAGS)
def test_spans_are_those_of_seqeval(get_entities, tags: list[str]):
    entities = [Span(start, last + 1, label) for label, start, last in get_entities(tags)]
    assert IOB2.to_spans(tags) == entities


@pytest.mark.parametrize("scheme", WRITTEN)
@quiet
@given(case=spans_and_length())
def test_spans_survive_every_scheme(scheme: Scheme, case: tuple[list[Span], int]):
    spans, length = case
    tags = scheme.from_spans(spans, length)
    assert scheme.to_spans(tags) == spans
    assert problems(tags, scheme) == []
    assert set(tags) <= set(scheme.inventory("XY"))
    for other in WRITTEN:
        assert convert(convert(tags, scheme, other), other, scheme) == tags


def test_the_same_spans_in_every_scheme():
    spans = [Span(0, 1, "P"), Span(1, 4, "P"), Span(5, 6, "L")]
    written = {scheme: " ".join(scheme.from_spans(spans, 6)) for scheme in WRITTEN}
    assert written[IOB1] == "I-P B-P I-P I-P O I-L"
    assert written[IOB2] == "B-P B-P I-P I-P O B-L"
    assert written[BIOES] == "S-P B-P I-P E-P O S-L"
    assert written[BILOU] == "U-P B-P I-P L-P O U-L"
    assert written[BMES] == "S-P B-P M-P E-P O S-L"
    assert written[BMEWO] == "W-P B-P M-P E-P O W-L"


@pytest.mark.parametrize(
    "spans", [[Span(0, 2, "X"), Span(1, 3, "X")], [Span(0, 4, "X")], [Span(1, 1, "X")], [Span(-1, 1, "X")]]
)
def test_spans_that_cannot_be_written(spans: list[Span]):
    with pytest.raises(ValueError, match="Span"):
        IOB2.from_spans(spans, 3)


def test_tags_without_a_scheme():
    assert NONE.to_spans(["NN", "O", "PRP$"]) == [Span(0, 1, "NN"), Span(2, 3, "PRP$")]
    assert NONE.from_spans([Span(0, 1, "NN")], 2) == ["NN", "O"]
    assert (problems(["NN", "I-X"], NONE), NONE.repair(["NN", "I-X"])) == ([], ["NN", "I-X"])
    with pytest.raises(ValueError, match="one word"):
        NONE.from_spans([Span(0, 2, "NN")], 2)
    with pytest.raises(ValueError, match="none cannot be written in scheme iob2"):
        convert(["NN"], NONE, IOB2)
    assert [split_tag(tag) for tag in ("B", "O", "B-", "NN", "-LRB-", "")] == [
        ("B", ""),
        ("O", ""),
        ("B", ""),
        ("", "NN"),
        ("", "-LRB-"),
        ("", ""),
    ]
    # Letters alone are spans without a label where the user names the scheme.
    assert IOB2.to_spans(["B", "I", "O"]) == [Span(0, 2, "")]
    assert IOB2.from_spans([Span(0, 2, "")], 3) == ["B", "I", "O"]


@pytest.mark.parametrize(
    ("scheme", "tags", "expected"),
    [
        (IOB2, "I-X", {0: "I-X without a B-X before it"}),
        (IOB2, "B-X I-Y I-Y O I-X", {1: "I-Y without a B-Y before it", 4: "I-X without a B-X before it"}),
        (IOB2, "B-X S-X", {1: "S-X is no tag of iob2"}),
        (IOB2, "B-X NN", {1: "NN is no tag of iob2"}),
        (IOB1, "I-X B-X", {}),
        (IOB1, "B-X I-X", {0: "B-X without a span of the same label right before it, as iob1 has it"}),
        (IOB1, "I-Y B-X", {1: "B-X without a span of the same label right before it, as iob1 has it"}),
        (BIOES, "B-X I-X", {1: "I-X without an E-X after it"}),
        (BIOES, "B-X", {0: "B-X without an E-X after it"}),
        (BIOES, "S-X E-X", {1: "E-X without a B-X before it"}),
        (BIOES, "B-X E-Y", {0: "B-X without an E-X after it", 1: "E-Y without a B-Y before it"}),
        (BIOES, "B-X S-X I-X E-X O", {0: "B-X without an E-X after it", 2: "I-X without a B-X before it"}),
        (BMES, "B-X M-X I-X", {1: "M-X without an E-X after it", 2: "I-X is no tag of bioes"}),
    ],
)
def test_what_breaks_a_scheme(scheme: Scheme, tags: str, expected: dict[int, str]):
    assert dict(problems(tags.split(), scheme)) == expected


@quiet
@given(ANY_TAGS)
def test_repair_keeps_spans_and_laws(tags: list[str]):
    for scheme in (IOB1, IOB2, BIOES):
        repaired = scheme.repair(tags)
        assert problems(repaired, scheme) == []
        assert scheme.to_spans(repaired) == scheme.to_spans(tags)


def test_problems_are_told_with_their_lines():
    sentence = Sentence("a.txt:7", ("x", "y"), ("O", "I-P"), lines=(7, 9))
    assert [(one.where, one.what) for one in scheme_problems([sentence], IOB2)] == [
        ("a.txt:9", "I-P without a B-P before it")
    ]
    assert Sentence("input", ("x",)).line_of(0) == "input, word 1"


@pytest.mark.parametrize("scheme", [*WRITTEN, NONE])
def test_the_mask_allows_exactly_what_breaks_nothing(scheme: Scheme):
    tags = scheme.inventory("XY") if scheme is not NONE else ["NN", "VB"]
    between, start, end = allowed_transitions(tags, scheme)
    for length in (1, 2, 3):
        for path in itertools.product(range(len(tags)), repeat=length):
            steps = all(between[a][b] for a, b in itertools.pairwise(path))
            allowed = start[path[0]] and steps and end[path[-1]]
            assert allowed == (problems([tags[index] for index in path], scheme) == [])


@pytest.mark.parametrize("scheme", WRITTEN)
def test_every_scheme_is_detected_with_its_letters(scheme: Scheme):
    spans = [Span(0, 1, "P"), Span(1, 4, "P"), Span(5, 6, "L")]
    assert detect_scheme([scheme.from_spans(spans, 8), ["O"]]).scheme == scheme


@pytest.mark.parametrize(
    ("tags", "scheme"),
    [
        ("O O", NONE),
        ("NN PRP$ -LRB- O X", NONE),
        ("B I I B", NONE),
        ("B E S M", NONE),
        ("NN VB DT S-ADV", NONE),
        ("", NONE),
        ("B-X B-X O B-Y", IOB2),
        ("I-X O I-Y I-X", IOB1),
        ("U-X O", BILOU),
        ("W-X O", BMEWO),
        ("S-X O", BIOES),
    ],
)
def test_what_a_few_tags_are_taken_for(tags: str, scheme: Scheme):
    assert detect_scheme([tags.split()]).scheme == scheme


def test_a_few_slips_do_not_change_the_scheme():
    assert detect_scheme([["B-X", "O"]] * 95 + [["I-X", "O"]] * 5).scheme == IOB2
    assert detect_scheme([["B-X", "O"]] * 5 + [["I-X", "O"]] * 95).scheme == IOB1
    assert detect_scheme([["S-X", "O"]] * 95 + [["B-X", "O"]] * 5).scheme == BIOES


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        ("O B-P", "I-P O", ("B begins a span, as in iob2", "I begins a span, as in iob1")),
        ("O S-P", "B-P I-P", ("S-P: a span's last word is marked", "I-P: a span's last word is not marked")),
        ("O B-P", "P O", ("B-P: with a letter", "P: without a letter")),
        ("B-P L-P", "B-P E-P", ("L-P: the letter L", "E-P: the letter E")),
        ("O S-P", "U-P", ("S-P: the letter S", "U-P: the letter U")),
        ("B-P M-P E-P", "B-P I-P E-P", ("M-P: the letter M", "I-P: the letter I")),
        ("B-P O", "B O", ("B-P: with a letter", "B: without a letter")),
    ],
)
def test_mixed_schemes_name_the_first_line_of_each_kind(first: str, second: str, words: tuple[str, str]):
    sentences = [
        Sentence(
            f"a.txt:{line}",
            ("w",) * len(tags.split()),
            tuple(tags.split()),
            lines=tuple(range(line, line + 9)),
        )
        for line, tags in ((1, first), (20, second), (40, first), (60, second))
    ]
    with pytest.raises(DataError) as caught:
        find_scheme(sentences)
    got = str(caught.value.got).split("\n")
    assert len(got) == 2
    assert all(any(word in line for line in got) for word in words)
    assert sorted(int(line.split(":")[1]) // 20 for line in got) == [0, 1]
    assert caught.value.where == "a.txt"
