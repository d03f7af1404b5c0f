"""From flags and a file to one complete ``RunSpec``: defaults, then the file, then flags, then ``--set``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from tidegate.cli.flags import RunFlags, SettingFlags
from tidegate.errors import ConfigError

if TYPE_CHECKING:
    from tidegate.config.run import RunSpec

Keys = dict[str, Any]

_KEYS = {
    "task": ("task",),
    "seed": ("seed",),
    "train": ("data", "train"),
    "valid": ("data", "valid"),
    "test": ("data", "test"),
    "data": ("data", "source"),
    "split": ("data", "split"),
    "format": ("data", "format"),
    "group": ("data", "group"),
    "preset": ("model", "preset"),
    "spec": ("model", "spec"),
    "epochs": ("train", "epochs"),
    "max_time": ("train", "max_time"),
    "steps": ("train", "steps"),
    "examples": ("train", "examples"),
    "processes": ("train", "processes"),
    "threads": ("train", "threads"),
    "device": ("train", "device"),
}


def run_spec(flags: RunFlags) -> RunSpec:
    """The specification that a command line asks for.

    Raises:
        ConfigError: If nothing says what to train on, a key is unknown or a value does not fit.
    """
    _check(flags)
    from tidegate.config.resolve import parse_override, resolve
    from tidegate.config.study_table import split_study
    from tidegate.config.toml import Table, load

    # What a file says of a study is no matter of one run.
    tables: list[Keys] = [] if flags.config is None else [split_study(load(flags.config))[0]]
    tables.append(Table(flag_table(flags), "the command line"))
    tables.extend(parse_override(text) for text in flags.set or ())
    return resolve(*tables)


def flag_table(flags: SettingFlags) -> Keys:
    """The flags that were given, as the nested tables of a TOML file.

    >>> flag_table(RunFlags(train="digit-lines", max_time=60))
    {'data': {'train': 'digit-lines', 'source': None}, 'train': {'max_time': 60, 'epochs': None}}
    """
    table: Keys = {}
    for name, path in _KEYS.items():
        value = getattr(flags, name)
        if value is not None:
            _put(table, path, value)
    from tidegate.config.registry import BUILT_IN, settings_of

    for settings in map(settings_of, BUILT_IN):
        for key in settings.flags:
            if getattr(flags, key) is not None:
                _put(table, (settings.table, key), getattr(flags, key))
    if flags.skip_bad:
        _put(table, ("data", "skip_bad"), True)
    for path in _replaced(flags):
        _put(table, path, None)
    return table


def _replaced(flags: SettingFlags) -> list[tuple[str, str]]:
    """Keys of a file that a flag puts out of force, because the two exclude each other."""
    gone: list[tuple[str, str]] = []
    if flags.data is not None:
        gone += [("data", "train"), ("data", "valid"), ("data", "test")]
    if flags.train is not None:
        gone += [("data", "source")]
    limited = (flags.max_time, flags.steps, flags.examples) != (None, None, None)
    if limited and flags.epochs is None:
        gone += [("train", "epochs")]
    if flags.spec is not None:
        gone += [("model", "preset")]
    if flags.preset is not None:
        gone += [("model", "spec")]
    return gone


def _check(flags: RunFlags) -> None:
    if flags.data is not None and (flags.train or flags.valid or flags.test):
        raise ConfigError(
            "--data and --train/--valid/--test exclude each other",
            got=f"--data {flags.data} and paths of parts",
            hint="give one source with --split A/B/C, or the parts",
        )
    if flags.spec is not None and flags.preset is not None:
        raise ConfigError("--spec and --preset exclude each other", hint="give one of them")
    if flags.config is None and flags.task is None:
        raise ConfigError(
            "nothing says what to train",
            expected="a TOML file, or --task with --train (or --data)",
            hint="tidegate train --task transcribe --train PATH --out RUN, "
            "or let `tidegate init --train PATH` write a file",
        )


def out_folder(flags: RunFlags) -> Path:
    """Where results go: ``--out``, or ``runs/NAME`` for a file ``NAME.toml``.

    Raises:
        ConfigError: If there is neither.
    """
    if flags.out is not None:
        return flags.out
    if flags.config is not None:
        return Path("runs") / flags.config.stem
    raise ConfigError(
        "no folder for the results",
        expected="--out RUN (a folder that does not exist yet)",
        hint="add --out runs/NAME; with a file NAME.toml it can be left out and is runs/NAME",
    )


def _put(table: Keys, path: tuple[str, ...], value: object) -> None:
    *parents, last = path
    for parent in parents:
        table = table.setdefault(parent, {})
    table[last] = value
