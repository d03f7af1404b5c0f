"""Tokens: every kind writes back what it read, token after token too, and names what it does not know."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tidegate.data.text.byte_pairs import BytePairTokens, portions
from tidegate.data.text.tokens import (
    KINDS,
    ByteTokens,
    StreamDecoder,
    Tokens,
    fit_tokens,
    note_unknown,
    tokens_from_json,
)
from tidegate.data.text.vocabulary import CharacterTokens, TokenOptions, WordTokens
from tidegate.errors import BundleError, ConfigError, MissingExtraError, SymbolError

TEXT = "the tide the gate\nthe  Ebb, größer 秦川雄帝宅\n\n 𝄞 it's\n" * 3
SHARED = Path(__file__).parents[4] / "shared" / "data"


def fitted(kind: str, **options: Any) -> Tokens:
    if kind == "bpe":
        pytest.importorskip("tokenizers")
        options = {"size": 300} | options
    return fit_tokens([TEXT], TokenOptions(kind, **options))


def streamed(tokens: Tokens, numbers: list[int]) -> str:
    stream = StreamDecoder(tokens)
    return "".join([stream.feed(number) for number in numbers] + [stream.finish()])


@pytest.mark.parametrize("kind", KINDS)
def test_contract(kind: str):
    tokens = fitted(kind)
    numbers = tokens.encode(TEXT)
    assert numbers.dtype == np.int32
    assert 0 <= numbers.min() <= numbers.max() < tokens.size
    assert tokens.kind == kind
    assert tokens.definition.startswith("token = ")
    assert f"{tokens.size:,}" in tokens.definition or kind in ("bytes", "characters")
    expected = TEXT
    if kind == "words":
        expected = "\n".join(" ".join(line.split()) for line in TEXT.split("\n"))
    assert tokens.decode(numbers) == expected == tokens.decode(numbers.tolist())
    assert tokens.encode("").shape == (0,)
    assert tokens.decode([]) == ""
    assert tokens.unknown(TEXT) == []
    again = tokens_from_json(json.loads(json.dumps(tokens.to_json())))
    assert again.size == tokens.size
    np.testing.assert_array_equal(again.encode(TEXT), numbers)


@pytest.mark.parametrize("kind", KINDS)
@settings(deadline=None)
@given(st.data())
def test_stream_writes_what_decode_writes(kind: str, data: st.DataObject):
    tokens = fitted(kind)
    numbers = data.draw(st.lists(st.integers(0, tokens.size - 1), max_size=30))
    assert streamed(tokens, numbers) == tokens.decode(numbers)


@pytest.mark.parametrize("kind", ["bytes", "bpe"])
@settings(deadline=None)
@given(text=st.text())
def test_bytes_lose_nothing(kind: str, text: str):
    tokens = fitted(kind)
    assert tokens.decode(tokens.encode(text)) == text
    assert streamed(tokens, tokens.encode(text).tolist()) == text
    assert tokens.unknown(text) == []


def test_stream_holds_back_half_a_character():
    stream = StreamDecoder(ByteTokens())
    assert [stream.feed(byte) for byte in "a秦".encode()[:-1]] == ["a", "", ""]
    assert stream.finish() == "\ufffd"


@settings(deadline=None)
@given(st.text("abc秦𝄞\n "), st.text("abcde秦川𝄞é\n "), st.integers(1, 3), st.booleans())
def test_characters_against_a_dictionary(train: str, text: str, min_count: int, lowercase: bool):
    tokens = CharacterTokens.fit([train], TokenOptions(min_count=min_count, lowercase=lowercase))
    known = {one for one in train if train.count(one) >= min_count}
    assert set(tokens.symbols) == known | {"<unk>"}
    expected = [tokens.symbols.index(one if one in known else "<unk>") for one in text]
    assert tokens.encode(text).tolist() == expected
    assert tokens.decode(expected) == "".join(one if one in known else "\ufffd" for one in text)
    assert dict(tokens.unknown(text)) == {one: text.count(one) for one in text if one not in known}


def test_frequent_symbols_come_first():
    tokens = CharacterTokens.fit(["cab", "cacb"], TokenOptions())
    assert tokens.symbols == ("c", "a", "b", "<unk>")
    rare = CharacterTokens.fit(["aaaabcdee"], TokenOptions(min_count=2))
    assert rare.symbols == ("a", "<unk>", "e")  # three left out, and ``e`` twice
    assert CharacterTokens.fit(["aabbbc"], TokenOptions(size=2)).symbols == ("<unk>", "b")


def test_words_as_in_the_penn_treebank():
    text = " no it was n't <unk> monday \n aer N <unk> \n"
    tokens = WordTokens.fit([text], TokenOptions("words"))
    assert tokens.size == 9
    assert tokens.symbols[:2] == ("<eos>", "<unk>")
    assert tokens.encode(text).tolist().count(tokens.numbers["<eos>"]) == 2
    assert tokens.unknown(text + "N new <unk>") == [("new", 1)]
    assert tokens.decode(tokens.encode(text)) == "no it was n't <unk> monday\naer N <unk>\n"


def test_words_take_a_prompt_as_it_is():
    """A line that is not finished has no ``<eos>``, so that generation goes on in it; empty lines have theirs."""
    tokens = fitted("words")
    assert tokens.decode(tokens.encode("the tide")) == "the tide"
    assert len(tokens.encode("the tide\n\n")) == 4


def test_words_beyond_size_and_count():
    assert fitted("words", size=4).size == 4
    tokens = WordTokens.fit(["a a a b b c"], TokenOptions("words", min_count=2))
    assert set(tokens.symbols) == {"a", "b", "<unk>", "<eos>"}
    assert tokens.encode("c b").tolist() == [tokens.numbers["<unk>"], tokens.numbers["b"]]


@pytest.mark.parametrize("kind", KINDS)
def test_lowercase(kind: str):
    tokens = fitted(kind, lowercase=True)
    np.testing.assert_array_equal(tokens.encode("THE Tide"), tokens.encode("the tide"))
    again = tokens_from_json(tokens.to_json())
    np.testing.assert_array_equal(again.encode("THE"), tokens.encode("the"))
    assert tokens.unknown("THE") == []


def test_note_on_unknown_symbols():
    tokens = fitted("characters")
    assert note_unknown(tokens, ["the", "gate"], "valid") == []
    (note,) = note_unknown(tokens, ["xyz", "x", "the"], "test")
    assert str(note) == "test: 4 tokens are <unk>, 3 different: 'x' (2), 'y' (1), 'z' (1)"
    (many,) = note_unknown(tokens, ["ABCDFGHIJKLMN"], "test")
    assert str(many).endswith("… and 3 more")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"kind": "character"}, "no such kind"),
        ({"kind": "bytes", "size": 100}, "always 256"),
        ({"kind": "bytes", "min_count": 2}, "always 256"),
        ({"kind": "bpe", "size": 256}, "too few symbols for byte pairs"),
        ({"kind": "words", "size": 1}, "too few symbols"),
        ({"kind": "words", "min_count": 0}, "no such count"),
    ],
)
def test_options_that_do_not_fit(options: dict[str, Any], words: str):
    with pytest.raises(ConfigError, match=words):
        fit_tokens([TEXT], TokenOptions(**options))


@pytest.mark.parametrize("kind", ["bytes", "bpe"])
def test_half_a_pair_is_no_text(kind: str):
    with pytest.raises(SymbolError, match="not Unicode"):
        fitted(kind).encode("a\ud800")


@pytest.mark.parametrize("kind", ["characters", "words"])
def test_half_a_pair_is_unknown(kind: str):
    tokens = fitted(kind)
    assert tokens.unknown("\udcff") == [("\udcff", 1)]
    assert tokens.encode("\udcff").shape == (1,)


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"kind": "letters"},
        {"kind": "characters"},
        {"kind": "characters", "symbols": ["a"]},
        {"kind": "words", "symbols": ["<unk>", "a", "a"]},
        {"kind": "words", "symbols": ["<unk>", "a"]},
        {"kind": "characters", "symbols": ["<unk>", "ab"]},
        {"kind": "characters", "symbols": ["<unk>", 1]},
    ],
)
def test_not_from_to_json(value: dict[str, Any]):
    with pytest.raises(BundleError):
        tokens_from_json(value)


def test_byte_pairs_of_another_file():
    pytest.importorskip("tokenizers")
    with pytest.raises(BundleError, match="not a tokenizer"):
        tokens_from_json({"kind": "bpe", "tokenizer": {"version": "1.0"}})


def test_byte_pairs_without_the_library(monkeypatch: pytest.MonkeyPatch):
    def refuse(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(importlib, "import_module", refuse)
    with pytest.raises(MissingExtraError, match="tokenizers") as caught:
        fit_tokens([TEXT], TokenOptions("bpe", size=300))
    assert caught.value.hint is not None
    assert "pip install" in caught.value.hint


@settings(deadline=None)
@example("aaa\n\n\n\nb")
@given(st.text("ab \n'.1秦\t\x1c\x85\u180e\u2028\u3000", max_size=80))
def test_portions_have_the_tokens_of_the_whole(text: str):
    pytest.importorskip("tokenizers")
    # With tokens of several line ends, which a cut between these would lose.
    tokens = fit_tokens(["a\n\n\n\nb" * 9], TokenOptions("bpe", size=270))
    assert isinstance(tokens, BytePairTokens)
    cut = portions(text, 5)
    assert "".join(cut) == text
    assert all(cut)
    whole: list[int] = tokens.tokenizer.encode(text).ids
    assert [one for part in cut for one in tokens.tokenizer.encode(part).ids] == whole
    assert tokens.encode(text).tolist() == whole


def test_tiny_shakespeare_has_65_characters():
    path = SHARED / "tiny_shakespeare" / "input.txt"
    if not path.exists():
        pytest.skip("tiny_shakespeare is not here")
    text = path.read_text(encoding="utf-8")
    tokens = fit_tokens([text], TokenOptions())
    assert tokens.definition == "token = character (Unicode code point, 65 different and <unk>)"
    assert tokens.decode(tokens.encode(text)) == text
