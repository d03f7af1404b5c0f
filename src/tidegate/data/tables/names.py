"""Which column a name means: the one that is called exactly so, or else one that is but for case, spaces and marks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence


def plain_name(name: str) -> str:
    """A name without case, spaces and marks.

    >>> plain_name("Series ID") == plain_name("series_id")
    True
    """
    return re.sub(r"[\s_\-.]+", "", name).lower()


def column_named(names: Sequence[str], wanted: str) -> str | None:
    """The column that a name means, if there is one.

    >>> column_named(["Unique ID", "y"], "unique_id"), column_named(["Y", "y"], "y"), column_named(["x"], "y")
    ('Unique ID', 'y', None)
    """
    if wanted in names:
        return wanted
    plain = plain_name(wanted)
    return next((name for name in names if plain and plain_name(name) == plain), None)


def column_usual(names: Sequence[str], usual: Iterable[str]) -> str | None:
    """The column that has the first of some usual names that there is.

    >>> column_usual(["Class", "Label"], ["label", "class"])
    'Label'
    """
    found = (column_named(names, name) for name in usual)
    return next((name for name in found if name is not None), None)
