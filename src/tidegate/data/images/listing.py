"""From a path, as a user writes it, to images with their labels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from tidegate.data.chosen import choose_names
from tidegate.data.format import Format, Formats
from tidegate.data.images.sample import Sample
from tidegate.data.memory import InMemory, Reference
from tidegate.data.parts import Role
from tidegate.data.source import Source, find_place
from tidegate.errors import Finding


@dataclass
class Listing:
    """What a reader found: samples that can be used, files that cannot, and what else to know."""

    samples: list[Sample] = field(default_factory=list[Sample])
    bad: list[Finding] = field(default_factory=list[Finding])
    notes: list[Finding] = field(default_factory=list[Finding])

    def refuse(self, code: str, where: str, what: str) -> None:
        """Put a file on the list of those that cannot be used."""
        self.bad.append(Finding("error", code, where, what))


@dataclass(frozen=True)
class ImageFormat(Format):
    """One way to lay out images and what they should be read as.

    Args:
        list_samples: Lists the samples of one part. It opens labels, not images.
        own_parts: Parts it brings itself when the user names only ``data.train``.
    """

    list_samples: Callable[[Source, Role], Listing]
    own_parts: tuple[Role, ...] = ()


@dataclass(frozen=True)
class ImageFormats(Formats[ImageFormat]):
    """The formats of images with answers of one kind.

    Args:
        in_memory: Lists images that a caller holds.
    """

    in_memory: Callable[[InMemory], Listing]


def read_listing(
    formats: ImageFormats, where: Reference, role: Role = "train", format_name: str = "auto"
) -> Listing:
    """List the images behind a path, or in memory. Labels are read, images are not opened.

    Args:
        formats: Those that the task reads.
        where: Folder, file, archive or built-in name, with ``@LIST.txt`` or without.
        role: The part wanted, for formats that bring parts of their own.
        format_name: Of one of the formats, or ``auto``.

    Returns:
        Samples, files that cannot be used (not raised: the caller wants all of them at once), and notes.

    Raises:
        DataError: The path is not there, nothing can be read from it, or listed names are not in it.
        ConfigError: No such format.

    >>> from tidegate.data.images.formats import LINES
    >>> len(read_listing(LINES, "digit-lines", "test").samples)
    250
    """
    if isinstance(where, InMemory):
        return formats.in_memory(where)
    place = find_place(where)
    listing = formats.find(place.source, format_name).list_samples(place.source, role)
    names = [sample.name for sample in listing.samples]
    chosen = choose_names(place, names, [bad.where for bad in listing.bad])
    if chosen is None:
        return listing
    return Listing(
        [sample for sample in listing.samples if sample.name in chosen.names],
        [bad for bad in listing.bad if chosen.concerns(bad)],
        [*listing.notes, *chosen.notes],
    )
