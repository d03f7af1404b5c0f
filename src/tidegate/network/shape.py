"""What flows between layers, as sizes: images ``(B, C, Y, X)``, sequences ``(B, T, F)``, vectors ``(B, F)``.

A size of ``None`` varies from sample to sample; lengths carry it. Known before any weight exists, so that a
specification can be checked and drawn without torch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Axis = Literal["x", "y"]


@dataclass(frozen=True)
class ImageShape:
    """``(B, C, Y, X)``. Only the columns X carry lengths; ``None`` rows are not known yet.

    >>> str(ImageShape(channels=1, rows=48, columns=None))
    '1×48×?'
    """

    channels: int
    rows: int | None
    columns: int | None

    def __str__(self) -> str:
        return f"{self.channels}×{_size(self.rows)}×{_size(self.columns)}"


@dataclass(frozen=True)
class SequenceShape:
    """``(B, T, F)``. ``axis`` is the image axis that time runs along (``x`` for text lines).

    >>> str(SequenceShape(features=64, time=None))
    '?×64'
    """

    features: int
    time: int | None
    axis: Axis = "x"

    def __str__(self) -> str:
        return f"{_size(self.time)}×{self.features}"


@dataclass(frozen=True)
class VectorShape:
    """``(B, F)``.

    >>> str(VectorShape(10))
    '10'
    """

    features: int

    def __str__(self) -> str:
        return str(self.features)


Shape = ImageShape | SequenceShape | VectorShape


def _size(size: int | None) -> str:
    return "?" if size is None else str(size)
