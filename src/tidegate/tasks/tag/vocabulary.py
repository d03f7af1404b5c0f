"""What a tagging model knows: words, the values of its linear part, and tags."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from tidegate.config.tasks.tag import TagSpec
from tidegate.data.words.sentence import Sentence
from tidegate.results.record import Record
from tidegate.tasks.tag.linear_features import learn_direct
from tidegate.tasks.words.vocabulary import Numbers, WordVocabulary, learn_words, numbered


@dataclass(frozen=True)
class TagVocabulary(Record):
    """Lists of what training saw.

    Attributes:
        words: Words, characters, affixes and further columns.
        direct: Values of each template of ``tidegate.tasks.tag.linear_features``; none without a linear part.
        tags: In the scheme that is learnt; their numbers are their places.
    """

    words: WordVocabulary
    direct: tuple[tuple[str, ...], ...]
    tags: tuple[str, ...]

    @cached_property
    def tag_numbers(self) -> Numbers:
        """Numbers of the tags."""
        return {tag: number for number, tag in enumerate(self.tags)}

    @cached_property
    def direct_numbers(self) -> tuple[Numbers, ...]:
        """Numbers of the templates' values."""
        return tuple(numbered(values) for values in self.direct)

    @property
    def direct_sizes(self) -> tuple[int, ...]:
        """How large the tables of the linear part are."""
        return tuple(len(values) + 2 for values in self.direct)


def learn_vocabulary(
    sentences: Sequence[Sentence], tags: Sequence[str], spec: TagSpec, further: Iterable[str] = ()
) -> TagVocabulary:
    """The vocabulary of some training sentences.

    Args:
        sentences: Of the training part only.
        tags: In the scheme that is learnt.
        spec: What to look at.
        further: Words in normal form that pretrained vectors bring.
    """
    words = learn_words(sentences, spec, further)
    direct = (
        learn_direct(sentences, len(words.columns), words.normal, spec.direct_count) if spec.direct else ()
    )
    return TagVocabulary(words, direct, tuple(tags))
