"""The task ``classify``: its table, its defaults, its networks and what trials of a study try."""

from __future__ import annotations

from functools import partial
from typing import Literal

from pydantic import Field

from tidegate.config.presets.families import CNN_KEYS, cnn_preset, mlp_preset, recurrent_presets
from tidegate.config.presets.parts import convolved_dense, dense, normed, widened
from tidegate.config.presets.preset import Preset, PresetContext, by_name
from tidegate.config.presets.recipes import FOLD_COLUMNS, FOLD_ROWS, DenseRecipe, RecurrentRecipe
from tidegate.config.section import Section
from tidegate.config.tables import ModelSpec
from tidegate.config.task import NetworkDefaults, TaskSettings
from tidegate.network.layers import Layer, Output
from tidegate.network.transforms import Growing, fitted
from tidegate.network.vgsl import parse_fragment


class ClassifySpec(Section):
    """The task classify."""

    loss: Literal["cross-entropy", "mse"] = Field(
        default="cross-entropy", description="mse: on one-hot targets"
    )


CNN_RNN = RecurrentRecipe(
    conv=Growing("Cl3,3,32 Mp2,2 Bnr Cl3,3,64 Mp2,2 Bnr", "Cl3,3,64 Mp2,2 Bnr", until=8),
    fold=FOLD_ROWS,
    axis="x",
    summarise=True,
    hidden=128,
    layers=2,
    dropout=0.3,
)

# An image is read row after row.
RNN = RecurrentRecipe(
    conv=Growing(""),
    fold=FOLD_COLUMNS,
    axis="y",
    summarise=True,
    hidden=128,
    layers=2,
    dropout=0.2,
)

CNN = DenseRecipe(
    Growing(
        "Cl5,5,32 Mp2,2 Bnr Cl3,3,64 Bnr Cl3,3,64 Mp2,2 Bnr",
        "Cl3,3,128 Mp2,2 Bnr",
        until=8,
    ),
    "Do0.4 Fr128 Do0.4",
)

MLP = DenseRecipe(Growing(""), "Fr512 Do0.2 Fr512 Do0.2")

# LeCun, Bottou, Bengio and Haffner 1998, with softmax in place of radial basis functions.
LENET = DenseRecipe(Growing("Ct5,5,6 Ap2,2 Ct5,5,16 Ap2,2"), "Ft120 Ft84")

# Krizhevsky, Sutskever and Hinton 2012, in the one-tower form of 2014; smaller strides where the image is
# smaller.
_ALEXNET_REST = "Mp3,3,2,2 Cr5,5,192 Mp3,3,2,2 Cr3,3,384 Cr3,3,256 Cr3,3,256 Mp3,3,2,2"
ALEXNET = (
    DenseRecipe(Growing(f"Cr5,5,64 {_ALEXNET_REST}"), "Do0.5 Fr512 Do0.5 Fr512"),
    DenseRecipe(Growing(f"Cr7,7,64,2,2 {_ALEXNET_REST}"), "Do0.5 Fr1024 Do0.5 Fr1024", from_side=56),
    DenseRecipe(Growing(f"Cr11,11,64,4,4 {_ALEXNET_REST}"), "Do0.5 Fr4096 Do0.5 Fr4096", from_side=112),
)

# Simonyan and Zisserman 2015, configurations A, B and D: convolutions of 3×3 in each of five blocks.
VGG_CHANNELS = (64, 128, 256, 512, 512)
VGG_BLOCKS = {"vgg11": (1, 1, 2, 2, 2), "vgg13": (2, 2, 2, 2, 2), "vgg16": (2, 2, 3, 3, 3)}
VGG_DENSE = ((1, "Fr512 Do0.5 Fr512 Do0.5"), (112, "Fr4096 Do0.5 Fr4096 Do0.5"))


def _classical(
    recipes: tuple[DenseRecipe, ...], model: ModelSpec, context: PresetContext
) -> tuple[Layer, ...]:
    side = min(context.rows, context.columns or context.rows)
    return convolved_dense([recipe for recipe in recipes if side >= recipe.from_side][-1], model, context)


def _vgg(repeats: tuple[int, ...], model: ModelSpec, context: PresetContext) -> tuple[Layer, ...]:
    blocks = (
        f"{f'Cl3,3,{channels} Bnr ' * repeat}Mp2,2"
        for channels, repeat in zip(VGG_CHANNELS, repeats, strict=True)
    )
    conv = fitted(parse_fragment(" ".join(blocks)), (context.rows, context.columns))
    side = min(context.rows, context.columns or context.rows)
    last = [text for from_side, text in VGG_DENSE if side >= from_side][-1]
    return (*normed(model, widened(model, conv)), *dense(model, last))


CLASSIFY = TaskSettings(
    name="classify",
    summary="an image → its class",
    settings=ClassifySpec,
    task="tidegate.tasks.images.classify:CLASSIFY",
    formats="tidegate.data.images.formats:CLASSES",
    page="tidegate.report.tasks.classify:PAGE",
    check="tidegate.check.kinds.classes:CHECKS",
    defaults={
        "train": {"batch_size": 64, "epochs": 15, "average": 0.998},
        "optimiser": {"name": "adamw", "learning_rate": 2e-3},
        "schedule": {"name": "one-cycle", "final": 0.01},
    },
    network=NetworkDefaults(
        preset="cnn",
        recurrent="cnn-bilstm",
        unconvolved="bilstm",
        rows=28,
        columns=28,
        output=Output(0, "softmax", 0),
        kinds=("softmax", "linear"),
    ),
    presets=by_name(
        mlp_preset(MLP),
        cnn_preset(CNN),
        Preset("lenet", "LeNet-5 (1998)", CNN_KEYS, partial(_classical, (LENET,))),
        Preset(
            "alexnet",
            "AlexNet (2012), scaled to the size of the image",
            CNN_KEYS,
            partial(_classical, ALEXNET),
        ),
        *(
            Preset(name, f"VGG-{name[3:]} (2015) with batch normalisation", CNN_KEYS, partial(_vgg, repeats))
            for name, repeats in VGG_BLOCKS.items()
        ),
        *recurrent_presets(RNN, CNN_RNN),
    ),
)
