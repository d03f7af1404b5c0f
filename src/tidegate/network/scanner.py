"""A cursor over a VGSL string that knows where it is, and says so when it cannot go on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeVar

from tidegate.errors import VgslError

Value = TypeVar("Value")

_SPACE = " \t\r\n"
_DIGITS = re.compile("[0-9]+")
_PROBABILITY = re.compile(r"[0-9]+(\.[0-9]*)?|\.[0-9]+")
_LABEL = re.compile(r"\{[A-Za-z0-9_]+\}")
# Enough for every real network, and far from where arithmetic on sizes could hurt.
LARGEST = 10**6


class Scanner:
    """Reads a string from left to right.

    Args:
        text: What to read. Line breaks and tabs count as spaces.

    Example:
        >>> scanner = Scanner("12,3")
        >>> scanner.number("a height"), scanner.take(","), scanner.number("a width"), scanner.done
        (12, True, 3, True)
    """

    def __init__(self, text: str) -> None:
        # One line, so that the pointer of an error stands under its character.
        self.text = re.sub(r"[\t\r\n\v\f\x1c-\x1e\x85\u2028\u2029]", " ", text)
        self.at = 0

    @property
    def done(self) -> bool:
        """Whether everything has been read."""
        return self.at >= len(self.text)

    def skip_space(self) -> None:
        """Go to the next character that is no space."""
        while not self.done and self.text[self.at] in _SPACE:
            self.at += 1

    def looking_at(self, literal: str) -> bool:
        """Whether this text comes next."""
        return self.text.startswith(literal, self.at)

    def take(self, literal: str) -> bool:
        """Read this text if it comes next."""
        if not self.looking_at(literal):
            return False
        self.at += len(literal)
        return True

    def take_comma(self) -> bool:
        """Read a comma, and spaces after it, if one comes next."""
        if not self.take(","):
            return False
        self.skip_space()
        return True

    def comma(self, before: str) -> None:
        """Read the comma that must come before something."""
        if not self.take_comma():
            raise self.error(expected=f"a comma, then {before}")

    def literal(self, text: str) -> None:
        """Read a text that must come next."""
        if not self.take(text):
            raise self.error(expected=f"`{text}`")

    def choice(self, options: Mapping[str, Value]) -> Value:
        """Read one of some letters."""
        for letters, value in options.items():
            if self.take(letters):
                return value
        raise self.error(expected="one of " + " ".join(f"`{letters}`" for letters in options))

    def number(self, what: str, *, least: int = 1, most: int = LARGEST) -> int:
        """Read a whole number.

        Args:
            what: Its meaning, for errors ("the number of groups").
            least: The smallest one that makes sense.
            most: The largest.
        """
        found = _DIGITS.match(self.text, self.at)
        if not found:
            raise self.error(expected=f"a number: {what}")
        # Compared by its digits first: int() refuses very long ones.
        digits = found.group().lstrip("0") or "0"
        value = int(digits) if len(digits) <= len(str(most)) else most + 1
        if not least <= value <= most:
            raise self.error("this number is out of range", expected=f"{what}, from {least} to {most}")
        self.at = found.end()
        return value

    def take_probability(self) -> float | None:
        """Read a probability below 1, if a number comes next."""
        found = _PROBABILITY.match(self.text, self.at)
        if not found:
            return None
        value = float(found.group())
        if value >= 1:
            raise self.error("this number is out of range", expected="a probability from 0 to below 1")
        self.at = found.end()
        return value

    def skip_label(self) -> None:
        """Read over a ``{name}``, which the manuals allow and which builds nothing."""
        found = _LABEL.match(self.text, self.at)
        if found:
            self.at = found.end()
        elif self.looking_at("{"):
            raise self.error(expected="a name in braces: letters, digits and _")

    def error(
        self,
        what: str | None = None,
        *,
        expected: str | None = None,
        hint: str | None = None,
        at: int | None = None,
    ) -> VgslError:
        """The error for giving up, here or at another place."""
        place = self.at if at is None else at
        if what is None:
            what = (
                "the VGSL string ends too early"
                if place >= len(self.text)
                else f"{self.text[place]!r} cannot stand here in a VGSL string"
            )
        return VgslError(what, text=self.text, column=place + 1, expected=expected, hint=hint)
