"""``tidegate init``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tidegate.errors import OutputError


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
    from tidegate.check.contract import Found
    from tidegate.check.doctor import checks_of, diagnose, task_of
    from tidegate.config.registry import settings_of
    from tidegate.config.resolve import parse_override, resolve
    from tidegate.config.toml import dump_commented
    from tidegate.data.encoding import decoding
    from tidegate.files import write_text
    from tidegate.tasks.registry import task_named

    if out.exists():
        raise OutputError("the file exists", where=str(out), hint="give another name with --out")
    task = task or task_of(train)
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
    for line in seen:
        typer.echo(line, err=True)
    # The doctor finds more than the readers of the description, whose notes a task without a doctor has too.
    told = list(diagnose(spec).found) if checks_of(task) is not None else []
    known = {one.finding for one in told}
    told += [Found(note) for note in (*found.notes, *decoded.findings()) if note not in known]
    for one in told:
        typer.echo(one.line, err=True)
    print(out)
