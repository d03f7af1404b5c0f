"""A JSON file of results as a frozen dataclass: written from it, and read back into it or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any, ClassVar, Self

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic_core import to_json

from tidegate.errors import BundleError
from tidegate.files import write_json

Values = Mapping[str, float | None]
"""Metrics by their names; ``None`` for a number that is not finite."""


class Record:
    """The base of what results are made of.

    A subclass is a frozen dataclass whose docstring says, under Attributes, what each field holds: the pages of reference
    are made of that. A field with a default may be missing in a file; any other one, and any field too many, is an error.

    >>> from dataclasses import dataclass
    >>> @dataclass(frozen=True)
    ... class Best(Record):
    ...     step: int
    >>> Best.from_json(b'{"step": 3}', "metrics.json")
    Best(step=3)
    >>> Best.from_json(b'{"step": "3"}', "metrics.json")
    Traceback (most recent call last):
    tidegate.errors.BundleError: a file of results does not hold what it should
      where:    metrics.json: step
      expected: Input should be a valid integer
      got:      '3'
      hint:     make it again with this version of Tidegate, or mend the field
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid", strict=True)

    def to_json(self) -> dict[str, object]:
        """All fields, as JSON knows values."""
        return asdict(self)  # pyright: ignore[reportArgumentType, reportCallIssue]

    def write(self, path: Path) -> None:
        """Write the file whole, or not at all.

        Raises:
            OutputError: It cannot be written.
        """
        write_json(path, self.to_json())

    @classmethod
    def from_json(cls, content: bytes | str, where: str) -> Self:
        """Read a JSON text.

        Args:
            content: The text.
            where: What an error calls it.

        Raises:
            BundleError: It is no JSON, a field is missing or unknown, or a value is of another type.
        """
        try:
            return _adapter(cls).validate_json(content)
        except ValidationError as error:
            raise _refused(error, where) from error

    @classmethod
    def from_values(cls, values: object, where: str) -> Self:
        """From values that JSON gave.

        Raises:
            BundleError: As ``from_json``.
        """
        return cls.from_json(to_json(values), where)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a file.

        Raises:
            BundleError: As ``from_json``; or the file is missing or cannot be read.
        """
        try:
            content = path.read_bytes()
        except OSError as error:
            raise BundleError(
                "a file of results cannot be read", where=str(path), got=error.strerror, hint="check the path"
            ) from error
        return cls.from_json(content, str(path))

    @classmethod
    def find(cls, path: Path) -> Self | None:
        """Read a file that need not be there."""
        return cls.read(path) if path.is_file() else None


@cache
def _adapter(record: type[Record]) -> TypeAdapter[Any]:
    return TypeAdapter(record)


def _refused(error: ValidationError, where: str) -> BundleError:
    """The first thing that is wrong: more would often be its consequence."""
    first = error.errors(include_url=False)[0]
    field = ".".join(str(part) for part in first["loc"])
    got = repr(first["input"]) if first["type"] not in ("missing", "json_invalid") else None
    return BundleError(
        "a file of results does not hold what it should",
        where=f"{where}: {field}" if field else where,
        expected=first["msg"],
        got=got if got is None or len(got) <= 80 else f"{got[:80]}…",
        hint="make it again with this version of Tidegate, or mend the field",
    )
