"""From splits to images that are known to be good: one place that reports all that is wrong, at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from tidegate.data.finding import note, settle
from tidegate.data.images.decode import Geometry
from tidegate.data.images.image_set import ImageSet, blank_images, rotated, suspicious
from tidegate.data.images.sample import Sample
from tidegate.data.splitting import Splits
from tidegate.errors import EmptyDataError, Finding

Check = Callable[[Sample, int], str | None]
"""A sample and its columns → the reason why it cannot be used, or None. A task's own rule."""


@dataclass(frozen=True)
class Loaded:
    """The images of each part, all decodable, and what a person should know."""

    train: ImageSet
    valid: ImageSet
    test: ImageSet | None
    notes: list[Finding]
    dropped: int
    geometry: Geometry


def load_splits(
    splits: Splits[Sample],
    geometry: Geometry,
    *,
    cache_bytes: int,
    skip_bad: bool = False,
    check: Check | None = None,
) -> Loaded:
    """Decode all parts; refuse or drop all samples that cannot be used.

    Args:
        splits: What ``make_splits`` gave.
        geometry: What images are brought to.
        cache_bytes: Memory for all parts together, shared by their numbers of samples.
        skip_bad: Leave bad samples out, and say how many in the notes.
        check: A task's own rule, such as a line too short for its text.

    Raises:
        BadFilesError: Some samples cannot be used, and ``skip_bad`` is off; it has all of them, of all parts.
        EmptyDataError: A part has no sample left.
    """
    parts = {"train": splits.train, "valid": splits.valid, "test": splits.test or []}
    total = sum(len(samples) for samples in parts.values())
    sets: dict[str, ImageSet] = {}
    bad: list[Finding] = []
    concerned: list[str] = []
    notes: list[Finding] = []
    for name, samples in parts.items():
        images = ImageSet(samples, geometry, cache_bytes * len(samples) // total)
        if name == "train":
            tops = images.tops()
            images, geometry = of_one_range(images)
            if len(tops) > 1:
                values = ", ".join(f"{top:g}" for top in sorted(tops))
                what = f"images of more than 8 bits hold values up to {values}; {geometry.top:g} is white for all"
                notes.append(note("pixel-range", what, "the train data"))
        sets[name], refused = keep_good(images, check)
        bad.extend(refused)
        concerned.extend([name] if refused else [])
        notes.extend(blank_images(sets[name], f"the {name} data"))
        if geometry.keep_aspect or geometry.columns is None:
            notes.extend(replace(one, where=f"{name}: {one.where}") for one in suspicious(sets[name]))
    notes.extend(settle(bad, total=total, where=f"the {' and '.join(concerned)} data", skip_bad=skip_bad))
    for name, samples in parts.items():
        if samples and not len(sets[name]):
            raise EmptyDataError(f"no sample of the {name} data can be used", got=f"{len(samples)} bad ones")
    return Loaded(
        sets["train"], sets["valid"], sets["test"] if splits.test else None, notes, len(bad), geometry
    )


def of_one_range(images: ImageSet) -> tuple[ImageSet, Geometry]:
    """The images with one white value for all that have more than 8 bits, and the geometry that says it.

    >>> import numpy as np
    >>> deep = np.array([[0, 60000], [0, 0]], np.uint16), np.array([[0, 3000], [0, 0]], np.uint16)
    >>> images = ImageSet([Sample(str(i), "x", pixels=one) for i, one in enumerate(deep)], Geometry(2, ink="none"), 100)
    >>> images, geometry = of_one_range(images)
    >>> geometry.top, images.image(1)[0, 0, 1]
    (65535.0, np.uint8(12))
    """
    tops = images.tops()
    if not tops:
        return images, images.geometry
    geometry = replace(images.geometry, top=max(tops))
    return (images if len(tops) == 1 else images.with_geometry(geometry)), geometry


def keep_good(images: ImageSet, check: Check | None = None) -> tuple[ImageSet, list[Finding]]:
    """Tell samples that can be used from those that cannot.

    Returns:
        The good ones, and all bad ones with reasons.
    """
    bad = images.check()
    images = images.usable() if bad else images
    if check is None:
        return images, bad
    reasons = [check(sample, images.columns(index)) for index, sample in enumerate(images.samples)]
    # A line on its side is a strip a few columns wide once it is scaled: that is why the task refuses it.
    turned = {index: f"; {hint}" for index, hint in rotated(images).items()}
    bad.extend(
        Finding("error", "unusable", sample.name, reason + turned.get(index, ""))
        for index, (sample, reason) in enumerate(zip(images.samples, reasons, strict=True))
        if reason
    )
    if any(reasons):
        images = images.only([one for one, reason in zip(images.samples, reasons, strict=True) if not reason])
    return images, bad
