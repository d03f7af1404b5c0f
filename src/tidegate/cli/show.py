"""``tidegate show``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tidegate.errors import BundleError, ConfigError

if TYPE_CHECKING:
    from tidegate.network.layers import Architecture

SYMBOLS = {0: 10, 1: 80}
"""Symbols of the output where neither the model nor --symbols says: ten classes, the characters of a text."""

COLUMNS = 1000
"""Columns of a line where nothing says: a printed line of some sixty characters, 48 rows high."""

TAGS = 20
"""Tags where nothing says: as many as there are parts of speech, or a few kinds of entities."""

WORDS = 25
"""Words of a sentence where nothing says, the usual length in newspapers."""

WINDOW = 128
"""Symbols of a text where nothing says: the window that gradients go back through by default."""

LOOKBACK = 96
"""Steps that a forecast sees where nothing says: the usual window of published figures, four days of hours."""

STEPS = 100
"""Steps of a signal where nothing says."""

TASKS = "classify, transcribe, tag, language, forecast or signal"


@dataclass(frozen=True)
class Shown:
    """What is to be shown.

    Attributes:
        architecture: Layers.
        task: Its name, where it is known.
        symbols: That it answers with, where that is known.
        beside: What the table leaves out, where a run says more than its task.
    """

    architecture: Architecture
    task: str | None = None
    symbols: int | None = None
    beside: str = ""


def show(
    model: Annotated[
        str | None, typer.Argument(metavar="SPEC|PRESET|RUN", help="A VGSL string, a preset or a run folder.")
    ] = None,
    task: Annotated[str | None, typer.Option(help=f"{TASKS}: adds the output that it needs.")] = None,
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
    from tidegate.config.run import RunSpec
    from tidegate.config.tables import ModelSpec
    from tidegate.network.layers import Output
    from tidegate.network.vgsl import parse

    architecture = parse(text)
    last = architecture.layers[-1] if architecture.layers else None
    if task is None and isinstance(last, Output) and last.kind == "crf":
        task = "tag"
    if task is not None:
        architecture = compile_run(RunSpec(task=task, model=ModelSpec(spec=text)))
    elif not architecture.input.channels:
        raise ConfigError(
            "the string leaves the channels to an embedding or to the data, and they depend on the task",
            got=text,
            expected="--task tag or --task language, --task forecast or --task signal, or a number of channels",
        )
    return Shown(architecture, task)


def _preset(name: str, task: str | None) -> Shown:
    from tidegate.config.compile import compile_run
    from tidegate.config.presets.known import known_presets
    from tidegate.config.run import RunSpec
    from tidegate.config.tables import DataSpec, ModelSpec

    task = task or known_presets()[name].tasks[0]
    # Images of a classification have no usual size; MNIST's is the one that most numbers are known for.
    side = 28 if task == "classify" else None
    spec = RunSpec(task=task, model=ModelSpec(preset=name), data=DataSpec(rows=side, columns=side))
    return Shown(compile_run(spec), task)


def _of_run(run: Path) -> Shown:
    import json

    from tidegate.network.vgsl import parse

    path = run / "model" / "model.json"
    if not path.is_file():
        raise BundleError(
            "the run has no model yet", where=str(path), hint="give a folder that `tidegate train` wrote"
        )
    described = json.loads(path.read_text("utf-8"))
    problem, task = described["problem"], described.get("task")
    architecture = parse(problem["architecture"])
    if "vocabulary" in problem:
        return Shown(architecture, "tag", len(problem["vocabulary"]["tags"]))
    if "tokens" in problem:
        from tidegate.data.text.tokens import tokens_from_json

        return Shown(architecture, "language", tokens_from_json(problem["tokens"]).size)
    if task == "forecast":
        return Shown(architecture, task, beside=_of_forecast(run, described))
    task = task if task == "signal" else None
    symbols = problem.get("alphabet") or problem.get("classes") or ()
    # A signal that is answered with a value has no classes, and one output.
    single = 1 if task == "signal" else None
    return Shown(architecture, task, len(symbols) or single)


def _of_forecast(run: Path, described: dict[str, Any]) -> str:
    """What a run's decoder adds."""
    import json

    shape, spec = described["problem"]["shape"], described["spec"]["forecast"]
    segments = f" in segments of {spec['segment']}" if spec["decoder"] == "segment" else ""
    parts = [
        f"{shape['lookback']} steps seen{segments}, {shape['horizon']} forecast; decoder {spec['decoder']}"
    ]
    metrics = run / "metrics.json"
    if metrics.is_file():
        count = json.loads(metrics.read_text("utf-8"))["parameters"]
        parts.append(f"{count:,} parameters in all, with those of the decoder")
    return "; ".join(parts) + "\n"


def _print_layers(shown: Shown, *, symbols: int | None, columns: int | None) -> None:
    from tidegate.cli.printing import print_table, whole
    from tidegate.models.summary import summarise
    from tidegate.network.layers import Output
    from tidegate.network.vgsl import render

    architecture = shown.architecture
    last = architecture.layers[-1]
    # A string may stop before its output layer; then there is nothing to count symbols for.
    usual = TAGS if shown.task == "tag" else SYMBOLS[last.dimensions] if isinstance(last, Output) else 1
    fixed = last.symbols if isinstance(last, Output) else 1
    symbols = fixed or symbols or shown.symbols or usual
    columns = architecture.input.columns or columns or _usual_columns(shown.task)
    print(render(architecture))
    if shown.task == "forecast":
        architecture = _before_decoder(architecture, columns)
    rows = summarise(architecture, symbols, columns)
    print(_input_line(shown, columns, None if fixed else symbols))
    print(shown.beside or _beside(shown))
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


def _before_decoder(architecture: Architecture, columns: int) -> Architecture:
    """The layers that read the window, which has one size for all examples."""
    from dataclasses import replace

    source = replace(architecture.input, columns=columns)
    return replace(architecture, input=source, layers=architecture.layers[:-1])


def _usual_columns(task: str | None) -> int:
    usual = {"tag": WORDS, "language": WINDOW, "forecast": LOOKBACK, "signal": STEPS}
    return usual.get(task or "", COLUMNS)


def _input_line(shown: Shown, columns: int, symbols: int | None) -> str:
    """What FLOPs are of, and how many symbols are counted where the string does not say."""
    size = shown.architecture.input
    if shown.task == "tag":
        counted = "" if symbols is None else f", {symbols} tags"
        return f"for a sentence of {columns} words with {size.channels} features each{counted}"
    if shown.task == "language":
        counted = "" if symbols is None else f", {symbols} different ones"
        return f"for {columns} symbols with {size.channels} features each{counted}"
    if shown.task == "forecast":
        return f"for a window of {columns} steps with {size.channels} features each"
    if shown.task == "signal":
        counted = "" if symbols is None else f", {symbols} answers"
        return f"for a signal of {columns} steps with {size.channels} channels each{counted}"
    counted = "" if symbols is None else f", {symbols} symbols"
    return f"for an image of {size.channels}×{size.rows}×{columns}{counted}"


def _beside(shown: Shown) -> str:
    """What the table leaves out."""
    if shown.task == "tag":
        return "what makes a word's features (embeddings, characters) comes on top of these parameters\n"
    if shown.task == "language":
        return (
            "the embedding comes on top of these parameters; the output layer may share it (language.tied)\n"
        )
    if shown.task == "forecast":
        return "what the decoder adds (forecast.decoder) comes on top; features follow from the data\n"
    return ""


def _print_presets() -> None:
    from tidegate.cli.printing import print_table
    from tidegate.config.presets.known import known_presets

    print_table(
        ("preset", "tasks", "what it is"),
        [(preset.name, ", ".join(preset.tasks), preset.summary) for preset in known_presets().values()],
        left=3,
    )
