"""The layer records: what a model is made of, as data.

Every way to name a model (a VGSL string, a preset, the short form) compiles to a tuple of these. They know no
torch; ``tidegate.models`` turns each into a module. ``tidegate.network.vgsl`` reads and prints them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tidegate.network.cells import Cell
from tidegate.network.shape import Axis

Activation = Literal["linear", "relu", "tanh", "sigmoid", "softmax"]
Direction = Literal["forward", "reverse", "both"]
OutputKind = Literal["softmax", "linear", "ctc", "crf"]


@dataclass(frozen=True)
class Input:
    """``[batch,rows,columns,channels``; 0 in the string, ``None`` here: not fixed.

    Words and symbols are an image of one row, whose channels are their features; 0: as many as the embedding has.
    """

    rows: int | None
    columns: int | None
    channels: int
    batch: int = 1


@dataclass(frozen=True)
class Convolution:
    """``C(s|t|r|l|m)y,x,d[,sy,sx[,dy,dx]]``: kernel ``(rows, columns)``, padded to keep the size at stride 1.

    Along each axis ``dilation · (kernel - 1)`` zeros are added, ``total // 2`` of them before and the rest
    after, so that an even kernel leans forward and the output has ``ceil(size / stride)`` positions for every
    kernel.
    """

    activation: Activation
    kernel: tuple[int, int]
    channels: int
    stride: tuple[int, int] = (1, 1)
    dilation: tuple[int, int] = (1, 1)


@dataclass(frozen=True)
class Pooling:
    """``(M|A)py,x[,sy,sx]``: a kernel of 0 covers the whole axis. Windows that do not fit are dropped.

    A string without a stride gives the kernel as stride, and 1 along an axis whose kernel is 0.
    """

    kind: Literal["max", "average"]
    kernel: tuple[int, int]
    stride: tuple[int, int]


@dataclass(frozen=True)
class BatchNorm:
    """``Bn[s|t|r|l|m]``: batch normalisation over true positions only, then an optional activation."""

    activation: Activation = "linear"


@dataclass(frozen=True)
class GroupNorm:
    """``Gn<groups>``: group normalisation over true positions only."""

    groups: int


@dataclass(frozen=True)
class Dropout:
    """``Do[p][,dim]`` or ``Dl[p]``.

    ``plain`` drops single values, ``locked`` the same features at every position of a sequence (variational
    dropout, Gal and Ghahramani 2016), ``channel`` whole channels of an image. Kraken's networks have
    ``Do0.1,2`` between recurrent layers too: there ``channel`` is ``locked``, as ``locked`` is ``channel`` on
    an image.
    """

    probability: float = 0.5
    kind: Literal["plain", "locked", "channel"] = "plain"


@dataclass(frozen=True)
class Reshape:
    """``S<d>(<a>x<b>)<e>,<f>``: split dimension d into a × b; a goes to dimension e, b to f.

    Dimensions: 1 rows (y), 2 columns (x), 3 channels (depth). 0 for a or b: what is left. ``S1(1x0)1,3`` is
    the usual fold of an image into a sequence along X, ``S2(1x0)2,3`` the one along Y. Exactly one of e and f
    is d: that part stays, the other becomes the faster index of the dimension that it goes to (rows folded
    into channels give feature ``c · rows + y``).
    """

    dimension: int
    high: int
    low: int
    high_to: int
    low_to: int


@dataclass(frozen=True)
class Recurrence:
    """``(L|G|R)(f|r|b)(x|y)[s]<n>``: an LSTM, GRU or vanilla (Elman) layer along one axis.

    ``summarise`` keeps the final state only (both directions' for ``both``) and so collapses the axis to one.
    """

    cell: Cell
    direction: Direction
    axis: Axis
    hidden: int
    summarise: bool = False


@dataclass(frozen=True)
class Dense:
    """``F(s|t|r|l|m)<d>``: connects to every row, column and channel, and gives one vector of ``units``."""

    activation: Activation
    units: int


@dataclass(frozen=True)
class Output:
    """``O(0|1)(s|l|c|f)<n>``: 0 one answer a sample, 1 one a step.

    Softmax, linear, softmax with CTC, or a linear-chain conditional random field over the steps (ours). ``symbols`` 0: as
    many as the data need.
    """

    dimensions: Literal[0, 1]
    kind: OutputKind
    symbols: int


@dataclass(frozen=True)
class AttentionPooling:
    """``At<n>``: one position along x, or one vector of a sequence: the mean under weights that are learnt (ours).

    Additive attention with ``hidden`` units, over true steps only: Yang et al. 2016, equations 5 to 7.
    """

    hidden: int


@dataclass(frozen=True)
class Parallel:
    """``(branch branch …)``: every branch reads the same, and their channels (or features) stand side by side.

    A branch is one layer, ``[layers in series]``, or ``I``, the identity: a branch without layers.
    """

    branches: tuple[tuple[Layer, ...], ...]


@dataclass(frozen=True)
class Addition:
    """``A3,<chunk>``: the channels (or features) in chunks of so many, added up; with ``Parallel`` a residual."""

    chunk: int


Layer = (
    Convolution
    | Pooling
    | BatchNorm
    | GroupNorm
    | Dropout
    | Reshape
    | Recurrence
    | Dense
    | AttentionPooling
    | Parallel
    | Addition
    | Output
)


@dataclass(frozen=True)
class Architecture:
    """A whole model: its input and its layers, in order."""

    input: Input
    layers: tuple[Layer, ...]
