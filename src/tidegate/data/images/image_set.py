"""Decoded images of a list of samples: kept in memory up to a budget, decoded by a few threads beyond it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tidegate.data.finding import warning
from tidegate.data.images.decode import Decoded, Geometry, decode_sized
from tidegate.data.images.sample import Sample
from tidegate.errors import DataError, Finding

WORKERS = max(1, min(4, os.cpu_count() or 1))
SHOWN = 5
"""Names that a finding lists."""
PORTION = 64
"""Samples that a thread takes at a time: fewer get lost in handing over, more leave threads idle."""


@dataclass(frozen=True)
class _Kept:
    """What is known of one sample once it was decoded; pixels only within the budget."""

    columns: int
    size: tuple[int, int]
    blank: bool
    top: float
    pixels: NDArray[np.uint8] | None


class ImageSet:
    """The images of samples, ``(C, Y, X)`` bytes each, by index.

    Args:
        samples: What to decode.
        geometry: What to bring it to.
        cache_bytes: Memory for pixels. The first images that fit are kept; the others are decoded anew each
            time, since an epoch visits every image once and any other choice would keep no more.

    >>> picture = np.zeros((8, 12), np.uint8)
    >>> images = ImageSet([Sample("a", "x", pixels=picture)], Geometry(rows=16), cache_bytes=1000)
    >>> images.check(), images.columns(0), images.image(0).shape
    ([], 24, (1, 16, 24))
    """

    def __init__(self, samples: Sequence[Sample], geometry: Geometry, cache_bytes: int) -> None:
        self.samples = list(samples)
        self.geometry = geometry
        self._budget = self._room = cache_bytes
        self._kept: list[_Kept | Finding | None] = [None] * len(self.samples)

    def __len__(self) -> int:
        return len(self.samples)

    def check(self) -> list[Finding]:
        """Decode everything that was not yet, and return all samples that cannot be used, in order."""
        waiting = [index for index, kept in enumerate(self._kept) if kept is None]
        portions = [waiting[start : start + PORTION] for start in range(0, len(waiting), PORTION)]
        with ThreadPoolExecutor(WORKERS) as pool:
            for portion, decoded in zip(portions, pool.map(self._try_all, portions), strict=True):
                for index, one in zip(portion, decoded, strict=True):
                    self._keep(index, one)
        return [kept for kept in self._kept if isinstance(kept, Finding)]

    def usable(self) -> ImageSet:
        """The same set without the samples that ``check`` found bad; decoded images are kept."""
        self.check()
        return self._select([index for index, kept in enumerate(self._kept) if isinstance(kept, _Kept)])

    def only(self, samples: Sequence[Sample]) -> ImageSet:
        """The same set with some of its samples only; decoded images are kept.

        Args:
            samples: Members of ``self.samples`` (these very objects), in any order.
        """
        index = {id(sample): index for index, sample in enumerate(self.samples)}
        return self._select([index[id(sample)] for sample in samples])

    def with_geometry(self, geometry: Geometry) -> ImageSet:
        """The same samples, brought to something else: to be decoded anew."""
        return ImageSet(self.samples, geometry, self._budget)

    def _select(self, indices: Sequence[int]) -> ImageSet:
        chosen = ImageSet([self.samples[index] for index in indices], self.geometry, self._room)
        chosen._kept = [self._kept[index] for index in indices]
        return chosen

    def image(self, index: int) -> NDArray[np.uint8]:
        """The pixels of one sample, ``(C, Y, X)``. Not to be written to.

        Raises:
            DataError: It cannot be used.
        """
        kept = self._kept[index]
        if isinstance(kept, _Kept) and kept.pixels is not None:
            return kept.pixels
        decoded = decode_sized(self.samples[index], self.geometry)
        if kept is None:
            self._keep(index, decoded)
        return decoded.pixels

    def images(self, indices: Sequence[int]) -> list[NDArray[np.uint8]]:
        """The pixels of some samples, in their order; what is not in memory is decoded by several threads.

        Raises:
            DataError: One cannot be used.
        """
        if all(isinstance(kept := self._kept[index], _Kept) and kept.pixels is not None for index in indices):
            return [self.image(index) for index in indices]
        with ThreadPoolExecutor(WORKERS) as pool:
            return list(pool.map(self.image, indices))

    def columns(self, index: int) -> int:
        """How many columns a sample has.

        Raises:
            DataError: It cannot be used.
        """
        kept = self._kept[index]
        return kept.columns if isinstance(kept, _Kept) else self.image(index).shape[2]

    def lengths(self) -> NDArray[np.int64]:
        """The columns of all samples; 0 for one that cannot be used."""
        self.check()
        return np.array([kept.columns if isinstance(kept, _Kept) else 0 for kept in self._kept], np.int64)

    def original_sizes(self) -> list[tuple[int, int]]:
        """``(rows, columns)`` of all upright images before they were scaled; (0, 0) for one that cannot be used."""
        self.check()
        return [kept.size if isinstance(kept, _Kept) else (0, 0) for kept in self._kept]

    def blank(self) -> list[str]:
        """The names of images in which nothing stands out."""
        self.check()
        return [
            sample.name
            for sample, kept in zip(self.samples, self._kept, strict=True)
            if isinstance(kept, _Kept) and kept.blank
        ]

    def tops(self) -> set[float]:
        """The values that were taken for white in images of more than 8 bits."""
        self.check()
        return {kept.top for kept in self._kept if isinstance(kept, _Kept) and kept.top}

    def _try_all(self, indices: Sequence[int]) -> list[Decoded | Finding]:
        return [self._try(index) for index in indices]

    def _try(self, index: int) -> Decoded | Finding:
        sample = self.samples[index]
        try:
            return decode_sized(sample, self.geometry)
        except DataError as error:
            return Finding("error", "unreadable-image", sample.name, error.what)

    def _keep(self, index: int, one: Decoded | Finding) -> None:
        if isinstance(one, Finding):
            self._kept[index] = one
            return
        fits = one.pixels.nbytes <= self._room
        # Two threads may both take the last room; the budget is then passed by one image, which does no harm.
        self._room -= one.pixels.nbytes if fits else 0
        self._kept[index] = _Kept(
            one.pixels.shape[2], one.size, one.blank, one.top, one.pixels if fits else None
        )


def blank_images(images: ImageSet, where: str) -> list[Finding]:
    """A warning with the images that are blank.

    >>> white = Sample("a.png", "x", pixels=np.full((8, 20), 255, np.uint8))
    >>> print(*blank_images(ImageSet([white], Geometry(rows=8), cache_bytes=0), "lines"))
    lines: 1 image is blank, without ink that stands out from its paper: a.png
    """
    names = images.blank()
    if not names:
        return []
    count = "1 image is" if len(names) == 1 else f"{len(names):,} images are"
    more = f", … and {len(names) - SHOWN:,} more" if len(names) > SHOWN else ""
    what = "without ink that stands out from its paper" if images.geometry.finds_ink else "of one colour"
    return [warning("blank-image", f"{count} blank, {what}: {', '.join(names[:SHOWN])}{more}", where)]


def suspicious(images: ImageSet) -> list[Finding]:
    """Lines that look rotated by 90°: much taller than wide in their file, with more text than would be stacked.

    >>> tall = Sample("a.png", "a long line", pixels=np.zeros((900, 35), np.uint8))
    >>> print(*suspicious(ImageSet([tall], Geometry(rows=40), cache_bytes=0)))
    a.png: it looks rotated by 90° (35×900 pixels for 11 characters)
    """
    return [warning("rotated", hint, images.samples[index].name) for index, hint in rotated(images).items()]


def rotated(images: ImageSet) -> dict[int, str]:
    """The lines that ``suspicious`` tells of, by index, each with the words that say why."""
    return {
        index: f"it looks rotated by 90° ({columns}×{rows} pixels for {len(sample.target)} characters)"
        for index, (sample, (rows, columns)) in enumerate(
            zip(images.samples, images.original_sizes(), strict=True)
        )
        if rows > 2 * columns and len(sample.target) > 3
    }
