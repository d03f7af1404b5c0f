"""Ink and background: which of the grey values is which, and where the ink ends."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageFilter

FAINTEST = 16
"""An image whose strongest ink is nearer than this to its background is blank; it is not stretched."""
STRAY = 0.005
"""Share of the pixels at either end of the grey values that decides nothing where there is contrast without them."""
CLEAR = 24
"""Contrast of the other pixels that is enough to take stronger ones for stray."""
FEW, FEWEST = 3, 20_000
"""So many pixels, and one in so many, are stray however little contrast the others have."""
NEAR = 5
"""Pixels of the square around a stray pixel in which there is no other."""


class Tones(NamedTuple):
    """What is paper in a picture, and how far ink can reach to either side of it."""

    darkest: int
    paper: int
    lightest: int
    dark_ink: bool

    def reach(self, ink: str) -> int:
        """From paper to the strongest ink."""
        return self.paper - self.darkest if self.has_dark_ink(ink) else self.lightest - self.paper

    def has_dark_ink(self, ink: str) -> bool:
        """Whether what is written is darker than the paper."""
        return self.dark_ink if ink == "auto" else ink == "dark"


def tones(histogram: Sequence[int]) -> Tones:
    """Paper, and the strongest tones on both sides of it that are more than stray pixels.

    Paper is the median: most pixels of a page are. Ink is dark if paper lies in the lighter half of the tones, which is
    looked for among all but the half percent at either end: one white pixel makes no grey paper dark. Ink may be less
    than half a percent of a long line; its tone is then that of the strongest pixel, if more than a few are like it.

    >>> histogram = [0] * 256
    >>> histogram[20], histogram[120], histogram[255] = 800, 9000, 1
    >>> tones(histogram)
    Tones(darkest=20, paper=120, lightest=120, dark_ink=True)
    """
    below = np.cumsum(histogram)
    total = int(below[-1])
    stray = int(total * STRAY)
    # The first grey value with no fewer pixels up to it than: one, the half percent, half of all, and so on.
    ranks = (1, 1 + stray, (total + 1) // 2, total - stray, total)
    first, dark, paper, light, last = np.searchsorted(below, ranks).tolist()
    few = max(FEW, total // FEWEST)
    darkest = _strongest(paper - first, paper - dark, lambda far: below[paper - far - 1] <= few)
    lightest = _strongest(last - paper, light - paper, lambda far: total - below[paper + far] <= few)
    # Where the half percent shows no contrast, the picture is nearly empty: what ink there is decides then.
    middle = dark + light if max(paper - dark, light - paper) >= CLEAR else 2 * paper - darkest + lightest
    return Tones(paper - darkest, paper, paper + lightest, 2 * paper > middle)


def _strongest(extreme: int, usual: int, few_beyond: Callable[[int], Any]) -> int:
    """How far from paper ink is: as the strongest pixel, or as the half percent if that pixel is a stray one."""
    if extreme <= 2 * usual:
        return extreme
    # Beyond twice the usual there are stray pixels, or else all the ink of a line that is nearly empty.
    return usual if usual >= CLEAR or few_beyond(2 * usual) else extreme


def ink_table(tone: Tones, ink: str) -> NDArray[np.uint8]:
    """A table of 256 entries: grey value → ink, 0 for the paper and 255 for the strongest.

    >>> table = ink_table(Tones(40, 220, 220, dark_ink=True), "auto")
    >>> table[[255, 220, 130, 40]].tolist()
    [0, 0, 128, 255]
    """
    dark = tone.has_dark_ink(ink)
    return _table(tone.paper, tone.darkest if dark else tone.lightest, -1 if dark else 1)


@lru_cache(maxsize=1024)
def _table(background: int, strongest: int, sign: int) -> NDArray[np.uint8]:
    reach = abs(strongest - background)
    stretch = 255 / reach if reach >= FAINTEST else 1.0
    return np.rint(np.clip(sign * stretch * (np.arange(256) - background), 0, 255)).astype(np.uint8)


def margins(image: Image.Image) -> tuple[int, int, int, int]:
    """The box (left, top, right, bottom) that holds the ink, and a margin of a twentieth of the height.

    ``image`` holds ink on 0. A blank image keeps its size; a single pixel with no other near it is no ink.
    """
    strong = image.convert("L").point([0] * 64 + [255] * 192)
    box = strong.getbbox()
    if box is not None and min(strong.size) >= NEAR:
        # The second highest of a square: where two are strong.
        company = strong.filter(ImageFilter.RankFilter(NEAR, NEAR * NEAR - 2))
        box = ImageChops.darker(strong, company).getbbox()
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
