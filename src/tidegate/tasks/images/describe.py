"""What a person wants to know of labelled images before training on them, and whether they look like a task's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import ClassVar

from tidegate.data.images.labels import label_findings
from tidegate.data.images.listing import ImageFormats, read_listing
from tidegate.data.images.sample import Sample
from tidegate.errors import BadFilesError, EmptyDataError
from tidegate.tasks.contract import Task
from tidegate.tasks.description import Description, rare


class ImageTask(Task):
    """A task on images with labels.

    Attributes:
        formats: Those that it reads.
    """

    formats: ClassVar[ImageFormats]


def describe_classes(samples: Sequence[Sample]) -> list[str]:
    """Images, classes, and how many there are of each."""
    classes = Counter(sample.target for sample in samples)
    most, least = classes.most_common()[0], classes.most_common()[-1]
    return [
        f"{len(samples):,} images of {len(classes)} classes",
        f"most: {most[0]} ({most[1]:,}); fewest: {least[0]} ({least[1]:,})",
    ]


def describe_lines(samples: Sequence[Sample]) -> list[str]:
    """Lines, characters, and rare ones."""
    characters = Counter(character for sample in samples for character in sample.target)
    longest = max(len(sample.target) for sample in samples)
    return [
        f"{len(samples):,} lines, {characters.total():,} characters, {len(characters)} different",
        f"longest line: {longest} characters",
        *rare(characters),
    ]


def describe_images(
    formats: ImageFormats, path: str, lines: Callable[[Sequence[Sample]], list[str]]
) -> Description:
    """What the training part of some data holds.

    Args:
        formats: Those that the task reads.
        path: Of the data.
        lines: What there is to say of its samples.

    Raises:
        EmptyDataError: It holds nothing.
    """
    listing = read_listing(formats, path)
    if not listing.samples:
        if listing.bad:
            raise BadFilesError(listing.bad, where=path, total=len(listing.bad))
        raise EmptyDataError("no samples", where=path, expected=formats.holds)
    notes = [*listing.notes, *label_findings(listing.samples, path, classes=formats.classes)]
    return Description(lines(listing.samples), listing.bad, notes)
