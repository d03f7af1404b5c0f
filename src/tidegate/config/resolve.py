"""From defaults, files and flags to one checked ``RunSpec``.

Later tables win over earlier ones, key by key. Every mistake is told with its place, and all of them at once.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from tidegate.config.compile import check_keys
from tidegate.config.keys import KeyPath, Keys, keys_of
from tidegate.config.nearest import nearest
from tidegate.config.presets.known import check_preset
from tidegate.config.registry import BUILT_IN, settings_of, task_names
from tidegate.config.run import OWN, RunSpec
from tidegate.config.task import PARAMS, TaskSettings
from tidegate.config.toml import NONE, Table, takes_none, takes_text
from tidegate.errors import ConfigError

Values = Mapping[str, object]


# Other tools' names, which look too little like ours to be guessed.
_ALIASES = {
    "lr": "optimiser.learning_rate",
    "lrate": "optimiser.learning_rate",
    "wd": "optimiser.weight_decay",
    "batch": "train.batch_size",
    "data": "data.source",
    "path": "data.train or data.source",
    "val": "data.valid",
    "validation": "data.valid",
    "dev": "data.valid",
    "group": "data.group",
    "groups": "data.group",
    "max_epochs": "train.epochs",
    "num_epochs": "train.epochs",
    "optimizer": "optimiser",
    "augmentation": "augment",
    "network": "model",
    "rnn": "model.cell",
    "height": "data.rows or model.rows",
    "width": "data.columns, or model.width for channels",
}


@dataclass(frozen=True)
class _Problem:
    """One wrong key."""

    what: str
    where: str
    expected: str | None
    got: str
    hint: str


def resolve(*tables: Values) -> RunSpec:
    """One specification from tables, later ones winning, over the defaults of the task and of the preset.

    Args:
        tables: Nested tables of keys, as ``toml.load`` and ``parse_override`` give them or as plain
            dictionaries. ``None`` unsets a key that may be unset; so does ``"none"`` where the key takes no
            text.

    Raises:
        ConfigError: A key does not exist, or a value does not fit; with its file, what was expected and the
            nearest key.

    Example:
        >>> spec = resolve({"task": "classify", "train": {"epochs": 3}}, parse_override("optimiser.name=sgd"))
        >>> spec.train.epochs, spec.optimiser.name, spec.train.batch_size
        (3, 'sgd', 64)
        >>> resolve({"task": "classify", "train": {"epoch": 3}})
        Traceback (most recent call last):
        tidegate.errors.ConfigError: unknown key
          ...
    """
    given = merge(*tables)
    task = given.get("task")
    settings = _settings(task)
    keys = keys_of(settings)
    _raise([problem for table in tables for problem in _unknown(table, keys, settings)])
    if not isinstance(task, str):
        raise ConfigError(
            "nothing says what to do with the data" if task is None else "wrong value",
            where=_where(("task",), tables),
            expected=f"task = one of: {', '.join(task_names())}",
            got=None if task is None else repr(task),
            hint=f'write task = "{next(iter(BUILT_IN))}", or pass --task {next(iter(BUILT_IN))}',
        )
    if settings is None:
        settings = settings_of(task)
    merged = _settled(merge(settings.defaults, _of_preset(given, settings), given), keys)
    try:
        # Strict, since "3" is no number and true no 1.
        spec = RunSpec.model_validate(merged, strict=True)
    except ValidationError as error:
        details = error.errors(include_url=False)
        _raise([_misfit(detail, tables, keys, settings) for detail in details])
        raise
    check_keys(spec.model)
    if spec.model.preset is not None and spec.model.preset not in settings.presets:
        check_preset(spec.model.preset)
    return spec


def _settings(task: object) -> TaskSettings | None:
    named = isinstance(task, str) and (task in BUILT_IN or task in task_names())
    return settings_of(cast(str, task)) if named else None


def merge(*tables: Values) -> dict[str, object]:
    """Nested tables put over one another; the arguments are not changed.

    Example:
        >>> merge({"train": {"epochs": 3, "threads": 2}}, {"train": {"epochs": 5}})
        {'train': {'epochs': 5, 'threads': 2}}
    """
    merged: dict[str, object] = {}
    for table in tables:
        for key, value in table.items():
            below = merged.get(key)
            if isinstance(value, Mapping):
                lower = cast(Values, below) if isinstance(below, Mapping) else {}
                merged[key] = merge(lower, cast(Values, value))
            else:
                merged[key] = value
    return merged


def parse_override(text: str) -> Table:
    """The table that ``--set key.of.table=value`` means; the value is read as TOML, and a bare word is text.

    Raises:
        ConfigError: There is no key or no ``=``.

    Example:
        >>> parse_override("train.epochs=3"), parse_override("optimiser.name=sgd")
        ({'train': {'epochs': 3}}, {'optimiser': {'name': 'sgd'}})
    """
    name, equals, value = text.partition("=")
    keys = [key.strip() for key in name.split(".")]
    if not equals or not all(keys):
        raise ConfigError(
            "this does not set a key",
            where=f"--set {text}",
            expected="KEY=VALUE, such as train.epochs=3 or model.preset=lenet",
            hint="write the dotted key, an equals sign and the value",
        )
    nested: dict[str, object] = {keys[-1]: _value(value.strip())}
    for key in reversed(keys[:-1]):
        nested = {key: nested}
    return Table(nested, f"--set {text}")


def _value(text: str) -> object:
    if "\n" in text:
        return text
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text
    except (ValueError, RecursionError) as error:  # numbers of thousands of digits, and nesting of thousands
        raise ConfigError(
            "the value cannot be read",
            where="--set",
            expected="a number, a text or a list",
            got=f"{text[:40]}… ({error})",
        ) from error


def _of_preset(given: Values, settings: TaskSettings) -> Values:
    model = given.get("model")
    name: object = cast(Values, model).get("preset") if isinstance(model, Mapping) else None
    preset = settings.presets.get(name) if isinstance(name, str) else None
    return {} if preset is None else preset.training


def _settled(values: Values, keys: Keys) -> dict[str, object]:
    """Paths as text, and ``none`` as ``None`` where the key takes no text."""
    settled = {key: _plain(value, keys.top.get(key)) for key, value in values.items()}
    for name, fields in keys.tables.items():
        table = values.get(name)
        if isinstance(table, Mapping):
            given = cast(Values, table)
            settled[name] = {key: _plain(value, fields.get(key)) for key, value in given.items()}
    return settled


def _plain(value: object, field: FieldInfo | None) -> object:
    if isinstance(value, os.PathLike):
        return os.fspath(cast(os.PathLike[str], value))
    unset = field is not None and value == NONE and takes_none(field) and not takes_text(field)
    return None if unset else value


def _unknown(table: Values, keys: Keys, settings: TaskSettings | None) -> Iterator[_Problem]:
    source = _source(table)
    for path, value in _strangers(table, keys):
        *parents, key = path
        if not parents and settings is not None and (key == PARAMS or key in task_names()):
            yield _of_another_task(key, value, _place(source, path), settings)
            continue
        siblings = keys.within(path[:-1])
        everywhere = [".".join(known) for known in keys.paths()]
        guess = _ALIASES.get(key.lower()) or nearest(key, siblings) or nearest(key, everywhere)
        within = f" (in [{'.'.join(parents)}])" if parents else ""
        yield _Problem(
            "unknown key",
            _place(source, path),
            f"one of: {', '.join(siblings)}{within}",
            _shown(key, value),
            f"did you mean {guess}?" if guess else "remove it",
        )


def _strangers(table: Values, keys: Keys) -> Iterator[tuple[KeyPath, object]]:
    """Keys of a table that there are not."""
    for key, value in table.items():
        if not keys.has((key,)):
            yield (str(key),), value
        elif isinstance(value, Mapping) and key in keys.tables and key != PARAMS:
            for name, inner in cast(Values, value).items():
                if name not in keys.tables[key]:
                    yield (key, str(name)), inner


def _of_another_task(key: str, value: object, where: str, settings: TaskSettings) -> _Problem:
    if key == settings.name or key == PARAMS:
        what = f"the keys of the task {settings.name} stand in [{settings.table}]"
        hint = f"write [{settings.table}]"
    else:
        what = f"[{key}] belongs to the task {key}, and this is a run of {settings.name}"
        hint = f'leave it out, or say task = "{key}"'
    return _Problem(what, where, f"[{settings.table}], or no table of a task", _shown(key, value), hint)


def _misfit(detail: ErrorDetails, tables: Sequence[Values], keys: Keys, settings: TaskSettings) -> _Problem:
    path: KeyPath = tuple(str(part) for part in detail["loc"])
    if path[0] == OWN:
        path = (settings.table, *path[1:])
    if path[0] == PARAMS and len(path) > 1:
        # It takes any key, so that only the value can be wrong.
        expected = "true, false, a number or a text"
        shown = _shown(path[1], detail["input"])
        return _Problem("wrong value", _where(path[:2], tables), expected, shown, "correct it")
    # The members of a union are told one by one; only the path to the key matters.
    while not keys.has(path) and len(path) > 1:
        path = path[:-1]
    key, field = str(path[len(path) - 1]), keys.field(path)
    expected = detail["msg"].removeprefix("Input should be ").removeprefix("Value error, ")
    if detail["type"] in ("model_type", "model_attributes_type", "dict_type"):
        expected = f"a table, [{'.'.join(path)}]"
    if takes_none(field) and not takes_text(field):
        expected += f', or "{NONE}"'
    return _Problem(
        "wrong value",
        _where(path, tables),
        expected,
        _shown(key, detail["input"]),
        f"{key} is: {field.description}" if field.description else "correct it",
    )


def _where(path: KeyPath, tables: Sequence[Values]) -> str:
    """The last table that sets a key, and the key."""
    for table in reversed(tables):
        inner: object = table
        for key in path:
            inner = inner.get(key, _ABSENT) if isinstance(inner, Mapping) else _ABSENT
        if inner is not _ABSENT:
            return _place(_source(table), path)
    return ".".join(path)


_ABSENT = object()


def _source(table: Values) -> str | None:
    return table.source if isinstance(table, Table) else None


def _place(source: str | None, path: KeyPath) -> str:
    key = ".".join(path)
    if source is None:
        return key
    return source if source.startswith("--") else f"{source}: {key}"


def _shown(key: str, value: object) -> str:
    return f"[{key}], a table" if isinstance(value, Mapping) else f"{key} = {value!r}"


def _raise(problems: Sequence[_Problem]) -> None:
    problems = list({(p.what, p.where): p for p in reversed(problems)}.values())[::-1]
    if not problems:
        return
    if len(problems) == 1:
        problem = problems[0]
        raise ConfigError(
            problem.what, where=problem.where, expected=problem.expected, got=problem.got, hint=problem.hint
        )
    raise ConfigError(
        f"{len(problems)} keys of the configuration are wrong",
        got="\n".join(f"{p.where}: {p.what}: {p.got}; expected {p.expected}" for p in problems),
        hint="\n".join(dict.fromkeys(p.hint for p in problems)),
    )
