"""Images without answers, as a person has them: files, folders, PIL images, arrays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from os import fspath
from pathlib import Path
from typing import Any

from tidegate.data.finding import passed_over, read_as, warning
from tidegate.data.images.decode import Geometry
from tidegate.data.images.image_set import ImageSet
from tidegate.data.images.load import keep_good
from tidegate.data.images.pixels import is_several, pixels_of
from tidegate.data.images.sample import Sample
from tidegate.data.memory import is_array, is_path, is_picture, plain_array
from tidegate.data.source import Folder, is_folder, is_image
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


def file_portions(paths: Iterable[Path]) -> Iterator[list[Path | Finding]]:
    """Files, those in folders among them, some at a time; before those of a folder what there is to say of it."""
    files = (
        one for path in paths for one in ([*folder_notes(path), *_inside(path)] if path.is_dir() else [path])
    )
    while portion := list(islice(files, PORTION)):
        yield portion


def folder_notes(folder: Path) -> list[Finding]:
    """What was found in a folder of images to answer for, and what was passed over."""
    source = Folder(folder)
    others = [name for name in source.names if not is_image(name) and not name.endswith(".gt.txt")]
    found = passed_over(others, folder)
    if any(name.lower().endswith(".pdf") for name in others):
        found.append(warning("pdf", "PDF files are not read; save their pages as images", str(folder)))
    return [read_as(folder, f"{len(source.images):,} images"), *found]


def input_notes(inputs: Sequence[Any]) -> list[Finding]:
    """What there is to say of the inputs of a call, before they are opened."""
    told = [given for given in inputs if isinstance(given, Finding)]
    folders = [Path(fspath(given)) for given in inputs if is_path(given) and is_folder(Path(fspath(given)))]
    found = [*told, *(note for folder in folders for note in folder_notes(folder))]
    singles = [given for given in inputs if not isinstance(given, Finding)]
    if singles and not found:
        first = str(singles[0]) if is_path(singles[0]) else "the inputs"
        more = f" and {len(singles) - 1:,} more" if len(singles) > 1 and is_path(singles[0]) else ""
        found.append(read_as(f"{first}{more}", "images"))
    return found


def _found(given: Any, number: int) -> Sequence[Sample | Finding]:
    if isinstance(given, Finding):
        return []
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
