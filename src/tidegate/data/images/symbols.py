"""Classes and characters: which there are, and which training never saw."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Literal

from tidegate.data.sample import Sample
from tidegate.errors import DataError, SymbolError

Kind = Literal["class", "character"]
SHOWN = 20


def classes_of(samples: Sequence[Sample], *, where: str | None = None) -> list[str]:
    """All classes, numbers in their own order; ``where`` is what an error calls the data.

    Raises:
        DataError: There is only one; nothing can be learnt from that.

    >>> classes_of([Sample(name, name, data=b"") for name in ("10", "9", "a")])
    ['9', '10', 'a']
    """
    classes = sorted({sample.target for sample in samples}, key=_natural)
    if len(classes) < 2:
        raise DataError(
            "there is one class only",
            where=where,
            expected="two or more classes to tell apart",
            got=f"{len(samples)} samples, all of class {classes[0]!r}" if classes else "no samples",
            hint="check that the folders below the root are the classes",
        )
    return classes


def characters_of(samples: Sequence[Sample]) -> list[str]:
    """All characters of all texts, by code point."""
    return sorted({character for sample in samples for character in sample.target})


def unseen(known: Iterable[str], samples: Sequence[Sample], kind: Kind) -> dict[str, list[str]]:
    """Classes or characters of ``samples`` that are not known, each with the names of its samples.

    >>> unseen("abc", [Sample("one", "abd", data=b"")], "character")
    {'d': ['one']}
    """
    seen = set(known)
    found: dict[str, list[str]] = {}
    for sample in samples:
        symbols = {sample.target} if kind == "class" else set(sample.target)
        for symbol in sorted(symbols - seen):
            found.setdefault(symbol, []).append(sample.name)
    return found


def refuse_unseen(known: Iterable[str], samples: Sequence[Sample], kind: Kind, *, where: str) -> None:
    """Refuse samples with a class or character that training never saw.

    Raises:
        SymbolError: There are such; it lists them, with where they stand.
    """
    found = unseen(known, samples, kind)
    if not found:
        return
    lines = [describe(symbol, names) for symbol, names in list(found.items())[:SHOWN]]
    if len(found) > SHOWN:
        lines.append(f"… and {len(found) - SHOWN} more")
    plural = "classes" if kind == "class" else "characters"
    raise SymbolError(
        f"{len(found)} {plural if len(found) > 1 else kind} that training never saw",
        where=where,
        got="\n".join(lines),
        hint=f"add samples with them to the training data, or leave these {plural} out",
    )


def describe(symbol: str, names: Sequence[str]) -> str:
    """One symbol and where it stands, so that invisible ones can be told too.

    >>> describe("ſ", ["a.png", "b.png"])
    "'ſ' (U+017F): 2 samples, first a.png"
    """
    code = f" (U+{ord(symbol):04X})" if len(symbol) == 1 else ""
    count = f"{len(names)} samples, first {names[0]}" if len(names) > 1 else names[0]
    return f"{symbol!r}{code}: {count}"


def _natural(text: str) -> list[tuple[int, int, str]]:
    pieces = re.findall(r"\d+|\D+", text)
    return [(0, int(piece), piece) if piece.isdecimal() else (1, 0, piece) for piece in pieces]
