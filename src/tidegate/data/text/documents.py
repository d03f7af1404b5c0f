"""Text behind a path: one file, or a folder or archive of them, plain or gzipped, as documents in UTF-8.

A folder whose names say train, valid and test (``ptb.train.txt``, ``wiki.valid.tokens``, ``test/a.txt``) brings its
own parts. Everything else in a folder is one text, file after file in the order of the names.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from tidegate.border import gunzip
from tidegate.data.encoding import to_utf8
from tidegate.data.finding import note
from tidegate.data.parts import Role
from tidegate.data.source import Source, open_source
from tidegate.data.text_lines import TextError
from tidegate.errors import DataError, EmptyDataError, Finding

SUFFIXES = (".txt", ".tokens", ".raw")
"""Endings of text files in a folder, each with ``.gz`` behind it or not. A single file may have any."""
ABOUT = frozenset(("README", "LICENSE", "LICENCE", "COPYING", "NOTICE", "SOURCE"))
"""Files of these names tell of a data set; in a folder they are no part of its text."""
_ROLES: dict[str, Role] = {
    "train": "train",
    "training": "train",
    "valid": "valid",
    "validation": "valid",
    "val": "valid",
    "dev": "valid",
    "test": "test",
}
_PARTS: tuple[Role, ...] = ("train", "valid", "test")
_SHOWN = 5


@dataclass(frozen=True)
class Text:
    """One document: the name of its file, and what it says, with line ends as LF."""

    name: str
    text: str
    group: str = ""


@dataclass(frozen=True)
class TextFiles:
    """Text files behind a path; ``parts`` is empty where the names tell of none."""

    source: Source
    names: list[str]
    parts: dict[Role, list[str]] = field(default_factory=dict[Role, list[str]])
    notes: list[Finding] = field(default_factory=list[Finding])

    def of(self, role: Role) -> list[str]:
        """Names of one part; all of them where there are no parts.

        Raises:
            EmptyDataError: The folder brings parts of its own, but not this one.
        """
        if role == "all" or not self.parts:
            return self.names
        if role not in self.parts:
            raise EmptyDataError(
                f"no {role} part",
                where=str(self.source.path),
                expected=f"a file whose name says {role}",
                got=_some(self.names),
                hint="name the file itself",
            )
        return self.parts[role]


@dataclass
class TextListing:
    """What was read: documents, files that cannot be used, and what else to know."""

    texts: list[Text] = field(default_factory=list[Text])
    bad: list[Finding] = field(default_factory=list[Finding])
    notes: list[Finding] = field(default_factory=list[Finding])


def find_texts(path: str) -> TextFiles:
    """Find the text files behind a path; none is opened.

    Args:
        path: A text file of any name, or a folder or archive with files that end in ``SUFFIXES``.

    Raises:
        DataError: The path is not there.
        EmptyDataError: No file below it looks like text.

    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for part in ("train", "valid", "test"):
    ...         _ = (Path(folder) / f"ptb.{part}.txt").write_text("a b c", encoding="utf-8")
    ...     find_texts(folder).parts
    {'train': ['ptb.train.txt'], 'valid': ['ptb.valid.txt'], 'test': ['ptb.test.txt']}
    """
    source = open_source(path)
    if source.is_file:
        return TextFiles(source, [source.path.name])
    found = [name for name in source.names if _stem(name) is not None]
    names = [name for name in found if _stem(name) not in ABOUT] or found
    if not names:
        raise EmptyDataError(
            "no text found",
            where=path,
            expected=f"a text file, or a folder with files that end in {', '.join(SUFFIXES)} (or .gz behind it)",
            got=_some(source.names) if source.names else "no files",
        )
    notes = _left_out(path, sorted(set(found) - set(names)), "as it tells of the data")
    parts = _parts(names)
    if parts:
        chosen = [name for part in parts.values() for name in part]
        notes += _left_out(path, sorted(set(names) - set(chosen)), "as its name says no part")
        names = chosen
    return TextFiles(source, names, parts, notes)


def read_texts(files: TextFiles, role: Role = "all") -> TextListing:
    """Read documents. A file that cannot be used does not stop the others.

    Args:
        files: What ``find_texts`` found.
        role: The part wanted of a folder that brings parts.

    Returns:
        The documents in order; files that are empty, no UTF-8 or unreadable; notes on changed line ends.

    Raises:
        EmptyDataError: A folder with parts lacks this one.
    """
    listing = TextListing()
    for name in files.of(role):
        try:
            text, changed = decode_text(_unpacked(files.source, name), name)
        except TextError as error:
            listing.bad.append(Finding("error", "bad-text", name, str(error)))
            continue
        listing.texts.append(Text(name, text))
        if changed:
            listing.notes.append(
                note("line-ends", f"{changed:,} line ends of CR LF or CR were read as LF", name)
            )
    return listing


def decode_text(content: bytes, name: str = "the text") -> tuple[str, int]:
    r"""The text in a file's bytes, without a byte order mark, and how many line ends were changed to LF.

    Raises:
        TextError: It is not UTF-8, empty, or holds NUL bytes; the message completes ``x.txt …``. Positions are bytes
            from 0, lines count from 1.

    >>> decode_text("\ufeffTide\r\nGate\n".encode())
    ('Tide\nGate\n', 1)
    >>> decode_text(b"Tide\ncaf\xe9\n")
    Traceback (most recent call last):
    tidegate.data.text_lines.TextError: is not UTF-8 (byte 0xe9 at position 8, line 2); try --set data.encoding=cp1252
    """
    changed = content.count(b"\r") if b"\r" in content else 0
    try:
        content = to_utf8(content, name)
    except DataError as error:
        raise TextError(f"cannot be decoded: {error.what}: {error.got}; {error.hint}") from error
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # The codec counts from behind the byte order mark that it takes off.
        at = error.start + len(content) - len(error.object)
        hint = "try --set data.encoding=cp1252"
        raise TextError(
            f"is not UTF-8 (byte 0x{content[at]:02x} at {_place(content, at)}); {hint}"
        ) from error
    if not text.strip():
        raise TextError("holds nothing but white space" if text else "is empty")
    if b"\0" in content:
        place = _place(content, content.index(b"\0"))
        raise TextError(f"is no plain text (NUL at {place}); is it UTF-16, or a binary file?")
    return (text.replace("\r\n", "\n").replace("\r", "\n") if changed else text), changed


def _place(content: bytes, at: int) -> str:
    return f"position {at}, line {content.count(10, 0, at) + 1}"


def _unpacked(source: Source, name: str) -> bytes:
    try:
        content = source.read(name)
        return gunzip(content, name) if name.lower().endswith(".gz") else content
    except OSError as error:
        raise TextError(f"cannot be read: {error.strerror or error}") from error
    except DataError as error:
        raise TextError(f"cannot be read: {error.got}") from error


def _stem(name: str) -> str | None:
    """The file's name without its endings; None where these are not a text file's."""
    path = PurePosixPath(name)
    path = path.with_suffix("") if path.suffix.lower() == ".gz" else path
    return path.stem if path.suffix.lower() in SUFFIXES else None


def _parts(names: Sequence[str]) -> dict[Role, list[str]]:
    """Names by the part that they say; nothing unless there is training text and some to validate or test on."""
    roles = [_role(name) for name in names]
    if "train" not in roles or not {"valid", "test"} & set(roles):
        return {}
    return {
        part: [name for name, role in zip(names, roles, strict=True) if role == part]
        for part in _PARTS
        if part in roles
    }


def _role(name: str) -> Role | None:
    """The part that a path says; a folder goes before what it holds."""
    for component in PurePosixPath(name.lower()).parts:
        said: set[Role] = {_ROLES[word] for word in re.split(r"[^a-z]+", component) if word in _ROLES}
        if said:
            return said.pop() if len(said) == 1 else None
    return None


def _left_out(path: str, names: Sequence[str], reason: str) -> list[Finding]:
    return [note("no-part", f"left out {_some(names)}, {reason}", path)] if names else []


def _some(names: Sequence[str]) -> str:
    more = f" … and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
