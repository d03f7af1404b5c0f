"""Line folders: ``x.png`` with its text ``x.gt.txt`` beside it, as OCRopus, kraken and Tesseract have it.

``x.txt`` serves where there is no ``x.gt.txt``. ``x.bin.png`` and ``x.nrm.png`` (OCRopus) belong to
``x.gt.txt``.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from pathlib import PurePosixPath

from tidegate.data.finding import note, passed_over, warning
from tidegate.data.images.listing import Listing
from tidegate.data.images.normal_form import read_line
from tidegate.data.images.sample import sample_of
from tidegate.data.parts import Role
from tidegate.data.source import Source, is_image
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
    # Names that macOS wrote are decomposed; the texts beside them may not be.
    known = {unicodedata.normalize("NFC", name): name for name in source.names}
    shared = _shared(source.images)
    for name in source.images:
        found = transcription_of(unicodedata.normalize("NFC", name), known.keys())
        if found is None:
            listing.refuse(
                "no-label", name, f"has no transcription ({_stem(name)}.gt.txt was expected beside it)"
            )
            continue
        text_name = known[found]
        used.add(text_name)
        try:
            content = source.read(text_name)
            sample = sample_of(source, name, read_line(content, text_name))
            if not content.isascii():
                listing.texts.append(content.decode("utf-8-sig", "replace"))
            listing.samples.append(replace(sample, group=shared.get(name, "")))
        except TextError as problem:
            listing.refuse("bad-text", name, f"{PurePosixPath(text_name).name} {problem}")
        except OSError as error:
            listing.refuse(
                "bad-text", name, f"{PurePosixPath(text_name).name} cannot be read: {error.strerror}"
            )
    listing.notes.extend(_variants(shared, source))
    others = [name for name in source.names if not is_image(name) and name not in used]
    orphans = [name for name in others if name.endswith(".gt.txt")]
    listing.notes.extend(passed_over((name for name in others if name not in set(orphans)), source.path))
    listing.notes.extend(_orphans(source, orphans, others))
    return listing


def line_of(name: str) -> str:
    """What the pictures of one line have in common: the name without its ending and what OCRopus puts before it.

    >>> line_of("a/x.bin.png"), line_of("a/x.jpg")
    ('a/x', 'a/x')
    """
    stem = name[: -len(PurePosixPath(name).suffix)]
    return next((stem.removesuffix(variant) for variant in VARIANTS if stem.endswith(variant)), stem)


def _shared(images: Sequence[str]) -> dict[str, str]:
    """The line of each image that is not its only picture."""
    count = Counter(map(line_of, images))
    return {name: line for name in images if count[line := line_of(name)] > 1}


def _variants(shared: Mapping[str, str], source: Source) -> list[Finding]:
    if not shared:
        return []
    lines = len(set(shared.values()))
    example = ", ".join(list(shared)[:2])
    what = f"{len(shared):,} images are pictures of {lines:,} lines, such as {example}; those of a line stay in one part"
    return [note("variants", what, str(source.path))]


def transcription_of(image: str, known: Set[str]) -> str | None:
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


def _orphans(source: Source, orphans: Sequence[str], others: Sequence[str]) -> list[Finding]:
    if not orphans:
        return []
    more = ", …" if len(orphans) > SHOWN else ""
    what = (
        f"{len(orphans)} .gt.txt without an image in {source.path.name}: {', '.join(orphans[:SHOWN])}{more}"
    )
    stems = {name.removesuffix(".gt.txt") for name in orphans}
    beside = [name for name in others if not name.endswith(".txt") and line_of(name) in stems]
    if beside:
        what += f"; beside them lie files that cannot be read as images, such as {beside[0]}"
    return [warning("no-image", what)]
