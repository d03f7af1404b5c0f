"""Which part of the data a file is: training, validation or test, by its name."""

from __future__ import annotations

import re
from typing import Literal

Role = Literal["train", "valid", "test", "all"]
"""Which part of a data set that brings its own: ``train-*`` or ``t10k-*`` of an IDX folder, say."""

ORDER: tuple[Role, ...] = ("train", "valid", "test")

_WORDS: tuple[tuple[Role, str], ...] = (
    ("train", "train(ing)?"),
    # CoNLL-2003 calls its development part testa, and its test part testb.
    ("valid", "dev|devel|development|valid|validation|val|testa"),
    ("test", "test|testb"),
)


def part_of(name: str) -> Role | None:
    """The part that a file's name, or else a folder's above it, says that it is.

    >>> part_of("en_ewt-ud-dev.conllu.gz"), part_of("wnut17train.conll"), part_of("test/1.conll")
    ('valid', 'train', 'test')
    """
    for piece in reversed(name.lower().split("/")):
        for role, pattern in _WORDS:
            if re.search(f"(?<![a-z])({pattern})(?![a-z])", piece):
                return role
    return None
