"""What a tagger says of one sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tidegate.tasks.contract import Answer


@dataclass(frozen=True)
class TagAnswer(Answer):
    """Tags of a sentence; ``text`` is all of them, ``confidence`` the mean of ``sure``.

    Attributes:
        tags: One a word, in the scheme of the training data.
        sure: The probability of each tag by itself, 0 to 1.
        alternatives: The best sequences with their log-probabilities, where more than one were asked for.
    """

    tags: tuple[str, ...] = ()
    sure: tuple[float, ...] = ()
    alternatives: tuple[tuple[tuple[str, ...], float], ...] = ()


def tagged(answers: Sequence[Answer]) -> list[TagAnswer]:
    """Answers that are known to be a tagger's."""
    return [answer for answer in answers if isinstance(answer, TagAnswer)]


def written(answers: Sequence[Answer]) -> list[tuple[str, ...]]:
    """The tags of each."""
    return [answer.tags for answer in tagged(answers)]
