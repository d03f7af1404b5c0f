"""The task ``signal``: its table, its defaults, its networks and what trials of a study try."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Annotated, Literal

from pydantic import Field

from tidegate.config.presets.families import (
    CELL_KEYS,
    cnn_preset,
    convolved_recurrent,
    recurrent_presets,
)
from tidegate.config.presets.parts import normed, recurrent, widened
from tidegate.config.presets.preset import Preset, PresetContext, by_name
from tidegate.config.presets.recipes import DenseRecipe, RecurrentRecipe
from tidegate.config.section import Positive, Section
from tidegate.config.tables import ModelSpec
from tidegate.config.task import NetworkDefaults, TaskSettings
from tidegate.network.cells import CELLS, Cell
from tidegate.network.layers import Layer, Output, Parallel
from tidegate.network.transforms import Growing
from tidegate.network.vgsl import parse_fragment


class SignalSpec(Section):
    """The task signal."""

    target: Literal["auto", "class", "value"] = Field(
        default="auto",
        description="what a sequence is answered with; auto: classes, unless labels have decimals",
    )
    label: str | None = Field(
        default=None, description="column of the label of a table; default: label, class or target"
    )
    series: str | None = Field(
        default=None,
        description="column that says which sequence a row of a table is of; default: id and the like",
    )
    time: str | None = Field(
        default=None,
        description="column of the order within a sequence; default: time and the like, or the file's order",
    )
    channels: list[str] = Field(
        default=[], description="columns to read; default: all others that are numbers"
    )
    label_pattern: str | None = Field(
        default=None,
        description="regular expression whose first group is the label in a file's path, such as ([^/]+)_[0-9]+; "
        "default: the folder",
    )
    rate: Positive | None = Field(
        default=None,
        description="samples a second that sound is brought to; default: its own, which must be one",
    )
    features: Literal["auto", "raw", "log-mel"] = Field(
        default="auto", description="of sound: log-mel energies or the samples themselves; auto: log-mel"
    )
    mels: Positive = Field(default=40, description="bands of log-mel")
    frame: Annotated[float, Field(gt=0)] = Field(default=25, description="milliseconds of a frame of log-mel")
    hop: Annotated[float, Field(gt=0)] = Field(
        default=10, description="milliseconds from one frame to the next"
    )
    missing: Literal["none", "linear", "zero", "mask"] = Field(
        default="none",
        description="what stands for missing values; none: they are errors; mask: 0, and a further channel tells",
    )
    scaling: Literal["channel", "sample", "none"] = Field(
        default="channel",
        description="mean 0 and deviation 1 of each channel: over the training data, or within each sequence",
    )
    window: Positive | None = Field(
        default=None, description="cut sequences into windows of so many steps; default: whole sequences"
    )
    stride: Positive | None = Field(
        default=None, description="steps between two windows; default: half a window"
    )


CNN_RNN = RecurrentRecipe(
    conv=Growing("Cl1,5,64 Mp1,2 Bnr Cl1,5,64 Mp1,2 Bnr"),
    fold="",
    axis="x",
    summarise=False,
    hidden=100,
    layers=1,
    dropout=0.3,
    pools=True,
)

RNN = RecurrentRecipe(
    conv=Growing(""),
    fold="",
    axis="x",
    summarise=False,
    hidden=100,
    layers=1,
    dropout=0.2,
    pools=True,
)

# Ordóñez and Roggen 2016. Their kernels see one sensor channel each, which S3(0x1)1,3 before the convolutions and
# S1(1x0)1,3 behind them would write; here channels are mixed from the first layer, at a fraction of the work.
DEEPCONV = RecurrentRecipe(
    conv=Growing("Cr1,5,64 Cr1,5,64 Cr1,5,64 Cr1,5,64"),
    fold="",
    axis="x",
    summarise=False,
    hidden=128,
    layers=2,
    dropout=0.5,
    pools=True,
)

# The encoder of SpeechBrain's recipes for speech (Ravanelli et al. 2021), scaled to small data: convolutions with pooling
# in time, recurrent layers, fully connected ones.
CRDNN = RecurrentRecipe(
    conv=Growing("Cl1,3,64 Bnr Cl1,3,64 Mp1,2 Bnr Do0.15,2 Cl1,3,128 Bnr Cl1,3,128 Mp1,2 Bnr Do0.15,2"),
    fold="",
    axis="x",
    summarise=False,
    hidden=128,
    layers=1,
    dropout=0.3,
    pools=True,
    dense="Fr128 Do0.3",
)

CNN = DenseRecipe(Growing("Cl1,5,64 Mp1,2 Bnr Cl1,5,128 Mp1,2 Bnr Cl1,3,128 Bnr"), "Ap0,0 Do0.3")

# Wang, Yan and Oates 2017: the fully convolutional network for time series.
FCN = "Cl1,8,128 Bnr Cl1,5,256 Bnr Cl1,3,128 Bnr"
POOL_STEPS = "Ap0,0"

# The same authors' residual network: kernels of 8, 5 and 3 in each of three blocks. Their ReLU follows the addition; here
# a batch normalisation with ReLU does.
RESNET_CHANNELS = (64, 128, 128)
RESNET_BLOCK = "([Cl1,8,{0} Bnr Cl1,5,{0} Bnr Cl1,3,{0} Bn] {1}) A3,{0} Bnr"
RESNET_WIDER = "[Cl1,1,{0} Bn]"
RESNET_SAME = "Bn"

# Karim, Majumdar, Darabi and Chen 2018: a recurrent layer with strong dropout beside the FCN.
BESIDE_FCN = RecurrentRecipe(
    conv=Growing(""),
    fold="",
    axis="x",
    summarise=False,
    hidden=64,
    layers=1,
    dropout=0.8,
    pools=True,
)


def fcn(model: ModelSpec, _context: PresetContext) -> tuple[Layer, ...]:
    """Three convolutions and the mean over time.

    Example:
        >>> from tidegate.network.layers import render_branch
        >>> render_branch(fcn(ModelSpec(width=0.5, batch_norm=False), PresetContext(1, None, 1)))
        '[Cr1,8,64 Cr1,5,128 Cr1,3,64 Ap0,0]'
    """
    return (*normed(model, widened(model, parse_fragment(FCN))), *parse_fragment(POOL_STEPS))


def resnet(model: ModelSpec, _context: PresetContext) -> tuple[Layer, ...]:
    """Residual blocks, and the mean over time. A block that widens has a convolution of one step in its shortcut."""
    blocks: list[str] = []
    before = 0
    for channels in RESNET_CHANNELS:
        shortcut = (RESNET_SAME if channels == before else RESNET_WIDER).format(channels)
        blocks.append(RESNET_BLOCK.format(channels, shortcut))
        before = channels
    return (*widened(model, parse_fragment(" ".join(blocks))), *parse_fragment(POOL_STEPS))


def beside_fcn(cell: Cell, both: bool, model: ModelSpec, context: PresetContext) -> tuple[Layer, ...]:
    """Recurrent layers that read the steps, beside the FCN.

    Example:
        >>> beside_fcn("lstm", False, ModelSpec(hidden=8), PresetContext(1, None, 1))[0].render()
        '([Cl1,8,128 Bnr Cl1,5,256 Bnr Cl1,3,128 Bnr Ap0,0] [Lfxs8 Do0.8])'
    """
    return (Parallel((fcn(model, context), recurrent(BESIDE_FCN, cell, both, model))),)


def _presets() -> Iterator[Preset]:
    yield cnn_preset(CNN)
    yield from recurrent_presets(RNN, CNN_RNN)
    mixed = CELL_KEYS | {"pooling", "width", "batch_norm"}
    summary = "fully convolutional network for time series (2017)"
    yield Preset("fcn", summary, frozenset({"width", "batch_norm"}), fcn)
    yield Preset("resnet", "residual network for time series (2017)", frozenset({"width"}), resnet)
    for both in (False, True):
        for cell in CELLS.values():
            name, summary = f"{cell.word}-fcn", f"{cell.title} beside the FCN (2018)"
            if both:
                name, summary = f"bi{name}", f"bidirectional {summary}"
            yield Preset(name, f"a {summary}", mixed, partial(beside_fcn, cell.name, both))
    deepconv = partial(convolved_recurrent, DEEPCONV, CNN_RNN, "lstm", False)
    yield Preset("deepconv-lstm", "DeepConvLSTM (2016)", mixed | {"conv"}, deepconv)
    summary = "convolutions, a bidirectional LSTM, fully connected layers (as SpeechBrain)"
    crdnn = partial(convolved_recurrent, CRDNN, CNN_RNN, "lstm", True)
    yield Preset("crdnn", summary, mixed | {"conv"}, crdnn)


SIGNAL = TaskSettings(
    name="signal",
    summary="a sequence of one or more channels → its class, or a value",
    settings=SignalSpec,
    task="tidegate.tasks.signal.task:SIGNAL",
    formats="tidegate.data.signals.formats:SIGNALS",
    page="tidegate.report.tasks.signal:PAGE",
    check="tidegate.check.kinds.signals:CHECKS",
    defaults={
        "train": {"batch_size": 32, "epochs": 60, "average": 0.99},
        "optimiser": {"name": "adamw", "learning_rate": 2e-3, "clip_norm": 5.0},
        "schedule": {"name": "one-cycle", "warmup": 0.1, "final": 0.01},
    },
    network=NetworkDefaults(
        preset="fcn",
        recurrent="bilstm",
        unconvolved="bilstm",
        output=Output(0, "softmax", 0),
        kinds=("softmax", "linear"),
        input="data",
    ),
    presets=by_name(*_presets()),
    predict_flags=("stream", "every"),
)
