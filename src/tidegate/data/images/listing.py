"""From a path, as a user writes it, to images with their labels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from tidegate.data.chosen import choose_names
from tidegate.data.finding import read_as
from tidegate.data.format import Format, Formats
from tidegate.data.images.labels import invisible_characters
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
    texts: list[str] = field(default_factory=list[str])
    """Answers as they stand in files, where their normal form is another."""

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
        describe: Says in a few words what samples there are.
        classes: Whether answers are classes, and no texts.
    """

    in_memory: Callable[[InMemory], Listing]
    describe: Callable[[Sequence[Sample]], str]
    classes: bool


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
        listing = formats.in_memory(where)
        return _told(formats, listing, str(where), "in memory")
    place = find_place(where)
    format_ = formats.find(place.source, format_name)
    listing = format_.list_samples(place.source, role)
    names = [sample.name for sample in listing.samples]
    chosen = choose_names(place, names, [bad.where for bad in listing.bad])
    if chosen is None:
        return _told(formats, listing, where, format_.name)
    listing = Listing(
        [sample for sample in listing.samples if sample.name in chosen.names],
        [bad for bad in listing.bad if chosen.concerns(bad)],
        [*listing.notes, *chosen.notes],
    )
    return _told(formats, listing, where, format_.name)


def _told(formats: ImageFormats, listing: Listing, where: str, format_name: str) -> Listing:
    """The same listing, whose notes begin with what was read as what."""
    bad = f"{len(listing.bad):,} that cannot be used" if listing.bad else ""
    told = read_as(where, format_name, formats.describe(listing.samples), bad)
    unseen = invisible_characters(listing.texts, where)
    return replace(listing, notes=[told, *listing.notes, *unseen])
