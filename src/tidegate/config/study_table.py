"""The table ``[study]`` of a configuration file: taken out of it, and checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from pydantic import ValidationError

from tidegate.config.nearest import nearest
from tidegate.config.section import Section
from tidegate.config.study import StudyTable
from tidegate.config.toml import NONE, Table
from tidegate.errors import ConfigError

STUDY = "study"
_Section = TypeVar("_Section", bound=Section)


def split_study(table: Table) -> tuple[Table, StudyTable]:
    """The keys of a run, and those of the study that a file describes.

    Args:
        table: A configuration file.

    Returns:
        The file without ``[study]``, and that table; its defaults where there is none.

    Raises:
        ConfigError: A key of it does not exist, or a value does not fit.

    Example:
        >>> run, study = split_study(Table({"task": "classify", "study": {"seeds": 5}}, "digits.toml"))
        >>> run, study.seeds
        ({'task': 'classify'}, 5)
    """
    given = table.get(STUDY, {})
    if not isinstance(given, Mapping):
        raise ConfigError(
            "wrong value", where=f"{table.source}: study", expected="a table, [study]", got=repr(given)
        )
    run = Table({key: value for key, value in table.items() if key != STUDY}, table.source)
    return run, checked(StudyTable, given, f"{table.source}: study")


def checked(section: type[_Section], values: Mapping[str, object], where: str) -> _Section:
    """A section from plain values; ``"none"`` unsets a key that may be unset.

    Raises:
        ConfigError: With every key that is wrong.

    Example:
        >>> checked(StudyTable, {"seed": 3}, "a.toml: study")
        Traceback (most recent call last):
        tidegate.errors.ConfigError: a key of the study is wrong
          where:    a.toml: study.seed
          ...
    """
    unset = {key for key, field in section.model_fields.items() if field.default is None}
    settled = {key: None if value == NONE and key in unset else value for key, value in values.items()}
    try:
        return section.model_validate(settled, strict=True)
    except ValidationError as error:
        details = error.errors(include_url=False)
    first = details[0]
    key = ".".join(str(part) for part in first["loc"])
    name = str(first["loc"][0])
    known = section.model_fields
    if name not in known:
        guess = nearest(name, known)
        expected = f"one of: {', '.join(known)}"
        hint = f"did you mean {guess}?" if guess else "remove it"
    else:
        expected = first["msg"].removeprefix("Input should be ").removeprefix("Value error, ")
        hint = f"{name} is: {known[name].description}"
    more = f" (and {len(details) - 1} more)" if len(details) > 1 else ""
    raise ConfigError(
        f"a key of the study is wrong{more}",
        where=f"{where}.{key}",
        expected=expected,
        got=repr(first["input"]),
        hint=hint,
    )
