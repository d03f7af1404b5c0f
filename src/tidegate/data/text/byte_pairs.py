"""Tokens of several characters that occur together: byte pairs, learnt from the training text by Hugging Face's
``tokenizers``, which is imported here only.

Sources: Sennrich et al. 2016 (byte pair encoding of words); Radford et al. 2019 (on bytes, so that nothing is unknown).
"""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tidegate.data.text.vocabulary import TokenOptions, utf8
from tidegate.errors import BundleError, ConfigError, MissingExtraError

DEFAULT_SIZE = 4096
PORTION = 2_000
"""Characters that are encoded at a time; the library's time for one string grows faster than its length."""


class BytePairTokens:
    """A token is a sequence of bytes.

    Args:
        tokenizer: A ``tokenizers.Tokenizer`` on bytes.
        lowercase: Read capital letters as small ones.
    """

    kind = "bpe"
    separator = b""

    def __init__(self, tokenizer: Any, *, lowercase: bool = False) -> None:
        self.tokenizer = tokenizer
        self.lowercase = lowercase

    @classmethod
    def fit(cls, texts: Sequence[str], options: TokenOptions) -> BytePairTokens:
        """Learn ``options.size`` symbols, 256 bytes among them; fewer where the text has no more pairs.

        Raises:
            MissingExtraError: tokenizers is not installed.
            ConfigError: ``size`` is too small.
        """
        size = options.size or DEFAULT_SIZE
        if size < 257:
            raise ConfigError(
                "too few symbols for byte pairs",
                where="size",
                expected="257 or more, as the 256 bytes are among them",
                got=str(size),
                hint="use the kind bytes, or a larger size",
            )
        library = _library()
        models, pre_tokenizers = library.models, library.pre_tokenizers
        tokenizer = library.Tokenizer(models.BPE())
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        tokenizer.decoder = library.decoders.ByteLevel()
        trainer = library.trainers.BpeTrainer(
            vocab_size=size,
            min_frequency=options.min_count,
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        )
        lines = (_lower(portion, options.lowercase) for text in texts for portion in portions(text))
        tokenizer.train_from_iterator(lines, trainer)
        return cls(tokenizer, lowercase=options.lowercase)

    @property
    def size(self) -> int:
        """K, symbols in all."""
        return int(self.tokenizer.get_vocab_size())

    @property
    def unwritten(self) -> tuple[int, ...]:
        """None: byte pairs spell everything."""
        return ()

    @property
    def definition(self) -> str:
        """What a token is, for tables."""
        return f"token = byte pair encoding ({self.size:,} different sequences of bytes)"

    def encode(self, text: str) -> NDArray[np.int32]:
        """Numbers of a text's tokens, ``(T,)``.

        Raises:
            SymbolError: It is not Unicode.
        """
        utf8(text)
        parts = portions(_lower(text, self.lowercase))
        found = [np.array(self.tokenizer.encode(part).ids, np.int32) for part in parts]
        return np.concatenate(found) if found else np.zeros(0, np.int32)

    def decode(self, numbers: Iterable[int]) -> str:
        """The text that some numbers spell; bytes that are no UTF-8 become U+FFFD."""
        return b"".join(self._pieces[number] for number in numbers).decode("utf-8", "replace")

    def piece(self, number: int) -> bytes:
        """The bytes of one token."""
        return self._pieces[number]

    def unknown(self, text: str) -> list[tuple[str, int]]:
        """Nothing: all bytes are known."""
        return []

    def to_json(self) -> dict[str, Any]:
        """Plain values, for ``tokens_from_json``; ``tokenizer`` is a tokenizer.json of the library."""
        return {
            "kind": self.kind,
            "lowercase": self.lowercase,
            "tokenizer": json.loads(self.tokenizer.to_str()),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> BytePairTokens:
        """Back from ``to_json``.

        Raises:
            MissingExtraError: tokenizers is not installed.
            BundleError: The library cannot read it.
        """
        library = _library()
        try:
            tokenizer = library.Tokenizer.from_str(json.dumps(value.get("tokenizer")))
        except Exception as error:  # the library raises this very class
            raise BundleError("not a tokenizer", where="tokens of kind bpe", got=str(error)) from error
        return cls(tokenizer, lowercase=bool(value.get("lowercase", False)))

    @cached_property
    def _pieces(self) -> list[bytes]:
        letters = _byte_letters()
        symbols = [self.tokenizer.id_to_token(number) for number in range(self.size)]
        return [bytes(letters[letter] for letter in symbol) for symbol in symbols]


def portions(text: str, least: int = PORTION) -> list[str]:
    r"""A text in pieces whose tokens, one after the other, are the text's own.

    A piece starts at a line end behind something that is not white space: the rule of byte-level tokens joins nothing
    over that place.

    Args:
        text: Any.
        least: Characters of a piece, at least, where more follow.

    >>> portions("tide\ngate\n\n", least=3)
    ['tide', '\ngate', '\n\n']
    """
    if not text:
        return []
    cuts = [0]
    for found in re.finditer(r"(?<=\S)\n", text):
        if found.start() - cuts[-1] >= least:
            cuts.append(found.start())
    return [text[start:end] for start, end in zip(cuts, [*cuts[1:], len(text)], strict=True)]


def _lower(text: str, lowercase: bool) -> str:
    return text.lower() if lowercase else text


def _byte_letters() -> dict[str, int]:
    """The byte that each letter of a token's name stands for: GPT-2's list, in which every byte can be seen."""
    seen = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    hidden = [byte for byte in range(256) if byte not in seen]
    return {chr(byte): byte for byte in seen} | {chr(256 + place): byte for place, byte in enumerate(hidden)}


def _library() -> Any:
    try:
        return importlib.import_module("tokenizers")
    except ImportError as error:
        raise MissingExtraError(
            "byte pairs come from tokenizers, which is not installed", hint="pip install 'tidegate[bpe]'"
        ) from error
