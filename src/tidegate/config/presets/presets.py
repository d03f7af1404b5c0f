"""Networks by name. ``PRESETS`` is the registry; the numbers stand in ``tidegate.config.presets.recipes``.

A preset is a function from the keys of ``[model]`` and the size of the input to an architecture: the same
records that a VGSL string gives. To add one: write its builder and a line in ``PRESETS``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from tidegate.config.nearest import did_you_mean
from tidegate.config.presets.number_presets import beside_fcn, fcn, resnet, segrnn
from tidegate.config.presets.parts import (
    Builder,
    PresetContext,
    convolutions,
    convolved_dense,
    dense,
    normed,
    recurrent,
    widened,
)
from tidegate.config.presets.recipes import (
    ALEXNET,
    CNN_CLASSIFY,
    CNN_FORECAST,
    CNN_RNN,
    CNN_SIGNAL,
    CNN_TAG,
    CNN_TRANSCRIBE,
    CRDNN,
    DEEPCONV,
    FOLD_ROWS,
    LENET,
    MLP,
    MLP_FORECAST,
    RNN,
    VGG_BLOCKS,
    VGG_CHANNELS,
    VGG_DENSE,
    DenseRecipe,
    RecurrentRecipe,
)
from tidegate.config.run import ModelSpec
from tidegate.errors import ConfigError
from tidegate.network.causal import refuse_looking_ahead
from tidegate.network.layers import Architecture, Cell, Layer, Output
from tidegate.network.transforms import fitted
from tidegate.network.vgsl import parse_fragment


@dataclass(frozen=True)
class Preset:
    """One network by name.

    Attributes:
        name: As in ``model.preset``.
        summary: One line.
        tasks: The tasks that it works for.
        keys: The keys of ``[model]`` that change it; ``pooling`` for the task ``signal`` only.
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
            >>> from tidegate.network.vgsl import render
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
                got=self.name,
                hint="choose another preset, or write the network as model.spec",
            )
        keys = {key for key in self.keys if context.task in _TASK_KEYS.get(key, (context.task,))}
        for key in sorted(model.model_dump(exclude_none=True).keys() - {"preset"} - keys):
            raise ConfigError(
                f"the preset {self.name} has no {key} to change{self._for(key, context.task)}",
                where=f"model.{key}",
                expected=f"one of: {', '.join(sorted(keys))}",
                got=f"{key} = {getattr(model, key)!r}",
                hint="leave the key out, or choose another preset",
            )
        return Architecture(context.input, (*self.layers(model, context), self.output or context.output))

    def _for(self, key: str, task: str) -> str:
        return f" for {task}" if key in self.keys else ""


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
            got=repr(name),
            hint=did_you_mean(name, PRESETS),
        )
    return PRESETS[name]


_DENSE: Mapping[str, DenseRecipe] = {
    "classify": CNN_CLASSIFY,
    "tag": CNN_TAG,
    "forecast": CNN_FORECAST,
    "signal": CNN_SIGNAL,
}


def _cnn(model: ModelSpec, context: PresetContext) -> tuple[Layer, ...]:
    if context.task == "transcribe":
        conv = convolutions(model, context, CNN_TRANSCRIBE.conv)
        return (*conv, *parse_fragment(FOLD_ROWS), *dense(model, CNN_TRANSCRIBE.dense))
    return convolved_dense(_DENSE[context.task], model, context)


def _mlp(model: ModelSpec, context: PresetContext) -> tuple[Layer, ...]:
    return convolved_dense(MLP_FORECAST if context.task == "forecast" else MLP, model, context)


def _classical(
    recipes: tuple[DenseRecipe, ...], model: ModelSpec, context: PresetContext
) -> tuple[Layer, ...]:
    side = min(context.rows, context.columns or context.rows)
    return convolved_dense([one for one in recipes if side >= one.from_side][-1], model, context)


def _vgg(repeats: tuple[int, ...], model: ModelSpec, context: PresetContext) -> tuple[Layer, ...]:
    blocks = (
        f"{f'Cl3,3,{channels} Bnr ' * repeat}Mp2,2"
        for channels, repeat in zip(VGG_CHANNELS, repeats, strict=True)
    )
    conv = fitted(parse_fragment(" ".join(blocks)), (context.rows, context.columns))
    side = min(context.rows, context.columns or context.rows)
    last = [text for from_side, text in VGG_DENSE if side >= from_side][-1]
    return (*normed(model, widened(model, conv)), *dense(model, last))


def _recurrent(
    recipes: Mapping[str, RecurrentRecipe], cell: Cell, both: bool, model: ModelSpec, context: PresetContext
) -> tuple[Layer, ...]:
    if model.conv is not None and model.conv.strip().lower() == USUAL:
        recipes, model = CNN_RNN, model.model_copy(update={"conv": None})
    recipe = recipes[context.task]
    return (
        *parse_fragment(recipe.stem),
        *convolutions(model, context, recipe.conv),
        *parse_fragment(recipe.fold),
        *recurrent(recipe, cell, both, model),
        *dense(model, recipe.dense),
    )


USUAL = "usual"
"""As ``model.conv`` of a recurrent preset: the convolutions that the presets ``cnn-…`` have for the task."""

_CLASSIFY = ("classify",)
_SIGNAL = ("signal",)
_CONVOLUTIONAL = ("classify", "transcribe", "tag", "forecast", "signal")
_CRF = Output(1, "crf", 0)
_CNN_KEYS = frozenset({"rows", "width", "dropout", "batch_norm"})
_CELL_KEYS = frozenset({"cell", "bidirectional", "layers", "hidden", "dropout"})
_RNN_KEYS = _CNN_KEYS | _CELL_KEYS | {"conv", "pooling"}
_TASK_KEYS: Mapping[str, tuple[str, ...]] = {"pooling": _SIGNAL}
"""Keys that only some tasks have."""
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


def _signal_presets() -> list[Preset]:
    mixed = _CELL_KEYS | {"pooling", "width", "batch_norm"}
    beside = [
        Preset(f"{way}{word}-fcn", f"a {'bidirectional ' if both else ''}{name} beside the FCN (2018)", _SIGNAL, mixed,
               partial(beside_fcn, cell, both))
        for way, both in (("", False), ("bi", True))
        for word, (cell, name) in _WORDS.items()
    ]  # fmt: skip
    return [
        Preset("fcn", "fully convolutional network for time series (2017)", _SIGNAL,
               frozenset({"width", "batch_norm"}), fcn),
        Preset("resnet", "residual network for time series (2017)", _SIGNAL, frozenset({"width"}), resnet),
        *beside,
        Preset("deepconv-lstm", "DeepConvLSTM (2016)", _SIGNAL, mixed | {"conv"},
               partial(_recurrent, {"signal": DEEPCONV}, "lstm", False)),
        Preset("crdnn", "convolutions, a bidirectional LSTM, fully connected layers (as SpeechBrain)", _SIGNAL,
               mixed | {"conv"}, partial(_recurrent, {"signal": CRDNN}, "lstm", True)),
    ]  # fmt: skip


def _with_crf(preset: Preset) -> Preset:
    """The same with a conditional random field over the tags, for ``tag``."""
    summary = f"{preset.summary}, and a CRF over the tags"
    return replace(preset, name=f"{preset.name}-crf", summary=summary, tasks=("tag",), output=_CRF)


PRESETS: dict[str, Preset] = {
    preset.name: preset
    for preset in (
        Preset("mlp", "two fully connected layers, no convolution", (*_CLASSIFY, "forecast"), _CNN_KEYS - {"batch_norm"},
               _mlp),
        *(_CNN, _with_crf(_CNN)),
        Preset("crf", "no layer between a word's features and the CRF over the tags", ("tag",),
               frozenset(), lambda _model, _context: (), output=_CRF),
        Preset("lenet", "LeNet-5 (1998)", _CLASSIFY, _CNN_KEYS, partial(_classical, (LENET,))),
        Preset("alexnet", "AlexNet (2012), scaled to the size of the image", _CLASSIFY, _CNN_KEYS,
               partial(_classical, ALEXNET)),
        *(Preset(name, f"VGG-{name[3:]} (2015) with batch normalisation", _CLASSIFY, _CNN_KEYS,
                 partial(_vgg, repeats)) for name, repeats in VGG_BLOCKS.items()),
        *_recurrent_presets(),
        *_signal_presets(),
        Preset("segrnn", "SegRNN (2023): a GRU over segments", ("forecast",), _CELL_KEYS, segrnn,
               training={"forecast": {"decoder": "segment", "normalise": "last", "loss": "mae"}}),
    )
}  # fmt: skip
