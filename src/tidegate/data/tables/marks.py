"""Which mark a file writes before decimals, and which between thousands: decided once, from all of its columns.

A cell such as ``1,5`` or ``1.234.567`` says what a mark is for; one such as ``1.000`` can be read in two ways, and is
asked about where no other cell of the file tells.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from tidegate.errors import DataError

BLANKS = " \u00a0\u2009\u202f"
"""What may stand between thousands as a blank: plain, no-break, thin and narrow ones."""
APOSTROPHES = "'\u2019"
CURRENCIES = r"[$€£¥₹₽₩₺₴₿]|USD|EUR|GBP|CHF|JPY|CNY|INR|US\$"
FACTORS = {"k": 1e3, "K": 1e3, "M": 1e6, "B": 1e9, "mn": 1e6, "bn": 1e9, "Mio": 1e6, "Mrd": 1e9}
"""What a letter behind a number multiplies it by."""
_BEFORE = rf"^[-+−(]?(?:{CURRENCIES})?[{BLANKS}]?[-+−]?"
_BEHIND = rf"[{BLANKS}]?(?:%|‰|{CURRENCIES}|{'|'.join(FACTORS)})?\)?-?$"
_GROUPED = rf"\d{{1,3}}([.,{APOSTROPHES}{BLANKS}])(?:\d{{2,3}}\1)*\d{{3}}(?:(?!\1)[.,]\d*)?"
_NUMBER = re.compile(rf"{_BEFORE}(?:{_GROUPED}|\d+[.,]?|\d*[.,]\d+)(?:[eE][-+]?\d+)?{_BEHIND}")
_LOOKED_AT = 1000
_NAMES = {".": "a point", ",": "a comma", "'": "an apostrophe", " ": "a blank"}


@dataclass(frozen=True)
class Marks:
    """The marks of a file's numbers.

    Attributes:
        decimal: ``.`` or ``,``; empty: no number has one.
        thousands: ``.``, ``,``, ``'`` or a blank; empty: no number has one.
    """

    decimal: str = ""
    thousands: str = ""

    def __str__(self) -> str:
        """What is unusual, for a person; empty for decimal points alone."""
        parts = ["decimal commas"] if self.decimal == "," else []
        parts += [f"{_NAMES[self.thousands]} between thousands"] if self.thousands else []
        return " and ".join(parts)


UNDECIDED = Marks()
"""Of a file whose numbers have none."""


def looks_like_number(cell: str) -> bool:
    """Whether a cell is a number in any spelling.

    >>> [looks_like_number(cell) for cell in ("1'234.50", "$5", "1.2M", "(3,5)", "31.01.2016", "2016-01")]
    [True, True, True, True, False, False]
    """
    return bool(_NUMBER.match(cell.strip()))


def decide_marks(
    columns: Mapping[str, Sequence[str]],
    where: str,
    *,
    decimal: str = "auto",
    thousands: str = "auto",
    separator: str = ",",
) -> Marks:
    """The marks of a file.

    Args:
        columns: Cells by the names of their columns; those of dates left out.
        where: The file, for errors.
        decimal: ``data.decimal``.
        thousands: ``data.thousands``.
        separator: Between cells; a point is more surely decimal where it is a comma.

    Raises:
        DataError: Cells can be read in two ways, or contradict one another.

    >>> decide_marks({"y": ["999", "1.000"], "z": ["9,9", "10,0"]}, "a.csv", separator=";")
    Marks(decimal=',', thousands='.')
    >>> decide_marks({"y": ["999", "1.000"]}, "a.csv", thousands=".")
    Marks(decimal=',', thousands='.')
    """
    found = _Evidence()
    for name, cells in columns.items():
        joined = "\n".join(cells)
        if " " in joined:
            joined = re.sub(r"^ +| +$", "", joined, flags=re.M)
        if _any_mark(joined) and _is_numbers(cells):
            found.look(name, joined, sure=separator not in ";")
    blank = next((mark for mark in ("'", " ") if mark in found.thousands), "")
    if decimal == "auto" and thousands in (".", ","):
        decimal = "," if thousands == "." else "."
    if decimal == "auto":
        decimal = _decided(found, where, thousands)
    if thousands == "auto":
        other = "," if decimal == "." else "." if decimal == "," else ""
        grouped = other and (other in found.open or other in found.thousands)
        thousands = other if grouped else blank
    return Marks(decimal, "" if thousands == "none" else thousands)


class _Evidence:
    """Cells that tell what a mark is for, one for each kind, with their columns."""

    def __init__(self) -> None:
        self.decimal: dict[str, tuple[str, str]] = {}
        self.thousands: dict[str, tuple[str, str]] = {}
        self.open: dict[str, tuple[str, str]] = {}

    def look(self, name: str, joined: str, *, sure: bool) -> None:
        # Where points are decimals, only another mark is news: one look, however long the column is.
        if "." in self.decimal and not any(mark in joined for mark in (",", *APOSTROPHES, *BLANKS)):
            return
        for mark in ".,":
            if mark not in joined:
                continue
            for kind, pattern in zip((self.decimal, self.thousands), _telling(mark), strict=True):
                if mark not in kind and (match := pattern.search(joined)):
                    kind[mark] = (match[0], name)
                if mark in self.decimal and "," not in joined:
                    break
            if mark not in (*self.open, *self.decimal) and (match := _open(mark).search(joined)):
                # Three decimals in all cells of a file with commas between cells are no thousands.
                whole = re.search(rf"{_BEFORE}\d+{_BEHIND}", joined, re.M)
                if mark == "." and sure and whole is None:
                    self.decimal.setdefault(mark, (match[0], name))
                else:
                    self.open[mark] = (match[0], name)
        for mark, letters in (("'", APOSTROPHES), (" ", BLANKS)):
            if mark not in self.thousands and any(letter in joined for letter in letters):
                match = re.search(rf"{_BEFORE}\d{{1,3}}[{letters}]\d{{3}}", joined, re.M)
                if match:
                    self.thousands[mark] = (match[0], name)


def _decided(found: _Evidence, where: str, thousands: str) -> str:
    points = found.decimal.get(".") or found.thousands.get(",")
    commas = found.decimal.get(",") or found.thousands.get(".")
    if points and commas:
        raise DataError(
            "the decimal mark is a point in some cells, and a comma in others",
            where=where,
            got=f"{points[0]} in column {points[1]}, {commas[0]} in column {commas[1]}",
            expected="one decimal mark in the whole file",
            hint="write all numbers alike; --set data.decimal=. or data.decimal=, takes those of one kind, and refuses "
            "the others where they are used",
        )
    if points or commas:
        return "." if points else ","
    if not found.open:
        return ""
    mark, (cell, name) = next(iter(found.open.items()))
    if len(found.open) == 1 and thousands != "auto":
        return mark
    bare = re.sub(r"[^\d.,]", "", cell)
    raise DataError(
        "numbers can be read in two ways",
        where=f"{where}, column {name}",
        expected="a cell that shows what the mark is for, such as 1.5 or 1,5, or a key that says it",
        got=f"{bare}: {bare.replace(mark, '')} (with {_NAMES[mark]} between thousands) or {bare.replace(mark, '.')} "
        f"(with {_NAMES[mark]} before decimals)",
        hint=f"--set data.thousands={mark} or --set data.decimal={mark}",
    )


def _any_mark(joined: str) -> bool:
    return any(mark in joined for mark in (".", ",", *APOSTROPHES, *BLANKS))


def _is_numbers(cells: Sequence[str]) -> bool:
    there = [cell for cell in cells[:_LOOKED_AT] if any(letter.isdigit() for letter in cell)]
    return bool(there) and 2 * sum(map(looks_like_number, there)) > len(there)


@cache
def _telling(mark: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Cells in which a mark can only stand before decimals, and those in which it can only stand between thousands."""
    this, other = re.escape(mark), "," if mark == "." else r"\."
    grouped = rf"\d{{1,3}}(?:[{other}{APOSTROPHES}{BLANKS}]\d{{2,3}})+{this}\d+"
    short = rf"\d*{this}(?:\d{{0,2}}|\d{{4,}})|(?:0\d*|\d{{4,}}|){this}\d{{3}}|\d+{this}\d+[eE][-+]?\d+"
    many = rf"\d{{1,3}}(?:{this}\d{{2,3}})+{this}\d{{3}}(?:{other}\d*)?|\d{{1,3}}{this}\d{{3}}{other}\d*"
    return (
        re.compile(rf"{_BEFORE}(?:{grouped}|{short}){_BEHIND}", re.M),
        re.compile(rf"{_BEFORE}(?:{many}){_BEHIND}", re.M),
    )


@cache
def _open(mark: str) -> re.Pattern[str]:
    """Cells in which a mark can be both."""
    return re.compile(rf"{_BEFORE}[1-9]\d{{0,2}}{re.escape(mark)}\d{{3}}{_BEHIND}", re.M)
