"""Images with answers that a caller holds: arrays, PIL images or paths, with classes or texts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from os import fspath
from pathlib import Path
from typing import Any

import numpy as np

from tidegate.data.images.listing import Listing
from tidegate.data.images.normal_form import normalise
from tidegate.data.images.pixels import pixels_of
from tidegate.data.images.sample import Sample
from tidegate.data.images.tables.label_table import LABEL_NAMES, PATH_NAMES, TEXT_NAMES
from tidegate.data.memory import InMemory, class_name, described, is_array, is_path, is_picture, is_table
from tidegate.data.tables.cells import is_missing
from tidegate.errors import DataError

CLASSES_IN_MEMORY = (
    "(images, classes): arrays (N, Y, X) or (N, Y, X, C), or a list of arrays, PIL images or paths; a list of "
    "(image, class); or a pandas frame with the columns path and label"
)
LINES_IN_MEMORY = (
    "(images, texts): a list of arrays, PIL images or paths; a list of (image, text); or a pandas frame with the columns "
    "path and text"
)


def classes_in_memory(held: InMemory) -> Listing:
    """Images with their classes.

    Raises:
        DataError: It is nothing of the kind, or a label is no class.

    >>> listing = classes_in_memory(InMemory((np.zeros((2, 8, 8), np.uint8), [3, None])))
    >>> listing.samples[0].target, str(listing.bad[0])
    ('3', 'image 2: has no label')
    """
    return _listing(held, _pairs(held, LABEL_NAMES, CLASSES_IN_MEMORY), class_name)


def lines_in_memory(held: InMemory) -> Listing:
    """Images of lines with their texts.

    Raises:
        DataError: It is nothing of the kind, or an answer is no text.

    >>> lines_in_memory(InMemory([(np.zeros((8, 30), np.uint8), " the  tide ")])).samples[0].target
    'the tide'
    """
    return _listing(held, _pairs(held, TEXT_NAMES, LINES_IN_MEMORY), _text)


def _listing(held: InMemory, pairs: Sequence[tuple[Any, Any]], answer: Callable[[Any, str], str]) -> Listing:
    listing = Listing()
    for index, (image, label) in enumerate(pairs):
        name = held.place("image", index)
        _add(listing, name, image, answer(label, name))
    return listing


def _pairs(held: InMemory, names: Sequence[str], expected: str) -> list[tuple[Any, Any]]:
    """Images with answers; ``names`` are what a frame may call the column of answers."""
    value = held.value
    if is_table(value):
        there = {str(name).strip().lower(): name for name in value.columns}
        image = next((there[name] for name in PATH_NAMES if name in there), None)
        label = next((there[name] for name in names if name in there), None)
        if image is None or label is None:
            raise DataError(
                "the frame has no columns of images and answers",
                where=held.name,
                expected=f"a column {'|'.join(PATH_NAMES)} and a column {'|'.join(names)}",
                got=", ".join(map(str, value.columns)),
            )
        # What stands for no value in a table does so here.
        labels = ["" if isinstance(one, str) and is_missing(one) else one for one in value[label]]
        held = InMemory((list(value[image]), labels), held.name)
    elif isinstance(value, tuple) and value and _is_numbers(value[0]) and np.ndim(value[0]) not in (3, 4):
        raise held.unfit(value, expected)
    return held.pairs("images", "texts" if names is TEXT_NAMES else "labels", expected)


def _is_numbers(images: Any) -> bool:
    return is_array(images) and np.asarray(images).dtype.kind in "biufc"


def _add(listing: Listing, name: str, image: Any, target: str) -> None:
    if not target:
        listing.refuse("no-label", name, "has no label")
    elif is_path(image):
        path = Path(fspath(image))
        if path.is_file():
            listing.samples.append(Sample(str(path), target, path=path))
        else:
            listing.refuse("missing-file", str(path), f"no such file ({name})")
    elif is_picture(image) or is_array(image):
        try:
            listing.samples.append(Sample(name, target, pixels=pixels_of(image, name)))
        except DataError as error:
            listing.refuse("no-image", name, f"{error.what}: {error.got}; expected {error.expected}")
    else:
        listing.refuse("no-image", name, f"is no image but {described(image)}")


def _text(label: Any, where: str) -> str:
    if label is None or isinstance(label, str):
        return normalise(label or "")
    raise DataError("an answer that is no text", where=where, expected="a text", got=described(label))
