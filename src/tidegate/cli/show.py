"""``tidegate show``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tidegate.errors import BundleError, ConfigError

if TYPE_CHECKING:
    from tidegate.network.layers import Architecture
    from tidegate.tasks.contract import Task

SYMBOLS = {0: 10, 1: 80}
"""Symbols of the output where nothing says: ten classes, the characters of a text."""


@dataclass(frozen=True)
class Shown:
    """What is to be shown.

    Attributes:
        architecture: Layers.
        task: Where it is known.
        symbols: That it answers with, where that is known.
        beside: What the table leaves out, where a run says more than its task.
        origin: Where a run's data were, where that is no path.
    """

    architecture: Architecture
    task: Task | None = None
    symbols: int | None = None
    beside: str = ""
    origin: str = ""


def show(
    model: Annotated[
        str | None, typer.Argument(metavar="SPEC|PRESET|RUN", help="A VGSL string, a preset or a run folder.")
    ] = None,
    task: Annotated[str | None, typer.Option(help="Adds the output that the task needs.")] = None,
    columns: Annotated[
        int | None,
        typer.Option(min=1, help="Width of the image, words, symbols or steps that FLOPs are for."),
    ] = None,
    symbols: Annotated[int | None, typer.Option(min=1, help="Classes, characters, tags or symbols.")] = None,
    presets: Annotated[bool, typer.Option("--presets", help="List the presets.")] = False,
) -> None:
    """Show a network as a table of layers.

    Shapes, parameters, and FLOPs of one example forward (a multiplication and an addition are two). The layers of a
    parallel block stand below it: 3.2.1 is the first of the second branch of layer 3.

    Examples:
        tidegate show '[1,48,0,1 Cr3,3,32 Mp4,2 S1(1x0)1,3 Lbx200 Do0.5 O1c80]'
        tidegate show cnn-bilstm --task transcribe --columns 800
        tidegate show bilstm-crf --task tag
        tidegate show lstm-fcn --columns 150
        tidegate show runs/lines
        tidegate show --presets
    """
    if presets:
        _print_presets()
    elif model is None:
        raise ConfigError("nothing to show", expected="a VGSL string, a preset or a run folder, or --presets")
    else:
        _print_layers(_found(model, task), symbols=symbols, columns=columns)


def _found(model: str, task: str | None) -> Shown:
    """What is to be shown, and what is known of it."""
    from tidegate.config.presets.known import known_presets

    if model.lstrip().startswith("["):
        return _string(model, task)
    presets = known_presets()
    if model in presets:
        return _preset(model, task)
    if Path(model).is_dir():
        return _of_run(Path(model))
    raise ConfigError(
        "neither a VGSL string nor a preset nor a run folder",
        got=model,
        expected="a string that begins with [, a folder, or one of " + ", ".join(presets),
    )


def _string(text: str, task: str | None) -> Shown:
    from tidegate.config.compile import compile_run
    from tidegate.config.registry import task_names
    from tidegate.config.run import RunSpec
    from tidegate.config.tables import ModelSpec
    from tidegate.network.layers import Output
    from tidegate.network.vgsl import parse
    from tidegate.tasks.registry import task_named

    architecture = parse(text)
    last = architecture.layers[-1] if architecture.layers else None
    if task is None and isinstance(last, Output):
        task = next((name for name in task_names() if last.kind in task_named(name).outputs), None)
    if task is not None:
        architecture = compile_run(RunSpec(task=task, model=ModelSpec(spec=text)))
    elif not architecture.input.channels:
        raise ConfigError(
            "the string leaves the channels to an embedding or to the data, and they depend on the task",
            got=text,
            expected="--task NAME, or a number of channels",
        )
    return Shown(architecture, None if task is None else task_named(task))


def _preset(name: str, task: str | None) -> Shown:
    from tidegate.config.compile import compile_run
    from tidegate.config.presets.known import known_presets
    from tidegate.config.run import RunSpec
    from tidegate.config.tables import DataSpec, ModelSpec
    from tidegate.tasks.registry import task_named

    known = task_named(task or known_presets()[name].tasks[0])
    side = known.showing.side
    spec = RunSpec(task=known.name, model=ModelSpec(preset=name), data=DataSpec(rows=side, columns=side))
    return Shown(compile_run(spec), known)


def _of_run(run: Path) -> Shown:
    from tidegate.config.run import RunSpec
    from tidegate.results.model import ModelDescription
    from tidegate.tasks.registry import task_named

    path = run / "model" / "model.json"
    if not path.is_file():
        raise BundleError(
            "the run has no model yet", where=str(path), hint="give a folder that `tidegate train` wrote"
        )
    described = ModelDescription.read(path)
    task = task_named(described.task)
    spec = RunSpec.model_validate(described.spec)
    problem = task.restore(described.problem, spec)
    return Shown(problem.architecture, task, problem.symbols, problem.beside, spec.data.origin)


def _print_layers(shown: Shown, *, symbols: int | None, columns: int | None) -> None:
    from tidegate.cli.printing import print_table, whole
    from tidegate.models.summary import summarise
    from tidegate.network.layers import Output
    from tidegate.network.vgsl import render
    from tidegate.tasks.showing import Showing

    architecture = shown.architecture
    last = architecture.layers[-1]
    showing = Showing() if shown.task is None else shown.task.showing
    # A string may stop before its output layer; then there is nothing to count symbols for.
    usual = showing.symbols or (SYMBOLS[last.dimensions] if isinstance(last, Output) else 1)
    fixed = last.symbols if isinstance(last, Output) else 1
    symbols = fixed or symbols or shown.symbols or usual
    columns = architecture.input.columns or columns or showing.columns
    print(render(architecture))
    counted = architecture if shown.task is None else shown.task.counted(architecture, columns)
    rows = summarise(counted, symbols, columns)
    print(showing.line(architecture.input, columns, None if fixed else symbols))
    beside = shown.beside or showing.beside
    print(f"{shown.origin}\n" if shown.origin else "", end="")
    print(f"{beside}\n" if beside else "")
    cells = [
        (row.number, row.token, row.kind, str(row.shape), whole(row.parameters), whole(row.flops))
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
    from tidegate.config.presets.known import known_presets

    print_table(
        ("preset", "tasks", "what it is"),
        [(preset.name, ", ".join(preset.tasks), preset.summary) for preset in known_presets().values()],
        left=3,
    )
