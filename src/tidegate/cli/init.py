"""``tidegate init``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tidegate.errors import ConfigError, DataError, OutputError


def init(
    train: Annotated[str, typer.Option(help="Training data: a path or a built-in name.")],
    task: Annotated[
        str | None, typer.Option(help="A task, such as tag or forecast; default: what the data are.")
    ] = None,
    preset: Annotated[str | None, typer.Option(help="Network; see `tidegate show --presets`.")] = None,
    reader: Annotated[str | None, typer.Option("--format", help="Reader; see `tidegate datasets`.")] = None,
    group: Annotated[
        str | None, typer.Option(help="What samples share: a column, folder, or re:PATTERN.")
    ] = None,
    keys: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Any other key, such as signal.missing=linear."),
    ] = None,
    out: Annotated[Path, typer.Option(help="The file to write; it must not exist.")] = Path("config.toml"),
) -> None:
    """Write a commented TOML file for some data.

    It says what was found in them, and every setting with its default.

    Examples:
        tidegate init --train lines/
        tidegate init --train mnist/ --task classify --preset lenet --out mnist.toml
        tidegate init --train conll2000/train.txt --preset bilstm-crf
        tidegate init --train waves.npz --task signal --set signal.missing=linear
    """
    from tidegate.config.registry import settings_of
    from tidegate.config.resolve import parse_override, resolve
    from tidegate.config.toml import dump_commented
    from tidegate.data.encoding import decoding
    from tidegate.files import write_text
    from tidegate.tasks.registry import task_named

    if out.exists():
        raise OutputError("the file exists", where=str(out), hint="give another name with --out")
    task = task or _task_of(train)
    spec = resolve(
        {"task": task, "data": {settings_of(task).data_key: train}},
        {"model": {"preset": preset}} if preset else {},
        {"data": {key: value for key, value in (("format", reader), ("group", group)) if value is not None}},
        *map(parse_override, keys or ()),
    )
    with decoding(spec.data.encoding) as decoded:
        found = task_named(task).describe(spec, train)
    seen = [*found.lines]
    if found.bad:
        seen.append(f"{len(found.bad)} cannot be used, {found.bad[0].where} first: {found.bad[0].what}")
    head = "".join(f"# {line}\n" for line in [f"{train}: {seen[0]}", *seen[1:]])
    write_text(
        out, f"{head}# Train with: tidegate train {out} --out runs/{out.stem}\n\n{dump_commented(spec)}"
    )
    for line in [*seen, *(note.line for note in [*found.notes, *decoded.findings()])]:
        typer.echo(line, err=True)
    print(out)


def _task_of(path: str) -> str:
    """The task whose reading leaves fewest samples out."""
    from tidegate.config.registry import task_names
    from tidegate.tasks.registry import task_named

    shares: dict[str, float] = {}
    refusals: list[str] = []
    for name in task_names():
        try:
            share = task_named(name).unlikeness(path)
        except DataError as error:
            refusals.append(f"{name}: {error.what}" + (f" ({error.got})" if error.got else ""))
            continue
        if share is not None:
            shares[name] = share
    if not shares:
        raise ConfigError(
            "the data do not tell which task they are for",
            where=path,
            got="\n".join(refusals) or "no file that can be used",
            hint="say it, such as --task transcribe; `tidegate datasets` lists the formats that are read",
        )
    return min(shares, key=lambda name: shares[name])
