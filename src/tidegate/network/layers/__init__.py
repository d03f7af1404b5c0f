"""The layer records: what a model is made of, as data.

Every way to name a model (a VGSL string, a preset, the short form) compiles to a tuple of these. They know no
torch; ``tidegate.models`` turns each into a module. A new layer is a record here, a line in ``LAYERS``, and the line in
``tidegate.models.registry`` that joins it and its module.
"""

from __future__ import annotations

from tidegate.network.layers.architecture import Architecture, Input
from tidegate.network.layers.blocks import Addition, Parallel, Reshape, columns_left, render_branch
from tidegate.network.layers.convolutional import Convolution, Pooling
from tidegate.network.layers.dense import Dense, Output, OutputKind
from tidegate.network.layers.layer import Activation, Cost, Layer, Token, pace, trace_layers
from tidegate.network.layers.normalisation import BatchNorm, Dropout, GroupNorm
from tidegate.network.layers.recurrent import AttentionPooling, Direction, Recurrence

LAYERS: tuple[type[Layer], ...] = (
    Convolution,
    Pooling,
    BatchNorm,
    GroupNorm,
    Dropout,
    Reshape,
    Recurrence,
    Dense,
    AttentionPooling,
    Parallel,
    Addition,
    Output,
)
"""Every record that a network can hold, in the order in which errors list them."""

__all__ = [
    "LAYERS",
    "Activation",
    "Addition",
    "Architecture",
    "AttentionPooling",
    "BatchNorm",
    "Convolution",
    "Cost",
    "Dense",
    "Direction",
    "Dropout",
    "GroupNorm",
    "Input",
    "Layer",
    "Output",
    "OutputKind",
    "Parallel",
    "Pooling",
    "Recurrence",
    "Reshape",
    "Token",
    "columns_left",
    "pace",
    "render_branch",
    "trace_layers",
]
