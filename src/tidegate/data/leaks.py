"""Images that stand in two parts of a data set: a test on them measures memory."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from tidegate.data.finding import warning
from tidegate.data.sample import Sample
from tidegate.errors import Finding

SHOWN = 3


def shared_images(train: Sequence[Sample], other: Sequence[Sample], part: str) -> list[Finding]:
    """A note if images of ``other`` are, byte for byte, in the training data; otherwise nothing.

    Only files of the same size are read.

    >>> print(*shared_images([Sample("a", "x", data=b"1")], [Sample("b", "x", data=b"1")], "test"))
    1 image of test is in train too, byte for byte: b = a
    """
    sizes = {sample.size() for sample in train} & {sample.size() for sample in other} - {-1}
    if not sizes:
        return []
    seen = {_digest(sample): sample.name for sample in train if sample.size() in sizes}
    pairs = [
        (sample.name, seen[digest])
        for sample in other
        if sample.size() in sizes and (digest := _digest(sample)) in seen
    ]
    if not pairs:
        return []
    shown = ", ".join(f"{name} = {twin}" for name, twin in pairs[:SHOWN]) + (
        ", …" if len(pairs) > SHOWN else ""
    )
    verb = "image of {0} is" if len(pairs) == 1 else "images of {0} are"
    return [warning("leak", f"{len(pairs)} {verb.format(part)} in train too, byte for byte: {shown}")]


def _digest(sample: Sample) -> bytes:
    try:
        return hashlib.blake2b(sample.content(), digest_size=16).digest()
    except OSError:
        # Unreadable files are reported when they are decoded; here they are like no other file.
        return sample.name.encode()
