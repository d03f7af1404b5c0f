"""``tidegate show``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tidegate.errors import BundleError, ConfigError

if TYPE_CHECKING:
    from tidegate.spec.layers import Architecture

SYMBOLS = {0: 10, 1: 80}
"""Symbols of the output where neither the model nor --symbols says: ten classes, the characters of a text."""

COLUMNS = 1000
"""Columns of a line where nothing says: a printed line of some sixty characters, 48 rows high."""


def show(
    model: Annotated[
        str | None, typer.Argument(metavar="SPEC|PRESET|RUN", help="A VGSL string, a preset or a run folder.")
    ] = None,
    task: Annotated[
        str | None, typer.Option(help="classify or transcribe: adds the output that the task needs.")
    ] = None,
    columns: Annotated[int | None, typer.Option(min=1, help="Width of the image that FLOPs are for.")] = None,
    symbols: Annotated[int | None, typer.Option(min=1, help="Classes or characters.")] = None,
    presets: Annotated[bool, typer.Option("--presets", help="List the presets.")] = False,
) -> None:
    """Show a network as a table of layers.

    Shapes, parameters, and FLOPs of one image forward (a multiplication and an addition are two).

    Examples:
        tidegate show '[1,48,0,1 Cr3,3,32 Mp4,2 S1(1x0)1,3 Lbx200 Do0.5 O1c80]'
        tidegate show cnn-bilstm --task transcribe --columns 800
        tidegate show runs/lines
        tidegate show --presets
    """
    if presets:
        _print_presets()
    elif model is None:
        raise ConfigError("nothing to show", expected="a VGSL string, a preset or a run folder, or --presets")
    else:
        architecture, known = _architecture(model, task)
        _print_layers(architecture, symbols=symbols or known, columns=columns)


def _architecture(model: str, task: str | None) -> tuple[Architecture, int | None]:
    """What is to be shown, and how many symbols it answers with where that is known."""
    from tidegate.spec.compile import compile_model
    from tidegate.spec.presets import PRESETS
    from tidegate.spec.run import ModelSpec
    from tidegate.spec.vgsl import parse

    if model.lstrip().startswith("["):
        return (parse(model) if task is None else compile_model(ModelSpec(spec=model), task)), None
    if model in PRESETS:
        return _preset(model, task), None
    if Path(model).is_dir():
        return _of_run(Path(model))
    raise ConfigError(
        "neither a VGSL string nor a preset nor a run folder",
        came=model,
        expected="a string that begins with [, a folder, or one of " + ", ".join(PRESETS),
    )


def _preset(name: str, task: str | None) -> Architecture:
    from tidegate.spec.compile import compile_model
    from tidegate.spec.presets import PRESETS
    from tidegate.spec.run import ModelSpec

    tasks = tuple(PRESETS[name].tasks)
    if task is None:
        task = tasks[0]
    if task not in tasks:
        raise ConfigError(
            f"the preset {name} does not serve the task {task}", expected="--task " + " or ".join(tasks)
        )
    # Images of a classification have no usual size; MNIST's is the one that most numbers are known for.
    side = 28 if task == "classify" else None
    return compile_model(ModelSpec(preset=name), task, rows=side, columns=side)


def _of_run(run: Path) -> tuple[Architecture, int | None]:
    import json

    from tidegate.spec.vgsl import parse

    path = run / "model" / "model.json"
    if not path.is_file():
        raise BundleError(
            "the run has no model yet", where=str(path), advice="give a folder that `tidegate train` wrote"
        )
    problem = json.loads(path.read_text("utf-8"))["problem"]
    symbols = problem.get("alphabet") or problem.get("classes") or ()
    return parse(problem["architecture"]), len(symbols) or None


def _print_layers(architecture: Architecture, *, symbols: int | None, columns: int | None) -> None:
    from tidegate.cli.printing import print_table, whole
    from tidegate.models.summary import summarise
    from tidegate.spec.layers import Output
    from tidegate.spec.vgsl import render

    last = architecture.layers[-1]
    # A string may stop before its output layer; then there is nothing to count symbols for.
    fixed, usual = (last.symbols, SYMBOLS[last.dimensions]) if isinstance(last, Output) else (1, 1)
    symbols = fixed or symbols or usual
    columns = columns or architecture.input.columns or COLUMNS
    rows = summarise(architecture, symbols, columns)
    print(render(architecture))
    counted = "" if fixed else f", {symbols} symbols"
    print(f"for an image of {architecture.input.channels}×{architecture.input.rows}×{columns}{counted}\n")
    cells = [
        (str(row.number), row.token, row.kind, str(row.shape), whole(row.parameters), whole(row.flops))
        for row in rows
    ]
    total = (
        "",
        "total",
        "",
        "",
        whole(sum(row.parameters for row in rows)),
        whole(sum(row.flops for row in rows)),
    )
    print_table(("", "layer", "kind", "shape", "parameters", "FLOPs"), [*cells, total], left=4)


def _print_presets() -> None:
    from tidegate.cli.printing import print_table
    from tidegate.spec.presets import PRESETS

    print_table(
        ("preset", "tasks", "what it is"),
        [(preset.name, ", ".join(preset.tasks), preset.summary) for preset in PRESETS.values()],
        left=3,
    )
