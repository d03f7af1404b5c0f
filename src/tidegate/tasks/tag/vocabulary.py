"""What a tagging model knows of words: numbers for words, characters, affixes, further columns and tags."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any

from tidegate.config.words import TagSpec
from tidegate.data.words.sentence import Sentence
from tidegate.tasks.tag.linear_features import learn_direct
from tidegate.tasks.tag.network import UNKNOWN, Tables

CASES = ("lower", "upper", "title", "mixed", "digits", "mostly digits", "with digits", "marks")
"""Kinds of case, as Reimers and Gurevych 2017 tell them apart, and punctuation."""
AFFIX_COUNT = 3
"""An affix that training has less often is unknown."""
LONGEST = 40
"""Characters of a word that are read; of a longer one the first and the last twenty."""

Numbers = dict[str, int]


@dataclass(frozen=True)
class Vocabulary:
    """Lists of what training saw; the place in a list, and two more, is the number, as 0 is padding and 1 unknown.

    Attributes:
        words: In normal form.
        characters: Of words as they are.
        affixes: Prefixes of one character, suffixes of one, prefixes of two, …, in lower case.
        columns: Values of each further column.
        direct: Values of each template of ``tidegate.tasks.tag.linear_features``; none without a linear part.
        tags: In the scheme that is learnt; their numbers are their places.
        lowercase: Whether the normal form has no capitals.
        zero_digits: Whether it has 0 for every digit.
    """

    words: tuple[str, ...]
    characters: tuple[str, ...]
    affixes: tuple[tuple[str, ...], ...]
    columns: tuple[tuple[str, ...], ...]
    direct: tuple[tuple[str, ...], ...]
    tags: tuple[str, ...]
    lowercase: bool
    zero_digits: bool
    word_numbers: Numbers = field(init=False, repr=False, compare=False)
    tag_numbers: Numbers = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "word_numbers", _numbered(self.words))
        object.__setattr__(self, "tag_numbers", {tag: number for number, tag in enumerate(self.tags)})

    @cached_property
    def character_numbers(self) -> Numbers:
        """Numbers of characters."""
        return _numbered(self.characters)

    @cached_property
    def affix_numbers(self) -> tuple[Numbers, ...]:
        """Numbers of affixes, list by list."""
        return tuple(_numbered(affixes) for affixes in self.affixes)

    @cached_property
    def column_numbers(self) -> tuple[Numbers, ...]:
        """Numbers of further columns' values."""
        return tuple(_numbered(values) for values in self.columns)

    @cached_property
    def direct_numbers(self) -> tuple[Numbers, ...]:
        """Numbers of the templates' values."""
        return tuple(_numbered(values) for values in self.direct)

    @property
    def tables(self) -> Tables:
        """How large the network's tables are."""
        return Tables(
            len(self.words) + 2,
            len(self.characters) + 2,
            len(CASES) + 2,
            tuple(len(affixes) + 2 for affixes in self.affixes),
            tuple(len(values) + 2 for values in self.columns),
            tuple(len(values) + 2 for values in self.direct),
            len(self.tags),
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

    def to_json(self) -> dict[str, Any]:
        """Plain values, for model.json."""
        return {
            "words": list(self.words),
            "characters": list(self.characters),
            "affixes": [list(affixes) for affixes in self.affixes],
            "columns": [list(values) for values in self.columns],
            "direct": [list(values) for values in self.direct],
            "tags": list(self.tags),
            "lowercase": self.lowercase,
            "zero_digits": self.zero_digits,
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Vocabulary:
        """Back from ``to_json``."""
        return cls(
            tuple(value["words"]),
            tuple(value["characters"]),
            tuple(tuple(affixes) for affixes in value["affixes"]),
            tuple(tuple(values) for values in value["columns"]),
            tuple(tuple(values) for values in value["direct"]),
            tuple(value["tags"]),
            bool(value["lowercase"]),
            bool(value["zero_digits"]),
        )


def learn_vocabulary(
    sentences: Sequence[Sentence], tags: Sequence[str], spec: TagSpec, further: Iterable[str] = ()
) -> Vocabulary:
    """The vocabulary of some training sentences.

    Args:
        sentences: Of the training part only.
        tags: In the scheme that is learnt.
        spec: What to look at.
        further: Words in normal form that pretrained vectors bring.

    Example:
        >>> vocabulary = learn_vocabulary([Sentence("a", ("The", "tide", "the"))], ["O"], TagSpec(affixes=0))
        >>> vocabulary.words, vocabulary.normal("THE"), vocabulary.spelling("Tee")
        (('the',), 'the', [2, 4, 4])
    """
    forms = Counter(word for sentence in sentences for word in sentence.words)
    normal: Counter[str] = Counter()
    for form, count in forms.items():
        normal[normal_form(form, lowercase=spec.lowercase, zero_digits=spec.zero_digits)] += count
    often = [word for word, count in normal.most_common() if count >= spec.min_count]
    known = set(often)
    words = [*often, *dict.fromkeys(word for word in further if word not in known)]
    affixes = [Counter[str]() for _ in range(2 * spec.affixes)]
    for form, count in forms.items():
        for counter, affix in zip(affixes, affixes_of(form, spec.affixes), strict=True):
            counter[affix] += count
    columns = _columns(sentences)
    shape = partial(normal_form, lowercase=spec.lowercase, zero_digits=spec.zero_digits)
    return Vocabulary(
        words=tuple(words) if spec.embedding else (),
        characters=tuple(sorted({character for form in forms for character in form})),
        affixes=tuple(
            tuple(sorted(a for a, n in counter.items() if n >= AFFIX_COUNT)) for counter in affixes
        ),
        columns=columns,
        direct=learn_direct(sentences, len(columns), shape, spec.direct_count) if spec.direct else (),
        tags=tuple(tags),
        lowercase=spec.lowercase,
        zero_digits=spec.zero_digits,
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


def _numbered(items: Sequence[str]) -> Numbers:
    return {item: number for number, item in enumerate(items, start=2)}
