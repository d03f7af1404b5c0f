"""What stands around a table in its file: ``sep=;``, remarks, lines of metadata above it, notes and sums below it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

_SEPARATORS = ("\t", ";", ",", "|")
_LOOKED_AT = 200
_SUM = re.compile(
    r"(grand |sub)?(total|sum|summe|gesamt|average|mean|mittelwert|source|quelle|note)s?\b.*", re.I
)
_MOST_BELOW = 20


@dataclass(frozen=True)
class Bare:
    """A table without what stands around it.

    Attributes:
        text: Left-out lines are blank, so that lines keep their numbers.
        separator: Between cells.
        above: Lines that were left out above it.
        below: Likewise below it.
    """

    text: str
    separator: str
    above: int
    below: int


def without_surroundings(text: str) -> Bare | None:
    r"""The table of a text whose first lines, last lines or separator are unusual; ``None``: there is none.

    >>> found = without_surroundings("Source,Bank\n\n# of 2020\ndate;y\n2016-01;1\n2016-02;2\nTotal\n")
    >>> found.text, found.separator, found.above, found.below
    ('\n\n\ndate;y\n2016-01;1\n2016-02;2', ';', 2, 1)
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n").split("\n")
    separator = ""
    if match := re.fullmatch(r"\"?sep=(.)\"?", lines[0].strip(), re.I):
        separator, lines[0] = match[1], ""
    sample = [line for line in lines[:_LOOKED_AT] if line.strip() and not line.startswith("#")]
    if not sample:
        return None
    counts = {one: _usual(sample, one) for one in ([separator] if separator else _SEPARATORS)}
    best = max(counts, key=lambda one: counts[one])
    if not counts[best][1]:
        words = Counter(len(line.split()) for line in sample).most_common(1)[0]
        if words[0] < 2 or 2 * words[1] <= len(sample):
            return None
        lines = ["\t".join(line.split()) for line in lines]
        best, counts = "\t", {"\t": (1.0, words[0] - 1)}
    width = counts[best][1]
    fits = [_count(line, best) == width and not line.startswith("#") for line in lines]
    first = fits.index(True)
    last = len(fits) - 1 - fits[::-1].index(True)
    below = [line.strip() for line in lines[last + 1 :] if line.strip()]
    # Rows of the table that are damaged are no remarks: they begin as rows do, or have cells too many.
    damaged = any(
        line[0].isdigit() or _count(line, best) > width for line in below if not line.startswith("#")
    )
    header = lines[first].split(best)
    if len(below) > _MOST_BELOW or damaged or (first and any(cell.strip()[:1].isdigit() for cell in header)):
        return None
    above = sum(bool(line.strip()) for line in lines[:first])
    return Bare("\n".join([""] * first + lines[first : last + 1]), best, above, len(below))


def sums_below(cells: Sequence[str]) -> int:
    """How many last rows are sums or remarks, by the first column of a table, whose other cells hold numbers or dates.

    >>> sums_below(["2016-01", "2016-02", "Total"]), sums_below(["so", "so", "Total"])
    (1, 0)
    """
    count = 0
    while count < min(3, len(cells) - 1) and _SUM.fullmatch(cells[-1 - count].strip()):
        count += 1
    others = cells[: min(len(cells) - count, _LOOKED_AT)]
    return count if count and all(any(letter.isdigit() for letter in cell) for cell in others) else 0


def _usual(lines: Sequence[str], separator: str) -> tuple[float, int]:
    """The share of lines that have the usual number of a separator, and that number."""
    counts = Counter(_count(line, separator) for line in lines)
    counts.pop(0, None)
    if not counts:
        return 0.0, 0
    number, many = counts.most_common(1)[0]
    return (many / len(lines), number) if 2 * many > len(lines) else (0.0, 0)


def _count(line: str, separator: str) -> int:
    return re.sub(r'"[^"]*"', "", line).count(separator)
