"""What is looked for in images of any kind: what shows nothing, what stands there twice."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tidegate.check.contract import Found, Shown, Subject, found
from tidegate.check.doubles import contradictions, near_leaks
from tidegate.data.images.decode import Geometry
from tidegate.data.images.image_set import ImageSet
from tidegate.data.images.listing import ImageFormats, read_listing
from tidegate.data.images.sample import Sample
from tidegate.data.splitting import Splits

LOOKED_AT = 4000
"""Images that are decoded, evenly over all parts."""


@dataclass(frozen=True)
class Pictures(Subject[Sample]):
    """Images, some of them decoded.

    Attributes:
        images: Of each part, those that were looked at.
        geometry: What they are brought to.
    """

    images: Mapping[str, ImageSet] = field(default_factory=dict[str, ImageSet])
    geometry: Geometry = field(default_factory=lambda: Geometry(1, 1))

    def show(self, sample: Sample) -> Shown:
        """As training sees it."""
        for images in self.images.values():
            for index, held in enumerate(images.samples):
                if held is sample:
                    return Shown(sample.name, sample.target, png(images.image(index), self.geometry))
        return Shown(sample.name, sample.target)


def png(pixels: NDArray[np.uint8], geometry: Geometry) -> bytes:
    """Pixels ``(C, Y, X)`` as a person sees them: ink dark on paper."""
    grey = pixels[0] if len(pixels) == 1 else pixels.transpose(1, 2, 0)
    image = Image.fromarray(255 - grey if geometry.finds_ink else grey)
    image.thumbnail((600, 120))
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def parts_of(splits: Splits[Sample]) -> dict[str, Sequence[Sample]]:
    """The samples of each part."""
    parts: dict[str, Sequence[Sample]] = {"train": splits.train, "valid": splits.valid}
    return parts if splits.test is None else {**parts, "test": splits.test}


def look_at(
    parts: Mapping[str, Sequence[Sample]], geometry: Geometry, cache_megabytes: float
) -> tuple[dict[str, ImageSet], list[Found]]:
    """Decode some images of each part; which cannot be, and how many were looked at."""
    total = sum(map(len, parts.values()))
    every = -(-total // LOOKED_AT)
    sets: dict[str, ImageSet] = {}
    told: list[Found] = []
    for name, samples in parts.items():
        some = samples[::every]
        budget = int(min(cache_megabytes, 500) * 2**20 * len(some) * every // max(1, total))
        images = ImageSet(some, geometry, budget)
        bad = images.check()
        if bad:
            named = {one.where for one in bad}
            told.append(
                found(
                    "error",
                    "unreadable-image",
                    name,
                    f"{len(bad):,} images cannot be read ({bad[0].what})",
                    "mend or remove them, or leave them out with --skip-bad",
                    [sample for sample in some if sample.name in named],
                )
            )
        sets[name] = images.usable() if bad else images
    if every > 1:
        looked = sum(map(len, sets.values()))
        what = f"the pixels of {looked:,} of {total:,} images were looked at, one in {every:,}"
        told.append(found("note", "sampled", "", what, "training looks at all of them"))
    return sets, told


def blank(subject: Pictures) -> Iterator[Found]:
    """Images in which nothing stands out."""
    for part, images in subject.images.items():
        names = set(images.blank())
        if names:
            samples = [sample for sample in images.samples if sample.name in names]
            count = "1 image is" if len(names) == 1 else f"{len(names):,} images are"
            why = (
                "without ink that stands out from its paper" if images.geometry.finds_ink else "of one colour"
            )
            yield found(
                "warning",
                "blank-image",
                part,
                f"{count} blank, {why}",
                "remove them, or take them from their source anew; writing that is fainter than its paper needs "
                "data.ink",
                samples,
                subject.show,
            )


def doubles(subject: Pictures) -> Iterator[Found]:
    """Images that stand in the training data twice, or in two parts, but for their scale and compression."""
    yield from contradictions(subject.images["train"].samples, _content, subject.show)
    prints = {
        id(sample): _print(images.image(index))
        for images in subject.images.values()
        for index, sample in enumerate(images.samples)
    }

    def near(sample: Sample) -> Hashable | None:
        return prints.get(id(sample))

    others = {name: images.samples for name, images in subject.images.items() if name != "train"}
    yield from near_leaks(
        subject.images["train"].samples,
        others,
        _content,
        near,
        alike="their scale or compression",
        show=subject.show,
    )


def _content(sample: Sample) -> Hashable | None:
    try:
        return hashlib.blake2b(sample.content(), digest_size=16).digest()
    except OSError:
        return None


def _print(pixels: NDArray[np.uint8]) -> bytes | None:
    """A picture on 32 × 32 points of 8 shades; ``None`` where too little is to be seen to tell it from others."""
    grey = Image.fromarray(pixels.mean(axis=0).astype(np.uint8)).resize((32, 32), Image.Resampling.BOX)
    coarse = (np.asarray(grey).astype(np.int64) + 16) // 32
    return coarse.astype(np.uint8).tobytes() if len(np.unique(coarse)) > 3 else None


def unlikeness(formats: ImageFormats, path: str) -> float | None:
    """The share of images that cannot be used."""
    listing = read_listing(formats, path)
    total = len(listing.samples) + len(listing.bad)
    return len(listing.bad) / total if listing.samples else None
