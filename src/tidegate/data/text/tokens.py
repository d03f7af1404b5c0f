"""What a token of a text is: a byte, a character, a word, or a byte pair. ``KINDS`` registers them all.

A new kind is a class with the methods of ``Tokens``, and a line in ``KINDS``.
"""

from __future__ import annotations

import codecs
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from tidegate.config.nearest import did_you_mean
from tidegate.data.finding import note
from tidegate.data.text.byte_pairs import BytePairTokens
from tidegate.data.text.vocabulary import CharacterTokens, TokenOptions, WordTokens, utf8
from tidegate.errors import BundleError, ConfigError, Finding

SHOWN = 10


class Tokens(Protocol):
    """A text as numbers, and back."""

    @property
    def kind(self) -> str:
        """Its key in ``KINDS``."""
        ...

    @property
    def size(self) -> int:
        """K, symbols in all."""
        ...

    @property
    def definition(self) -> str:
        """What a token is, in words: perplexities can be compared only where this is the same."""
        ...

    @property
    def separator(self) -> bytes:
        """What stands between two tokens that are no line ends."""
        ...

    @property
    def unwritten(self) -> tuple[int, ...]:
        """Symbols that stand for others, which no text should hold: ``<unk>``."""
        ...

    def encode(self, text: str) -> NDArray[np.int32]:
        """Numbers of a text's tokens, ``(T,)``, from 0 to K - 1."""
        ...

    def decode(self, numbers: Iterable[int]) -> str:
        """The text that some numbers spell."""
        ...

    def piece(self, number: int) -> bytes:
        """The bytes of one token in UTF-8; it may end within a character."""
        ...

    def unknown(self, text: str) -> list[tuple[str, int]]:
        """Symbols of a text that are not known, the most frequent first, with counts."""
        ...

    def to_json(self) -> dict[str, Any]:
        """Plain values, for ``tokens_from_json``."""
        ...


@dataclass(frozen=True)
class ByteTokens:
    """A token is a byte of the text in UTF-8; nothing needs to be learnt, and nothing is unknown.

    >>> ByteTokens().encode("é").tolist()
    [195, 169]
    """

    lowercase: bool = False
    kind = "bytes"
    separator = b""
    size = 256
    definition = "token = byte (of the text in UTF-8)"

    @classmethod
    def fit(cls, _texts: Sequence[str], options: TokenOptions) -> ByteTokens:
        """All 256 bytes, whatever the text.

        Raises:
            ConfigError: The options ask for a choice.
        """
        if options.size not in (None, cls.size) or options.min_count > 1:
            raise ConfigError(
                "bytes are always 256 symbols",
                where="size, min_count",
                got=f"{options.size}, {options.min_count}",
                hint="leave both out, or use another kind of token",
            )
        return cls(options.lowercase)

    @property
    def unwritten(self) -> tuple[int, ...]:
        """None: every byte may be written."""
        return ()

    def encode(self, text: str) -> NDArray[np.int32]:
        """The bytes of a text, ``(T,)``.

        Raises:
            SymbolError: It is not Unicode.
        """
        text = text.lower() if self.lowercase else text
        return np.frombuffer(utf8(text), np.uint8).astype(np.int32)

    def decode(self, numbers: Iterable[int]) -> str:
        """The text that some bytes spell; those that are no UTF-8 become U+FFFD."""
        return np.fromiter(numbers, np.uint8).tobytes().decode("utf-8", "replace")

    def piece(self, number: int) -> bytes:
        """The byte."""
        return bytes((number,))

    def unknown(self, text: str) -> list[tuple[str, int]]:
        """Nothing: all bytes are known."""
        return []

    def to_json(self) -> dict[str, Any]:
        """Plain values, for ``tokens_from_json``."""
        return {"kind": self.kind, "lowercase": self.lowercase}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> ByteTokens:
        """Back from ``to_json``."""
        return cls(bool(value.get("lowercase", False)))


@dataclass(frozen=True)
class TokenKind:
    """One kind of token.

    Args:
        name: Its key.
        summary: What a token is, in one line.
        fit: Makes the tokens from training texts.
        from_json: Reads them back from a model's folder.
    """

    name: str
    summary: str
    fit: Callable[[Sequence[str], TokenOptions], Tokens]
    from_json: Callable[[Mapping[str, Any]], Tokens]


_ALL = (
    TokenKind("bytes", "bytes of UTF-8: 256 symbols", ByteTokens.fit, ByteTokens.from_json),
    TokenKind("characters", "Unicode code points", CharacterTokens.fit, CharacterTokens.from_json),
    TokenKind(
        "words", "words between white space, <eos> at a line's end", WordTokens.fit, WordTokens.from_json
    ),
    TokenKind(
        "bpe", "byte pairs learnt from the training text", BytePairTokens.fit, BytePairTokens.from_json
    ),
)

KINDS: dict[str, TokenKind] = {one.name: one for one in _ALL}


def fit_tokens(texts: Sequence[str], options: TokenOptions) -> Tokens:
    """The tokens of some training texts.

    Args:
        texts: Training texts only: what validation and test hold beyond them must stay unknown.
        options: The kind, and which symbols to know.

    Raises:
        ConfigError: There is no such kind, or the options do not fit it.
        MissingExtraError: It needs a library that is not installed.

    >>> fit_tokens(["tide"], TokenOptions("characters")).definition
    'token = character (Unicode code point, 4 different and <unk>)'
    """
    if options.kind not in KINDS:
        raise ConfigError(
            "no such kind of token",
            where="tokens",
            expected=", ".join(KINDS),
            got=options.kind,
            hint=did_you_mean(options.kind, KINDS),
        )
    return KINDS[options.kind].fit(texts, options)


def tokens_from_json(value: Mapping[str, Any]) -> Tokens:
    """Tokens from what their ``to_json`` gave.

    Raises:
        BundleError: It is not that.
        MissingExtraError: The kind needs a library that is not installed.

    >>> tokens_from_json(ByteTokens().to_json()).kind
    'bytes'
    """
    kind = value.get("kind")
    if kind not in KINDS:
        raise BundleError(
            "no kind of token that this version knows", expected=", ".join(KINDS), got=repr(kind)
        )
    return KINDS[str(kind)].from_json(value)


class StreamDecoder:
    """Text from one token after the other, as ``decode`` would write it, each character as soon as it is whole.

    Args:
        tokens: What the numbers mean.

    >>> stream = StreamDecoder(ByteTokens())
    >>> [stream.feed(number) for number in "né".encode()], stream.finish()
    (['n', '', 'é'], '')
    """

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self._bytes = codecs.getincrementaldecoder("utf-8")("replace")
        # As if behind a line end: no separator before the first token.
        self._last = b"\n"

    def feed(self, number: int) -> str:
        """What one more token adds to the text; often nothing, within a character of several bytes."""
        piece = self._tokens.piece(number)
        apart = not self._last.endswith(b"\n") and not piece.startswith(b"\n")
        self._last = piece
        return self._bytes.decode(self._tokens.separator + piece if apart else piece)

    def finish(self) -> str:
        """What is left: U+FFFD where the last character is not whole."""
        return self._bytes.decode(b"", final=True)


def note_unknown(tokens: Tokens, texts: Sequence[str], part: str) -> list[Finding]:
    """A note on the unknown symbols of a part, if it has any.

    Args:
        tokens: Fitted on the training text.
        texts: Of the part.
        part: What the note calls it.

    >>> print(*note_unknown(fit_tokens(["tide"], TokenOptions()), ["tidal"], "valid"))
    valid: 2 tokens are <unk>, 2 different: 'a' (1), 'l' (1)
    """
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(dict(tokens.unknown(text)))
    if not counts:
        return []
    order = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    shown = ", ".join(f"{symbol!r} ({count:,})" for symbol, count in order[:SHOWN])
    more = f" … and {len(order) - SHOWN:,} more" if len(order) > SHOWN else ""
    what = f"{sum(counts.values()):,} tokens are <unk>, {len(order):,} different: {shown}{more}"
    return [note("unknown-tokens", what, part)]
