"""Sizes of the training part, for learning curves: what they are called, and how more of them come in."""

from __future__ import annotations

from collections.abc import Sequence

from tidegate.config.study import ordered_sizes
from tidegate.errors import ConfigError

Size = int | float
WHOLE = 1.0


def size_name(size: Size) -> str:
    """What a size is called, in tables and folders.

    >>> size_name(0.125), size_name(500), size_name(1.0)
    ('12.5%', '500', '100%')
    """
    return f"{100 * size:.6g}%" if isinstance(size, float) else str(size)


def folder_name(name: str) -> str:
    """A size's name without what a link would have to escape.

    >>> folder_name("12.5%"), folder_name("500")
    ('12.5-percent', '500')
    """
    return name.replace("%", "-percent")


def smaller(sizes: Sequence[Size]) -> dict[str, Size]:
    """All but the largest, which the study itself has, by their names."""
    return {size_name(size): size for size in sizes[:-1]}


def largest(sizes: Sequence[Size]) -> Size | None:
    """What the study itself trains on; ``None``: all there is.

    >>> largest([0.1, 1.0]), largest([500, 2000]), largest([])
    (None, 2000, None)
    """
    whole = not sizes or (isinstance(sizes[-1], float) and sizes[-1] == WHOLE)
    return None if whole else sizes[-1]


def joined_sizes(known: Sequence[Size], new: Sequence[Size], where: str) -> list[Size]:
    """The sizes of a study that goes on: some may be added below the largest.

    Raises:
        ConfigError: The largest would change, and with it every run that counts.

    >>> joined_sizes([0.1, 1.0], [0.3, 1.0], "cells"), joined_sizes([], [0.1, 1.0], "cells")
    ([0.1, 0.3, 1.0], [0.1, 1.0])
    """
    before, now = (list(sizes) or [WHOLE] for sizes in (known, new or known))
    if largest(before) != largest(now):
        raise ConfigError(
            "this study has been run with another size of the training data",
            where=where,
            expected=f"the same largest size, {size_name(before[-1])}; smaller ones may be added",
            got=f"sizes up to {size_name(now[-1])}",
            hint="choose another --out",
        )
    every = list(dict.fromkeys([*before, *now]))
    try:
        return ordered_sizes(every) if len(every) > 1 else []
    except ValueError as error:
        raise ConfigError("these sizes cannot be added", where=where, expected=str(error)) from error
