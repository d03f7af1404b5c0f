"""What the numbers of a preset are, as plain data; each task's own stand in its file in ``tidegate.config.tasks``.

Convolutional parts are VGSL fragments. ``Cl… Bnr`` is a convolution with batch normalisation before its ReLU
(Ioffe and Szegedy 2015); ``batch_norm = false`` turns it into ``Cr…``.
"""

from __future__ import annotations

from dataclasses import dataclass

from tidegate.network.shape import Axis
from tidegate.network.transforms import Growing


@dataclass(frozen=True)
class RecurrentRecipe:
    """A recurrent preset.

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
