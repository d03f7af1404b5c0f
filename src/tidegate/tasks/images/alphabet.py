"""The symbols that a transcription model can write, each a Unicode code point in NFC."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tidegate.data.images.sample import Sample
from tidegate.errors import SymbolError


@dataclass(frozen=True)
class Alphabet:
    """Symbols in a fixed order; their numbers start at 1, since 0 is CTC's blank.

    >>> alphabet = Alphabet.of(["tide", "gate"])
    >>> alphabet.symbols
    ('a', 'd', 'e', 'g', 'i', 't')
    >>> alphabet.decode(alphabet.encode("edit"))
    'edit'
    """

    symbols: tuple[str, ...]
    numbers: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "numbers", {symbol: i for i, symbol in enumerate(self.symbols, start=1)})

    @classmethod
    def of(cls, texts: Iterable[str]) -> Alphabet:
        """The symbols that occur in some texts, in code point order."""
        return cls(tuple(sorted({symbol for text in texts for symbol in text})))

    def __len__(self) -> int:
        return len(self.symbols)

    def encode(self, text: str) -> list[int]:
        """Numbers of a text's symbols.

        Raises:
            SymbolError: A symbol is not in the alphabet.
        """
        try:
            return [self.numbers[symbol] for symbol in text]
        except KeyError as error:
            raise SymbolError(
                f"the character {error.args[0]!r} is not in the alphabet",
                where=repr(text),
                expected=f"one of {''.join(self.symbols)}",
                hint="add lines that hold it to the training data and train again",
            ) from error

    def encode_known(self, text: str) -> list[int]:
        """Numbers of the symbols that are in the alphabet, for the loss on a text with unknown ones."""
        return [self.numbers[symbol] for symbol in text if symbol in self.numbers]

    def decode(self, numbers: Sequence[int]) -> str:
        """The text that some numbers spell."""
        return "".join(self.symbols[number - 1] for number in numbers)


def unseen(known: Iterable[str], samples: Sequence[Sample]) -> dict[str, list[str]]:
    """Characters of the samples' texts that are not known, each with the names of its samples.

    >>> unseen("abc", [Sample("one", "abd", data=b"")])
    {'d': ['one']}
    """
    seen = set(known)
    found: dict[str, list[str]] = {}
    for sample in samples:
        for character in sorted(set(sample.target) - seen):
            found.setdefault(character, []).append(sample.name)
    return found


def describe(symbol: str, names: Sequence[str]) -> str:
    """One symbol and where it stands, so that invisible ones can be told too.

    >>> describe("ſ", ["a.png", "b.png"])
    "'ſ' (U+017F): 2 samples, first a.png"
    """
    code = f" (U+{ord(symbol):04X})" if len(symbol) == 1 else ""
    count = f"{len(names)} samples, first {names[0]}" if len(names) > 1 else names[0]
    return f"{symbol!r}{code}: {count}"
