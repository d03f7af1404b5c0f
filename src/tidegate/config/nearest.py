"""Guessing what was meant by a name that does not exist."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known name that looks most like a word, or ``None`` when none does.

    Args:
        word: What was written.
        known: What exists; full dotted names count by their last part too.

    Example:
        >>> nearest("epoch", ["epochs", "batch_size"])
        'epochs'
        >>> nearest("zebra", ["epochs", "batch_size"]) is None
        True
    """
    names = {name.lower(): name for name in known}
    found = get_close_matches(word.lower(), names, n=1, cutoff=0.6)
    if found:
        return names[found[0]]
    last = {name.rsplit(".", 1)[-1]: real for name, real in names.items()}
    found = get_close_matches(word.lower().rsplit(".", 1)[-1], last, n=1, cutoff=0.75)
    return last[found[0]] if found else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The advice for a name that does not exist: the nearest one, or all of them.

    Example:
        >>> did_you_mean("lent", ["lenet", "mlp"])
        'did you mean lenet?'
        >>> did_you_mean("zebra", ["lenet", "mlp"])
        'use one of: lenet, mlp'
    """
    names = list(known)
    guess = nearest(word, names)
    return f"did you mean {guess}?" if guess else f"use one of: {', '.join(names)}"
