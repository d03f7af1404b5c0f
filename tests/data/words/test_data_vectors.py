"""Pretrained vectors: every kind of text file, every way for one to be broken, and coverage."""

from __future__ import annotations

import gzip
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from tidegate.data.words.vectors import read_vectors
from tidegate.errors import DataError, EmptyDataError

GLOVE = "the 0.5 1 -2e-3\nof 0 1 2\nparis 3 4 5\n"


@pytest.fixture
def write(tmp_path: Path):
    def writing(content: str | bytes, name: str = "v.txt") -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return writing


@pytest.mark.parametrize(
    "content",
    [
        GLOVE,
        "3 3\n" + GLOVE,
        "3 3\n" + GLOVE.replace("\n", " \n"),
        GLOVE.replace("\n", "\r\n"),
        GLOVE.replace(" ", "\t"),
        GLOVE.replace(" ", "  "),
        GLOVE.rstrip("\n"),
        gzip.compress(GLOVE.encode(), mtime=0),
        gzip.compress(b"3 3\n" + GLOVE.encode(), mtime=0),
    ],
)
def test_kinds_of_file(write, content: str | bytes):
    vectors = read_vectors(write(content), ["Paris", "the", "The", "cat", "the"])
    assert vectors.words == ("Paris", "the", "The")
    np.testing.assert_array_equal(vectors.matrix, np.float32([[3, 4, 5], [0.5, 1, -2e-3], [0.5, 1, -2e-3]]))
    assert vectors.matrix.dtype == np.float32
    assert (vectors.exact, vectors.lowered, vectors.missing) == (1, 2, ("cat",))
    assert [*map(str, vectors.notes)] == [
        "v.txt: vectors of 3 numbers for 3 of 4 words (75.0 %): 25.0 % as they are, 50.0 % in lower case; "
        "25.0 % have none"
    ]


def test_the_word_as_it_is_comes_before_its_lower_case(write):
    vectors = read_vectors(write("us 1 1\nUS 2 2\n"), ["US", "Us"])
    assert vectors.matrix.tolist() == [[2, 2], [1, 1]]
    assert (vectors.exact, vectors.lowered) == (1, 1)


def test_words_with_spaces_and_numbers(write):
    lines = "2000 1 2 3\nNew York 4 5 6\n. . . 7 8 9\n10\u00a0000 1 1 1\nat 5 2 2 2\nthe 0 0 0\nof 1 1 1\nin 2 2 2\n"
    wanted = ["2000", "New York", ". . .", "10\u00a0000", "at 5"]
    vectors = read_vectors(write(lines), wanted)
    assert vectors.words == tuple(wanted)
    assert vectors.matrix[:, 0].tolist() == [1, 4, 7, 1, 2]


def test_vectors_of_one_number(write):
    assert read_vectors(write("1 2\n3 4\n"), ["1", "3"]).matrix.tolist() == [[2], [4]]
    assert read_vectors(write("2 1\na 2\nb 4\n"), ["a", "2"]).words == ("a",)
    assert read_vectors(write("2 2\na 2 1\nb 4 1\n"), ["a", "2"]).words == ("a",)


def test_the_first_of_two_lines_counts(write):
    vectors = read_vectors(write("a 1 1\nb 2 2\na 3 3\na 4 4\nc 1 1\nc 2 2\n"), ["a", "b"])
    assert vectors.matrix.tolist() == [[1, 1], [2, 2]]
    assert [*map(str, vectors.notes[1:])] == ["v.txt: 2 more lines for words that had one; the first counts"]


def test_a_header_that_promises_more(write):
    assert [*map(str, read_vectors(write("9 2\na 1 1\n\n"), ["a"]).notes[1:])] == [
        "v.txt says that it has 9 words, and has 1"
    ]


BAD = {
    2: (b"b 1", "3 numbers expected, got 1: 'b 1'"),
    3: (b"c 0.1 0.2 0.3 0.4 0.5", "3 numbers expected, got 5: 'c 0.1 0.2 0.3 0.4 0.5'"),
    4: (b"d 1 x 3", "a number expected, got 'x'"),
    5: (b"caf\xe9 1 2 3", "is not UTF-8 (byte 0xe9 at position 3 of the line)"),
    6: (b"e 1 nan 3", "a number is not finite"),
    7: (b"lonely", "3 numbers expected, got 0: 'lonely'"),
}


def test_bad_lines_are_all_told(write):
    good = [b"%d 1 2 3" % number for number in range(1, 20)]
    lines = [BAD[number][0] if number in BAD else line for number, line in enumerate(good, start=1)]
    path = write(b"\n".join(lines))
    with pytest.raises(DataError) as caught:
        read_vectors(path, ["a", "b", "c", "d", "e", "8"])
    assert caught.value.what == "6 of 19 lines of vectors cannot be read"
    assert str(caught.value.got).split("\n") == [
        f"v.txt:{number}: {reason}" for number, (_, reason) in BAD.items()
    ]
    vectors = read_vectors(path, ["d", "8"], skip_bad=True)
    assert vectors.words == ("8",)
    assert str(vectors.notes[1]).startswith("left out 5 of 19 lines of vectors: v.txt:2: 3 numbers expected")


def test_a_header_that_lies_about_the_size(write):
    lines = "".join(f"w{number} 1 2\n" for number in range(50))
    with pytest.raises(DataError) as caught:
        read_vectors(write("50 3\n" + lines), ["w1"])
    assert caught.value.what == "50 of 50 lines of vectors cannot be read"
    assert "… and 30 more" in str(caught.value)


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"3 2\nthe \x00\x00\x80?\x00\x00\x80?\n", "binary"),
        (b"PK\x03\x04rest", "zip"),
        (b"\xba\x16\x4f\x2f\x0c\x00", "fastText"),
        (gzip.compress(GLOVE.encode() * 500, mtime=0)[:-20], "end-of-stream"),
        (b"\x1f\x8b nonsense", "compression"),
    ],
)
def test_files_that_are_no_text(write, content: bytes, word: str):
    with pytest.raises(DataError, match=word):
        read_vectors(write(content), ["the"])


def test_no_file_and_no_line(write, tmp_path: Path):
    with pytest.raises(DataError, match="No such file"):
        read_vectors(tmp_path / "none.txt", ["the"])
    for empty in (b"", b"\n \n", gzip.compress(b"", mtime=0)):
        with pytest.raises(EmptyDataError):
            read_vectors(write(empty), ["the"])


def test_none_of_the_words(write):
    vectors = read_vectors(write(GLOVE), ["Katze"])
    assert (vectors.words, vectors.matrix.shape, vectors.missing) == ((), (0, 3), ("Katze",))


def test_only_wanted_words_take_memory(write):
    """Ten megabytes of file, of which one line is wanted."""
    row = " ".join(["0.125"] * 100)
    path = write("".join(f"word{number} {row}\n" for number in range(16_000)))
    assert path.stat().st_size > 9_000_000
    tracemalloc.start()
    vectors = read_vectors(path, ["word15999"])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert vectors.matrix.tolist() == [[0.125] * 100]
    assert peak < 1_500_000
