"""Ink and background: which of the grey values is which, and where the ink ends."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

FAINTEST = 16
"""An image whose strongest ink is nearer than this to its background is blank; it is not stretched."""


def ink_table(histogram: Sequence[int], ink: str) -> NDArray[np.uint8]:
    """A table of 256 entries: grey value → ink, 0 for the background and 255 for the strongest.

    The background is the median: most pixels of a page are paper. Under ``auto`` ink is dark if the median
    lies in the lighter half of the values present.

    >>> histogram = [0] * 256
    >>> histogram[200], histogram[220], histogram[40] = 10, 80, 10
    >>> table = ink_table(histogram, "auto")
    >>> table[[255, 220, 130, 40]].tolist()
    [0, 0, 128, 255]
    """
    below = np.cumsum(histogram)
    total = below[-1]
    # The first grey value with no fewer pixels up to it than: one, half of all, all.
    darkest, median, lightest = np.searchsorted(below, (1, (total + 1) // 2, total)).tolist()
    dark_ink = ink == "dark" or (ink == "auto" and 2 * median > darkest + lightest)
    return _table(median, darkest if dark_ink else lightest, -1 if dark_ink else 1)


@lru_cache(maxsize=1024)
def _table(background: int, strongest: int, sign: int) -> NDArray[np.uint8]:
    reach = abs(strongest - background)
    stretch = 255 / reach if reach >= FAINTEST else 1.0
    return np.rint(np.clip(sign * stretch * (np.arange(256) - background), 0, 255)).astype(np.uint8)


def margins(image: Image.Image) -> tuple[int, int, int, int]:
    """The box (left, top, right, bottom) that holds the ink, and a margin of a twentieth of the height.

    ``image`` holds ink on 0. A blank image keeps its size.
    """
    strong = image.convert("L").point([0] * 64 + [255] * 192)
    box = strong.getbbox()
    if box is None:
        return (0, 0, image.width, image.height)
    left, top, right, bottom = box
    margin = max(1, image.height // 20)
    return (
        max(0, left - margin),
        max(0, top - margin),
        min(image.width, right + margin),
        min(image.height, bottom + margin),
    )
