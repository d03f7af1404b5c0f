"""Tokens whose symbols are a list made from the training text: characters, and words.

The most frequent symbol has number 0, so that an adaptive softmax can put rare ones into clusters. What training never
saw, or saw too seldom, is ``<unk>``, which is always in the list: a text is never refused, and the cost of its strange
symbols is counted where they occur.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from tidegate.errors import BundleError, ConfigError, SymbolError

UNKNOWN = "<unk>"
END_OF_LINE = "<eos>"
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


@dataclass(frozen=True)
class TokenOptions:
    """What a token is, and which of them are known.

    Args:
        kind: A key of ``tidegate.data.text.tokens.KINDS``.
        size: Symbols at most, ``<unk>`` and ``<eos>`` included; of ``bpe``: symbols to learn. None: as many as there are.
        min_count: Symbols that training has less often become ``<unk>``; of ``bpe``: pairs less often are not joined.
        lowercase: Read capital letters as small ones.

    Raises:
        ConfigError: ``size`` is below 2 or ``min_count`` below 1.

    >>> TokenOptions("words", size=10_000)
    TokenOptions(kind='words', size=10000, min_count=1, lowercase=False)
    """

    kind: str = "characters"
    size: int | None = None
    min_count: int = 1
    lowercase: bool = False

    def __post_init__(self) -> None:
        if self.size is not None and self.size < 2:
            raise ConfigError("too few symbols", where="size", expected="2 or more", got=str(self.size))
        if self.min_count < 1:
            raise ConfigError(
                "no such count", where="min_count", expected="1 or more", got=str(self.min_count)
            )


def choose_symbols(
    counts: Mapping[str, int], options: TokenOptions, special: tuple[str, ...]
) -> tuple[str, ...]:
    """The symbols to know, the most frequent first; equal counts in code point order.

    Args:
        counts: How often training has each.
        options: Its ``size`` and ``min_count``.
        special: Symbols that are in the list whatever their counts; ``<unk>`` counts what was left out.

    >>> choose_symbols({"a": 5, "b": 1, "c": 1}, TokenOptions(min_count=2), (UNKNOWN,))
    ('a', '<unk>')
    """
    order = sorted(counts, key=lambda symbol: (-counts[symbol], symbol))
    often = [one for one in order if counts[one] >= options.min_count and one not in special]
    kept = often if options.size is None else often[: max(0, options.size - len(special))]
    totals = {symbol: counts[symbol] for symbol in kept} | {one: counts.get(one, 0) for one in special}
    totals[UNKNOWN] += sum(counts.values()) - sum(totals.values())
    return tuple(sorted(totals, key=lambda symbol: (-totals[symbol], symbol)))


def utf8(text: str) -> bytes:
    """A text's bytes.

    Raises:
        SymbolError: It holds half a surrogate pair, as a command line in another encoding may.
    """
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise SymbolError(
            "the text is not Unicode",
            where=f"character {error.start}",
            got=f"U+{ord(text[error.start]):04X}, half of a pair",
            hint="is the terminal's encoding UTF-8?",
        ) from error


@dataclass(frozen=True)
class _Listed:
    """What characters and words share: a list of symbols."""

    symbols: tuple[str, ...]
    lowercase: bool = False
    kind = ""
    special: ClassVar[tuple[str, ...]] = (UNKNOWN,)

    @property
    def size(self) -> int:
        """K, symbols in all."""
        return len(self.symbols)

    @cached_property
    def numbers(self) -> dict[str, int]:
        """The number of each symbol."""
        return {symbol: number for number, symbol in enumerate(self.symbols)}

    @property
    def unwritten(self) -> tuple[int, ...]:
        """The symbol for unknown ones."""
        return (self.numbers[UNKNOWN],)

    def to_json(self) -> dict[str, Any]:
        """Plain values, for ``tokens_from_json``."""
        return {"kind": self.kind, "lowercase": self.lowercase, "symbols": list(self.symbols)}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Back from ``to_json``.

        Raises:
            BundleError: It is no such list.
        """
        symbols = value.get("symbols")
        if not isinstance(symbols, list) or not cls._fits(symbols):
            raise BundleError(
                "not a list of symbols",
                where=f"tokens of kind {cls.kind}",
                expected=f"distinct, with {' and '.join(cls.special)}",
            )
        return cls(tuple(symbols), bool(value.get("lowercase", False)))

    @classmethod
    def _fits(cls, symbols: list[Any]) -> bool:
        strings = all(isinstance(symbol, str) for symbol in symbols)
        return strings and set(cls.special) <= set(symbols) and len(set(symbols)) == len(symbols)


class CharacterTokens(_Listed):
    """A token is a Unicode code point. ``<unk>`` is written as U+FFFD.

    >>> tokens = CharacterTokens.fit(["tide gate"], TokenOptions())
    >>> tokens.decode(tokens.encode("get tea")), tokens.unknown("größe")
    ('get tea', [('r', 1), ('ß', 1), ('ö', 1)])
    """

    kind = "characters"
    separator = b""

    @classmethod
    def fit(cls, texts: Sequence[str], options: TokenOptions) -> CharacterTokens:
        """The characters of the training text."""
        counts: Counter[str] = Counter()
        for text in texts:
            counts.update(text.lower() if options.lowercase else text)
        return cls(choose_symbols(counts, options, cls.special), options.lowercase)

    @property
    def definition(self) -> str:
        """What a token is, for tables."""
        return f"token = character (Unicode code point, {self.size - 1:,} different and {UNKNOWN})"

    def encode(self, text: str) -> NDArray[np.int32]:
        """Numbers of a text's characters, ``(T,)``."""
        text = text.lower() if self.lowercase else text
        points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")
        # The last place of the table stands for all code points behind it.
        return self._table[np.minimum(points, len(self._table) - 1)]

    def decode(self, numbers: Iterable[int]) -> str:
        """The text that some numbers spell."""
        places = np.fromiter(numbers, np.int64)
        return self._points[places].tobytes().decode("utf-32-le", "surrogatepass")

    def piece(self, number: int) -> bytes:
        """The bytes of one token."""
        symbol = self.symbols[number]
        return (_REPLACEMENT if symbol == UNKNOWN else symbol).encode("utf-8", "replace")

    def unknown(self, text: str) -> list[tuple[str, int]]:
        """Characters of a text that are ``<unk>`` here, the most frequent first, with counts."""
        text = text.lower() if self.lowercase else text
        counts = Counter(
            {symbol: count for symbol, count in Counter(text).items() if symbol not in self.numbers}
        )
        return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))

    @classmethod
    def _fits(cls, symbols: list[Any]) -> bool:
        return super()._fits(symbols) and all(len(one) == 1 or one == UNKNOWN for one in symbols)

    @cached_property
    def _points(self) -> NDArray[np.uint32]:
        return np.array([ord(_REPLACEMENT if one == UNKNOWN else one) for one in self.symbols], "<u4")

    @cached_property
    def _table(self) -> NDArray[np.int32]:
        known = np.array([one != UNKNOWN for one in self.symbols])
        points = self._points[known]
        table = np.full(int(points.max(initial=0)) + 2, self.numbers[UNKNOWN], np.int32)
        table[points] = np.flatnonzero(known)
        return table


class WordTokens(_Listed):
    r"""A token is a word between white space, or ``<eos>`` for the end of a line, as in the Penn Treebank files.

    >>> tokens = WordTokens.fit(["the tide the gate\n"], TokenOptions())
    >>> tokens.symbols
    ('the', '<eos>', 'gate', 'tide', '<unk>')
    >>> tokens.decode(tokens.encode("the  gate\nthe sea\n"))
    'the gate\nthe <unk>\n'
    """

    kind = "words"
    special = (UNKNOWN, END_OF_LINE)
    separator = b" "

    @classmethod
    def fit(cls, texts: Sequence[str], options: TokenOptions) -> WordTokens:
        """The words of the training text; ``<unk>`` in it is ``<unk>`` here."""
        counts: Counter[str] = Counter()
        for text in texts:
            counts.update(_words(text, lowercase=options.lowercase))
        return cls(choose_symbols(counts, options, cls.special), options.lowercase)

    @property
    def definition(self) -> str:
        """What a token is, for tables."""
        known = f"{self.size:,} different, {UNKNOWN} and {END_OF_LINE} included"
        return f"token = word (between white space, {END_OF_LINE} at a line's end; {known})"

    def encode(self, text: str) -> NDArray[np.int32]:
        """Numbers of a text's words and line ends, ``(T,)``; a last line without its end, as of a prompt, gets none."""
        unknown = self.numbers[UNKNOWN]
        find = self.numbers.get
        return np.array([find(word, unknown) for word in _words(text, lowercase=self.lowercase)], np.int32)

    def decode(self, numbers: Iterable[int]) -> str:
        """The text that some numbers spell: one space between words, none around line ends."""
        words = [self.symbols[number] for number in numbers]
        lines = " ".join("\n" if word == END_OF_LINE else word for word in words)
        return lines.replace(" \n", "\n").replace("\n ", "\n")

    def piece(self, number: int) -> bytes:
        """The bytes of one token, without the space between two."""
        symbol = self.symbols[number]
        return b"\n" if symbol == END_OF_LINE else symbol.encode("utf-8", "replace")

    def unknown(self, text: str) -> list[tuple[str, int]]:
        """Words of a text that are ``<unk>`` here and not so written, the most frequent first, with counts."""
        words = _words(text, lowercase=self.lowercase)
        counts = Counter(word for word in words if word not in self.numbers)
        return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))


def _words(text: str, *, lowercase: bool) -> list[str]:
    text = text.lower() if lowercase else text
    return text.replace("\n", f" {END_OF_LINE} ").split()
