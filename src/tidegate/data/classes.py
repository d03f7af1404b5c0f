"""The classes that training samples are of."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tidegate.errors import DataError


def classes_of(targets: Sequence[str], *, where: str | None = None) -> tuple[str, ...]:
    """All classes, numbers in their own order.

    Args:
        targets: The class of each sample.
        where: What an error calls the data.

    Raises:
        DataError: There is only one; nothing can be learnt from that.

    >>> classes_of(["10", "9", "a"])
    ('9', '10', 'a')
    """
    classes = tuple(sorted(set(targets), key=_natural))
    if len(classes) < 2:
        raise DataError(
            "there is one class only",
            where=where,
            expected="two or more classes to tell apart",
            got=f"{len(targets)} samples, all of class {classes[0]!r}" if classes else "no samples",
            hint="check that the folders below the root are the classes",
        )
    return classes


def _natural(text: str) -> list[tuple[int, int, str]]:
    pieces = re.findall(r"\d+|\D+", text)
    return [(0, int(piece), piece) if piece.isdecimal() else (1, 0, piece) for piece in pieces]
