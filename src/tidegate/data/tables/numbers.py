"""Cells as numbers, by the marks of their file, with what may stand around a number: currency, percent, K, M and B."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np
from numpy.typing import NDArray

from tidegate.data.tables.marks import APOSTROPHES, BLANKS, CURRENCIES, FACTORS, Marks

SENTINELS = (-99.0, -999.0, -9999.0, -99999.0, 999.0, 9999.0, 99999.0, 999999.0, -1e20, 1e20)
"""Numbers that stand for a missing value in data of many fields."""
_THOUSANDS = {".": r"\.", ",": ",", "'": f"[{APOSTROPHES}]", " ": f"[{BLANKS}]"}


@dataclass(frozen=True)
class Numbers:
    """Cells as numbers.

    Attributes:
        values: ``(R,)``; NaN where a cell is no number.
        refused: Places of the cells that are none.
        unit: What stands around the numbers, such as ``%``, ``$`` or ``K, M``; empty: nothing.
    """

    values: NDArray[np.float64]
    refused: list[int] = field(default_factory=list[int])
    unit: str = ""


def numbers_of(cells: Sequence[str], marks: Marks) -> Numbers:
    """Read cells, none of them missing.

    Percent signs are taken off: ``5%`` is 5. ``1.2M`` is 1,200,000. All cells of a column have the same currency, and
    all or none a percent sign; others are refused.

    >>> numbers_of(["1.000", "1.234,5"], Marks(",", ".")).values.tolist()
    [1000.0, 1234.5]
    >>> found = numbers_of(["$5", "($1.2K)", "5%"], Marks("."))
    >>> found.values.tolist(), found.refused, found.unit
    ([5.0, -1200.0, nan], [2], '$, K')
    """
    plain = marks.decimal != "," and not marks.thousands
    if plain:
        try:
            return Numbers(np.array(_without_underscores(cells), np.float64))
        except ValueError:
            pass
    bare = [cell.strip() for cell in cells]
    if (found := _at_once(bare, marks)) is not None:
        return Numbers(found)
    return _one_by_one(bare, marks)


def is_number(cell: str, marks: Marks) -> bool:
    """Whether a cell is a number by the marks of its file.

    >>> is_number("1.000", Marks(",", ".")), is_number("1,00", Marks(".", ","))
    (True, False)
    """
    return bool(_shape(marks).fullmatch(cell.strip()))


def sentinels(values: NDArray[np.float64]) -> list[tuple[float, int]]:
    """Numbers such as -999 that seem to stand for a missing value, and how often each stands there.

    One that lies farther from the others than these from each other is meant, and no count that passes it.

    >>> sentinels(np.array([1.0, 2.5, -999, 3, -999])), sentinels(np.array([998.0, 999, 1000]))
    ([(-999.0, 2)], [])
    """
    there = values[np.isfinite(values)]
    found: list[tuple[float, int]] = []
    special = np.isin(there, SENTINELS)
    if not special.any() or special.all():
        return found
    others = there[~special]
    low, high = float(others.min()), float(others.max())
    for value in np.unique(there[special]).tolist():
        beyond = low - value if value < 0 else value - high
        if beyond > max(high - low, abs(value) / 2):
            found.append((value, int((there == value).sum())))
    return found


def _without_underscores(cells: Sequence[str]) -> Sequence[str]:
    # Underscores are Python's, no data's.
    if "_" in "".join(cells):
        raise ValueError("an underscore is no part of a number")
    return cells


def _at_once(cells: list[str], marks: Marks) -> NDArray[np.float64] | None:
    """Numbers with nothing around them; ``None`` where a cell is none."""
    joined = "\n".join(cells)
    if joined.count("\n") != len(cells) - 1 or _other_than_bare(marks).search(joined):
        return None
    if marks.thousands:
        joined = re.sub(_THOUSANDS[marks.thousands], "", joined)
    joined = joined.replace("−", "-").replace(",", ".") if marks.decimal == "," else joined.replace("−", "-")
    return np.array(joined.split("\n"), np.float64)


def _one_by_one(cells: list[str], marks: Marks) -> Numbers:
    values = np.full(len(cells), np.nan)
    refused: list[int] = []
    seen: dict[str, None] = {}
    sign: str | None = None
    for place, cell in enumerate(cells):
        match = _shape(marks).fullmatch(cell)
        if match is None:
            try:
                values[place] = float(cell if "_" not in cell and marks.decimal != "," else "no number")
            except ValueError:
                refused.append(place)
            continue
        own = next((one for one in match.group("before", "behind", "percent") if one), "")
        sign = own if sign is None else sign
        if own != sign:
            refused.append(place)
            continue
        values[place] = _value(match, marks)
        seen |= {one: None for one in (own, match["factor"]) if one}
    return Numbers(values, refused, ", ".join(seen))


def _value(match: re.Match[str], marks: Marks) -> float:
    digits = match["digits"]
    if marks.thousands:
        digits = re.sub(_THOUSANDS[marks.thousands], "", digits)
    value = float(digits.replace(",", ".")) * FACTORS.get(match["factor"] or "", 1.0)
    minus = sum(bool(one) and one in "-−" for one in match.group("minus", "after", "last"))
    return -value if (minus + bool(match["bracket"])) % 2 else value


def _digits(marks: Marks) -> str:
    whole = r"\d+"
    if marks.thousands:
        mark = _THOUSANDS[marks.thousands]
        whole = rf"\d{{1,3}}(?:{mark}\d{{2,3}})*{mark}\d{{3}}|\d+"
    decimal = re.escape(marks.decimal or ".")
    return rf"(?:(?:{whole})(?:{decimal}\d*)?|{decimal}\d+)(?:[eE][-+]?\d+)?"


@cache
def _other_than_bare(marks: Marks) -> re.Pattern[str]:
    return re.compile(rf"^(?![-+−]?{_digits(marks)}$)", re.M)


@cache
def _shape(marks: Marks) -> re.Pattern[str]:
    blank = f"[{BLANKS}]?"
    return re.compile(
        rf"(?P<bracket>\()?(?P<minus>[-+−])?(?P<before>{CURRENCIES})?{blank}(?P<after>[-+−])?(?P<digits>{_digits(marks)})"
        rf"{blank}(?P<factor>{'|'.join(FACTORS)})?{blank}(?:(?P<percent>[%‰])|(?P<behind>{CURRENCIES}))?(?P<last>-)?"
        r"(?(bracket)\))"
    )
