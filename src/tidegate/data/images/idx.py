"""IDX files, the format of MNIST: ``train-images-idx3-ubyte[.gz]`` and ``train-labels-idx1-ubyte[.gz]``.

Big-endian: a magic number (two zero bytes, 0x08 for unsigned bytes, the number of dimensions), one 32-bit
size a dimension, then the values, last dimension fastest (LeCun, Cortes and Burges 1998, "The MNIST
database").
"""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tidegate.border import gunzip
from tidegate.data.images.listing import Listing
from tidegate.data.images.sample import Sample
from tidegate.data.parts import Role
from tidegate.data.source import Archive, Source
from tidegate.errors import DataError, EmptyDataError

PREFIXES: dict[Role, tuple[str, ...]] = {
    "train": ("train",),
    "valid": ("valid", "t10k", "test"),
    "test": ("t10k", "test"),
    "all": ("train", "t10k", "test"),
}
# The names in use: MNIST's own, and what some archives unpack to.
IMAGES, LABELS = ("images-idx3-ubyte", "images.idx3-ubyte"), ("labels-idx1-ubyte", "labels.idx1-ubyte")


def matches(source: Source) -> bool:
    """An images file, or a folder with one."""
    if isinstance(source, Archive):
        return False
    return _is_images(source.path.name) if source.is_file else any(_is_images(name) for name in source.names)


def read(source: Source, role: Role) -> Listing:
    """List the images of one part.

    Raises:
        EmptyDataError: The folder has no such part.
        DataError: A file is missing, truncated or no IDX file, or images and labels differ in number.
    """
    listing = Listing()
    for images in [source.path] if source.is_file else _parts(source, role):
        listing.samples.extend(_read_pair(images))
    return listing


def _is_images(name: str) -> bool:
    return any(name.removesuffix(".gz").endswith(ending) for ending in IMAGES)


def _parts(source: Source, role: Role) -> list[Path]:
    images = [name for name in source.names if _is_images(name)]
    chosen = {
        prefix: [name for name in images if Path(name).name.startswith(prefix)] for prefix in PREFIXES[role]
    }
    found = [names[0] for names in chosen.values() if names]
    if not found:
        raise EmptyDataError(
            f"no IDX images for {role}",
            where=str(source.path),
            expected=" or ".join(f"{prefix}-{IMAGES[0]}[.gz]" for prefix in PREFIXES[role]),
            got=", ".join(images),
        )
    return [source.path / name for name in (found if role == "all" else found[:1])]


def _read_pair(images_path: Path) -> list[Sample]:
    labels_path = _labels_of(images_path)
    images, labels = read_array(images_path, dimensions=3), read_array(labels_path, dimensions=1)
    if len(images) != len(labels):
        raise DataError(
            "images and labels differ in number",
            where=str(images_path),
            expected=f"{len(images)} labels",
            got=f"{len(labels)} in {labels_path.name}",
        )
    part = images_path.name.split("images", 1)[0].rstrip("-._") or "sample"
    return [
        Sample(f"{part}-{index:05d}", str(label), pixels=pixels)
        for index, (pixels, label) in enumerate(zip(images, labels.tolist(), strict=True))
    ]


def _labels_of(images: Path) -> Path:
    for image_ending, label_ending in zip(IMAGES, LABELS, strict=True):
        if image_ending in images.name:
            plain = images.name.removesuffix(".gz").replace(image_ending, label_ending)
            for name in (plain, plain + ".gz"):
                if (images.parent / name).is_file():
                    return images.parent / name
            raise DataError("no label file", where=str(images), expected=f"{plain} or {plain}.gz beside it")
    raise DataError("no images file", where=str(images), expected=f"a name that ends in {IMAGES[0]}[.gz]")


def read_array(path: Path, *, dimensions: int) -> NDArray[np.uint8]:
    """Read one IDX file of unsigned bytes, plain or compressed.

    Raises:
        DataError: It is truncated, or no IDX file of that many dimensions.
    """
    content = _content(path)
    header = 4 + 4 * dimensions
    magic = 0x0800 + dimensions
    if len(content) < header or struct.unpack(">I", content[:4])[0] != magic:
        raise DataError(
            "no IDX file: wrong magic number",
            where=str(path),
            expected=f"0x{magic:08x} (unsigned bytes, {dimensions} dimensions)",
            got=f"0x{content[:4].hex()}" if content else "an empty file",
        )
    shape = struct.unpack(f">{dimensions}I", content[4:header])
    # Python's integers: sizes in a damaged header may not fit 64 bits once multiplied.
    size = 1
    for length in shape:
        size *= length
    if len(content) - header != size:
        raise DataError(
            "the IDX file is truncated" if len(content) - header < size else "the IDX file is too long",
            where=str(path),
            expected=f"{size} bytes for {'×'.join(map(str, shape))}",
            got=f"{len(content) - header} bytes",
        )
    return np.frombuffer(content, np.uint8, offset=header).reshape(shape)


def _content(path: Path) -> bytes:
    try:
        content = path.read_bytes()
        return gunzip(content, str(path)) if content[:2] == b"\x1f\x8b" else content
    except OSError as error:
        raise DataError("the file cannot be read", where=str(path), got=str(error)) from error
