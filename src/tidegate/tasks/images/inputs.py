"""Images without answers, as a person has them: files, folders, PIL images, arrays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from os import fspath
from pathlib import Path
from typing import Any

from tidegate.data.images.decode import Geometry
from tidegate.data.images.image_set import ImageSet
from tidegate.data.images.load import keep_good
from tidegate.data.images.pixels import is_several, pixels_of
from tidegate.data.images.sample import Sample
from tidegate.data.memory import is_array, is_path, is_picture, plain_array
from tidegate.data.source import Folder, is_folder
from tidegate.errors import DataError, EmptyDataError, Finding
from tidegate.tasks.prediction.inputs import one_line, unfit

EXPECTED = "image files, folders of them, PIL images, or arrays (Y, X) or (Y, X, 3)"
PORTION = 256
"""Images answered for at a time: the first answers come soon, and batches still find similar lengths."""


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


def _found(given: Any, number: int) -> Sequence[Sample | Finding]:
    if is_path(given):
        path = Path(fspath(given))
        if not is_folder(path):
            return [Sample(str(path), "", path=path)]
        files = _inside(path)
        if not files:
            raise EmptyDataError("the folder holds no image", where=str(path))
        return [Sample(str(file), "", path=file) for file in files]
    if not (is_picture(given) or is_array(given)):
        raise unfit(given, f"image {number}", EXPECTED)
    if is_array(given):
        try:
            array = plain_array(given)
        except ValueError as error:
            return [Finding("error", "unreadable", f"image {number}", str(error))]
        if is_several(array):
            return [_sample(one, f"image {number}.{part}") for part, one in enumerate(array, start=1)]
    return [_sample(given, getattr(given, "filename", "") or f"image {number}")]


def _sample(given: Any, name: str) -> Sample | Finding:
    try:
        return Sample(name, "", pixels=pixels_of(given, name))
    except DataError as error:
        return Finding("error", "unreadable", name, one_line(error))


def _inside(folder: Path) -> list[Path]:
    return [folder / name for name in Folder(folder).images]
