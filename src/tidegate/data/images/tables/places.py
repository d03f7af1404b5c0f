"""Where the image is that a table names: as it stands there, or as other programs and systems write paths."""

from __future__ import annotations

import re
import unicodedata
from functools import cached_property
from pathlib import Path, PurePosixPath
from urllib.parse import parse_qs, unquote, urlparse

from tidegate.data.finding import note
from tidegate.data.source import is_image
from tidegate.errors import Finding

UPWARDS = 3
"""Folders above the table's in which a data root is looked for."""
_UPLOAD = re.compile(r"^[0-9a-f]{8}-|^[0-9A-Za-z]{3,12}-")
"""What Label Studio puts before the name of an uploaded file."""


class ImagePlaces:
    """Finds the images of one table.

    Args:
        folder: Of the table.

    Attributes:
        how: How often a name was found otherwise than as it stands.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.how: dict[str, int] = {}

    def find(self, name: str) -> Path | None:
        """The file that a name means, if there is one.

        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> _ = (folder / "a.png").write_bytes(b"")
        >>> places = ImagePlaces(folder)
        >>> [found and found.name for found in map(places.find, ("a.png", "train\\\\a.png", "a", "b.png"))]
        ['a.png', 'a.png', 'a.png', None]
        """
        if "\0" in name:
            return None
        if _is_file(self._folder / name):
            return self._folder / name
        plain = _plain(name)
        for found, how in (
            (self._folder / plain, "paths of Windows or URLs"),
            *((above / plain, f"paths from the folder {above.name or above}") for above in self._above),
        ):
            if _is_file(found):
                return self._count(found, how)
        if (found := self._spelt(plain)) is not None:
            return self._count(found, "names in another Unicode form")
        if not is_image(plain) and (found := self._ended(plain)) is not None:
            return self._count(found, "names without their ending")
        parts = PurePosixPath(plain).parts
        for start in range(1, len(parts)):
            found = self._folder.joinpath(*parts[start:])
            if _is_file(found):
                return self._count(found, f"paths without {'/'.join(parts[:start])}/ before them")
        bare = _UPLOAD.sub("", parts[-1]) if parts else ""
        if bare and "upload" in parts and _is_file(self._folder / bare):
            return self._count(self._folder / bare, "names without what Label Studio put before them")
        return None

    def notes(self, where: str) -> list[Finding]:
        """What to know of names that were found otherwise."""
        told = ", ".join(f"{count} as {how}" for how, count in self.how.items())
        return [note("image-paths", f"images were found {told}", where)] if told else []

    def _count(self, found: Path, how: str) -> Path:
        self.how[how] = self.how.get(how, 0) + 1
        return found

    @cached_property
    def _above(self) -> list[Path]:
        return list(self._folder.resolve().parents)[:UPWARDS]

    def _spelt(self, plain: str) -> Path | None:
        if plain.isascii():
            return None
        return self._by_name.get(unicodedata.normalize("NFC", plain))

    def _ended(self, plain: str) -> Path | None:
        found = self._by_stem.get(unicodedata.normalize("NFC", plain), [])
        return found[0] if len(found) == 1 else None

    @cached_property
    def _by_name(self) -> dict[str, Path]:
        paths = [path for path in sorted(self._folder.rglob("*")) if path.is_file()]
        return {
            unicodedata.normalize("NFC", path.relative_to(self._folder).as_posix()): path for path in paths
        }

    @cached_property
    def _by_stem(self) -> dict[str, list[Path]]:
        found: dict[str, list[Path]] = {}
        for name, path in self._by_name.items():
            if is_image(name):
                found.setdefault(name[: -len(path.suffix)], []).append(path)
        return found


def _plain(name: str) -> str:
    """A path with forward slashes, without what a URL has around it."""
    if "://" in name or "?d=" in name:
        url = urlparse(name)
        name = parse_qs(url.query).get("d", [unquote(url.path)])[0]
    name = name.replace("\\", "/")
    return re.sub("^([A-Za-z]:)?/+", "", name).removeprefix("./")


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False
