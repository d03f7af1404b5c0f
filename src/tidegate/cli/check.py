"""``tidegate check``."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tidegate.cli.flags import SettingFlags, takes
from tidegate.errors import ConfigError

if TYPE_CHECKING:
    from tidegate.check.doctor import Diagnosis
    from tidegate.config.run import RunSpec


@dataclass(frozen=True)
class CheckFlags(SettingFlags):
    """The flags of a run, and what becomes of the findings."""

    config: Annotated[
        Path | None, typer.Option(help="A TOML file, as train takes it; it may name the data too.")
    ] = None
    data: Annotated[  # pyright: ignore[reportIncompatibleVariableOverride] - one flag of a run, paths here
        list[str] | None,
        typer.Argument(metavar="DATA…", help="Paths or built-in names, each looked at alone."),
    ] = None
    json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False
    html: Annotated[Path | None, typer.Option(help="Write a page with pictures of the worst samples.")] = None


@takes(CheckFlags)
def check(flags: CheckFlags) -> None:
    """Say what in data makes training fail, loudly or in silence, before any training.

    Everything that the readers find, and what looks wrong for the network that would be trained: errors, warnings and
    notes, each with what to do. It takes the flags of train, and changes nothing. The exit code is 0, 1 where something
    looks wrong, 2 where training would fail.

    Examples:
        tidegate check lines/
        tidegate check train.txt --valid dev.txt --task tag --preset bilstm-crf
        tidegate check sales.csv --horizon 30 --html sales.html
        tidegate check --config run.toml --json
    """
    from tidegate.check.doctor import diagnose

    found = [diagnose(spec) for spec in _specifications(flags)]
    if flags.html is not None:
        from tidegate.report import write_check_page

        write_check_page(flags.html, found)
    if flags.json:
        from tidegate.cli.printing import print_json

        values = [one.to_json() for one in found]
        print_json(values[0] if len(values) == 1 else values)
    else:
        for one in found:
            _print(one)
    raise typer.Exit(max(one.code for one in found))


def _specifications(flags: CheckFlags) -> list[RunSpec]:
    """A run's specification for each of the data."""
    from tidegate.config.resolve import parse_override, resolve
    from tidegate.config.study_table import split_study
    from tidegate.config.toml import load

    paths: list[str | None] = [*(flags.data or [flags.train] if flags.data or flags.train else [])]
    if len(paths) != 1 and (flags.valid or flags.test):
        raise ConfigError(
            "--valid and --test belong to one data set",
            expected="one DATA",
            got=f"{len(paths)} of them",
            hint="check each data set alone",
        )
    if not paths and flags.config is None:
        raise ConfigError("no data", expected="a path, or --config FILE", hint="tidegate check PATH")
    below = {} if flags.config is None else split_study(load(flags.config))[0]
    above = [parse_override(text) for text in flags.set or ()]
    return [
        resolve(below, _tables(flags, path, flags.task or below.get("task")), *above)
        for path in paths or [None]
    ]


def _tables(flags: CheckFlags, path: str | None, task: Any) -> dict[str, Any]:
    """What the flags say of some data, and their task where nobody said it."""
    from tidegate.check.doctor import task_of
    from tidegate.cli.request import flag_table
    from tidegate.config.registry import settings_of

    values = {one.name: getattr(flags, one.name) for one in fields(SettingFlags)}
    values |= {"config": None, "data": None, "train": None}
    if path is None:
        return flag_table(SettingFlags(**values))
    task = task or task_of(path)
    source = flags.split is not None or settings_of(task).data_key == "source"
    values |= {"task": task, "data" if source else "train": path}
    return flag_table(SettingFlags(**values))


def _print(diagnosis: Diagnosis) -> None:
    """What was read goes to stderr, as everywhere; findings are the result."""
    from tidegate.check.contract import PAGE
    from tidegate.errors import READ_AS

    for one in diagnosis.found:
        if one.finding.code == READ_AS:
            typer.echo(one.finding.line, err=True)
            continue
        print(f"{one.finding.line} [{one.finding.code}]")
        if one.finding.hint:
            print(f"    {one.finding.hint}")
    print(f"{diagnosis.where}, task {diagnosis.task}: {diagnosis.summary}")
    if diagnosis.code:
        typer.echo(f"what the codes mean: {PAGE}", err=True)
