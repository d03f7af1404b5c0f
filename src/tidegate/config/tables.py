"""The tables of a configuration that every task has; those of single tasks stand in ``tidegate.config.tasks``.

Each field is default, type, help and check in one place; the TOML file, ``--set``, the commented file that
``tidegate init`` writes and the Python API all read this. Frozen, and unknown keys are errors.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, PrivateAttr

from tidegate.config.section import Count, Fraction, NotNegative, Positive, Section
from tidegate.network.cells import CELLS, Cell

MEMORY = "<memory>"
"""What stands in place of a path for data that a caller holds."""


@dataclass(frozen=True)
class _Held:
    """Data by their key; they are not compared, since the digest tells whether they are the same."""

    values: Mapping[str, Any] = field(default_factory=dict[str, Any], compare=False)


def _cell(name: object) -> object:
    """The field says RNN and means Elman's."""
    return "elman" if name == "rnn" else name


def _codec(name: str) -> str:
    """A codec that Python knows, or auto."""
    if name != "auto":
        try:
            "".encode(name)
        except (LookupError, UnicodeError) as error:
            raise ValueError(f"there is no encoding {name!r}; try auto, utf-8, cp1252 or gb18030") from error
    return name


def _group(key: str) -> str:
    """A column, ``folder``, or a regular expression with one group."""
    if key.startswith("re:"):
        try:
            groups = re.compile(key[3:]).groups
        except re.error as error:
            raise ValueError(f"no regular expression: {key[3:]}: {error}") from error
        if groups != 1:
            raise ValueError(
                f"the pattern has {groups} groups; put one ( ) around what samples share: {key[3:]}"
            )
    if not key:
        raise ValueError("an empty name")
    return key


def _share(value: object) -> int | float:
    """``10%`` as the fraction that it is."""
    share = value
    if isinstance(value, str) and value.endswith("%"):
        with suppress(ValueError):
            share = float(value[:-1]) / 100
    if not isinstance(share, bool) and (
        (isinstance(share, int) and share > 0) or (isinstance(share, float) and 0 < share <= 1)
    ):
        return share
    raise ValueError("a fraction from 0.0 to 1.0, a percentage up to 100%, or a count of 1 or more")


TrainShare = Annotated[int | float, BeforeValidator(_share, json_schema_input_type=int | float)]
"""A count of samples, or a fraction of them, which has a decimal point."""


class DataSpec(Section):
    """Where samples come from, and how they are read."""

    train: str | None = Field(
        default=None, description="path of the training data (or the name of a built-in data set)"
    )
    valid: str | None = Field(
        default=None,
        description="path of the validation data; without it a tenth of the training data is held out",
    )
    test: str | None = Field(default=None, description="path of the test data")
    source: str | None = Field(
        default=None, description="one path to split by `split`, instead of train/valid/test"
    )
    split: str | None = Field(
        default=None, description="A/B/C of `source` (or A/B of `train`): counts or fractions"
    )
    split_seed: Annotated[int, Field(ge=0)] | None = Field(
        default=None,
        description="of the split and of generated data, where it is not the run's; a study fixes it",
    )
    resample: Count | None = Field(
        default=None,
        description="draw the parts anew, this being the draw's number from 0; of data in order: end so much earlier; "
        "parts that the data bring stay; a study sets it",
    )
    pool: bool = Field(
        default=False,
        description="with resample: throw the parts that the data bring together, and draw parts of their sizes anew",
    )
    train_share: TrainShare | None = Field(
        default=None,
        description="train on a part of the training data: a fraction (0.1), a percentage (10%) or a count of samples; "
        "validation and test stay, a smaller share is in a larger one, and of data in order it is their latest part",
    )
    shuffle: bool = Field(
        default=True,
        description="draw held-out samples at random; false: they are the last ones of the data, as of text always",
    )
    format: str = Field(
        default="auto", description="reader to use; auto looks at the path (see `tidegate datasets`)"
    )
    encoding: Annotated[str, AfterValidator(_codec)] = Field(
        default="auto",
        description="of text in files: auto knows UTF-8, UTF-16 and GB18030; else a name such as cp1252",
    )
    decimal: Literal["auto", ".", ","] = Field(
        default="auto", description="the decimal mark of numbers in tables; auto decides once for a file"
    )
    thousands: Literal["auto", "none", ".", ",", "'", " "] = Field(
        default="auto",
        description="the mark between thousands, likewise; a blank also stands for narrow and no-break ones",
    )
    group: Annotated[str, AfterValidator(_group)] | None = Field(
        default=None,
        description="who or what a sample is of, never in two parts of a split that is made here: a column; folder: the "
        "one that holds a file; or re:PATTERN, whose ( ) finds it in a sample's name",
    )
    sheet: str | None = Field(
        default=None, description="of a workbook (.xlsx, .xls, .ods) with several; default: the only one"
    )
    skip_bad: bool = Field(
        default=False, description="leave out samples that cannot be used, and say how many"
    )
    rows: Positive | None = Field(
        default=None, description="height in pixels that images are scaled to; default: the model's"
    )
    columns: Positive | None = Field(
        default=None, description="width in pixels; lines keep their aspect and have none"
    )
    channels: Literal[1, 3] | None = Field(default=None, description="1 grey, 3 colour; default: the model's")
    ink: Literal["auto", "dark", "light", "none"] = Field(
        default="auto",
        description="what is written: dark on light, light on dark, decided per image, or none (photographs)",
    )
    trim: bool = Field(default=False, description="cut white margins off lines before they are scaled")
    direction: Literal["auto", "ltr", "rtl", "visual"] = Field(
        default="auto",
        description="of lines of text that hold Hebrew, Arabic and the like; visual: their texts stand in display order, "
        "as drawn from left to right; auto looks at the training texts",
    )
    cache_megabytes: NotNegative = Field(
        default=2000, description="memory for decoded images; the rest is decoded again"
    )
    digest: str | None = Field(
        default=None,
        description=f"SHA-256 of the data that were in memory, whose paths are {MEMORY}; a run writes it, and resume "
        "asks for the same data again",
    )
    _held: _Held = PrivateAttr(default_factory=_Held)

    @property
    def memory(self) -> Mapping[str, Any]:
        """Data that the caller holds, by the key whose path is ``<memory>``; they are in no file."""
        return self._held.values

    @property
    def origin(self) -> str:
        """What a person should know of where the data were; empty where they were in files."""
        return f"trained on data in memory (digest {self.digest[:12]}…)" if self.digest else ""

    def holding(self, values: Mapping[str, Any], digest: str) -> DataSpec:
        """The same, with data in memory in place of paths.

        >>> held = DataSpec(valid="b/").holding({"train": [1, 2]}, "9f86")
        >>> held.train, held.valid, held.memory["train"], held.model_dump()["digest"]
        ('<memory>', 'b/', [1, 2], '9f86')
        """
        data = self.model_copy(update={**dict.fromkeys(values, MEMORY), "digest": digest})
        data._held = _Held(dict(values))
        return data


class ModelSpec(Section):
    """What network to build: a VGSL string, or a preset, with the short form's keys on top."""

    spec: str | None = Field(
        default=None, description="VGSL string; then the other keys of this table must be left out"
    )
    preset: str | None = Field(default=None, description="a name from `tidegate show --presets`")
    cell: Annotated[Cell, BeforeValidator(_cell)] | None = Field(
        default=None, description=f"of the recurrent layers: {', '.join(CELLS)}; rnn is elman"
    )
    bidirectional: bool | None = Field(default=None, description="read in both directions")
    layers: Positive | None = Field(default=None, description="recurrent layers")
    hidden: Positive | None = Field(default=None, description="units of each recurrent layer and direction")
    units: list[Positive] | None = Field(
        default=None,
        description="units of the recurrent layers one by one; without any, channels and units of the others; a study "
        "that matches sizes writes it",
    )
    conv: str | None = Field(
        default=None,
        description="VGSL of the convolutional part, `none`, or `usual`: as the presets cnn-… have it",
    )
    width: Annotated[float, Field(gt=0)] | None = Field(
        default=None, description="factor on the channels of a CNN preset"
    )
    rows: Positive | None = Field(default=None, description="height in pixels of the network's input")
    dropout: Fraction | None = Field(
        default=None, description="before the output and between recurrent layers"
    )
    batch_norm: bool | None = Field(
        default=None, description="batch normalisation after every convolution of a preset"
    )
    pooling: Literal["last", "mean", "max", "attention"] | None = Field(
        default=None,
        description="how a recurrent preset makes one vector of a signal: its last state, or over all true steps",
    )


class InitialiseSpec(Section):
    """How weights start."""

    scheme: Literal["auto", "xavier", "he", "module"] = Field(
        default="auto",
        description="auto: He before ReLU, Xavier elsewhere; module: as the network was built, for a task of your own",
    )
    orthogonal: bool = Field(default=True, description="orthogonal recurrent matrices, gate by gate")
    forget_bias: float = Field(default=1.0, description="sum of an LSTM's forget-gate biases at the start")
    memory: Annotated[int, Field(ge=2)] | None = Field(
        default=None,
        description="steps that the longest memory should span: gates of LSTM and GRU start with time scales from 1 to "
        "it (instead of forget_bias)",
    )


class AugmentSpec(Section):
    """Random changes of training images and signals, and of no others. Amounts are the largest ones; 0 is off."""

    shift: NotNegative = Field(default=0, description="fraction of the height, in both directions")
    scale: Annotated[float, Field(ge=0, lt=1)] = Field(
        default=0, description="±fraction, rows and columns independently; of a signal its amplitude"
    )
    rotation: NotNegative = Field(default=0, description="±degrees")
    shear: NotNegative = Field(default=0, description="±degrees")
    flip: bool = Field(
        default=False, description="mirror left-right half of the time (images whose label it keeps)"
    )
    elastic: NotNegative = Field(default=0, description="local displacement, as a fraction of the height")
    stroke: Fraction = Field(
        default=0, description="how far strokes are thickened or thinned towards one pixel more or less"
    )
    blur: NotNegative = Field(default=0, description="largest standard deviation in pixels")
    noise: NotNegative = Field(
        default=0,
        description="largest standard deviation of Gaussian noise (ink is 1; of a signal the channel's deviation is 1)",
    )
    contrast: Annotated[float, Field(ge=0, lt=1)] = Field(
        default=0, description="±fraction of brightness of the ink"
    )
    time_warp: Annotated[float, Field(ge=0, lt=1)] = Field(
        default=0, description="signals: ±fraction of the speed, smoothly varying along the sequence"
    )
    crop: Annotated[float, Field(ge=0, lt=1)] = Field(
        default=0, description="signals: largest fraction of the steps that is cut off at the ends"
    )
    channel_dropout: Fraction = Field(
        default=0, description="signals: probability that a channel is silent in a sequence"
    )

    @property
    def any(self) -> bool:
        """Whether there is something to do."""
        return any(value for value in self.model_dump().values())


class OptimiserSpec(Section):
    """How weights move."""

    name: Literal["sgd", "asgd", "rmsprop", "adam", "adamw", "nadam"] = Field(
        default="adamw",
        description="the update rule; asgd: sgd whose weights are averaged once validation stops improving",
    )
    learning_rate: Annotated[float, Field(gt=0)] = Field(
        default=1e-3, description="its peak; the schedule scales it"
    )
    momentum: Annotated[float, Field(ge=0, lt=1)] = Field(
        default=0.9, description="for sgd, asgd and rmsprop"
    )
    trigger: Positive = Field(
        default=5, description="asgd: validations without a better result before averaging begins"
    )
    weight_decay: NotNegative = Field(
        default=0.01, description="decoupled from the gradient (Loshchilov and Hutter 2019)"
    )
    l1: NotNegative = Field(
        default=0, description="penalty on the sum of absolute weights, added to the loss"
    )
    l2: NotNegative = Field(
        default=0, description="penalty on half the sum of squared weights, added to the loss"
    )
    clip_norm: NotNegative = Field(default=1.0, description="largest norm of the whole gradient; 0: off")
    clip_value: NotNegative = Field(
        default=0, description="largest absolute value of a gradient entry; 0: off"
    )


class ScheduleSpec(Section):
    """How the learning rate moves over the run."""

    name: Literal["constant", "step", "cosine", "one-cycle", "plateau"] = Field(
        default="one-cycle", description="its shape"
    )
    warmup: Fraction = Field(
        default=0.1, description="fraction of the run that climbs to the peak (step, cosine, one-cycle)"
    )
    final: Fraction = Field(
        default=0.001, description="last learning rate as a fraction of the peak (cosine, one-cycle)"
    )
    factor: Annotated[float, Field(gt=0, lt=1)] = Field(
        default=0.5, description="one drop of step and plateau"
    )
    every: Positive = Field(default=10, description="epochs between two drops of step")
    patience: Positive = Field(
        default=3, description="validations without a better result before plateau drops"
    )


class TrainSpec(Section):
    """How long, in what portions, and on what."""

    epochs: Positive | None = Field(
        default=20, description="passes over the training data; none: max_time decides"
    )
    max_time: Annotated[float, Field(gt=0)] | None = Field(
        default=None, description="seconds; the schedule ends with them"
    )
    steps: Positive | None = Field(
        default=None,
        description="optimiser steps; of epochs, max_time, steps and examples the first to be reached ends the run",
    )
    examples: Positive | None = Field(
        default=None, description="training samples seen, each as often as it is seen"
    )
    batch_size: Positive = Field(default=16, description="samples a step, of all processes together")
    evaluate_every: Annotated[float, Field(gt=0)] = Field(
        default=1, description="epochs between two validations"
    )
    patience: Annotated[int, Field(ge=0)] = Field(
        default=0, description="early stopping: validations without progress; 0: off"
    )
    label_smoothing: Annotated[float, Field(ge=0, lt=1)] = Field(default=0, description="for cross-entropy")
    average: Annotated[float, Field(ge=0, lt=1)] = Field(
        default=0, description="decay of the weights' moving average; 0: off"
    )
    choose: Literal["best", "last"] = Field(
        default="best",
        description="the weights that are kept: best: of the best validation, by its loss among equals; last: of the "
        "last one, where validation has too few samples to tell them apart",
    )
    checkpoint_minutes: NotNegative = Field(
        default=5, description="minutes between two checkpoints, beside one an epoch"
    )
    baselines: bool = Field(
        default=True, description="measure the cheap baselines too; a study does so in its first run only"
    )
    device: str = Field(default="auto", description="cpu, cuda, mps, or auto")
    precision: Literal["32-true", "bf16-mixed", "64-true"] = Field(
        default="32-true", description="of arithmetic"
    )
    threads: Positive | None = Field(default=None, description="CPU threads of a process; default: all cores")
    processes: Positive = Field(
        default=1, description="that train one network together, each on its part of every batch"
    )
    validation_only: bool = Field(
        default=False,
        description="end with the validation: no test, no model, no report; a study does so while it looks for settings",
    )
