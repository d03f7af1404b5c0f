"""Configuration files: reading TOML, and writing a whole ``RunSpec`` so that reading it gives the same one.

TOML has no null. A key that takes a number or a name is written ``"none"`` where it is ``None``; a path or a
text that is not set is a comment.
"""

from __future__ import annotations

import re
import tomllib
import types
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Union, get_args, get_origin

import tomli_w
from pydantic.fields import FieldInfo

from tidegate.config.run import OWN, RunSpec
from tidegate.config.section import Section
from tidegate.errors import ConfigError

NONE = "none"


class Table(dict[str, Any]):
    """Nested tables of keys that remember where they came from, for messages.

    Args:
        values: The keys.
        source: The file or flag.
    """

    def __init__(self, values: dict[str, Any], source: str) -> None:
        super().__init__(values)
        self.source = source


def load(path: Path | str) -> Table:
    """Read a TOML file.

    Returns:
        Its keys as they stand, for ``tidegate.config.resolve.resolve``, which checks them.

    Raises:
        ConfigError: The file cannot be read, or is no TOML; with the line.
    """
    try:
        text = Path(path).read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise ConfigError(
            "the configuration cannot be read",
            where=str(path),
            got=error.strerror,
            hint="check the path; `tidegate init` writes a file to start from",
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigError(
            "the configuration is no UTF-8 text", where=str(path), got=str(error), hint="save it as UTF-8"
        ) from error
    return Table(_parse(text, str(path)), str(path))


def loads(text: str, source: str = "text") -> Table:
    """Read TOML from a string.

    Raises:
        ConfigError: It is no TOML; with the line.

    Example:
        >>> loads("seed = 3")
        {'seed': 3}
    """
    return Table(_parse(text, source), source)


def dump(spec: RunSpec) -> str:
    """A whole specification as TOML: every key, also those that keep their default.

    Example:
        >>> print(dump(RunSpec(task="classify")).splitlines()[0])
        task = "classify"
    """
    return "\n".join(_lines(spec, comments=False)) + "\n"


def dump_commented(spec: RunSpec) -> str:
    """As ``dump``, with the meaning of each key above it, as ``tidegate init`` writes it.

    Example:
        >>> print(dump_commented(RunSpec(task="classify")).splitlines()[0])
        # classify, transcribe, tag, language, forecast, signal, document
    """
    return "\n".join(_lines(spec, comments=True)) + "\n"


def takes_text(field: FieldInfo) -> bool:
    """Whether a key takes any text, so that ``none`` would be a text like another."""
    return str in _members(field.annotation)


def takes_none(field: FieldInfo) -> bool:
    """Whether a key may be not set."""
    return type(None) in _members(field.annotation)


def _parse(text: str, source: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"at line (\d+), column (\d+)", str(error))
        lines = text.splitlines()
        number = int(found.group(1)) if found else len(lines)
        line = lines[number - 1] if 0 < number <= len(lines) else ""
        raise ConfigError(
            "the configuration is no TOML",
            where=f"{source}, line {number}",
            expected='lines such as  epochs = 3  or  preset = "lenet", and [tables]',
            got=f"{line.strip()}\n({error})" if line else str(error),
            hint="mend the line; text needs quotation marks",
        ) from error
    except (ValueError, RecursionError) as error:  # numbers of thousands of digits, and nesting of thousands
        raise ConfigError("the configuration cannot be read", where=source, got=str(error)) from error


def _lines(spec: RunSpec, *, comments: bool) -> Iterator[str]:
    # Plain keys first: in TOML they would belong to the table above otherwise.
    plain = {name: field for name, field in RunSpec.model_fields.items() if not _is_table(spec, name)}
    yield from _keys(spec, plain, comments=comments)
    for name in RunSpec.model_fields:
        if name in plain:
            continue
        table: Section = getattr(spec, name)
        yield ""
        if comments and table.__doc__:
            yield f"# {table.__doc__.strip().splitlines()[0]}"
        yield f"[{spec.table_name if name == OWN else name}]"
        yield from _keys(table, type(table).model_fields, comments=comments)
        if table.model_extra:
            yield tomli_w.dumps(table.model_extra).rstrip("\n")


def _is_table(spec: RunSpec, name: str) -> bool:
    return isinstance(getattr(spec, name), Section)


def _keys(section: Section, fields: Mapping[str, FieldInfo], *, comments: bool) -> Iterator[str]:
    for name, field in fields.items():
        if comments and field.description:
            yield f"# {field.description}"
        yield _line(name, getattr(section, name), field)


def _line(name: str, value: object, field: FieldInfo) -> str:
    if value is None and takes_text(field):
        return f"# {name} ="
    return tomli_w.dumps({name: NONE if value is None else value}).rstrip("\n")


def _members(annotation: object) -> list[object]:
    """The types of a union, without ``Annotated``.

    >>> _members(str | None)
    [<class 'str'>, <class 'NoneType'>]
    """
    if get_origin(annotation) is Annotated:
        return _members(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        return [member for part in get_args(annotation) for member in _members(part)]
    return [annotation]
