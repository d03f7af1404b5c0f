"""Where files come from: a folder, one file, an archive that is not unpacked, or a built-in data set.

A reader asks a source for names and bytes, and does not care which of these it is. ``PATH@LIST.txt`` takes only the
samples that the list names, one a line: with or without extension, with or without folders. That is how folds are given.
"""

from __future__ import annotations

import os
import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path, PurePosixPath

from tidegate.border import at_border, check_room
from tidegate.errors import DataError

ARCHIVE_SUFFIXES = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".zip")
TABLE_SUFFIXES = (".csv", ".csv.gz", ".tsv", ".tsv.gz", ".parquet", ".xlsx", ".xls", ".xlsb", ".ods")
BUILT_IN = {"digits": "images with classes", "digit-lines": "images of lines with texts"}
"""Names of data sets that come with the package, and what they hold. ``./digits`` is a folder of that name."""
LONGEST_NAME = 200
"""Characters of a path that errors show."""


_NO_PICTURES = frozenset(("BUFR", "EPS", "GRIB", "HDF5", "IPTC", "MPEG", "WMF"))
"""Formats that Pillow knows by name, and decodes only with another program or not at all."""


@cache
def image_suffixes() -> frozenset[str]:
    """Endings of files that can be decoded as images: all that the Pillow at hand reads.

    >>> sorted({".png", ".jfif", ".tif", ".pdf", ".eps"} & image_suffixes())
    ['.jfif', '.png', '.tif']
    """
    from PIL import Image

    known = Image.registered_extensions()
    readable = set(Image.OPEN) - _NO_PICTURES
    return frozenset(suffix for suffix, kind in known.items() if kind in readable)


def is_image(name: str) -> bool:
    """Whether the name ends like an image file's, in any case.

    >>> is_image("a/B.PNG"), is_image("a.gt.txt")
    (True, False)
    """
    return PurePosixPath(name).suffix.lower() in image_suffixes()


def holds_images(source: Source) -> bool:
    """Whether a source is one of images: no more than two files, such as a text and marks, lie beside each."""
    return sum(map(is_image, source.names)) * 3 >= len(source.names) > 0


def is_file(path: Path) -> bool:
    """Whether there is a file; what can be no path, such as a long text, is none.

    >>> is_file(Path("tide " * 2000)), is_file(Path("a\\0b"))
    (False, False)
    """
    return _looked(path, Path.is_file)


def is_folder(path: Path) -> bool:
    """Whether there is a folder, likewise."""
    return _looked(path, Path.is_dir)


def _looked(path: Path, look: Callable[[Path], bool]) -> bool:
    try:
        return look(path)
    except (OSError, ValueError):
        return False


def is_archive(path: Path) -> bool:
    """Whether the name ends like an archive's."""
    return path.name.lower().endswith(ARCHIVE_SUFFIXES)


class Source:
    """Files below one path; this one is a single file, or a built-in data set, and has none below it."""

    def __init__(self, path: Path, *, builtin: bool = False) -> None:
        self.path = path
        self.builtin = builtin

    @property
    def is_file(self) -> bool:
        """Whether it is one plain file (and no archive)."""
        return type(self) is Source and not self.builtin

    @cached_property
    def names(self) -> list[str]:
        """Names of all files, relative, with forward slashes, sorted; hidden ones are left out."""
        return []

    @cached_property
    def known(self) -> frozenset[str]:
        """``names``, to look one up."""
        return frozenset(self.names)

    @property
    def images(self) -> list[str]:
        """``names`` that end like an image file's."""
        return [name for name in self.names if is_image(name)]

    def read(self, name: str) -> bytes:
        """The bytes of one file.

        Raises:
            OSError: It cannot be read.
        """
        return (self.path.parent / name).read_bytes()

    def head(self) -> bytes:
        """How the file begins that this source is; nothing of what is no file or cannot be read."""
        try:
            with self.path.open("rb") as file:
                return file.read(512)
        except OSError:
            return b""

    def file(self, name: str) -> Path | None:
        """Where one file is; ``None``: nowhere, as it is a member of an archive."""
        return self.path.parent / name


class Folder(Source):
    """A folder and all below it."""

    @cached_property
    def names(self) -> list[str]:
        """Names of all files below.

        Raises:
            DataError: A folder cannot be read.
        """
        found: list[str] = []
        seen: set[str] = set()
        # Links to folders are followed, since data sets are often assembled of them; each real folder once.
        for folder, below, files in os.walk(self.path, followlinks=True, onerror=_refuse_folder):
            real = os.path.realpath(folder)
            if real in seen:
                below.clear()
                continue
            seen.add(real)
            below[:] = [name for name in below if not _hidden(name)]
            relative = Path(folder).relative_to(self.path)
            found.extend((relative / name).as_posix() for name in files if not _hidden(name))
        return sorted(found)

    def read(self, name: str) -> bytes:
        """The bytes of one file."""
        return (self.path / name).read_bytes()

    def file(self, name: str) -> Path | None:
        """Where one file is."""
        return self.path / name


class Archive(Source):
    """A tar or zip archive. Members are read into memory; nothing is written to the disk.

    A single folder that holds everything (``lines/…``) is taken off the names.
    """

    @cached_property
    def names(self) -> list[str]:
        """Names of all members."""
        return sorted(self._members)

    def read(self, name: str) -> bytes:
        """The bytes of one member."""
        return self._members[name]

    def file(self, name: str) -> Path | None:
        """Nowhere."""
        return None

    @cached_property
    def _members(self) -> dict[str, bytes]:
        what, expected = "the archive cannot be read", "a whole tar or zip archive"
        with at_border(what, str(self.path), expected=expected, hint="download or pack it again"):
            members = self._unzip() if self.path.name.lower().endswith(".zip") else self._untar()
        return _without_top_folder(members)

    def _untar(self) -> dict[str, bytes]:
        members: dict[str, bytes] = {}
        size, packed = 0, self.path.stat().st_size
        with tarfile.open(self.path) as archive:
            for member in archive:
                # Whoever passes over a packed member unpacks it too.
                size += member.size
                check_room(size, packed, str(self.path))
                name = PurePosixPath(member.name).as_posix()
                if not member.isfile() or any(_hidden(part) for part in name.split("/")):
                    continue
                file = archive.extractfile(member)
                members[name] = file.read() if file else b""
        return members

    def _unzip(self) -> dict[str, bytes]:
        members: dict[str, bytes] = {}
        size, packed = 0, self.path.stat().st_size
        with zipfile.ZipFile(self.path) as archive:
            for member in archive.infolist():
                if member.is_dir() or any(_hidden(part) for part in member.filename.split("/")):
                    continue
                size += member.file_size
                check_room(size, packed, str(self.path))
                members[member.filename] = archive.read(member)
        return members


def _refuse_folder(error: OSError) -> None:
    # os.walk would leave the folder out and say nothing.
    raise DataError(
        "the folder cannot be read",
        where=str(error.filename),
        got=error.strerror or str(error),
        hint="change its permissions, or leave it out",
    ) from error


def _hidden(name: str) -> bool:
    return name.startswith(".") or name == "__MACOSX"


def _without_top_folder(members: dict[str, bytes]) -> dict[str, bytes]:
    tops = {name.split("/", 1)[0] if "/" in name else "" for name in members}
    if len(tops) != 1 or "" in tops:
        return members
    return {name.split("/", 1)[1]: data for name, data in members.items()}


def open_source(text: str) -> Source:
    """The source behind a path or a built-in name.

    Raises:
        DataError: There is no such file or folder.

    >>> import tempfile
    >>> type(open_source(tempfile.gettempdir())).__name__
    'Folder'
    """
    path = Path(text)
    if text in BUILT_IN:
        return Source(path, builtin=True)
    if is_folder(path):
        return Folder(path)
    if not is_file(path):
        raise DataError(
            "no such file or folder",
            where=str(path)[:LONGEST_NAME],
            hint="check the path; it is relative to the folder where the command runs",
        )
    return Archive(path) if is_archive(path) else Source(path)


def table_file(source: Source) -> Path | None:
    """The one file of a source that ends like a table: itself, or the only one in a folder.

    >>> str(table_file(Source(Path("sales.csv.gz")))), table_file(Source(Path("sales.txt")))
    ('sales.csv.gz', None)
    """
    if source.builtin:
        return None
    if source.is_file:
        return source.path if source.path.name.lower().endswith(TABLE_SUFFIXES) else None
    names = [name for name in source.names if name.lower().endswith(TABLE_SUFFIXES)]
    found = source.path / names[0] if len(names) == 1 else None
    # A member of an archive is no file.
    return found if found is not None and found.is_file() else None


@dataclass(frozen=True)
class Place:
    """A user's path, taken apart: the source, and the list that chooses from it."""

    text: str
    source: Source
    chosen: Path | None = None


def find_place(text: str) -> Place:
    """Take a user's path apart.

    Raises:
        DataError: The path or its list is not there.

    >>> find_place("digit-lines").chosen is None
    True
    """
    if "@" not in text or is_file(Path(text)) or is_folder(Path(text)):
        return Place(text, open_source(text))
    before, list_name = text.rsplit("@", 1)
    source = open_source(before)
    # Relative to where the command runs, as every path, or else to the data.
    candidates = (Path(list_name), Path(before) / list_name)
    chosen = next((path for path in candidates if is_file(path)), None)
    if chosen is None:
        raise DataError(
            "no such list",
            where=text,
            expected=f"a text file {list_name} with one name a line",
            hint="PATH@LIST.txt takes the samples that LIST.txt names",
        )
    return Place(text, source, chosen)
