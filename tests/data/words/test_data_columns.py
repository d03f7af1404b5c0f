"""CoNLL columns and plain text: every way to lay them out, every way to get them wrong, and output as it came."""

from __future__ import annotations

import gzip

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.data.words.columns import Columns, looks_like_positions, read_columns
from tidegate.data.words.document import read_plain
from tidegate.data.words.reader import sentence_reader
from tidegate.data.words.sentence import Sentence
from tidegate.errors import ConfigError, DataError, EmptyDataError

quiet = settings(deadline=None, derandomize=True, database=None, max_examples=100)
CHUNKS = "Confidence NN B-NP\nin IN B-PP\n\nthe DT B-NP\npound NN I-NP\n"


def same(document, content: bytes) -> bool:
    """Whether its own tags give the file back, byte for byte."""
    text = document.render([sentence.tags for sentence in document.sentences])
    return text.encode("utf-8", "surrogateescape") == content


def test_words_tags_features_names_and_lines():
    document = read_columns("dir/train.txt", CHUNKS.encode(), Columns(features=(2,)))
    first, second = document.sentences
    assert (first.words, first.tags) == (("Confidence", "in"), ("B-NP", "B-PP"))
    assert first.features == (("NN",), ("IN",))
    assert (second.name, second.lines, second.target) == ("dir/train.txt:4", (4, 5), "B-NP I-NP")
    assert (second.line_of(1), second.file, document.total) == ("dir/train.txt:5", "dir/train.txt", 2)


@pytest.mark.parametrize(
    "text",
    [
        CHUNKS,
        CHUNKS.replace("\n", "\r\n"),
        CHUNKS.rstrip("\n"),
        "\ufeff" + CHUNKS,
        CHUNKS.replace(" ", "\t"),
        CHUNKS.replace(" ", "   "),
        CHUNKS.replace("\n\n", "\n \t \n\n"),
        CHUNKS.replace(" B", "\t B").replace(" I", " \tI"),
        "-DOCSTART- -X- O\n\n" + CHUNKS,
        "-DOCSTART-\n" + CHUNKS,
        "# sent_id = 7\n# a comment that is long\n" + CHUNKS,
        "\n\n" + CHUNKS + "\n\n\n",
        CHUNKS.replace("-NP\n", "-NP  \n"),
    ],
)
def test_layouts_read_alike_and_come_back_as_they_were(text: str):
    document = read_columns("a", text.encode())
    assert [one.words for one in document.sentences] == [("Confidence", "in"), ("the", "pound")]
    assert [one.tags for one in document.sentences] == [("B-NP", "B-PP"), ("B-NP", "I-NP")]
    assert document.bad == []
    assert same(document, text.encode())


def test_other_tags_change_nothing_else():
    text = "\ufeff# note\r\nNN\t NN NN\tNN \r\n\r\n"
    document = read_columns("a", text.encode(), Columns(word=1, tag=2, separator="space"))
    assert document.render([["VB"]]) == "\ufeff# note\r\nNN\t VB NN\tNN \r\n\r\n"
    tabbed = read_columns("a", b"NN\tNN\tNN\n", Columns(tag=2))
    assert tabbed.render([["VB"]]) == "NN\tVB\tNN\n"


@pytest.mark.parametrize(("gap", "ending"), [("\t", "\n"), (" ", "\r\n"), (" ", "  \r\n")])
def test_tags_are_added_where_there_are_none(gap: str, ending: str):
    text = f"a{gap}DT{ending}b{gap}NN{ending}\n"
    document = read_columns("a", text.encode(), Columns(tag=None))
    assert document.sentences[0].tags == ()
    assert document.render([["X", "Y"]]) == f"a{gap}DT{gap}X{ending}b{gap}NN{gap}Y{ending}\n"
    assert read_columns("a", b"one\n\ntwo", Columns(tag=None)).render([["X"], ["Y"]]) == "one X\n\ntwo Y"


def test_words_that_look_like_comments():
    """WNUT-17 has the word ``#`` and hashtags; CoNLL-2000 has ``# # I-NP``."""
    document = read_columns("a", b"#\tO\n#tag\tB-X\n# 5\tO\n\n# note\n#\tO\n")
    assert [one.words for one in document.sentences] == [("#", "#tag", "# 5"), ("#",)]
    spaced = read_columns("a", b"# # B-NP\n1 CD I-NP\n# # I-NP\n\n# a longer remark here\n2 CD O\n")
    assert [one.words for one in spaced.sentences] == [("#", "1", "#"), ("2",)]
    noted = read_columns("a", b"# sent_id = 3\na b c d\n\n# newpar id = x y\nb c d e\n")
    assert [one.words for one in noted.sentences] == [("a",), ("b",)]


def test_a_word_with_a_column_missing_is_no_comment():
    document = read_columns("a", b"a b O\n# O\nc d O\n")
    assert [one.where for one in document.bad] == ["a:2"]
    inside = read_columns("a", b"a\tO\n# a remark\nb\tO\n")
    assert (inside.bad, inside.sentences[0].words) == ([], ("a", "b"))


def test_columns_that_only_tabs_separate():
    document = read_columns("a", "New York\tO\n\u3000\tO\n".encode())
    assert document.sentences[0].words == ("New York", "\u3000")
    # No-break spaces are part of a word, even among runs of spaces.
    assert read_columns("a", "10\u00a0000 O\n".encode()).sentences[0].words == ("10\u00a0000",)


def test_bad_lines_are_all_told():
    content = b"a b O\nc O\n\nfine x O\n\nd e f O\ng\nh i O\nk l m n O\n"
    document = read_columns("x.txt", content)
    assert [one.words for one in document.sentences] == [("fine",)]
    assert [(one.where, one.what) for one in document.bad] == [
        ("x.txt:2", "3 columns expected, got 2: 'c O'"),
        (
            "x.txt:6",
            "3 columns expected, got 4: 'd e f O'; line 7: 3 columns expected, got 1: 'g'; "
            "line 9: 3 columns expected, got 5: 'k l m n O'",
        ),
    ]
    assert document.total == 3
    assert document.render([["X"]]).encode() == content.replace(b"fine x O", b"fine x X")


def test_many_bad_lines_of_one_sentence_are_counted():
    document = read_columns("x", b"a O\n" * 20 + b"b\n" * 12)
    assert document.bad[0].what.endswith("7 more bad lines in the same sentence")


def test_one_line_without_a_tab_does_not_change_the_separator():
    document = read_columns("x", b"New York\tO\nin\tO\nbad O\n\nb\tO\n")
    assert [one.what for one in document.bad] == ["2 columns expected, got 1: 'bad O'"]


@pytest.mark.parametrize(("line", "what"), [(b"\tO", "word"), (b"word\t", "tag"), (b" \tO", "word")])
def test_empty_cells(line: bytes, what: str):
    document = read_columns("x", b"a\tO\n\n" + line + b"\n")
    assert document.bad[0].where == "x:3"
    assert document.bad[0].what.startswith(f"the {what} is empty")


def test_a_line_that_is_not_utf8():
    content = "grün O\n\n".encode() + b"caf\xe9 O\n\n" + b"b O\n"
    document = read_columns("x", content)
    assert [one.words for one in document.sentences] == [("grün",), ("b",)]
    assert (document.bad[0].where, document.bad[0].what) == (
        "x:3",
        "is not UTF-8 (byte 0xe9 at position 3 of the line)",
    )
    assert same(document, content)


@pytest.mark.parametrize(
    "content", [b"", b"\n \n\t\n", b"\xef\xbb\xbf", b"-DOCSTART- O\n\n", gzip.compress(b"", mtime=0)]
)
def test_empty_files(content: bytes):
    with pytest.raises(EmptyDataError) as caught:
        read_columns("x.txt", content)
    assert caught.value.where == "x.txt"


@pytest.mark.parametrize(
    ("content", "got"),
    [
        (b"a O\nb\x00 O\n", "position 5, line 2"),
        (b"PK\x03\x04rest", "zip"),
        (gzip.compress(b"a O\n" * 99, mtime=0)[:-9], "ends before its end"),
    ],
)
def test_files_that_are_no_text(content: bytes, got: str):
    with pytest.raises(DataError) as caught:
        read_columns("x.txt", content)
    assert got in str(caught.value)


@pytest.mark.parametrize(
    ("columns", "error", "word"),
    [
        (Columns(tag=4), DataError, "no column 4"),
        (Columns(tag=-4), DataError, "no column -4"),
        (Columns(features=(2, 9)), DataError, "feature"),
        (Columns(word=3), DataError, "same column"),
        (Columns(features=(0,)), ConfigError, "column 0"),
    ],
)
def test_columns_that_are_not_there(columns: Columns, error: type[DataError], word: str):
    with pytest.raises(error, match=word):
        read_columns("x", CHUNKS.encode(), columns)


def test_a_file_without_tags_says_how_to_read_it():
    with pytest.raises(DataError, match="none for tags"):
        read_columns("x", b"only\nwords\n")


def test_characters_with_positions():
    content = "科0\tO\n技1\tB-X\n010\tO\n�\u20bb711\tO\n#0\tO\n".encode()
    document = read_columns("x", content, Columns(position=True))
    assert document.sentences[0].words == ("科", "技", "0", "�\u20bb", "#")
    assert document.sentences[0].features == (("0",), ("1",), ("10",), ("711",), ("0",))
    assert same(document, content)
    bad = read_columns("x", "科0\tO\n技\tO\n".encode(), Columns(position=True)).bad
    assert bad[0].what == "a character and its position expected, such as 科0, got '技'"


def test_positions_are_told_from_other_words():
    assert looks_like_positions(read_columns("x", "科0\tO\n技1\tO\n\n大0\tO\n".encode()).sentences)
    assert not looks_like_positions([Sentence("x", ("B2", "A4", "x1"))])
    assert not looks_like_positions([Sentence("x", ("科", "技"))])
    assert not looks_like_positions([])


def test_packed_by_gzip():
    document = read_columns("x.gz", gzip.compress(CHUNKS.encode()))
    assert len(document.sentences) == 2
    assert same(document, CHUNKS.encode())


def test_a_sentence_of_50_000_words():
    document = read_columns("x", b"word NN O\n" * 50_000)
    assert [len(one) for one in document.sentences] == [50_000]
    assert document.render([["B"] * 50_000]) == "word NN B\n" * 50_000


CELL = st.text(
    st.characters(exclude_characters="\t\n\r ", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=4
)
ROWS = st.lists(st.lists(st.tuples(CELL, CELL, CELL), min_size=1, max_size=4), min_size=1, max_size=4)


@quiet
@given(ROWS, st.sampled_from(["\t", " ", "  "]), st.sampled_from(["\n", "\r\n"]))
def test_what_is_written_is_read(rows, gap: str, end: str):
    safe = [[("w" + word, mid, tag) for word, mid, tag in sentence] for sentence in rows]
    text = end.join("".join(gap.join(row) + end for row in sentence) for sentence in safe)
    document = read_columns("x", text.encode(), Columns(features=(2,)))
    read = [
        [(word, *mid, tag) for word, mid, tag in zip(one.words, one.features, one.tags, strict=True)]
        for one in document.sentences
    ]
    assert read == safe
    assert same(document, text.encode())


def test_tags_that_do_not_fit_are_refused():
    document = read_columns("x", CHUNKS.encode())
    with pytest.raises(ValueError, match="tags of 2 sentences expected, got 1"):
        document.render([["A", "B"]])
    with pytest.raises(ValueError, match=r"x:4: 2 tags expected, got 1"):
        document.render([["A", "B"], ["A"]])


def test_plain_text():
    document = read_plain("in", "\ufeffA  b\u3000c\r\n\n  \nlast")
    assert [(one.name, one.words) for one in document.sentences] == [
        ("in:1", ("A", "b", "c")),
        ("in:4", ("last",)),
    ]
    assert document.render([["X", "Y", "Z"], ["X"]]) == "A\tX\nb\tY\nc\tZ\n\nlast\tX\n\n"
    assert read_plain("in", "").sentences == []


def test_the_reader_chooses_by_name_and_content():
    read = sentence_reader()
    conllu = "\t".join(["1", "Words", "word", "NOUN", *"______"]).encode() + b"\n"
    for name, content, words in (
        ("a.txt", b"1 CD\n", ("1",)),
        ("a.txt", b"# text = Words\n" + conllu, ("Words",)),
        ("a.conllu.gz", gzip.compress(conllu), ("Words",)),
    ):
        assert read(name, content).sentences[0].words == words
    assert sentence_reader("text")("a", b"1 CD\n").sentences[0].words == ("1", "CD")
    assert sentence_reader(tag="none")("a", b"1 CD\n").sentences[0].tags == ()
    assert sentence_reader(tag="2", features=["-1"])("a", b"1 CD O\n").sentences[0].features == (("O",),)
    with pytest.raises(ConfigError, match="only CoNLL-U"):
        sentence_reader(tag="upos")("a", b"1 CD\n")
