"""What a person wants to know of data before training on them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from tidegate.errors import Finding

MOST_RARE = 100
"""Rare characters are listed up to this many."""


@dataclass(frozen=True)
class Description:
    """What was found in data.

    Attributes:
        lines: Counts, sizes, answers: a line each, the most important first.
        bad: What cannot be used.
        notes: Of the reader.
    """

    lines: Sequence[str]
    bad: Sequence[Finding] = ()
    notes: Sequence[Finding] = ()


def rare(characters: Counter[str]) -> list[str]:
    """A line about characters that are too rare to be learnt well.

    >>> rare(Counter("aaaaaaaaaaab"))
    ['seen fewer than ten times: b']
    """
    few = sorted(character for character, count in characters.items() if count < 10)
    if len(few) > MOST_RARE:
        return [f"seen fewer than ten times: {len(few):,} of them"]
    return [f"seen fewer than ten times: {''.join(few)}"] if few else []
