"""From any image file to the pixels a network reads: ``(C, Y, X)``, bytes, ink 255 on background 0.

Steps: decode and turn upright (EXIF); to 8 bit; without transparency; grey or colour; ink (paper in place of what lies
around a cut-out; invert if paper is light, take paper to 0 and the strongest ink to 255); trim; scale.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any, Literal, cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from tidegate.border import reason
from tidegate.data.images.ground import over_ground, without_ground
from tidegate.data.images.ink import FAINTEST, ink_table, margins, tones
from tidegate.data.images.sample import Sample
from tidegate.errors import ConfigError, DataError

Ink = Literal["auto", "dark", "light", "none"]
LARGEST = 89_000_000
"""Pixels of an image, at most: a small file can claim to hold gigabytes."""
WIDEST = 20_000
"""Columns of a scaled line, at most."""


@dataclass(frozen=True)
class Geometry:
    """What images are brought to.

    Args:
        rows: Height of the result in pixels.
        columns: Width of the result; None: as the aspect of the image gives it.
        channels: 1 grey, 3 colour.
        ink: Whether writing is dark on light, light on dark, decided for each image by what most of its
            pixels are, or nothing is (``none``: values stay as they are; colour images under ``auto`` too).
        trim: Cut margins without ink off, but for a few pixels.
        top: The value that is white in images of more than 8 bits, as the training data decided; None: for each image,
            the smallest usual one that holds all its values.
        keep_aspect: With ``columns``: lines are scaled by their height, made narrower only if too wide, and
            padded on the right. Otherwise images are stretched to fit.

    >>> Geometry(rows=28, columns=28).ink
    'auto'
    """

    rows: int
    columns: int | None = None
    channels: int = 1
    ink: Ink = "auto"
    trim: bool = False
    keep_aspect: bool = False
    top: float | None = None

    def __post_init__(self) -> None:
        if self.trim and not self.finds_ink:
            raise ConfigError(
                "trim needs to know what is ink",
                where="data.trim",
                got=f"data.ink = {self.ink!r}, channels = {self.channels}",
                hint="set data.ink = 'dark' or 'light', or data.trim = false",
            )

    @property
    def finds_ink(self) -> bool:
        """Whether ink is told from background."""
        return self.ink in ("dark", "light") or (self.ink == "auto" and self.channels == 1)


@dataclass(frozen=True)
class Decoded:
    """Pixels, and what is known of the image in its file.

    Attributes:
        pixels: ``(C, Y, X)``.
        size: ``(rows, columns)`` of the upright image.
        blank: Whether nothing stands out in it.
        top: The value that was taken for white, of an image of more than 8 bits; else 0.
    """

    pixels: NDArray[np.uint8]
    size: tuple[int, int]
    blank: bool = False
    top: float = 0.0


def decode(sample: Sample, geometry: Geometry) -> NDArray[np.uint8]:
    """The pixels of a sample, ``(C, Y, X)``.

    Raises:
        DataError: The image cannot be used; ``what`` is the reason, ``where`` the sample.

    >>> paper = np.full((10, 30), 250, np.uint8)
    >>> paper[4:6, 5:20] = 30
    >>> pixels = decode(Sample(name="dash", target="-", pixels=paper), Geometry(rows=10))
    >>> pixels.shape, pixels[0, 0, 0], pixels[0, 5, 10]
    ((1, 10, 30), np.uint8(0), np.uint8(255))
    """
    return decode_sized(sample, geometry).pixels


def decode_sized(sample: Sample, geometry: Geometry) -> Decoded:
    """The pixels of a sample, and the size it had before it was scaled.

    Raises:
        DataError: The image cannot be used; ``what`` is the reason, ``where`` the sample.
    """
    image = _open(sample)
    size = (image.height, image.width)
    mode = "L" if geometry.channels == 1 else "RGB"
    image, top = _flatten(image, sample, geometry)
    image = image if image.mode == mode else image.convert(mode)
    if geometry.finds_ink:
        image = without_ground(image)
        tone = tones((image if image.mode == "L" else image.convert("L")).histogram())
        blank = tone.reach(geometry.ink) < FAINTEST
        image = Image.fromarray(ink_table(tone, geometry.ink)[np.asarray(image)])
    else:
        blank = all(low == high for low, high in _extremes(image))
    if geometry.trim:
        image = image.crop(margins(image))
    pixels = np.asarray(_scale(image, geometry, sample))
    pixels = pixels[None] if geometry.channels == 1 else pixels.transpose(2, 0, 1)
    return Decoded(_pad(np.ascontiguousarray(pixels), geometry), size, blank, top)


def _extremes(image: Image.Image) -> list[tuple[int, int]]:
    found = cast(Any, image.getextrema())
    return [found] if image.mode == "L" else list(found)


def _open(sample: Sample) -> Image.Image:
    if sample.pixels is not None:
        if 0 in sample.pixels.shape:
            raise DataError("the image has no pixels", where=sample.name)
        return Image.fromarray(sample.pixels)
    try:
        content = sample.content()
    except OSError as error:
        raise DataError(f"the image cannot be opened: {error.strerror}", where=sample.name) from error
    if not content:
        raise DataError("the image file is empty (0 bytes)", where=sample.name)
    try:
        image = Image.open(io.BytesIO(content))
        _refuse_size(image, sample)
        image.load()
        return ImageOps.exif_transpose(image)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise DataError(f"the image claims more than {LARGEST:,} pixels", where=sample.name) from error
    except Image.UnidentifiedImageError as error:
        raise DataError("the file is no image that can be read", where=sample.name) from error
    except DataError:
        raise
    except Exception as error:  # Pillow's decoders raise what they happen to meet
        raise DataError(f"the image is damaged: {reason(error)}", where=sample.name) from error


def _refuse_size(image: Image.Image, sample: Sample) -> None:
    if image.width == 0 or image.height == 0:
        raise DataError(f"the image has no pixels ({image.width}×{image.height})", where=sample.name)
    if image.width * image.height > LARGEST:
        raise DataError(
            f"the image has {image.width}×{image.height} pixels; at most {LARGEST:,} are read",
            where=sample.name,
        )


def _flatten(image: Image.Image, sample: Sample, geometry: Geometry) -> tuple[Image.Image, float]:
    """To 8 bits a channel, without transparency; and the white value of an image that had more."""
    if image.mode.startswith("I;16") or image.mode in ("I", "F"):
        return _to_8_bits(image, sample, geometry.top)
    if "A" in image.getbands() or "transparency" in image.info:
        return over_ground(image.convert("RGBA"), finds_ink=geometry.finds_ink), 0.0
    return image if image.mode in ("L", "RGB") else image.convert("L" if image.mode == "1" else "RGB"), 0.0


def _to_8_bits(image: Image.Image, sample: Sample, top: float | None) -> tuple[Image.Image, float]:
    values = np.asarray(image).astype(np.float64)
    lowest, highest = float(values.min()), float(values.max())
    # A file does not say what white is (12-bit scanners write 16-bit files): the smallest usual range that
    # holds all values; for a data set that of its image with the largest one.
    usual = (1.0, 255.0, 4095.0, 65535.0) if image.mode == "F" else (255.0, 4095.0, 65535.0)
    full = next((full for full in usual if highest <= full), 0.0)
    if not full or lowest < 0 or not np.isfinite(lowest + highest):
        raise DataError(
            f"the image has values from {lowest:g} to {highest:g}; 8-bit or 16-bit ones are read",
            where=sample.name,
        )
    if top is not None and full > top:
        raise DataError(
            f"the image has values up to {highest:g}; in training white was {top:g}, so this one would be all white",
            where=sample.name,
            hint=f"scale its values to the range from 0 to {top:g}",
        )
    full = full if top is None else top
    return Image.fromarray(np.rint(values * (255.0 / full)).astype(np.uint8)), full


def _scale(image: Image.Image, geometry: Geometry, sample: Sample) -> Image.Image:
    natural = max(1, round(image.width * geometry.rows / image.height))
    columns = natural if geometry.columns is None else geometry.columns
    if geometry.keep_aspect:
        columns = min(columns, natural)
    if columns > WIDEST:
        raise DataError(
            f"the line of {image.width}×{image.height} has {columns:,} columns at height {geometry.rows}; "
            f"at most {WIDEST:,} are read",
            where=sample.name,
        )
    if image.size == (columns, geometry.rows):
        return image
    # Pillow widens the filter when it shrinks, so that every source pixel counts and thin strokes stay.
    return image.resize((columns, geometry.rows), Image.Resampling.BILINEAR)


def _pad(pixels: NDArray[np.uint8], geometry: Geometry) -> NDArray[np.uint8]:
    missing = (geometry.columns or 0) - pixels.shape[2]
    return np.pad(pixels, ((0, 0), (0, 0), (0, missing))) if missing > 0 else pixels
