"""The networks as Tidegate's layer records, which it counts operations by. They are not built from them."""

from __future__ import annotations

from long_memory.settings import Settings
from tidegate.network.cells import Cell
from tidegate.network.layers import Architecture, Convolution, Input, Layer, Output, Recurrence

CELLS: dict[str, Cell] = {"lstm": "lstm", "gru": "gru"}
"""Every other recurrent network is an Elman network."""


def layers_of(settings: Settings, inputs: int, outputs: int, *, every_step: bool) -> Architecture:
    """The layers of ``long_memory.networks.make_network`` that cost something.

    Records know no causal convolution; one that looks to both sides costs the same. The shortcut of the TCN is left out.

    >>> from tidegate.network.vgsl import render
    >>> render(layers_of(Settings(network="gru", hidden=8), 2, 1, every_step=False))
    '[1,1,0,2 Gfxs8 O0l1]'
    """
    body: list[Layer]
    if settings.network == "tcn":
        dilations = [2**level for level in range(settings.levels) for _ in range(2)]
        taps = (1, settings.kernel)
        body = [Convolution("relu", taps, settings.hidden, (1, 1), (1, one)) for one in dilations]
        answer = Output(1, "linear", outputs)
    else:
        cell = CELLS.get(settings.network, "elman")
        body = [Recurrence(cell, "forward", "x", settings.hidden, summarise=not every_step)]
        answer = Output(1 if every_step else 0, "linear", outputs)
    return Architecture(Input(1, None, inputs), (*body, answer))
