"""CoNLL-U: words, what is left out of them, and what comes back."""

from __future__ import annotations

import gzip

import pytest

from tidegate.data.words.conllu import NAMES, column_index, read_conllu
from tidegate.errors import ConfigError, EmptyDataError


def row(number: str, form: str, upos: str = "_", xpos: str = "_") -> str:
    return "\t".join([number, form, form.lower(), upos, xpos, "_", "_", "_", "_", "SpaceAfter=No"])


LINES = [
    "# newdoc id = a",
    "# text = I don't.",
    row("1", "I", "PRON", "PRP"),
    row("2-3", "don't"),
    row("2", "do", "AUX", "VBP"),
    row("3", "n't", "PART", "RB"),
    row("3.1", "go", "VERB", "VB"),
    "# a remark inside",
    row("4", ".", "PUNCT", "."),
    "",
    "# text = # 10 000",
    row("1", "#", "SYM", "#"),
    row("2", "10 000", "NUM", "CD"),
    "",
    "",
]
TEXT = "\n".join(LINES)


def test_words_are_read_and_the_rest_is_kept():
    document = read_conllu("a.conllu", TEXT.encode(), features=["XPOS", -1])
    first, second = document.sentences
    assert first.words == ("I", "do", "n't", ".")
    assert first.tags == ("PRON", "AUX", "PART", "PUNCT")
    assert first.features[1] == ("VBP", "SpaceAfter=No")
    assert (first.lines, first.name, second.name) == ((3, 5, 6, 9), "a.conllu:3", "a.conllu:12")
    assert second.words == ("#", "10 000")
    assert document.render([one.tags for one in document.sentences]) == TEXT


def test_other_tags_go_into_their_column_only():
    document = read_conllu("a", TEXT.encode())
    new = document.render([["X"] * 4, ["Y", "Z"]]).split("\n")
    changed = [number for number, (old, line) in enumerate(zip(LINES, new, strict=True)) if old != line]
    assert changed == [2, 4, 5, 8, 11, 12]
    assert new[2] == LINES[2].replace("PRON", "X")
    into_xpos = read_conllu("a", TEXT.encode(), tag="xpos").render([["X"] * 4, ["Y", "Z"]])
    assert row("1", "I", "PRON", "X") in into_xpos.split("\n")


@pytest.mark.parametrize("form", [TEXT.replace("\n", "\r\n"), "\ufeff" + TEXT, TEXT.rstrip("\n")])
def test_line_ends_and_marks(form: str):
    document = read_conllu("a", form.encode())
    assert [len(one) for one in document.sentences] == [4, 2]
    assert document.render([one.tags for one in document.sentences]) == form


def test_gzip():
    assert len(read_conllu("a.conllu.gz", gzip.compress(TEXT.encode())).sentences) == 2


def test_columns_have_names_and_numbers():
    assert [column_index(name) for name in NAMES] == [column_index(number) for number in range(1, 11)]
    for wrong in ("pos", 0, 11, -11):
        with pytest.raises(ConfigError, match=str(wrong)):
            column_index(wrong)


def test_files_without_tags():
    blind = "\n".join([row("1", "a"), row("2", "b"), ""])
    document = read_conllu("a", blind.encode())
    assert document.sentences[0].tags == ()
    assert document.render([["X", "Y"]]) == "\n".join([row("1", "a", "X"), row("2", "b", "Y"), ""])
    assert read_conllu("a", TEXT.encode(), tag=None).sentences[0].tags == ()


def test_bad_lines():
    lines = [
        *["1\tonly\tthree", ""],
        *[row("1", "fine", "X"), ""],
        *[row("1", "a", "X"), row("3", "c", "X"), ""],
        *[row("1", "a", "X"), row("1", "b", "X"), ""],
        *[row("1", "", "X"), ""],
        *[row("x", "a", "X"), ""],
        *[row("1", "a", "X").replace("\t", " "), ""],
    ]
    document = read_conllu("a", "\n".join(lines).encode() + b"\n1\tcaf\xe9" + b"\t_" * 8 + b"\n")
    assert [one.words for one in document.sentences] == [("fine",)]
    found = {one.where: one.what for one in document.bad}
    assert found["a:1"] == "10 columns separated by tabs expected, got 3: '1\\tonly\\tthree'"
    assert found["a:6"].startswith("ID 2 expected, got '3' (a blank line may be missing")
    assert found["a:9"].startswith("ID 2 expected, got '1'")
    assert found["a:11"].startswith("the column FORM is empty")
    assert found["a:13"].startswith("ID 1 expected, got 'x'")
    assert "got 1" in found["a:15"]
    assert found["a:17"] == "is not UTF-8 (byte 0xe9 at position 5 of the line)"
    assert len(found) == 7


@pytest.mark.parametrize("content", [b"", b"\n\n", b"# only a comment\n", (row("1-2", "ab") + "\n").encode()])
def test_empty(content: bytes):
    with pytest.raises(EmptyDataError):
        read_conllu("a", content)
