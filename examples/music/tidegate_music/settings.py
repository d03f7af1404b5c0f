"""The record of the task ``music``, which Tidegate finds by the entry point: its table, defaults and networks."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from pydantic import Field

from tidegate.config.presets.preset import Preset, PresetContext, by_name
from tidegate.config.section import Count, Section
from tidegate.config.tables import ModelSpec
from tidegate.config.task import NetworkDefaults, TaskSettings
from tidegate.network.cells import Cell
from tidegate.network.layers import Layer, Output, Recurrence

KEYS = 88
Probability = Annotated[float, Field(ge=0, lt=1)]


class MusicSettings(Section):
    """The task music."""

    gain: Annotated[float, Field(gt=0)] = Field(
        default=10.0,
        description="frames come this many times as large to the first layer: else four notes in 88 hardly bend cells",
    )
    shortcut: bool = Field(
        default=True,
        description="the output reads the present frame too, and so says by itself what usually comes after a note",
    )
    window: Count = Field(
        default=0,
        description="frames that gradients go back through, states being carried on; 0: whole pieces",
    )
    transpose: Count = Field(
        default=0, description="training pieces are moved by up to so many semitones, anew in every epoch"
    )
    input_dropout: Probability = Field(
        default=0.0, description="share of a frame's notes that are not read, in training"
    )
    locked_dropout: Probability = Field(
        default=0.0,
        description="share of a layer's features that are 0 in all frames of a window (Gal and Ghahramani 2016)",
    )
    output_dropout: Probability = Field(
        default=0.0, description="share of the features that the output reads, frame by frame"
    )


def _layers(cell: Cell, model: ModelSpec, _: PresetContext) -> tuple[Layer, ...]:
    layer = Recurrence(model.cell or cell, "forward", "x", model.hidden or 256)
    return (layer,) * (model.layers or 1)


def _preset(name: str, cell: Cell) -> Preset:
    keys = frozenset({"cell", "layers", "hidden"})
    return Preset(name, f"{name.upper()} over frames", keys, partial(_layers, cell))


MUSIC = TaskSettings(
    name="music",
    summary="piano rolls → the notes of the next frame",
    settings=MusicSettings,
    task="tidegate_music.task:MUSIC_TASK",
    page="tidegate_music.page:PAGE",
    data_key="source",
    defaults={
        "train": {"batch_size": 4, "epochs": 50, "average": 0.99},
        "optimiser": {"name": "adamw", "learning_rate": 3e-3, "clip_norm": 1.0, "weight_decay": 0.1},
        "schedule": {"name": "one-cycle", "warmup": 0.1, "final": 0.01},
    },
    network=NetworkDefaults(
        preset="gru",
        recurrent="gru",
        unconvolved="gru",
        output=Output(1, "linear", 0),
        kinds=("linear",),
        input="features",
    ),
    presets=by_name(_preset("rnn", "elman"), _preset("lstm", "lstm"), _preset("gru", "gru")),
    search={},
    features=lambda _: KEYS,
    causal=True,
)
