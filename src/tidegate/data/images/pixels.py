"""From PIL images and arrays to pixels, as a file of them would be read."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from tidegate.data.memory import is_picture
from tidegate.errors import DataError

_PLAIN = ("1", "L", "RGB", "RGBA", "I;16", "I", "F")


def pixels_of(given: Any, name: str) -> NDArray[Any]:
    """The pixels of a PIL image or an array, as a file of them would be read.

    Args:
        given: An image; an array holds bytes, whole numbers from 0 to 255, or floats from 0 to 1.
        name: What errors call it.

    Raises:
        DataError: It is no image.

    >>> pixels_of(np.array([[0.0, 1.0]]), "image 1")
    array([[  0, 255]], dtype=uint8)
    """
    if is_picture(given):
        picture: Image.Image = ImageOps.exif_transpose(given)
        if picture.mode not in _PLAIN:
            alpha = "A" in picture.getbands() or "transparency" in picture.info
            picture = picture.convert("RGBA" if alpha else "RGB")
        return np.asarray(picture)
    values = np.asarray(given)
    if values.ndim == 3 and values.shape[2] == 1:
        values = values[:, :, 0]
    if values.ndim not in (2, 3) or (values.ndim == 3 and values.shape[2] not in (3, 4)):
        raise DataError(
            "an array of another shape than an image's",
            where=name,
            expected="(Y, X), (Y, X, 1), (Y, X, 3) or (Y, X, 4)",
            got=str(values.shape),
        )
    return _bytes(values, name)


def _bytes(values: NDArray[Any], name: str) -> NDArray[np.uint8]:
    if values.dtype == np.uint8 or not values.size:
        return values.astype(np.uint8)
    kind = values.dtype.kind
    full = {"b": 1, "i": 255, "u": 255, "f": 1}.get(kind)
    if full is None or not (np.isfinite(values).all() and values.min() >= 0 and values.max() <= full):
        shown = "" if full is None else f" from {values.min():g} to {values.max():g}"
        raise DataError(
            "values that are no pixels",
            where=name,
            expected="whole numbers from 0 to 255, or floats from 0 to 1",
            got=f"{values.dtype}{shown}",
        )
    return np.round(values * (255 / full)).astype(np.uint8)


def is_several(values: NDArray[Any]) -> bool:
    """Whether an array holds images one after the other: ``(N, Y, X)`` or ``(N, Y, X, C)``."""
    return values.ndim == 4 or (values.ndim == 3 and values.shape[2] not in (1, 3, 4))
