"""Images without answers, as a person has them: files, folders, PIL images, arrays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from os import fspath
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from tidegate.data.images.decode import Geometry
from tidegate.data.images.image_set import ImageSet
from tidegate.data.images.load import keep_good
from tidegate.data.images.sample import Sample
from tidegate.data.source import Folder
from tidegate.errors import DataError, EmptyDataError, Finding
from tidegate.tasks.prediction.inputs import is_array, is_path, is_picture, one_line, unfit

EXPECTED = "image files, folders of them, PIL images, or arrays (Y, X) or (Y, X, 3)"
PORTION = 256
"""Images answered for at a time: the first answers come soon, and batches still find similar lengths."""
_PLAIN = ("1", "L", "RGB", "RGBA", "I;16", "I", "F")


def open_inputs(inputs: Sequence[Any], geometry: Geometry) -> tuple[ImageSet, dict[int, Finding]]:
    """Images to answer for.

    Args:
        inputs: Paths of files and folders, PIL images, and arrays of one image or of several.
        geometry: What the network takes.

    Returns:
        Those that can be read, in their order; and the others by their place among all.

    Raises:
        EmptyDataError: A folder holds no image.
        DataError: A folder cannot be read, or an input is no image at all.
    """
    found = [one for number, given in enumerate(inputs, start=1) for one in _found(given, number)]
    samples = [one for one in found if isinstance(one, Sample)]
    images, unreadable = keep_good(ImageSet(samples, geometry, cache_bytes=2**30))
    good = {id(sample) for sample in images.samples}
    reasons = iter(unreadable)
    refused: dict[int, Finding] = {}
    for place, one in enumerate(found):
        if isinstance(one, Finding):
            refused[place] = one
        elif id(one) not in good:
            refused[place] = next(reasons)
    return images, refused


def file_portions(paths: Iterable[Path]) -> Iterator[list[Path]]:
    """Files, those in folders among them, some at a time."""
    files = (file for path in paths for file in (_inside(path) if path.is_dir() else [path]))
    while portion := list(islice(files, PORTION)):
        yield portion


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


def _found(given: Any, number: int) -> Sequence[Sample | Finding]:
    if is_path(given):
        path = Path(fspath(given))
        if not path.is_dir():
            return [Sample(str(path), "", path=path)]
        files = _inside(path)
        if not files:
            raise EmptyDataError("the folder holds no image", where=str(path))
        return [Sample(str(file), "", path=file) for file in files]
    if not (is_picture(given) or is_array(given)):
        raise unfit(given, f"image {number}", EXPECTED)
    if is_array(given) and is_several(np.asarray(given)):
        return [_sample(one, f"image {number}.{part}") for part, one in enumerate(np.asarray(given), start=1)]
    return [_sample(given, getattr(given, "filename", "") or f"image {number}")]


def is_several(values: NDArray[Any]) -> bool:
    """Whether an array holds images one after the other: ``(N, Y, X)`` or ``(N, Y, X, C)``."""
    return values.ndim == 4 or (values.ndim == 3 and values.shape[2] not in (1, 3, 4))


def _sample(given: Any, name: str) -> Sample | Finding:
    try:
        return Sample(name, "", pixels=pixels_of(given, name))
    except DataError as error:
        return Finding("error", "unreadable", name, one_line(error))


def _inside(folder: Path) -> list[Path]:
    return [folder / name for name in Folder(folder).images]
