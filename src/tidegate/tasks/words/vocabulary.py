"""What a model knows of words: numbers for words, characters, affixes and further columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from tidegate.config.word_features import WordSettings
from tidegate.data.words.sentence import Sentence
from tidegate.results.record import Record
from tidegate.tasks.words.features import UNKNOWN, WordTables

CASES = ("lower", "upper", "title", "mixed", "digits", "mostly digits", "with digits", "marks")
"""Kinds of case, as Reimers and Gurevych 2017 tell them apart, and punctuation."""
AFFIX_COUNT = 3
"""An affix that training has less often is unknown."""
LONGEST = 40
"""Characters of a word that are read; of a longer one the first and the last twenty."""

Numbers = dict[str, int]


@dataclass(frozen=True)
class WordVocabulary(Record):
    """Lists of what training saw; the place in a list, and two more, is the number, as 0 is padding and 1 unknown.

    Attributes:
        words: In normal form.
        characters: Of words as they are.
        affixes: Prefixes of one character, suffixes of one, prefixes of two, …, in lower case.
        columns: Values of each further column.
        lowercase: Whether the normal form has no capitals.
        zero_digits: Whether it has 0 for every digit.
    """

    words: tuple[str, ...]
    characters: tuple[str, ...]
    affixes: tuple[tuple[str, ...], ...]
    columns: tuple[tuple[str, ...], ...]
    lowercase: bool
    zero_digits: bool

    @cached_property
    def word_numbers(self) -> Numbers:
        """Numbers of words."""
        return numbered(self.words)

    @cached_property
    def character_numbers(self) -> Numbers:
        """Numbers of characters."""
        return numbered(self.characters)

    @cached_property
    def affix_numbers(self) -> tuple[Numbers, ...]:
        """Numbers of affixes, list by list."""
        return tuple(numbered(affixes) for affixes in self.affixes)

    @cached_property
    def column_numbers(self) -> tuple[Numbers, ...]:
        """Numbers of further columns' values."""
        return tuple(numbered(values) for values in self.columns)

    @property
    def tables(self) -> WordTables:
        """How large the network's tables are."""
        return WordTables(
            len(self.words) + 2,
            len(self.characters) + 2,
            len(CASES) + 2,
            tuple(len(affixes) + 2 for affixes in self.affixes),
            tuple(len(values) + 2 for values in self.columns),
        )

    def normal(self, word: str) -> str:
        """The form of a word whose embedding it takes."""
        return normal_form(word, lowercase=self.lowercase, zero_digits=self.zero_digits)

    def spelling(self, word: str) -> list[int]:
        """Numbers of a word's characters."""
        if len(word) > LONGEST:
            word = word[: LONGEST // 2] + word[-LONGEST // 2 :]
        find = self.character_numbers.get
        return [find(character, UNKNOWN) for character in word]

    def affixes_of(self, word: str) -> list[int]:
        """Numbers of a word's prefixes and suffixes."""
        return [
            numbers.get(affix, UNKNOWN)
            for numbers, affix in zip(
                self.affix_numbers, affixes_of(word, len(self.affixes) // 2), strict=True
            )
        ]


def learn_words(
    sentences: Sequence[Sentence], settings: WordSettings, further: Iterable[str] = ()
) -> WordVocabulary:
    """The words of some training sentences.

    Args:
        sentences: Of the training part only.
        settings: What to look at.
        further: Words in normal form that pretrained vectors bring.

    Example:
        >>> vocabulary = learn_words([Sentence("a", ("The", "tide", "the"))], WordSettings(affixes=0))
        >>> vocabulary.words, vocabulary.normal("THE"), vocabulary.spelling("Tee")
        (('the',), 'the', [2, 4, 4])
    """
    options = {"lowercase": settings.lowercase, "zero_digits": settings.zero_digits}
    forms = Counter(word for sentence in sentences for word in sentence.words)
    normal: Counter[str] = Counter()
    for form, count in forms.items():
        normal[normal_form(form, **options)] += count
    often = [word for word, count in normal.most_common() if count >= settings.min_count]
    known = set(often)
    words = [*often, *dict.fromkeys(word for word in further if word not in known)]
    affixes = [Counter[str]() for _ in range(2 * settings.affixes)]
    for form, count in forms.items():
        for counter, affix in zip(affixes, affixes_of(form, settings.affixes), strict=True):
            counter[affix] += count
    return WordVocabulary(
        words=tuple(words) if settings.embedding else (),
        characters=tuple(sorted({character for form in forms for character in form})),
        affixes=tuple(
            tuple(sorted(a for a, n in counter.items() if n >= AFFIX_COUNT)) for counter in affixes
        ),
        columns=_columns(sentences),
        **options,
    )


def normal_form(word: str, *, lowercase: bool, zero_digits: bool) -> str:
    """A word without what its embedding does not tell apart.

    >>> normal_form("Ju-52", lowercase=True, zero_digits=True)
    'ju-00'
    """
    if lowercase:
        word = word.lower()
    if zero_digits and not word.isalpha():
        word = "".join("0" if character.isdigit() else character for character in word)
    return word


def affixes_of(word: str, longest: int) -> list[str]:
    """Prefix and suffix of each length; of a shorter word all of it.

    >>> affixes_of("Tides", 2)
    ['t', 's', 'ti', 'es']
    """
    low = word.lower()
    return [affix for size in range(1, longest + 1) for affix in (low[:size], low[-size:])]


def case_of(word: str) -> int:
    """The number of a word's kind of case.

    >>> [CASES[case_of(word) - 2] for word in ("tide", "USA", "Tide", "eBay", "1,000", "B52", "--")]
    ['lower', 'upper', 'title', 'mixed', 'mostly digits', 'mostly digits', 'marks']
    """
    digits = sum(character.isdigit() for character in word)
    if digits:
        name = (
            "digits" if digits == len(word) else "mostly digits" if 2 * digits > len(word) else "with digits"
        )
    elif word.islower():
        name = "lower"
    elif word.isupper():
        name = "upper"
    elif word[:1].isupper() and word[1:].islower():
        name = "title"
    else:
        name = "mixed" if any(character.isalpha() for character in word) else "marks"
    return CASES.index(name) + 2


def _columns(sentences: Sequence[Sentence]) -> tuple[tuple[str, ...], ...]:
    rows = (row for sentence in sentences for row in sentence.features)
    values: list[set[str]] = []
    for row in rows:
        values = values or [set() for _ in row]
        for seen, value in zip(values, row, strict=True):
            seen.add(value)
    return tuple(tuple(sorted(seen)) for seen in values)


def numbered(items: Sequence[str]) -> Numbers:
    """Numbers of a list, behind padding and the unknown."""
    return {item: number for number, item in enumerate(items, start=2)}
