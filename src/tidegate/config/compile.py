"""From the keys of ``[model]`` to an architecture: a VGSL string, a preset and the short form end in the same
records."""

from __future__ import annotations

from dataclasses import replace

from tidegate.config.presets.known import find_preset
from tidegate.config.presets.preset import PresetContext
from tidegate.config.registry import settings_of
from tidegate.config.run import RunSpec
from tidegate.config.tables import DataSpec, ModelSpec
from tidegate.config.task import TaskSettings
from tidegate.errors import ConfigError
from tidegate.network.causal import check_causal
from tidegate.network.layers import (
    Addition,
    Architecture,
    Dense,
    GroupNorm,
    Input,
    Layer,
    Output,
    OutputKind,
    Parallel,
    Reshape,
)
from tidegate.network.trace import trace
from tidegate.network.units import with_units
from tidegate.network.vgsl import parse

_RECURRENT_KEYS = ("cell", "bidirectional", "layers", "hidden", "pooling")


def compile_model(
    model: ModelSpec,
    task: str,
    rows: int | None = None,
    columns: int | None = None,
    channels: int | None = None,
    kind: OutputKind | None = None,
) -> Architecture:
    """The architecture that ``[model]`` asks for.

    A size that the VGSL string or ``model.rows`` fixes stands; what they leave open is filled in from the
    arguments. The output layer is added where it is missing, and its number of symbols is 0, for as many as
    the data have. The result is traced, so every layer fits, unless a VGSL string for images leaves the size
    open and the arguments do too: then ``trace`` it once the size is known. A network on values or signals is
    compiled twice: before the data are read, and with their channels. Where a decoder follows the layers, the output
    layer is not traced.

    Args:
        model: The keys.
        task: Its name.
        rows: Height of the images, if the data or the user decide it; else lines are 40 high.
        columns: Width of the images; ``None`` varies (transcribe), or is the height (a preset for classify).
        channels: 1 grey, 3 colour; default 1. A VGSL string says it itself. For words and symbols, the features of their
            embedding; for values and signals, those of the data.
        kind: Of the output layer, where the data decide it: ``softmax`` for classes or ``linear`` for values.

    Raises:
        ConfigError: The keys do not go together, or do not suit the task.
        VgslError: The string cannot be read.
        ShapeError: A layer does not fit what reaches it.

    Example:
        >>> from tidegate.network.vgsl import render
        >>> render(compile_model(ModelSpec(spec="[1,48,0,1 Cr3,3,32 Mp2,2 S1(1x0)1,3 Lbx100]"), "transcribe"))
        '[1,48,0,1 Cr3,3,32 Mp2,2 S1(1x0)1,3 Lbx100 O1c0]'
        >>> render(compile_model(ModelSpec(preset="lenet"), "classify", rows=32, columns=32))
        '[1,32,32,1 Ct5,5,6 Ap2,2 Ct5,5,16 Ap2,2 Ft120 Ft84 O0s0]'
    """
    settings = settings_of(task)
    check_keys(model)
    if model.spec is not None:
        architecture = _from_string(model.spec, settings, Input(rows, columns, channels or 0))
    else:
        preset = find_preset(preset_name(model, task), task)
        context = _context(model, settings, rows, columns, channels)
        plain = model.model_copy(update={"units": None})
        architecture = preset.build(plain, context, settings.network.output)
    if model.units is not None:
        architecture = with_units(architecture, model.units)
    if settings.causal:
        check_causal(architecture)
    if kind is not None:
        architecture = _answering(architecture, kind, model, settings)
    if _can_trace(architecture, settings, channels):
        trace(_traced(architecture, settings))
    return architecture


def _can_trace(architecture: Architecture, settings: TaskSettings, channels: int | None) -> bool:
    size = architecture.input
    if settings.network.input != "data":
        return size.rows is not None and (size.columns is not None or settings.network.columns is None)
    # Without the data, a layer may seem not to fit which fits those channels, or that window.
    return channels is not None or not any(map(_counts, architecture.layers))


def _counts(layer: Layer) -> bool:
    """Whether it depends on the number of channels or columns if a layer fits."""
    if isinstance(layer, Parallel):
        return any(_counts(inner) for branch in layer.branches for inner in branch)
    return isinstance(layer, GroupNorm | Addition | Reshape | Dense)


def _traced(architecture: Architecture, settings: TaskSettings) -> Architecture:
    return replace(architecture, layers=architecture.layers[:-1]) if settings.decodes else architecture


def _answering(
    architecture: Architecture, kind: OutputKind, model: ModelSpec, settings: TaskSettings
) -> Architecture:
    last = architecture.layers[-1]
    assert isinstance(last, Output)
    if model.spec is not None and last.kind != kind and isinstance(parse(model.spec).layers[-1], Output):
        raise ConfigError(
            "the output layer does not suit the answers of the data",
            where="model.spec",
            expected=f"{replace(last, kind=kind).render()}, or no output layer: it is added",
            got=last.render(),
            hint=f"change the output layer, or say with {settings.table}.target whether the answers are classes or "
            "values",
        )
    return replace(architecture, layers=(*architecture.layers[:-1], replace(last, kind=kind)))


def compile_run(spec: RunSpec) -> Architecture:
    """The architecture of a run, before its data are read.

    Raises:
        SpecError: As ``compile_model``.

    Example:
        >>> from tidegate.config.run import RunSpec
        >>> from tidegate.network.vgsl import render
        >>> render(compile_run(RunSpec(task="language", model=ModelSpec(preset="gru", layers=1, dropout=0))))
        '[1,1,0,128 Gfx256 O1s0]'
    """
    settings = settings_of(spec.task)
    if settings.network.input == "image":
        return compile_model(spec.model, spec.task, spec.data.rows, spec.data.columns, spec.data.channels)
    channels = None if settings.features is None else settings.features(spec.table)
    return compile_model(spec.model, spec.task, rows=1, channels=channels)


def preset_name(model: ModelSpec, task: str) -> str:
    """The preset that the keys start from when there is no VGSL string.

    Example:
        >>> preset_name(ModelSpec(), "classify"), preset_name(ModelSpec(cell="gru"), "classify")
        ('cnn', 'cnn-bilstm')
    """
    if model.preset is not None:
        return model.preset
    start = settings_of(task).network
    if model.conv is not None and model.conv.strip().lower() == "none":
        return start.unconvolved
    recurrent = any(getattr(model, key) is not None for key in _RECURRENT_KEYS)
    return start.recurrent if recurrent else start.preset


def check_keys(model: ModelSpec) -> None:
    """Refuse keys of ``[model]`` that exclude each other.

    Raises:
        ConfigError: ``spec`` stands with other keys.
    """
    others = model.model_dump(exclude_none=True, exclude={"spec", "units"})
    if model.spec is not None and others:
        raise ConfigError(
            "model.spec says everything about the network, and other keys of [model] cannot change it",
            where="model.spec",
            got=", ".join(f"{key} = {value!r}" for key, value in others.items()),
            hint="write the change into the string, or leave out model.spec",
        )


def check_data(data: DataSpec, architecture: Architecture) -> None:
    """Refuse a size in ``[data]`` that contradicts the network's input.

    Raises:
        ConfigError: With both numbers.
    """
    source = architecture.input
    pairs = (
        ("rows", data.rows, source.rows),
        ("columns", data.columns, source.columns),
        ("channels", data.channels, source.channels),
    )
    for name, given, built in pairs:
        if given is not None and built is not None and given != built:
            raise ConfigError(
                f"the data and the network do not agree on {name}",
                where=f"data.{name}",
                expected=f"{built}, the input of the network",
                got=str(given),
                hint=f"leave out data.{name}, or change the network's input",
            )


def _context(
    model: ModelSpec, settings: TaskSettings, rows: int | None, columns: int | None, channels: int | None
) -> PresetContext:
    start = settings.network
    if start.input != "image" and model.rows not in (None, 1):
        raise ConfigError(
            f"the task {settings.name} has no images, and so no height",
            where="model.rows",
            got=str(model.rows),
            hint="leave it out",
        )
    height = model.rows or rows or start.rows
    if columns is None:
        # Images to classify are square unless the data say otherwise; the width of a line follows from its
        # text.
        width = None if start.columns is None else height
    else:
        # Another height than the data's keeps their aspect.
        width = max(1, round(columns * height / (rows or height)))
    return PresetContext(height, width, channels or 1)


def _from_string(text: str, settings: TaskSettings, given: Input) -> Architecture:
    start = settings.network
    architecture = parse(text)
    match start.input:
        case "image":
            architecture = _unfold_strips(architecture)
        case "features":
            source = _embedded(architecture.input, given.channels, settings)
            architecture = replace(architecture, input=source)
        case "data":
            architecture = replace(architecture, input=_of_data(architecture.input, given))
    source, layers = architecture.input, architecture.layers
    if not source.channels:
        raise ConfigError(
            "the input has no channels", where="model.spec", expected="1 (grey) or 3 (colour)", got=text
        )
    # Lines of any width have a usual height; images of one size do not.
    rows = given.rows or (start.rows if start.columns is None else None)
    source = replace(source, rows=source.rows or rows, columns=source.columns or given.columns)
    output = start.output
    if layers and isinstance(layers[-1], Output):
        _check_output(layers[-1], settings)
        # The number of symbols follows from the data, as the manuals have it; the string's is that of other data.
        output, layers = replace(layers[-1], symbols=0), layers[:-1]
    return Architecture(source, (*layers, output))


def _embedded(source: Input, features: int, settings: TaskSettings) -> Input:
    """The input block of a network on words or symbols: one row, any number of columns, the embedding's features."""
    if (
        source.rows not in (1, None)
        or source.columns is not None
        or source.channels not in (0, features or 0)
    ):
        raise ConfigError(
            f"the input block does not suit the task {settings.name}",
            where="model.spec",
            expected=f"1,1,0,0 (one row, any number of columns, the channels of the embedding{_many(features)})",
            got=f"{source.batch},{source.rows or 0},{source.columns or 0},{source.channels}",
            hint=f"write 1,1,0,0; the sizes of the embedding are keys of [{settings.table}]",
        )
    return Input(1, None, features or 1, source.batch)


def _of_data(source: Input, given: Input) -> Input:
    """The input block of a network on values: one row, a column a step, the channels of the data."""
    pairs = ((source.rows, 1), (source.columns, given.columns), (source.channels, given.channels))
    if any(own and known and own != known for own, known in pairs):
        raise ConfigError(
            "the input block does not suit the data",
            where="model.spec",
            expected=f"1,1,{given.columns or 0},{given.channels} (one row, a column a step, the channels of the data)",
            got=f"{source.batch},{source.rows or 0},{source.columns or 0},{source.channels}",
            hint="write 1,1,0,0: what is 0 follows from the data",
        )
    return Input(1, source.columns or given.columns, source.channels or given.channels or 1, source.batch)


def _many(features: int) -> str:
    return f": {features}" if features else ""


def _check_output(layer: Output, settings: TaskSettings) -> None:
    usual = settings.network.output
    if layer.dimensions != usual.dimensions or layer.kind not in settings.network.kinds:
        raise ConfigError(
            f"this output layer does not suit the task {settings.name}",
            where="model.spec",
            expected=f"{usual.render()}, or no output layer: it is added",
            got=layer.render(),
            hint="change the output layer, or the task",
        )


def _unfold_strips(architecture: Architecture) -> Architecture:
    """Rewrite ``[1,1,0,48 …]``, the manuals' short way to write ``[1,48,0,1 S1(1x48)1,3 …]``.

    One row with more channels than a colour image has means: columns of so many grey pixels, each one step.
    """
    source = architecture.input
    if source.rows != 1 or source.channels in (1, 3):
        return architecture
    image = Input(source.channels, source.columns, 1, source.batch)
    return Architecture(image, (Reshape(1, 1, source.channels, 1, 3), *architecture.layers))
