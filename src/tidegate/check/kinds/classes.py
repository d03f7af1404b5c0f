"""The doctor of images with classes."""

from __future__ import annotations

from collections.abc import Iterator

from tidegate.check.contract import Checks, Found
from tidegate.check.kinds.pictures import Pictures, blank, doubles, look_at, parts_of, unlikeness
from tidegate.check.labels import check_labels
from tidegate.config.run import RunSpec
from tidegate.data.images.formats import CLASSES
from tidegate.data.images.splits import make_splits
from tidegate.tasks.images.reading import class_input


def read(spec: RunSpec) -> Pictures:
    """Images and classes, as training reads them."""
    splits, record = make_splits(spec.data, CLASSES, spec.seed, stratify=True)
    parts = parts_of(splits)
    architecture, geometry = class_input(spec, splits.train)
    images, told = look_at(parts, geometry, spec.data.cache_megabytes)
    classes = len({sample.target for sample in splits.train})
    return Pictures(
        spec,
        parts,
        record.notes,
        told,
        architecture,
        geometry.columns,
        classes,
        len(splits.train),
        images=images,
        geometry=geometry,
    )


def labels(subject: Pictures) -> Iterator[Found]:
    """Classes that cannot be learnt."""
    yield from check_labels(subject.parts, shuffled=subject.spec.data.shuffle, show=subject.show)


CHECKS = Checks(read, (labels, blank, doubles), lambda path: unlikeness(CLASSES, path))
