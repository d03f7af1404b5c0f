"""A whole model: its input and its layers, in order."""

from __future__ import annotations

from dataclasses import dataclass

from tidegate.network.layers.layer import Layer


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
class Architecture:
    """A whole model: its input and its layers, in order."""

    input: Input
    layers: tuple[Layer, ...]
