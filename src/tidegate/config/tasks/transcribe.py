"""The task ``transcribe``: its table, its defaults, its networks and what trials of a study try."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from pydantic import Field

from tidegate.config.presets.families import cnn_preset, recurrent_presets
from tidegate.config.presets.parts import convolutions, dense
from tidegate.config.presets.preset import PresetContext, by_name
from tidegate.config.presets.recipes import FOLD_ROWS, DenseRecipe, RecurrentRecipe
from tidegate.config.section import Positive, Section
from tidegate.config.tables import ModelSpec
from tidegate.config.task import NetworkDefaults, TaskSettings
from tidegate.network.layers import Layer, Output
from tidegate.network.transforms import Growing
from tidegate.network.vgsl import parse_fragment


class TranscribeSpec(Section):
    """The task transcribe."""

    decoder: Literal["greedy", "beam"] = Field(
        default="greedy", description="how symbols are read off the CTC output"
    )
    beam_width: Positive = Field(default=16, description="hypotheses kept by the beam decoder")


CNN_RNN = RecurrentRecipe(
    # Pooling before normalisation and ReLU leaves those a quarter of the work.
    conv=Growing("Cl3,3,16 Mp2,2 Bnr Cl3,3,32 Mp2,2 Bnr Cl3,3,64 Mp2,1 Bnr"),
    fold=FOLD_ROWS,
    axis="x",
    summarise=False,
    hidden=128,
    layers=1,
    dropout=0.2,
)

# A line is read column after column.
RNN = RecurrentRecipe(
    conv=Growing(""),
    fold=FOLD_ROWS,
    axis="x",
    summarise=False,
    hidden=128,
    layers=1,
    dropout=0.2,
    # Pixels are mostly background. Without their mean taken off and their spread made 1, CTC stays on its plateau of
    # blanks for tens of epochs: on digit-lines CER 0.99 after 3 epochs, and 0.14 with it.
    stem="Ap2,2 Bn",
)

# One answer a column: the wide kernels at the end stand in for the context that a recurrent layer would
# carry.
CNN = DenseRecipe(
    Growing(
        "Cl3,3,16 Mp2,2 Bnr Cl3,3,32 Mp2,2 Bnr Cl3,3,64 Mp2,1 Bnr Cl3,7,128 Bnr Cl3,7,128 Bnr",
    ),
    "Do0.3",
)


def _cnn(model: ModelSpec, context: PresetContext) -> tuple[Layer, ...]:
    conv = convolutions(model, context, CNN.conv)
    return (*conv, *parse_fragment(FOLD_ROWS), *dense(model, CNN.dense))


TRANSCRIBE = TaskSettings(
    name="transcribe",
    summary="the image of a line of text → its text",
    settings=TranscribeSpec,
    task="tidegate.tasks.images.transcribe:TRANSCRIBE",
    formats="tidegate.data.images.formats:LINES",
    page="tidegate.report.tasks.transcribe:PAGE",
    check="tidegate.check.kinds.lines:CHECKS",
    defaults={
        # CTC leaves its plateau of blanks soonest with small batches, a high rate and a short climb:
        # studies/uw3-lines/README.md.
        "train": {"batch_size": 8, "epochs": 40, "average": 0.997},
        "optimiser": {"name": "adamw", "learning_rate": 4e-3, "clip_norm": 5.0},
        "schedule": {"name": "one-cycle", "warmup": 0.03, "final": 0.01},
        "augment": {
            "shift": 0.05,
            "scale": 0.1,
            "rotation": 0.4,
            "shear": 8.0,
            "elastic": 0.015,
            "stroke": 0.3,
            "contrast": 0.2,
            "noise": 0.1,
        },
    },
    network=NetworkDefaults(
        preset="cnn-bilstm",
        recurrent="cnn-bilstm",
        unconvolved="bilstm",
        rows=40,
        output=Output(1, "ctc", 0),
        kinds=("ctc",),
    ),
    presets=by_name(replace(cnn_preset(CNN), layers=_cnn), *recurrent_presets(RNN, CNN_RNN)),
)
