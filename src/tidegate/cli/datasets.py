"""``tidegate datasets``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from tidegate.errors import ConfigError


def datasets(
    action: Annotated[str | None, typer.Argument(metavar="get", help="get: download a data set.")] = None,
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="Its name in the list.")] = None,
    to: Annotated[Path, typer.Option(help="Folder that data sets are put in.")] = Path("data"),
) -> None:
    """List data sets and the formats that are read; get one.

    Examples:
        tidegate datasets
        tidegate datasets get mnist --to data
    """
    if action is None:
        _list()
    elif action == "get" and name is not None:
        _get(name, to)
    else:
        raise ConfigError(
            "not a request for data",
            got=" ".join(part for part in (action, name) if part),
            expected="`tidegate datasets`, or `tidegate datasets get NAME [--to DIR]`",
        )


def _list() -> None:
    from tidegate.cli.printing import print_table
    from tidegate.config.registry import task_names
    from tidegate.data.catalogue import DATASETS
    from tidegate.data.format import formats_of

    formats: dict[str, str] = {}
    tasks: dict[str, list[str]] = {}
    for task in task_names():
        for entry in formats_of(task) or ():
            formats[entry.name] = entry.summary
            tasks.setdefault(entry.name, []).append(task)
    print("Data sets (tidegate datasets get NAME):\n")
    print_table(
        ("name", "tasks", "what it is"),
        [(entry.name, ", ".join(tasks[entry.format]), entry.summary) for entry in DATASETS.values()],
        left=3,
    )
    print("\nFormats (found by themselves, or --format NAME):\n")
    print_table(
        ("format", "tasks", "what it is"),
        [(name, ", ".join(tasks[name]), summary) for name, summary in formats.items()],
        left=3,
    )


def _get(name: str, to: Path) -> None:
    from tidegate.data.catalogue import DATASETS, get

    if name in DATASETS:
        typer.echo(f"{DATASETS[name].summary}; licence: {DATASETS[name].licence}", err=True)

    def show(file: str, come: int, all_bytes: int) -> None:
        end = "\n" if come >= all_bytes else "\r"
        if sys.stderr.isatty() or come >= all_bytes:
            print(
                f"{file}: {come / 1e6:.1f} of {all_bytes / 1e6:.1f} MB", end=end, file=sys.stderr, flush=True
            )

    print(get(name, to / name, progress=show))
