"""Networks by name. ``PRESETS`` is the registry; the numbers stand in ``tidegate.spec.recipes``.

A preset is a function from the keys of ``[model]`` and the size of the input to an architecture: the same
records that a VGSL string gives. To add one: write its builder and a line in ``PRESETS``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from tidegate.errors import ConfigError
from tidegate.spec.alter import (
    fitted,
    grown,
    widen,
    with_batch_norm,
    with_dropout,
    without_batch_norm,
)
from tidegate.spec.causal import refuse_looking_ahead
from tidegate.spec.defaults import TASKS
from tidegate.spec.layers import Architecture, Cell, Dropout, Input, Layer, Output, Recurrence
from tidegate.spec.nearest import did_you_mean
from tidegate.spec.recipes import (
    ALEXNET,
    CNN_CLASSIFY,
    CNN_RNN,
    CNN_TAG,
    CNN_TRANSCRIBE,
    FOLD_ROWS,
    LENET,
    MLP,
    RNN,
    VGG_BLOCKS,
    VGG_CHANNELS,
    VGG_DENSE,
    DenseRecipe,
    Growing,
    RecurrentRecipe,
)
from tidegate.spec.run import ModelSpec
from tidegate.spec.vgsl import parse_fragment


@dataclass(frozen=True)
class PresetContext:
    """What a preset builds for.

    Attributes:
        task: The task's name.
        rows: Height of the input in pixels.
        columns: Its width; ``None`` varies.
        channels: 1 grey, 3 colour.
    """

    task: str
    rows: int
    columns: int | None
    channels: int

    @property
    def input(self) -> Input:
        """The input block."""
        return Input(self.rows, self.columns, self.channels)

    @property
    def output(self) -> Output:
        """The output layer that the task needs, for as many symbols as the data have."""
        return TASKS[self.task].output


Builder = Callable[[ModelSpec, PresetContext], tuple[Layer, ...]]


@dataclass(frozen=True)
class Preset:
    """One network by name.

    Attributes:
        name: As in ``model.preset``.
        summary: One line.
        tasks: The tasks that it works for.
        keys: The keys of ``[model]`` that change it.
        layers: Gives the layers before the output.
        training: Keys of other tables that suit it better than the task's own defaults.
        output: The output layer, where it is not the task's usual one.
    """

    name: str
    summary: str
    tasks: tuple[str, ...]
    keys: frozenset[str]
    layers: Builder
    training: Mapping[str, Any] = field(default_factory=dict[str, Any])
    output: Output | None = None

    def build(self, model: ModelSpec, context: PresetContext) -> Architecture:
        """The architecture for these keys and this input.

        Raises:
            ConfigError: The preset does not do the task, or a key does not apply to it.
            VgslError: ``model.conv`` cannot be read.

        Example:
            >>> from tidegate.spec.vgsl import render
            >>> context = PresetContext("transcribe", rows=40, columns=None, channels=1)
            >>> render(PRESETS["gru"].build(ModelSpec(hidden=64, layers=1, dropout=0.0), context))
            '[1,40,0,1 Ap2,2 Bn S1(1x0)1,3 Gfx64 O1c0]'
        """
        if context.task not in self.tasks:
            refuse_looking_ahead(self.name, context.task)
            able = [preset.name for preset in PRESETS.values() if context.task in preset.tasks]
            raise ConfigError(
                f"the preset {self.name} does not do the task {context.task}",
                where="model.preset",
                expected=f"one of: {', '.join(able)}",
                came=self.name,
                advice="choose another preset, or write the network as model.spec",
            )
        for key in sorted(model.model_dump(exclude_none=True).keys() - {"preset"} - self.keys):
            raise ConfigError(
                f"the preset {self.name} has no {key} to change",
                where=f"model.{key}",
                expected=f"one of: {', '.join(sorted(self.keys))}",
                came=f"{key} = {getattr(model, key)!r}",
                advice="leave the key out, or choose another preset",
            )
        return Architecture(context.input, (*self.layers(model, context), self.output or context.output))


def find_preset(name: str) -> Preset:
    """The preset of a name.

    Raises:
        ConfigError: There is none.
    """
    if name not in PRESETS:
        raise ConfigError(
            f"there is no preset {name}",
            where="model.preset",
            expected=f"one of: {', '.join(PRESETS)}",
            came=repr(name),
            advice=did_you_mean(name, PRESETS),
        )
    return PRESETS[name]


def _convolutions(model: ModelSpec, context: PresetContext, usual: Growing) -> tuple[Layer, ...]:
    """The convolutional part: what a person wrote as it stands, else the recipe's for this size; then width
    and norm."""
    if model.conv is None:
        layers = grown(usual, (context.rows, context.columns))
    else:
        layers = () if model.conv.strip().lower() == "none" else parse_fragment(model.conv)
    return _normed(model, _widened(model, layers))


def _widened(model: ModelSpec, layers: tuple[Layer, ...]) -> tuple[Layer, ...]:
    return layers if model.width is None else widen(layers, model.width)


def _normed(model: ModelSpec, layers: tuple[Layer, ...]) -> tuple[Layer, ...]:
    if model.batch_norm is None:
        return layers
    return with_batch_norm(layers) if model.batch_norm else without_batch_norm(layers)


def _dense(model: ModelSpec, text: str) -> tuple[Layer, ...]:
    layers = _widened(model, parse_fragment(text))
    return layers if model.dropout is None else with_dropout(layers, model.dropout)


def _cnn(model: ModelSpec, context: PresetContext) -> tuple[Layer, ...]:
    if context.task == "transcribe":
        conv = _convolutions(model, context, CNN_TRANSCRIBE.conv)
        return (*conv, *parse_fragment(FOLD_ROWS), *_dense(model, CNN_TRANSCRIBE.dense))
    if context.task == "tag":
        return (*_convolutions(model, context, CNN_TAG.conv), *_dense(model, CNN_TAG.dense))
    return (*_convolutions(model, context, CNN_CLASSIFY.conv), *_dense(model, CNN_CLASSIFY.dense))


def _classical(
    recipes: tuple[DenseRecipe, ...], model: ModelSpec, context: PresetContext
) -> tuple[Layer, ...]:
    side = min(context.rows, context.columns or context.rows)
    recipe = [recipe for recipe in recipes if side >= recipe.from_side][-1]
    return (*_convolutions(model, context, recipe.conv), *_dense(model, recipe.dense))


def _vgg(repeats: tuple[int, ...], model: ModelSpec, context: PresetContext) -> tuple[Layer, ...]:
    blocks = (
        f"{f'Cl3,3,{channels} Bnr ' * repeat}Mp2,2"
        for channels, repeat in zip(VGG_CHANNELS, repeats, strict=True)
    )
    conv = fitted(parse_fragment(" ".join(blocks)), (context.rows, context.columns))
    side = min(context.rows, context.columns or context.rows)
    dense = [text for from_side, text in VGG_DENSE if side >= from_side][-1]
    return (*_normed(model, _widened(model, conv)), *_dense(model, dense))


def _recurrent(
    recipes: Mapping[str, RecurrentRecipe], cell: Cell, both: bool, model: ModelSpec, context: PresetContext
) -> tuple[Layer, ...]:
    recipe = recipes[context.task]
    layers: list[Layer] = [
        *parse_fragment(recipe.stem),
        *_convolutions(model, context, recipe.conv),
        *parse_fragment(recipe.fold),
    ]
    dropout = recipe.dropout if model.dropout is None else model.dropout
    number = model.layers or recipe.layers
    for i in range(1, number + 1):
        layers.append(
            Recurrence(
                cell=model.cell or cell,
                direction="both"
                if (both if model.bidirectional is None else model.bidirectional)
                else "forward",
                axis=recipe.axis,
                hidden=model.hidden or recipe.hidden,
                summarise=recipe.summarise and i == number,
            )
        )
        if dropout > 0:
            # The same features at every step: dropping single values of a sequence costs more, and helps less.
            layers.append(Dropout(dropout, "plain" if recipe.summarise and i == number else "locked"))
    return tuple(layers)


_CLASSIFY = ("classify",)
_CONVOLUTIONAL = ("classify", "transcribe", "tag")
_CRF = Output(1, "crf", 0)
_CNN_KEYS = frozenset({"rows", "width", "dropout", "batch_norm"})
_RNN_KEYS = _CNN_KEYS | {"conv", "cell", "bidirectional", "layers", "hidden"}
_WORDS: dict[str, tuple[Cell, str]] = {
    "rnn": ("elman", "vanilla (Elman) RNN"),
    "lstm": ("lstm", "LSTM"),
    "gru": ("gru", "GRU"),
}


_CNN = Preset(
    "cnn",
    "convolutions, with batch normalisation on images",
    _CONVOLUTIONAL,
    _CNN_KEYS | {"conv"},
    _cnn,
)


def _recurrent_presets() -> list[Preset]:
    made: list[Preset] = []
    for prefix, recipes, before in (("cnn-", CNN_RNN, "convolutions, then "), ("", RNN, "")):
        for way, both in (("", False), ("bi", True)):
            for word, (cell, name) in _WORDS.items():
                summary = f"{before}a {'bidirectional ' if both else ''}{name}"
                builder = partial(_recurrent, recipes, cell, both)
                tasks = tuple(task for task in recipes if not (both and task == "language"))
                preset = Preset(f"{prefix}{way}{word}", summary, tasks, _RNN_KEYS, builder)
                made += [preset, _with_crf(preset)]
    return made


def _with_crf(preset: Preset) -> Preset:
    """The same with a conditional random field over the tags, for ``tag``."""
    summary = f"{preset.summary}, and a CRF over the tags"
    return replace(preset, name=f"{preset.name}-crf", summary=summary, tasks=("tag",), output=_CRF)


PRESETS: dict[str, Preset] = {
    preset.name: preset
    for preset in (
        Preset("mlp", "two fully connected layers, no convolution", _CLASSIFY, _CNN_KEYS - {"batch_norm"},
               partial(_classical, (MLP,))),
        *(_CNN, _with_crf(_CNN)),
        Preset("crf", "no layer between a word's features and the CRF over the tags", ("tag",),
               frozenset(), lambda _model, _context: (), output=_CRF),
        Preset("lenet", "LeNet-5 (1998)", _CLASSIFY, _CNN_KEYS, partial(_classical, (LENET,))),
        Preset("alexnet", "AlexNet (2012), scaled to the size of the image", _CLASSIFY, _CNN_KEYS,
               partial(_classical, ALEXNET)),
        *(Preset(name, f"VGG-{name[3:]} (2015) with batch normalisation", _CLASSIFY, _CNN_KEYS,
                 partial(_vgg, repeats)) for name, repeats in VGG_BLOCKS.items()),
        *_recurrent_presets(),
    )
}  # fmt: skip
