"""Line folders: ``x.png`` with its text ``x.gt.txt`` beside it, as OCRopus, kraken and Tesseract have it.

``x.txt`` serves where there is no ``x.gt.txt``. ``x.bin.png`` and ``x.nrm.png`` (OCRopus) belong to
``x.gt.txt``.
"""

from __future__ import annotations

from pathlib import PurePosixPath

from tidegate.data.finding import warning
from tidegate.data.images.listing import Listing
from tidegate.data.images.normal_form import read_line
from tidegate.data.images.sample import sample_of
from tidegate.data.parts import Role
from tidegate.data.source import Source
from tidegate.data.text_lines import TextError
from tidegate.errors import EmptyDataError, Finding

TEXT_SUFFIXES = (".gt.txt", ".txt")
VARIANTS = (".bin", ".nrm")
SHOWN = 5


def matches(source: Source) -> bool:
    """A folder or archive with an image or a transcription in it."""
    return bool(source.images) or any(name.endswith(".gt.txt") for name in source.names)


def read(source: Source, role: Role) -> Listing:
    """List all lines below the folder.

    Raises:
        EmptyDataError: There is no image.
    """
    del role
    if not source.images:
        raise EmptyDataError(
            "no line images",
            where=str(source.path),
            expected="images such as x.png, each with its text in x.gt.txt",
            got=f"{len(source.names)} files, none of them an image",
        )
    listing = Listing()
    used: set[str] = set()
    for name in source.images:
        text_name = transcription_of(name, source.known)
        if text_name is None:
            listing.refuse(
                "no-label", name, f"has no transcription ({_stem(name)}.gt.txt was expected beside it)"
            )
            continue
        used.add(text_name)
        try:
            listing.samples.append(sample_of(source, name, read_line(source.read(text_name), text_name)))
        except TextError as problem:
            listing.refuse("bad-text", name, f"{PurePosixPath(text_name).name} {problem}")
        except OSError as error:
            listing.refuse(
                "bad-text", name, f"{PurePosixPath(text_name).name} cannot be read: {error.strerror}"
            )
    listing.notes.extend(_orphans(source, used))
    return listing


def transcription_of(image: str, known: frozenset[str]) -> str | None:
    """The name of the transcription of an image, if there is one.

    >>> transcription_of("a/x.bin.png", frozenset({"a/x.gt.txt"}))
    'a/x.gt.txt'
    """
    stem = image[: -len(PurePosixPath(image).suffix)]
    stems = [stem, *(stem.removesuffix(variant) for variant in VARIANTS if stem.endswith(variant))]
    for suffix in TEXT_SUFFIXES:
        for candidate in stems:
            if candidate + suffix in known:
                return candidate + suffix
    return None


def _stem(name: str) -> str:
    return PurePosixPath(name).stem


def _orphans(source: Source, used: set[str]) -> list[Finding]:
    orphans = [name for name in source.names if name.endswith(".gt.txt") and name not in used]
    if not orphans:
        return []
    more = ", …" if len(orphans) > SHOWN else ""
    names = ", ".join(orphans[:SHOWN])
    return [
        warning("no-image", f"{len(orphans)} .gt.txt without an image in {source.path.name}: {names}{more}")
    ]
