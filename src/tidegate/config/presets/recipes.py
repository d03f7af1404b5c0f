"""The numbers of the presets, as plain data. Tune here; ``tidegate.config.presets.presets`` puts them together.

Convolutional parts are VGSL fragments. ``Cl… Bnr`` is a convolution with batch normalisation before its ReLU
(Ioffe and Szegedy 2015); ``batch_norm = false`` turns it into ``Cr…``.
"""

from __future__ import annotations

from dataclasses import dataclass

from tidegate.network.shape import Axis
from tidegate.network.transforms import Growing


@dataclass(frozen=True)
class RecurrentRecipe:
    """A recurrent preset of one task.

    Attributes:
        conv: What stands before the fold.
        fold: The reshape that makes the sequence.
        axis: The axis that the sequence runs along.
        summarise: Whether the last layer gives one vector.
        hidden: Units of a layer and direction.
        layers: Recurrent layers.
        dropout: Between the layers and before the output.
        stem: What stands before everything, and is no convolution.
        pools: Whether ``model.pooling`` makes one vector of the steps.
        state: Whether what follows takes the last state, and not every step.
        dense: Fully connected layers before the output.
    """

    conv: Growing
    fold: str
    axis: Axis
    summarise: bool
    hidden: int
    layers: int
    dropout: float
    stem: str = ""
    pools: bool = False
    state: bool = False
    dense: str = ""


@dataclass(frozen=True)
class DenseRecipe:
    """A network of convolutions and fully connected layers.

    Attributes:
        conv: The convolutions.
        dense: The fully connected layers, with ``Do`` where dropout goes.
        from_side: The shorter side of the input from which this one is used.
    """

    conv: Growing
    dense: str
    from_side: int = 1


FOLD_ROWS = "S1(1x0)1,3"
FOLD_COLUMNS = "S2(1x0)2,3"

# The CNN before a recurrent part: the image is read from left to right.
CNN_RNN = {
    "classify": RecurrentRecipe(
        conv=Growing("Cl3,3,32 Mp2,2 Bnr Cl3,3,64 Mp2,2 Bnr", "Cl3,3,64 Mp2,2 Bnr", until=8),
        fold=FOLD_ROWS,
        axis="x",
        summarise=True,
        hidden=128,
        layers=2,
        dropout=0.3,
    ),
    "transcribe": RecurrentRecipe(
        # Pooling before normalisation and ReLU leaves those a quarter of the work.
        conv=Growing("Cl3,3,16 Mp2,2 Bnr Cl3,3,32 Mp2,2 Bnr Cl3,3,64 Mp2,1 Bnr"),
        fold=FOLD_ROWS,
        axis="x",
        summarise=False,
        hidden=128,
        layers=1,
        dropout=0.2,
    ),
    # Three words at a time, then the sentence.
    "tag": RecurrentRecipe(
        conv=Growing("Cr1,3,128"),
        fold="",
        axis="x",
        summarise=False,
        hidden=128,
        layers=1,
        dropout=0.3,
    ),
    # Values and signals are one row already, and their columns are steps in time.
    "forecast": RecurrentRecipe(
        conv=Growing("Cr1,3,64"),
        fold="",
        axis="x",
        summarise=False,
        hidden=128,
        layers=1,
        dropout=0.1,
        state=True,
    ),
    "signal": RecurrentRecipe(
        conv=Growing("Cl1,5,64 Mp1,2 Bnr Cl1,5,64 Mp1,2 Bnr"),
        fold="",
        axis="x",
        summarise=False,
        hidden=100,
        layers=1,
        dropout=0.3,
        pools=True,
    ),
}

# No CNN: an image to classify is read row after row, a line of text column after column.
RNN = {
    "classify": RecurrentRecipe(
        conv=Growing(""),
        fold=FOLD_COLUMNS,
        axis="y",
        summarise=True,
        hidden=128,
        layers=2,
        dropout=0.2,
    ),
    "transcribe": RecurrentRecipe(
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
    ),
    # Words and symbols are one row already.
    "tag": RecurrentRecipe(
        conv=Growing(""),
        fold="",
        axis="x",
        summarise=False,
        hidden=128,
        layers=2,
        dropout=0.3,
    ),
    "language": RecurrentRecipe(
        conv=Growing(""),
        fold="",
        axis="x",
        summarise=False,
        hidden=256,
        layers=2,
        dropout=0.2,
    ),
    "forecast": RecurrentRecipe(
        conv=Growing(""),
        fold="",
        axis="x",
        summarise=False,
        hidden=128,
        layers=1,
        dropout=0.1,
        state=True,
    ),
    "signal": RecurrentRecipe(
        conv=Growing(""),
        fold="",
        axis="x",
        summarise=False,
        hidden=100,
        layers=1,
        dropout=0.2,
        pools=True,
    ),
}

# Lin et al. 2023: segments of the past, each made a vector by a linear layer and ReLU, then one recurrent layer over few
# steps. A segment's values are the channels of a column; the embedding is as wide as the layer.
SEGRNN = RecurrentRecipe(
    conv=Growing(""),
    fold="",
    axis="x",
    summarise=False,
    hidden=256,
    layers=1,
    dropout=0.3,
    state=True,
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

CNN_CLASSIFY = DenseRecipe(
    Growing(
        "Cl5,5,32 Mp2,2 Bnr Cl3,3,64 Bnr Cl3,3,64 Mp2,2 Bnr",
        "Cl3,3,128 Mp2,2 Bnr",
        until=8,
    ),
    "Do0.4 Fr128 Do0.4",
)

# One answer a column: the wide kernels at the end stand in for the context that a recurrent layer would
# carry.
CNN_TRANSCRIBE = DenseRecipe(
    Growing(
        "Cl3,3,16 Mp2,2 Bnr Cl3,3,32 Mp2,2 Bnr Cl3,3,64 Mp2,1 Bnr Cl3,7,128 Bnr Cl3,7,128 Bnr",
    ),
    "Do0.3",
)

# Seven words around each, by three layers of three.
CNN_TAG = DenseRecipe(Growing("Cr1,3,192 Cr1,3,192 Cr1,3,192"), "Dl0.3")

# Windows that end at the present: width in time falls as channels rise.
CNN_FORECAST = DenseRecipe(Growing("Cr1,5,64 Mp1,2 Cr1,5,64 Mp1,2 Cr1,3,128"), "Fr256 Do0.1")

MLP_FORECAST = DenseRecipe(Growing(""), "Fr256 Do0.1 Fr256 Do0.1")

CNN_SIGNAL = DenseRecipe(Growing("Cl1,5,64 Mp1,2 Bnr Cl1,5,128 Mp1,2 Bnr Cl1,3,128 Bnr"), "Ap0,0 Do0.3")

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
