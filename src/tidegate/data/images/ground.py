"""What lies around a picture and is none of it: transparency, corners of a turned scan, the black around a cut-out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from tidegate.data.images.ink import FAINTEST

FLAT = 8
"""Ground that a program laid is black or white to within this much, also after JPEG."""
BLURRED = 5
"""Pixels of the square in which the edge of a cut-out is no paper: turning and JPEG mix it with the ground."""
CONTRAST = 2 * FAINTEST
"""Grey values between ink and paper, and between paper and ground, at least."""
LEAST_PIECE, MOST_FLAT = 0.25, 0.1
"""Share of a picture that a cut-out takes at least, and that is flat in it at most."""
LEAST_INSIDE = 0.75
"""Share of a cut-out that is further than two pixels from its edge."""
LEAST_GROUND = 0.02
"""Share of the pixels that ground has at least, unless it fills a whole side: less is a letter."""


def over_ground(image: Image.Image, *, finds_ink: bool) -> Image.Image:
    """An RGBA image without its transparency, as RGB.

    What is transparent around a cut-out becomes its paper, where ink is looked for; around a drawing it is white, or
    black where what is drawn is white itself.

    >>> ink = np.zeros((9, 30, 4), np.uint8)
    >>> ink[3:6, 5:20] = 255
    >>> over_ground(Image.fromarray(ink), finds_ink=True).getpixel((0, 0))
    (0, 0, 0)
    """
    alpha = image.getchannel("A")
    if alpha.getextrema() == (255, 255):
        return image.convert("RGB")
    clear = np.asarray(alpha) < 128
    ground = "white"
    if not clear.all():
        colours = image.convert("RGB")
        grey = np.asarray(colours.convert("L"))
        if finds_ink and clear.any() and _is_cut_out(clear) and _spread(grey[~clear]) >= CONTRAST:
            return _filled(np.asarray(colours), clear)
        if 255 - float(np.median(grey[~clear])) < FAINTEST:
            ground = "black"
    return Image.alpha_composite(Image.new("RGBA", image.size, ground), image).convert("RGB")


def without_ground(image: Image.Image) -> Image.Image:
    """The image with its paper in place of flat black or white that comes in from the border, where there is some.

    Ground reaches a corner, and the rest is one piece of paper with ink. A light drawing on black, and letters that
    touch the border, stay as they are.

    >>> scan = np.full((40, 60), 230, np.uint8)
    >>> scan[15:25, 10:50:4] = 20
    >>> scan[:, :6] = 0
    >>> without_ground(Image.fromarray(scan)).getpixel((0, 0))
    230
    """
    grey = image if image.mode == "L" else image.convert("L")
    values = np.asarray(grey)
    corners = values[[0, 0, -1, -1], [0, -1, 0, -1]].tolist()
    for flat_value in (0, 255):
        if not any(abs(corner - flat_value) <= FLAT for corner in corners):
            continue
        # Most scans have bright corners: a coarse look first.
        if not _may_mislead(flat_value, values[:, ::8]):
            continue
        flat = _is_flat(values, flat_value)
        ground = _from_border(flat)
        side = any(edge.all() for edge in (flat[0], flat[-1], flat[:, 0], flat[:, -1]))
        if not (side or ground.mean() >= LEAST_GROUND) or not _is_cut_out(flat):
            continue
        piece = int((~ground).sum())
        ground = _widened(ground)
        rest = values[~ground]
        # Of a drawing or of letters little is left without its edge.
        if len(rest) >= LEAST_INSIDE * piece and _misleads(flat_value, rest):
            return _filled(np.asarray(image), ground)
    return image


def _from_border(flat: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Flat pixels that nothing else separates from a border, along their row or column."""
    # The first and the last that is not flat; of a column or row that is flat all along, none.
    rows, columns = np.arange(flat.shape[0])[:, None], np.arange(flat.shape[1])
    other = ~flat
    some_down, some_across = other.any(axis=0), other.any(axis=1, keepdims=True)
    top, bottom = other.argmax(axis=0), flat.shape[0] - 1 - other[::-1].argmax(axis=0)
    left = other.argmax(axis=1)[:, None]
    right = flat.shape[1] - 1 - other[:, ::-1].argmax(axis=1)[:, None]
    inside = (
        (rows >= top) & (rows <= bottom) & (columns >= left) & (columns <= right) & some_down & some_across
    )
    return ~inside


def _is_cut_out(flat: NDArray[np.bool_]) -> bool:
    """Whether what is not flat is one large piece, and not letters or lines."""
    hull = ~_from_border(flat)
    columns = np.flatnonzero(hull.any(axis=0))
    return (
        len(columns) > 0
        and columns[-1] - columns[0] + 1 == len(columns)
        and bool(hull.mean() >= LEAST_PIECE)
        and bool(flat[hull].mean() <= MOST_FLAT)
    )


def _may_mislead(ground: int, coarse: NDArray[np.uint8]) -> bool:
    """Whether there could be a cut-out that ground misleads about, by some of the pixels."""
    other = ~_is_flat(coarse, ground)
    columns = np.flatnonzero(other.any(axis=0))
    if not len(columns) or columns[-1] - columns[0] + 1 != len(columns):
        return False
    first, last = other.argmax(axis=0), len(other) - 1 - other[::-1].argmax(axis=0)
    tall = int((last - first + 1)[columns].sum())
    if tall < LEAST_PIECE * coarse.size or int(other.sum()) < (1 - 2 * MOST_FLAT) * tall:
        return False
    rest = np.sort(coarse[other])
    return ground == 0 or 2 * int(rest[len(rest) // 2]) <= int(rest[len(rest) // 200]) + ground + CONTRAST


def _is_flat(values: NDArray[np.uint8], ground: int) -> NDArray[np.bool_]:
    return values <= FLAT if ground == 0 else values >= 255 - FLAT


def _misleads(ground: int, rest: NDArray[np.uint8]) -> bool:
    """Whether ground would be taken for ink: white around bright paper is more paper."""
    lowest, paper, highest = np.percentile(rest, (0.5, 50, 99.5))
    if highest - lowest < CONTRAST or abs(paper - ground) < CONTRAST:
        return False
    dark_ink = 2 * paper > lowest + highest
    return dark_ink if ground == 0 else not dark_ink or 2 * paper <= lowest + ground


def _spread(values: NDArray[np.uint8]) -> float:
    lowest, highest = np.percentile(values, (0.5, 99.5))
    return float(highest - lowest)


def _widened(ground: NDArray[np.bool_]) -> NDArray[np.bool_]:
    picture = Image.fromarray(ground.astype(np.uint8) * 255)
    return np.asarray(picture.filter(ImageFilter.MaxFilter(BLURRED))) > 0


def _filled(pixels: NDArray[np.uint8], ground: NDArray[np.bool_]) -> Image.Image:
    """The pixels with the paper that is beside the ground in its place."""
    filled = pixels.copy()
    filled[ground] = np.median(pixels[~ground], axis=0).astype(np.uint8)
    return Image.fromarray(filled)
