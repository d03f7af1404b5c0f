"""The flags of ``train`` and ``study``, said once: a dataclass whose fields become a verb's options."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, TypeVar, get_type_hints

import typer

Flags = TypeVar("Flags")


@dataclass(frozen=True)
class SettingFlags:
    """What to train on, what to build, for how long; ``None``: as the file or the default has it."""

    config: Annotated[Path | None, typer.Argument(help="A TOML file; flags win over it.")] = None
    task: Annotated[
        str | None, typer.Option(help="What is learnt, such as transcribe; see `tidegate datasets`.")
    ] = None
    train: Annotated[str | None, typer.Option(help="Training data: a path or a built-in name.")] = None
    valid: Annotated[str | None, typer.Option(help="Validation data; else a seeded split is made.")] = None
    test: Annotated[str | None, typer.Option(help="Test data.")] = None
    data: Annotated[str | None, typer.Option(help="One path to split, instead of the three above.")] = None
    split: Annotated[str | None, typer.Option(help="A/B/C of --data: counts or fractions.")] = None
    format: Annotated[str | None, typer.Option(help="Reader; see `tidegate datasets`.")] = None
    group: Annotated[
        str | None,
        typer.Option(
            help="What samples share that never stand in two parts: a column, folder, or re:PATTERN."
        ),
    ] = None
    preset: Annotated[str | None, typer.Option(help="Network; see `tidegate show --presets`.")] = None
    spec: Annotated[str | None, typer.Option(help="Network as a VGSL string.")] = None
    horizon: Annotated[int | None, typer.Option(min=1, help="forecast: values to forecast.")] = None
    lookback: Annotated[int | None, typer.Option(min=1, help="forecast: values that are seen.")] = None
    fill: Annotated[
        str | None, typer.Option(help="forecast: what stands in gaps: forward, linear, zero or mask.")
    ] = None
    set: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY=VALUE", help="Any other key, such as train.batch_size=32."),
    ] = None
    seed: Annotated[int | None, typer.Option(min=0, help="Of split, weights, order and augmentation.")] = None
    threads: Annotated[int | None, typer.Option(min=1, help="CPU threads; default: all cores.")] = None
    processes: Annotated[
        int | None, typer.Option(min=1, help="That train one network together; default: 1.")
    ] = None
    device: Annotated[str | None, typer.Option(help="cpu, cuda, mps or auto.")] = None
    epochs: Annotated[int | None, typer.Option(min=1, help="Passes over the training data.")] = None
    max_time: Annotated[
        float | None, typer.Option(help="Seconds. With --epochs, what comes first ends the run.")
    ] = None
    steps: Annotated[int | None, typer.Option(min=1, help="Optimiser steps, likewise.")] = None
    examples: Annotated[int | None, typer.Option(min=1, help="Training samples seen, likewise.")] = None
    skip_bad: Annotated[bool, typer.Option("--skip-bad", help="Leave out files that cannot be used.")] = False


@dataclass(frozen=True)
class RunFlags(SettingFlags):
    """The same, and where the results go."""

    out: Annotated[Path | None, typer.Option(help="Folder for the results; it must not exist.")] = None
    json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False


def takes(flags: type[Flags]) -> Callable[[Callable[[Flags], None]], Callable[..., None]]:
    """Give a verb one object, and the command line one option a field of it.

    Args:
        flags: A dataclass whose fields are annotated for Typer.

    Example:
        >>> @takes(RunFlags)
        ... def verb(flags: RunFlags) -> None: ...
        >>> "max_time" in inspect.signature(verb).parameters
        True
    """
    hints = get_type_hints(flags, include_extras=True)
    parameters = [
        inspect.Parameter(
            field.name, inspect.Parameter.KEYWORD_ONLY, default=field.default, annotation=hints[field.name]
        )
        for field in dataclasses.fields(flags)  # pyright: ignore[reportArgumentType]
    ]

    def decorate(verb: Callable[[Flags], None]) -> Callable[..., None]:
        def command(**values: object) -> None:
            verb(flags(**values))

        command.__name__ = verb.__name__
        command.__doc__ = verb.__doc__
        command.__module__ = verb.__module__
        command.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
        command.__signature__ = inspect.Signature(parameters)  # pyright: ignore[reportFunctionMemberAccess]
        return command

    return decorate
