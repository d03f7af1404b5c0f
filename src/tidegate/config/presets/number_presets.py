"""What the presets of ``forecast`` and ``signal`` build: the networks that the papers on time series name."""

from __future__ import annotations

from tidegate.config.presets.parts import PresetContext, dense, normed, recurrent, widened
from tidegate.config.presets.recipes import (
    BESIDE_FCN,
    FCN,
    POOL_STEPS,
    RESNET_BLOCK,
    RESNET_CHANNELS,
    RESNET_SAME,
    RESNET_WIDER,
    SEGRNN,
)
from tidegate.config.run import ModelSpec
from tidegate.network.layers import Cell, Convolution, Layer, Parallel
from tidegate.network.vgsl import parse_fragment


def fcn(model: ModelSpec, _context: PresetContext) -> tuple[Layer, ...]:
    """Three convolutions and the mean over time.

    Example:
        >>> from tidegate.network.vgsl import render_branch
        >>> render_branch(fcn(ModelSpec(width=0.5, batch_norm=False), PresetContext("signal", 1, None, 1)))
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
        >>> from tidegate.network.vgsl import render_layer
        >>> render_layer(beside_fcn("lstm", False, ModelSpec(hidden=8), PresetContext("signal", 1, None, 1))[0])
        '([Cl1,8,128 Bnr Cl1,5,256 Bnr Cl1,3,128 Bnr Ap0,0] [Lfxs8 Do0.8])'
    """
    return (Parallel((fcn(model, context), recurrent(BESIDE_FCN, cell, both, model))),)


def segrnn(model: ModelSpec, _context: PresetContext) -> tuple[Layer, ...]:
    """An embedding of each segment, and recurrent layers over the segments.

    Example:
        >>> from tidegate.network.vgsl import render_branch
        >>> render_branch(segrnn(ModelSpec(hidden=512), PresetContext("forecast", 1, None, 1)))
        '[Cr1,1,512 Gfx512 Do0.3]'
    """
    embedding = Convolution("relu", (1, 1), model.hidden or SEGRNN.hidden)
    return (embedding, *recurrent(SEGRNN, "gru", False, model), *dense(model, SEGRNN.dense))
