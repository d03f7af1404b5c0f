"""The digest of a part of the data: a run that goes on must find the content that it began with, not only the names."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from numpy.typing import NDArray


@dataclass(frozen=True)
class PartDigest:
    """Two digests of a part, in hexadecimal digits: an image may stay while its label is corrected.

    Attributes:
        inputs: Of what samples say: pixels, words, texts, values.
        targets: Of what they are answered with.
    """

    inputs: str
    targets: str


def part_digest(contents: Iterable[tuple[bytes, bytes]]) -> PartDigest:
    """The digest of a part.

    Args:
        contents: Of each sample, in order: what it says, and its answer.

    >>> first = part_digest([(b"a.png", b"box"), (b"b.png", b"ring")])
    >>> other = part_digest([(b"a.png", b"square"), (b"b.png", b"ring")])
    >>> first.inputs == other.inputs, first.targets == other.targets
    (True, False)
    """
    inputs, targets = (hashlib.blake2b(digest_size=16) for _ in range(2))
    for content, target in contents:
        for digest, part in ((inputs, content), (targets, target)):
            # With its length, so that no two samples run together into another two.
            digest.update(len(part).to_bytes(8, "little"))
            digest.update(part)
    return PartDigest(inputs.hexdigest(), targets.hexdigest())


def array_bytes(*arrays: NDArray[Any]) -> bytes:
    """Arrays as bytes, with their shapes; the same for equal arrays, however they lie in memory.

    >>> import numpy as np
    >>> array_bytes(np.zeros((2, 1))) == array_bytes(np.zeros((1, 2)))
    False
    """
    return b"".join(f"{array.dtype.str}{array.shape}".encode() + array.tobytes() for array in arrays)


def changed(before: Mapping[str, object], after: Mapping[str, object]) -> list[str]:
    """What is not as it was, of two records of a split as JSON; empty where only names, counts or notes differ.

    >>> old = {"digests": {"train": {"inputs": "1", "targets": "2"}, "valid": {"inputs": "3", "targets": "4"}}}
    >>> new = {"digests": {"train": {"inputs": "1", "targets": "9"}, "valid": {"inputs": "8", "targets": "4"}}}
    >>> changed(old, new)
    ['the answers of train', 'the samples of valid']
    """
    words = {"inputs": "the samples of", "targets": "the answers of"}
    known, found = (_digests(record.get("digests")) for record in (before, after))
    parts = dict.fromkeys([*known, *found])
    return [
        f"{words[key]} {part}"
        for part in parts
        for key in words
        if known.get(part, {}).get(key) != found.get(part, {}).get(key)
    ]


def _digests(value: object) -> dict[str, dict[str, object]]:
    """As they stand in a file, which may have been edited."""
    parts = cast(dict[str, object], value) if isinstance(value, dict) else {}
    return {
        name: cast(dict[str, object], part) if isinstance(part, dict) else {} for name, part in parts.items()
    }
